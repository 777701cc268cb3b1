//! The messages that the export thread receives from the host's threads and from the worker thread.

use crate::project::project::Project;
use crate::util::reply::Reply;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What the exporter is asked to do.
#[derive(Debug)]
pub enum ExportCommand {
    /// Export this project from now on.
    Open(Arc<Project>),
    /// Export what is left of it, and forget it.
    Close(Arc<Project>),
    /// The worker's thread has ended, though nobody told it to.
    WorkerFailed,
    /// Tell the next request of this project, with everything that an export would put into it.
    Preview {
        /// Whose request.
        project: Arc<Project>,
        /// Who wants to read it.
        reply: crossbeam_channel::Sender<Option<String>>,
    },
    /// Export everything that was recorded so far.
    Flush {
        /// How long it may take.
        timeout: Duration,
        /// Who wants to know whether all of it was delivered.
        reply: Reply,
    },
    /// What a flush comes to once the worker has done its part.
    Deliver {
        /// When it must be over.
        deadline: Instant,
        /// The worker did its part in time.
        settled: bool,
        /// Who wants to know whether all of it was delivered.
        reply: Reply,
    },
    /// The same, for the last time.
    Shutdown {
        /// How long it may take.
        timeout: Duration,
        /// Who wants to know whether all of it was delivered.
        reply: Reply,
    },
}
