//! Diagnostics for the user: `otel.log`, `parser-drift.log`, the status file, and the one line on standard error.
//!
//! The file-writer thread writes all files behind a bounded queue. A disk that is full, read-only or hangs costs the
//! lines that should have been written, which are counted, and nothing else.

mod diagnostics;
pub mod drift;
mod drift_log;
mod file_counts;
mod file_writer;
mod log;
pub mod notice;
mod pending_anomalies;
mod rate_limit;
mod rotation;
mod status_file;

pub use diagnostics::{Diagnostics, read_drift};
pub use drift_log::DriftLogContents;
pub use file_counts::FileCounts;
pub use log::{LogContext, LogEvent};
