//! The exporter's thread: when to export, and how long to wait for it.
//!
//! One thread for all projects. Exports are asynchronous and concurrent across projects, and each
//! is dropped at its deadline, so a collector that hangs delays nobody but itself.

use crate::diagnostics::{Context, Event, Journal};
use crate::export::periodic::{self, Ask, all_delivered, in_time};
use crate::export::project_exporter::{Lane, Surroundings};
use crate::metrics::derive::{ABSENT, Measurement, Value};
use crate::metrics::privacy::Label;
use crate::metrics::registry::Metric;
use crate::project::Project;
use crate::project::state::Transition;
use crate::record::queue::DropReason;
use crate::record::statistics::Tally;
use crate::record::worker;
use crate::util::clock::Moment;
use crate::util::failpoint::failpoint;
use crate::util::reply::Reply;
use futures_util::FutureExt;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Weak};
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

/// What the exporter is asked to do.
#[derive(Debug)]
pub enum Command {
    /// Export this project from now on.
    Open(Arc<Project>),
    /// Export what is left of it, and forget it.
    Close(Arc<Project>),
    /// The worker's thread has ended, though nobody told it to.
    WorkerEnded,
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

/// Tells what the status file says at a moment.
pub type Snapshot = Arc<dyn Fn(Moment) -> String + Send + Sync>;

/// What the exporter works with.
pub struct Tools {
    /// Where entries come in.
    pub tally: Arc<Tally>,
    /// The way to the worker.
    pub worker: worker::Control,
    /// For the engineer's own eyes.
    pub journal: Journal,
    /// What the status file says now.
    pub snapshot: Snapshot,
}

/// Starts the exporter's thread.
///
/// # Errors
/// If the system gives no thread, or the thread no runtime.
pub fn start(tools: Tools) -> std::io::Result<mpsc::UnboundedSender<Command>> {
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
            let now = Moment::now();
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
    lanes: Vec<OpenLane>,
    opened: u64,
    /// Those of `lanes`, for whoever outlives this.
    projects: Rc<RefCell<Vec<Arc<Project>>>>,
    drops: Rc<Drops>,
    worker: worker::Control,
    surroundings: Surroundings,
    snapshot: Snapshot,
    myself: mpsc::WeakUnboundedSender<Command>,
    worker_ended: bool,
}

/// A project's own task, and the way to ask it.
struct OpenLane {
    project: Arc<Project>,
    asks: mpsc::UnboundedSender<Ask>,
}

impl Exporter {
    fn new(
        tools: Tools,
        myself: mpsc::WeakUnboundedSender<Command>,
        projects: Rc<RefCell<Vec<Arc<Project>>>>,
    ) -> Self {
        let Tools { tally, worker, journal, snapshot } = tools;
        let surroundings =
            Surroundings { door: Arc::clone(tally.door()), journal, changed: Arc::default() };
        Self {
            lanes: Vec::new(),
            opened: 0,
            projects,
            drops: Rc::new(Drops::of(tally)),
            worker,
            surroundings,
            snapshot,
            myself,
            worker_ended: false,
        }
    }

    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let Surroundings { journal, changed, .. } = self.surroundings.clone();
        tokio::task::spawn_local(keep_status(changed, journal, Arc::clone(&self.snapshot)));
        while let Some(command) = commands.recv().await {
            failpoint!("exporter");
            match command {
                Command::Open(project) => self.open(project),
                Command::Close(project) => self.close(&project),
                Command::WorkerEnded => {
                    self.worker_ended = true;
                    for lane in &self.lanes {
                        self.break_down(&lane.project, WORKER_ENDED);
                    }
                }
                Command::Preview { project, reply } => {
                    self.drops.report(&project, Moment::now());
                    project.record_state();
                    // Whoever asked may have stopped waiting.
                    let _ = reply.send(project.preview());
                }
                Command::Flush { timeout, reply } => self.flush(timeout, reply),
                Command::Deliver { deadline, settled, reply } => {
                    let lanes = self.asks();
                    tokio::task::spawn_local(async move {
                        let delivered = all_delivered(&lanes, deadline, false).await;
                        reply.give(delivered && settled);
                    });
                }
                Command::Shutdown { timeout, reply } => {
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
            let deliver = Command::Deliver { deadline, settled, reply };
            if let Some(myself) = myself.upgrade() {
                // If nobody listens any more the reply answers by itself.
                let _ = myself.send(deliver);
            }
        });
    }

    async fn shut_down(
        &mut self,
        timeout: Duration,
        commands: &mut mpsc::UnboundedReceiver<Command>,
        deadline: Instant,
    ) -> bool {
        // The worker gets half of the time, so that the rest is left to send.
        let half = Instant::now() + timeout / 2;
        let stopped = timeout_at(half, self.worker.stop(half.into_std())).await;
        let settled = stopped.is_ok_and(|done| done.is_ok());
        // Projects that the worker has opened on its last turns.
        while let Ok(command) = commands.try_recv() {
            if let Command::Open(project) = command {
                self.open(project);
            }
        }
        let delivered = all_delivered(&self.asks(), deadline, true).await;
        let (done, written) = oneshot::channel();
        self.surroundings.journal.finish(move || {
            // Nobody waits for a disk that hangs.
            let _ = done.send(());
        });
        let now = Instant::now();
        let patience = DISK_PATIENCE.min(in_time(deadline, now).saturating_duration_since(now));
        let _ = timeout_at(now + patience, written).await;
        delivered && settled
    }

    fn asks(&self) -> Vec<mpsc::UnboundedSender<Ask>> {
        self.lanes.iter().map(|lane| lane.asks.clone()).collect()
    }

    fn open(&mut self, project: Arc<Project>) {
        let (asks, receiver) = mpsc::unbounded_channel();
        self.opened += 1;
        let lane = Lane::new(Arc::clone(&project), self.opened, self.surroundings.clone());
        lane.say_hello(Moment::now());
        let serve = periodic::serve(lane, Rc::clone(&self.drops), receiver);
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
        self.lanes.push(OpenLane { project, asks });
    }

    fn close(&mut self, project: &Arc<Project>) {
        let Some(at) = self.lanes.iter().position(|lane| Arc::ptr_eq(&lane.project, project))
        else {
            return;
        };
        let lane = self.lanes.swap_remove(at);
        self.projects.borrow_mut().retain(|it| !Arc::ptr_eq(it, project));
        let deadline = Instant::now() + project.config().timeout;
        tokio::task::spawn_local(async move { all_delivered(&[lane.asks], deadline, true).await });
    }

    fn break_down(&self, project: &Project, why: &'static str) {
        break_down(project, why, &self.surroundings);
    }
}

/// A part of a project's work will not be done any more.
fn break_down(project: &Project, why: &'static str, surroundings: &Surroundings) {
    let now = Moment::now();
    if let Some(Transition { from, to, reason, .. }) = project.break_down(now, why) {
        project.record_state();
        let endpoint = project.config().endpoint.to_string();
        let queued = surroundings.door.len();
        let context = Context { endpoint: Some(&endpoint), queued, ..Context::default() };
        surroundings.journal.note(now, context, &Event::Transition { from, to, reason });
    }
    surroundings.changed.notify_one();
}

/// Keeps the status file as it is, once a second at most.
async fn keep_status(changed: Arc<Notify>, journal: Journal, snapshot: Snapshot) {
    if journal.directory().is_none() {
        return;
    }
    loop {
        changed.notified().await;
        journal.put_status(snapshot(Moment::now()));
        tokio::time::sleep(STATUS_GAP).await;
    }
}

/// Entries dropped at the door are the whole process's; one project tells of them, so that they
/// are told once.
pub(super) struct Drops {
    tally: Arc<Tally>,
    told: RefCell<Told>,
}

struct Told {
    by: Weak<Project>,
    counts: [u64; DropReason::ALL.len()],
}

impl Drops {
    fn of(tally: Arc<Tally>) -> Self {
        let told = Told { by: Weak::new(), counts: [0; DropReason::ALL.len()] };
        Self { tally, told: RefCell::new(told) }
    }

    pub(super) fn report(&self, project: &Arc<Project>, now: Moment) {
        let counts = self.tally.observe(now);
        let mut told = self.told.borrow_mut();
        match told.by.upgrade() {
            None => told.by = Arc::downgrade(project),
            Some(by) if Arc::ptr_eq(&by, project) => {}
            Some(_) => return,
        }
        for (i, reason) in DropReason::ALL.into_iter().enumerate() {
            let more = counts.dropped[i].saturating_sub(told.counts[i]);
            if more > 0 {
                project.record(Measurement {
                    metric: Metric::EntriesDropped,
                    labels: [Label::constant(reason.as_str()), ABSENT, ABSENT],
                    value: Value::Count(more),
                });
            }
        }
        told.counts = counts.dropped;
    }
}
