//! The exporter's thread: when to export, and how long to wait for it.
//!
//! One thread for all projects. Exports are asynchronous and concurrent across projects, and each
//! is dropped at its deadline, so a collector that hangs delays nobody but itself.

use crate::diagnostics::{Context, Diagnostics, Event};
use crate::export::dropped_entries::DroppedEntries;
use crate::export::periodic::{self, Ask, all_delivered, in_time};
use crate::export::project_exporter::{ProjectExporter, Surroundings};
use crate::project::Project;
use crate::project::messages::ExportCommand;
use crate::project::state::Transition;
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
const DISK_PATIENCE: Duration = Duration::from_millis(500);
/// Why a project is `degraded` once its own loop has failed.
const LOOP_ENDED: &str = "the loop of its exports has ended";
/// Why all are, once this thread has failed.
const THREAD_ENDED: &str = "the thread that exports has ended";
/// Why all are, once the worker has failed.
const WORKER_ENDED: &str = "the thread that counts has ended";

/// Tells what the status file says at a moment.
pub type Snapshot = Arc<dyn Fn(Timestamp) -> String + Send + Sync>;

/// What the exporter works with.
pub struct Tools {
    /// Where entries come in.
    pub statistics: Arc<Statistics>,
    /// The way to the worker.
    pub worker: worker::Control,
    /// For the engineer's own eyes.
    pub diagnostics: Diagnostics,
    /// What the status file says now.
    pub snapshot: Snapshot,
}

/// Starts the exporter's thread.
///
/// # Errors
/// If the system gives no thread, or the thread no runtime.
pub fn start(tools: Tools) -> std::io::Result<mpsc::UnboundedSender<ExportCommand>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_name("ccxray-dns")
        .max_blocking_threads(2)
        .build()?;
    let (sender, commands) = mpsc::unbounded_channel();
    let myself = sender.downgrade();
    std::thread::Builder::new().name("ccxray-export".to_owned()).spawn(move || {
        let local = LocalSet::new();
        let open: Rc<RefCell<Vec<Arc<Project>>>> = Rc::default();
        let projects = Rc::clone(&open);
        // What a panic leaves behind is only looked at to say that there was one.
        let run = AssertUnwindSafe(|| {
            local.block_on(&runtime, Exporter::new(tools, myself, projects).run(commands));
        });
        if catch_unwind(run).is_err() {
            let now = Timestamp::now();
            for project in open.borrow().iter() {
                let _ = project.break_down(now, THREAD_ENDED);
            }
        }
        drop(local);
        // A name look-up that hangs has a thread of the runtime, which nobody has to wait for.
        runtime.shutdown_background();
    })?;
    Ok(sender)
}

struct Exporter {
    exporters: Vec<OpenExporter>,
    opened: u64,
    /// Those of `exporters`, for whoever outlives this.
    projects: Rc<RefCell<Vec<Arc<Project>>>>,
    drops: Rc<DroppedEntries>,
    worker: worker::Control,
    surroundings: Surroundings,
    snapshot: Snapshot,
    myself: mpsc::WeakUnboundedSender<ExportCommand>,
    worker_ended: bool,
}

/// A project's own task, and the way to ask it.
struct OpenExporter {
    project: Arc<Project>,
    asks: mpsc::UnboundedSender<Ask>,
}

impl Exporter {
    fn new(
        tools: Tools,
        myself: mpsc::WeakUnboundedSender<ExportCommand>,
        projects: Rc<RefCell<Vec<Arc<Project>>>>,
    ) -> Self {
        let Tools { statistics, worker, diagnostics, snapshot } = tools;
        let surroundings = Surroundings {
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
            surroundings,
            snapshot,
            myself,
            worker_ended: false,
        }
    }

    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<ExportCommand>) {
        let Surroundings { diagnostics, changed, .. } = self.surroundings.clone();
        tokio::task::spawn_local(keep_status(changed, diagnostics, Arc::clone(&self.snapshot)));
        while let Some(command) = commands.recv().await {
            failpoint!("exporter");
            match command {
                ExportCommand::Open(project) => self.open(project),
                ExportCommand::Close(project) => self.close(&project),
                ExportCommand::WorkerEnded => {
                    self.worker_ended = true;
                    for exporter in &self.exporters {
                        self.break_down(&exporter.project, WORKER_ENDED);
                    }
                }
                ExportCommand::Preview { project, reply } => {
                    self.drops.report(&project, Timestamp::now());
                    project.record_state();
                    // Whoever asked may have stopped waiting.
                    let _ = reply.send(project.preview());
                }
                ExportCommand::Flush { timeout, reply } => self.flush(timeout, reply),
                ExportCommand::Deliver { deadline, settled, reply } => {
                    let exporters = self.asks();
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
        let (barrier, myself) = (self.worker.barrier(), self.myself.clone());
        tokio::task::spawn_local(async move {
            let done = timeout_at(deadline, barrier).await;
            let settled = done.is_ok_and(|done| done.is_ok());
            // Behind the projects that the worker has just opened.
            let deliver = ExportCommand::Deliver { deadline, settled, reply };
            if let Some(myself) = myself.upgrade() {
                // If nobody listens any more the reply answers by itself.
                let _ = myself.send(deliver);
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
        let delivered = all_delivered(&self.asks(), deadline, true).await;
        let (done, written) = oneshot::channel();
        self.surroundings.diagnostics.finish(move || {
            // Nobody waits for a disk that hangs.
            let _ = done.send(());
        });
        let now = Instant::now();
        let retry_after = DISK_PATIENCE.min(in_time(deadline, now).saturating_duration_since(now));
        let _ = timeout_at(now + retry_after, written).await;
        delivered && settled
    }

    fn asks(&self) -> Vec<mpsc::UnboundedSender<Ask>> {
        self.exporters.iter().map(|exporter| exporter.asks.clone()).collect()
    }

    fn open(&mut self, project: Arc<Project>) {
        let (asks, receiver) = mpsc::unbounded_channel();
        self.opened += 1;
        let exporter =
            ProjectExporter::new(Arc::clone(&project), self.opened, self.surroundings.clone());
        exporter.say_hello(Timestamp::now());
        let serve = periodic::serve(exporter, Rc::clone(&self.drops), receiver);
        let (served, surroundings) = (Arc::clone(&project), self.surroundings.clone());
        tokio::task::spawn_local(async move {
            // A panic within an export is caught there. One outside ends the exports of this project.
            if AssertUnwindSafe(serve).catch_unwind().await.is_err() {
                break_down(&served, LOOP_ENDED, &surroundings);
            }
        });
        if self.worker_ended {
            self.break_down(&project, WORKER_ENDED);
        }
        self.projects.borrow_mut().push(Arc::clone(&project));
        self.exporters.push(OpenExporter { project, asks });
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
        tokio::task::spawn_local(
            async move { all_delivered(&[exporter.asks], deadline, true).await },
        );
    }

    fn break_down(&self, project: &Project, why: &'static str) {
        break_down(project, why, &self.surroundings);
    }
}

/// A part of a project's work will not be done any more.
fn break_down(project: &Project, why: &'static str, surroundings: &Surroundings) {
    let now = Timestamp::now();
    if let Some(Transition { from, to, reason, .. }) = project.break_down(now, why) {
        project.record_state();
        let endpoint = project.config().endpoint.to_string();
        let queued = surroundings.queue.len();
        let context = Context { endpoint: Some(&endpoint), queued, ..Context::default() };
        surroundings.diagnostics.note(now, context, &Event::Transition { from, to, reason });
    }
    surroundings.changed.notify_one();
}

/// Keeps the status file as it is, once a second at most.
async fn keep_status(changed: Arc<Notify>, diagnostics: Diagnostics, snapshot: Snapshot) {
    if diagnostics.directory().is_none() {
        return;
    }
    loop {
        changed.notified().await;
        diagnostics.put_status(snapshot(Timestamp::now()));
        tokio::time::sleep(STATUS_GAP).await;
    }
}
