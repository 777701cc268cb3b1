//! The messages that the export thread receives from the host's threads and from the worker thread.

use crate::project::project::Project;
use crate::util::reply::Reply;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A command to the export thread.
#[derive(Debug)]
pub enum ExportCommand {
    /// Export this project from now on.
    Open(Arc<Project>),
    /// Export this project for the last time.
    Close(Arc<Project>),
    /// The worker thread has panicked.
    WorkerFailed,
    /// Render the next request of a project, as an export would build it now.
    Preview {
        /// The project.
        project: Arc<Project>,
        /// When the caller stops waiting.
        deadline: Instant,
        /// Receives OTLP/JSON, or `None` if it cannot be rendered.
        reply: crossbeam_channel::Sender<Option<String>>,
    },
    /// Export everything that was recorded so far.
    Flush {
        /// How long it may take.
        timeout: Duration,
        /// Receives whether everything was delivered.
        reply: Reply,
    },
    /// Export what waits in files, even if a coarse resolution would send it later.
    FlushPending {
        /// How long it may take.
        timeout: Duration,
        /// Receives whether everything was delivered.
        reply: Reply,
    },
    /// Report that all commands before this one were handled. The export thread sends it to itself.
    Barrier(oneshot::Sender<()>),
    /// Export everything for the last time, and end the thread.
    Shutdown {
        /// How long it may take.
        timeout: Duration,
        /// Receives whether everything was delivered.
        reply: Reply,
    },
}
