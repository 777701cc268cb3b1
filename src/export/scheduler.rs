//! The export thread: it runs one per-project exporter for each project.
//!
//! Exports of different projects run concurrently, and each is cancelled at its deadline. So a backend
//! that hangs delays only its own project.

use crate::diagnostics::{Diagnostics, LogContext, LogEvent};
use crate::export::dropped_entries::DroppedEntries;
use crate::export::flush::{FlushKind, FlushRequest, flush_all, with_margin};
use crate::export::flushes::{Flushes, SharedExporters};
use crate::export::period_reader;
use crate::export::periodic_reader;
use crate::export::project_exporter::{ExportContext, ProjectExporter};
use crate::export::runtime::runtime;
use crate::otlp::reporting_period::Timetable;
use crate::project::Project;
use crate::project::health::Transition;
use crate::project::messages::ExportCommand;
use crate::record::statistics::Statistics;
use crate::record::worker_control::WorkerControl;
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use crate::util::thread;
use futures_util::FutureExt;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout_at};

/// The shortest time between two writes of the status file.
const STATUS_FILE_INTERVAL: Duration = Duration::from_secs(1);
/// How long a shutdown waits for a slow disk, at most.
const DISK_TIMEOUT: Duration = Duration::from_millis(500);

/// Why a project is `degraded` after its own exporter has panicked outside of an export.
const EXPORTER_FAILED: &str = "the exporter of this project has failed";
/// Why all projects are `degraded` after this thread has panicked.
const EXPORT_THREAD_FAILED: &str = "the export thread has failed";
/// Why all projects are `degraded` after the worker thread has panicked.
const WORKER_THREAD_FAILED: &str = "the worker thread has failed";

/// Renders the text of the status file as of a timestamp.
pub type Snapshot = Arc<dyn Fn(Timestamp) -> String + Send + Sync>;

/// What the export thread needs from the pipeline.
pub struct SchedulerContext {
    /// The counts of all entries.
    pub statistics: Arc<Statistics>,
    /// Sends commands to the worker thread.
    pub worker: WorkerControl,
    /// The log and the status file.
    pub diagnostics: Diagnostics,
    /// Renders the status file.
    pub snapshot: Snapshot,
}

/// Starts the export thread. It ends after [`ExportCommand::Shutdown`], or when all senders are dropped.
///
/// # Errors
/// If the system refuses to start the thread, or the asynchronous runtime cannot be created.
pub fn start(context: SchedulerContext) -> std::io::Result<mpsc::UnboundedSender<ExportCommand>> {
    let runtime = runtime()?;
    let (sender, commands) = mpsc::unbounded_channel();
    let own_sender = sender.downgrade();
    thread::start("ccxray-export", move || {
        let local = LocalSet::new();
        let open: Rc<RefCell<Vec<Arc<Project>>>> = Rc::default();
        let projects = Rc::clone(&open);
        // After a panic only the list of projects is used, to set their state.
        let run = AssertUnwindSafe(|| {
            local.block_on(&runtime, Scheduler::new(context, own_sender, projects).run(commands));
        });
        if catch_unwind(run).is_err() {
            let now = Timestamp::now();
            for project in open.borrow().iter() {
                project.update_exports(|it| it.health.degraded(now, EXPORT_THREAD_FAILED));
            }
        }
        drop(local);
        // A name look-up may hang in a thread of the runtime. This does not wait for it.
        runtime.shutdown_background();
    })?;
    Ok(sender)
}

struct Scheduler {
    exporters: Vec<OpenExporter>,
    /// The same for flushes.
    flush_senders: SharedExporters,
    flushes: Rc<Flushes>,
    /// How many projects were opened so far.
    opened: u64,
    /// The projects of `exporters`. The thread still has them after a panic.
    projects: Rc<RefCell<Vec<Arc<Project>>>>,
    dropped_entries: Rc<DroppedEntries>,
    worker: WorkerControl,
    context: ExportContext,
    snapshot: Snapshot,
    has_worker_failed: bool,
}

/// A project whose exporter runs as a task.
struct OpenExporter {
    project: Arc<Project>,
    flush_requests: mpsc::UnboundedSender<FlushRequest>,
}

impl Scheduler {
    fn new(
        context: SchedulerContext,
        own_sender: mpsc::WeakUnboundedSender<ExportCommand>,
        projects: Rc<RefCell<Vec<Arc<Project>>>>,
    ) -> Self {
        let SchedulerContext { statistics, worker, diagnostics, snapshot } = context;
        let context = ExportContext {
            queue: Arc::clone(statistics.queue()),
            diagnostics,
            status_changed: Arc::default(),
            processor: Arc::new(Semaphore::new(1)),
        };
        let flush_senders = SharedExporters::default();
        let flushes = Flushes::new(worker.clone(), own_sender, Rc::clone(&flush_senders));
        Self {
            exporters: Vec::new(),
            flush_senders,
            flushes: Rc::new(flushes),
            opened: 0,
            projects,
            dropped_entries: Rc::new(DroppedEntries::new(statistics)),
            worker,
            context,
            snapshot,
            has_worker_failed: false,
        }
    }

    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<ExportCommand>) {
        tokio::task::spawn_local(write_status_file(
            self.context.clone(),
            Arc::clone(&self.snapshot),
        ));
        tokio::task::spawn_local(Rc::clone(&self.flushes).expire());
        while let Some(command) = commands.recv().await {
            failpoint!("exporter");
            match command {
                ExportCommand::Open(project) => self.open(project),
                ExportCommand::Close(project) => self.close(&project),
                ExportCommand::WorkerFailed => self.worker_failed(),
                // No caller waits for it any more.
                ExportCommand::Preview { deadline, .. }
                    if Instant::now().into_std() >= deadline => {}
                ExportCommand::Preview { project, reply, .. } => {
                    self.dropped_entries.report(&project, Timestamp::now());
                    project.record_state();
                    // The caller may have stopped waiting.
                    let _ = reply.send(project.preview());
                }
                ExportCommand::Flush { timeout, reply } => self.flushes.add(timeout, reply),
                ExportCommand::FlushPending { timeout, reply } => {
                    let exporters = self.flush_senders.borrow().clone();
                    let deadline = Instant::now() + timeout;
                    tokio::task::spawn_local(async move {
                        reply.send(flush_all(&exporters, deadline, FlushKind::Pending).await);
                    });
                }
                ExportCommand::Barrier(done) => {
                    // The flush may be over.
                    let _ = done.send(());
                }
                ExportCommand::Shutdown { timeout, reply } => {
                    reply.send(self.shut_down(timeout, &mut commands).await);
                    return;
                }
            }
        }
    }

    /// Returns whether everything was delivered.
    async fn shut_down(
        &mut self,
        timeout: Duration,
        commands: &mut mpsc::UnboundedReceiver<ExportCommand>,
    ) -> bool {
        let now = Instant::now();
        let deadline = now + timeout;
        // The worker thread gets half of the time. The other half is for the last export.
        let worker_deadline = now + timeout / 2;
        let stopped = self.worker.stop(worker_deadline.into_std());
        let is_queue_processed = matches!(timeout_at(worker_deadline, stopped).await, Ok(Ok(())));
        // The worker thread may have opened projects for its last entries.
        while let Ok(command) = commands.try_recv() {
            if let ExportCommand::Open(project) = command {
                self.open(project);
            }
        }
        let exporters = self.flush_senders.borrow().clone();
        let all_delivered = flush_all(&exporters, deadline, FlushKind::Last).await;
        self.finish_diagnostics(deadline).await;
        all_delivered && is_queue_processed
    }

    /// Waits until the log and the status file are written, but not for a disk that hangs.
    async fn finish_diagnostics(&self, deadline: Instant) {
        let (done, written) = oneshot::channel();
        self.context.diagnostics.finish(move || {
            // This thread may have stopped waiting.
            let _ = done.send(());
        });
        let now = Instant::now();
        let timeout = DISK_TIMEOUT.min(with_margin(deadline, now).saturating_duration_since(now));
        let _ = timeout_at(now + timeout, written).await;
    }

    fn open(&mut self, project: Arc<Project>) {
        let (flush_requests, receiver) = mpsc::unbounded_channel();
        self.opened += 1;
        let exporter =
            ProjectExporter::new(Arc::clone(&project), self.opened, self.context.clone());
        exporter.log_start(Timestamp::now());
        let dropped_entries = Rc::clone(&self.dropped_entries);
        let timetable = Timetable::of(project.config().resolution);
        let reader = async move {
            match timetable {
                None => periodic_reader::run(exporter, dropped_entries, receiver).await,
                Some(timetable) => {
                    period_reader::run(exporter, dropped_entries, receiver, timetable).await;
                }
            }
        };
        let (of_task, context) = (Arc::clone(&project), self.context.clone());
        tokio::task::spawn_local(async move {
            // A panic within an export is caught there, and only that export fails.
            if AssertUnwindSafe(reader).catch_unwind().await.is_err() {
                mark_degraded(&of_task, EXPORTER_FAILED, &context);
            }
        });
        if self.has_worker_failed {
            mark_degraded(&project, WORKER_THREAD_FAILED, &self.context);
        }
        self.projects.borrow_mut().push(Arc::clone(&project));
        self.flush_senders.borrow_mut().push(flush_requests.clone());
        self.exporters.push(OpenExporter { project, flush_requests });
    }

    fn close(&mut self, project: &Arc<Project>) {
        let is_closed = |it: &OpenExporter| Arc::ptr_eq(&it.project, project);
        let Some(index) = self.exporters.iter().position(is_closed) else { return };
        let exporter = self.exporters.swap_remove(index);
        self.flush_senders.borrow_mut().swap_remove(index);
        self.projects.borrow_mut().retain(|it| !Arc::ptr_eq(it, project));
        let deadline = Instant::now() + project.config().timeout;
        tokio::task::spawn_local(async move {
            flush_all(&[exporter.flush_requests], deadline, FlushKind::Last).await
        });
    }

    fn worker_failed(&mut self) {
        self.has_worker_failed = true;
        for exporter in &self.exporters {
            mark_degraded(&exporter.project, WORKER_THREAD_FAILED, &self.context);
        }
    }
}

/// Sets a project to `degraded` for good, because a part of its work has stopped.
fn mark_degraded(project: &Project, reason: &'static str, context: &ExportContext) {
    let now = Timestamp::now();
    let transition = project.update_exports(|exports| exports.health.degraded(now, reason));
    if let Some(Transition { from, to, reason, .. }) = transition {
        project.record_state();
        let endpoint = project.config().endpoint.to_string();
        let queued = context.queue.len();
        let origin = LogContext { endpoint: Some(&endpoint), queued, ..LogContext::default() };
        let event = LogEvent::Transition { from: from.as_str(), to: to.as_str(), reason };
        context.diagnostics.log(now, origin, &event);
    }
    context.status_changed.notify_one();
}

/// Writes the status file after each change, at most once a second.
async fn write_status_file(context: ExportContext, snapshot: Snapshot) {
    let ExportContext { diagnostics, status_changed, .. } = context;
    if diagnostics.directory().is_none() {
        return;
    }
    loop {
        status_changed.notified().await;
        diagnostics.write_status(snapshot(Timestamp::now()));
        tokio::time::sleep(STATUS_FILE_INTERVAL).await;
    }
}
