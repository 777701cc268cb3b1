//! The worker thread and the export thread of a pipeline.

use crate::diagnostics::Diagnostics;
use crate::export::scheduler::{self, SchedulerContext, Snapshot};
use crate::pipeline::panic_hook;
use crate::project::messages::ExportCommand;
use crate::record::projects::Projects;
use crate::record::statistics::Statistics;
use crate::record::worker;
use crate::record::worker_control::WorkerControl;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;

/// What the threads need.
pub(super) struct ThreadContext {
    pub(super) statistics: Arc<Statistics>,
    pub(super) projects: Arc<Projects>,
    pub(super) diagnostics: Diagnostics,
    /// Writes the content of the status file.
    pub(super) snapshot: Snapshot,
}

/// Sends commands to the running threads.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    pub(super) exporter: UnboundedSender<ExportCommand>,
    pub(super) worker: WorkerControl,
}

impl Threads {
    /// Starts both threads.
    ///
    /// # Errors
    /// If the system refuses to start one of them. The export thread ends by itself if the worker
    /// thread was refused.
    pub(super) fn start(context: ThreadContext) -> std::io::Result<Self> {
        let ThreadContext { statistics, projects, diagnostics, snapshot } = context;
        panic_hook::silence_our_threads();
        let (worker, commands) = WorkerControl::new();
        let exporter = scheduler::start(SchedulerContext {
            statistics: Arc::clone(&statistics),
            worker: worker.clone(),
            diagnostics: diagnostics.clone(),
            snapshot,
        })?;
        if let Some(initial) = projects.initial() {
            // A thread that was just started receives it.
            let _ = exporter.send(ExportCommand::Open(Arc::clone(initial)));
        }
        let queue = Arc::clone(statistics.queue());
        worker::start(queue, projects, commands, exporter.clone(), diagnostics)?;
        Ok(Self { exporter, worker })
    }
}
