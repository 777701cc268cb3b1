//! The facade: one pipeline per process, from the queue to the backend.

mod current;
pub mod dry_run;
pub mod dry_run_summary;
mod issue;
mod panic_hook;
mod pending;
mod pipeline;
pub mod probe;
pub mod report;
pub mod shutdown;
pub mod status;
mod status_file;
mod threads;

pub use current::{
    add_launch, assume, current, notice, preview, report, set_period, start, status,
};
pub use pending::{PendingFile, clear_pending, pending, withdraw};
pub use pipeline::{MAX_ENTRY_BYTES, MAX_SHUTDOWN, Pipeline};
