//! Diagnostics for the user: `otel.log`, `parser-drift.log`, the status file, and one line on
//! standard error.
//!
//! The file-writer thread takes write requests from a bounded queue and writes all files. If a disk
//! is full, read-only or hangs, the requests that it cannot write are counted as lost. Nothing else
//! depends on them.
//!
//! | file | what it is |
//! |---|---|
//! | `drift` | the anomalies with their names, as rows and as lines of `parser-drift.log` |
//! | `rotation` | renaming of older log files |
//! | `log_event`, `log_file`, `rate_limit` | `otel.log`: its lines, the file, and how often the same line is written |
//! | `drift_log`, `pending_anomalies` | `parser-drift.log`, and the anomalies that wait to be written to it |
//! | `status_file` | the status file of this process |
//! | `file_counts`, `file_writer` | what became of the write requests, and the thread that carries them out |
//! | `handle` | the handle that every other thread uses |
//! | `notice` | the line on standard error |

pub mod drift;
mod drift_log;
mod file_counts;
mod file_writer;
mod handle;
mod log_event;
mod log_file;
pub mod notice;
mod pending_anomalies;
mod rate_limit;
mod rotation;
mod status_file;

pub use drift_log::DriftLogContents;
pub use file_counts::FileCounts;
pub use handle::{Diagnostics, read_drift};
pub use log_event::{LogContext, LogEvent};
