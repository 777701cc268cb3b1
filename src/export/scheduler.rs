//! The exporter's thread: when to export, and how long to wait for it.
//!
//! One thread for all projects. Exports are asynchronous and concurrent across projects, and each
//! is dropped at its deadline, so a collector that hangs delays nobody but itself.

use crate::diagnostics::{Diagnostics, LogContext, LogEvent};
use crate::export::dropped_entries::DroppedEntries;
use crate::export::periodic::{self, FlushRequest, all_delivered, with_margin};
use crate::export::project_exporter::{ExportContext, ProjectExporter};
use crate::project::Project;
use crate::project::health::Transition;
use crate::project::messages::ExportCommand;
use crate::record::statistics::Statistics;
use crate::record::worker;
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use crate::util::reply::Reply;
use futures_util::FutureExt;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout_at};

/// The status file is not written more often.
const STATUS_GAP: Duration = Duration::from_secs(1);
/// Nobody waits longer for a disk when everything else is done.
const DISK_TIMEOUT: Duration = Duration::from_millis(500);
/// Why a project is `degraded` once its own loop has failed.
const EXPORT_LOOP_FAILED: &str = "the loop of its exports has ended";
/// Why all are, once this thread has failed.
const EXPORT_THREAD_FAILED: &str = "the thread that exports has ended";
/// Why all are, once the worker has failed.
const WORKER_FAILED: &str = "the thread that counts has ended";

/// Tells what the status file says at a moment.
pub type Snapshot = Arc<dyn Fn(Timestamp) -> String + Send + Sync>;

/// What the exporter works with.
pub struct SchedulerContext {
    /// Where entries come in.
    pub statistics: Arc<Statistics>,
    /// The way to the worker.
    pub worker: worker::WorkerControl,
    /// For the engineer's own eyes.
    pub diagnostics: Diagnostics,
    /// What the status file says now.
    pub snapshot: Snapshot,
}

/// Starts the exporter's thread.
///
/// # Errors
/// If the system gives no thread, or the thread no runtime.
pub fn start(tools: SchedulerContext) -> std::io::Result<mpsc::UnboundedSender<ExportCommand>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_name("ccxray-dns")
        .max_blocking_threads(2)
        .build()?;
    let (sender, commands) = mpsc::unbounded_channel();
    let sender_to_self = sender.downgrade();
    std::thread::Builder::new().name("ccxray-export".to_owned()).spawn(move || {
        let local = LocalSet::new();
        let open: Rc<RefCell<Vec<Arc<Project>>>> = Rc::default();
        let projects = Rc::clone(&open);
        // What a panic leaves behind is only looked at to say that there was one.
        let run = AssertUnwindSafe(|| {
            local.block_on(&runtime, Scheduler::new(tools, sender_to_self, projects).run(commands));
        });
        if catch_unwind(run).is_err() {
            let now = Timestamp::now();
            for project in open.borrow().iter() {
                let _ = project.mark_degraded(now, EXPORT_THREAD_FAILED);
            }
        }
        drop(local);
        // A name look-up that hangs has a thread of the runtime, which nobody has to wait for.
        runtime.shutdown_background();
    })?;
    Ok(sender)
}

struct Scheduler {
    exporters: Vec<OpenExporter>,
    opened: u64,
    /// Those of `exporters`, for whoever outlives this.
    projects: Rc<RefCell<Vec<Arc<Project>>>>,
    drops: Rc<DroppedEntries>,
    worker: worker::WorkerControl,
    context: ExportContext,
    snapshot: Snapshot,
    sender_to_self: mpsc::WeakUnboundedSender<ExportCommand>,
    worker_failed: bool,
}

/// A project's own task, and the way to request it.
struct OpenExporter {
    project: Arc<Project>,
    flush_requests: mpsc::UnboundedSender<FlushRequest>,
}

impl Scheduler {
    fn new(
        tools: SchedulerContext,
        sender_to_self: mpsc::WeakUnboundedSender<ExportCommand>,
        projects: Rc<RefCell<Vec<Arc<Project>>>>,
    ) -> Self {
        let SchedulerContext { statistics, worker, diagnostics, snapshot } = tools;
        let context = ExportContext {
            queue: Arc::clone(statistics.queue()),
            diagnostics,
            changed: Arc::default(),
        };
        Self {
            exporters: Vec::new(),
            opened: 0,
            projects,
            drops: Rc::new(DroppedEntries::of(statistics)),
            worker,
            context,
            snapshot,
            sender_to_self,
            worker_failed: false,
        }
    }

    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<ExportCommand>) {
        let ExportContext { diagnostics, changed, .. } = self.context.clone();
        tokio::task::spawn_local(write_status(changed, diagnostics, Arc::clone(&self.snapshot)));
        while let Some(command) = commands.recv().await {
            failpoint!("exporter");
            match command {
                ExportCommand::Open(project) => self.open(project),
                ExportCommand::Close(project) => self.close(&project),
                ExportCommand::WorkerFailed => {
                    self.worker_failed = true;
                    for exporter in &self.exporters {
                        self.mark_degraded(&exporter.project, WORKER_FAILED);
                    }
                }
                ExportCommand::Preview { project, reply } => {
                    self.drops.report(&project, Timestamp::now());
                    project.record_state();
                    // Whoever current may have stopped waiting.
                    let _ = reply.send(project.preview());
                }
                ExportCommand::Flush { timeout, reply } => self.flush(timeout, reply),
                ExportCommand::Deliver { deadline, settled, reply } => {
                    let exporters = self.flush_requests();
                    tokio::task::spawn_local(async move {
                        let delivered = all_delivered(&exporters, deadline, false).await;
                        reply.give(delivered && settled);
                    });
                }
                ExportCommand::Shutdown { timeout, reply } => {
                    let deadline = Instant::now() + timeout;
                    reply.give(self.shut_down(timeout, &mut commands, deadline).await);
                    return;
                }
            }
        }
    }

    fn flush(&self, timeout: Duration, reply: Reply) {
        let deadline = Instant::now() + timeout;
        let (barrier, sender_to_self) = (self.worker.barrier(), self.sender_to_self.clone());
        tokio::task::spawn_local(async move {
            let done = timeout_at(deadline, barrier).await;
            let settled = done.is_ok_and(|done| done.is_ok());
            // Behind the projects that the worker has just opened.
            let deliver = ExportCommand::Deliver { deadline, settled, reply };
            if let Some(sender_to_self) = sender_to_self.upgrade() {
                // If nobody listens any more the reply answers by itself.
                let _ = sender_to_self.send(deliver);
            }
        });
    }

    async fn shut_down(
        &mut self,
        timeout: Duration,
        commands: &mut mpsc::UnboundedReceiver<ExportCommand>,
        deadline: Instant,
    ) -> bool {
        // The worker gets half of the time, so that the rest is left to send.
        let half = Instant::now() + timeout / 2;
        let stopped = timeout_at(half, self.worker.stop(half.into_std())).await;
        let settled = stopped.is_ok_and(|done| done.is_ok());
        // Projects that the worker has opened on its last turns.
        while let Ok(command) = commands.try_recv() {
            if let ExportCommand::Open(project) = command {
                self.open(project);
            }
        }
        let delivered = all_delivered(&self.flush_requests(), deadline, true).await;
        let (done, written) = oneshot::channel();
        self.context.diagnostics.finish(move || {
            // Nobody waits for a disk that hangs.
            let _ = done.send(());
        });
        let now = Instant::now();
        let retry_after =
            DISK_TIMEOUT.min(with_margin(deadline, now).saturating_duration_since(now));
        let _ = timeout_at(now + retry_after, written).await;
        delivered && settled
    }

    fn flush_requests(&self) -> Vec<mpsc::UnboundedSender<FlushRequest>> {
        self.exporters.iter().map(|exporter| exporter.flush_requests.clone()).collect()
    }

    fn open(&mut self, project: Arc<Project>) {
        let (flush_requests, receiver) = mpsc::unbounded_channel();
        self.opened += 1;
        let exporter =
            ProjectExporter::new(Arc::clone(&project), self.opened, self.context.clone());
        exporter.log_start(Timestamp::now());
        let serve = periodic::serve(exporter, Rc::clone(&self.drops), receiver);
        let (served, context) = (Arc::clone(&project), self.context.clone());
        tokio::task::spawn_local(async move {
            // A panic within an export is caught there. One outside ends the exports of this project.
            if AssertUnwindSafe(serve).catch_unwind().await.is_err() {
                mark_degraded(&served, EXPORT_LOOP_FAILED, &context);
            }
        });
        if self.worker_failed {
            self.mark_degraded(&project, WORKER_FAILED);
        }
        self.projects.borrow_mut().push(Arc::clone(&project));
        self.exporters.push(OpenExporter { project, flush_requests });
    }

    fn close(&mut self, project: &Arc<Project>) {
        let Some(at) =
            self.exporters.iter().position(|exporter| Arc::ptr_eq(&exporter.project, project))
        else {
            return;
        };
        let exporter = self.exporters.swap_remove(at);
        self.projects.borrow_mut().retain(|it| !Arc::ptr_eq(it, project));
        let deadline = Instant::now() + project.config().timeout;
        tokio::task::spawn_local(async move {
            all_delivered(&[exporter.flush_requests], deadline, true).await
        });
    }

    fn mark_degraded(&self, project: &Project, why: &'static str) {
        mark_degraded(project, why, &self.context);
    }
}

/// A part of a project's work will not be done any more.
fn mark_degraded(project: &Project, why: &'static str, context: &ExportContext) {
    let now = Timestamp::now();
    if let Some(Transition { from, to, reason, .. }) = project.mark_degraded(now, why) {
        project.record_state();
        let endpoint = project.config().endpoint.to_string();
        let queued = context.queue.len();
        let origin = LogContext { endpoint: Some(&endpoint), queued, ..LogContext::default() };
        let transition = LogEvent::Transition { from: from.as_str(), to: to.as_str(), reason };
        context.diagnostics.log(now, origin, &transition);
    }
    context.changed.notify_one();
}

/// Keeps the status file as it is, once a second at most.
async fn write_status(changed: Arc<Notify>, diagnostics: Diagnostics, snapshot: Snapshot) {
    if diagnostics.directory().is_none() {
        return;
    }
    loop {
        changed.notified().await;
        diagnostics.write_status(snapshot(Timestamp::now()));
        tokio::time::sleep(STATUS_GAP).await;
    }
}
