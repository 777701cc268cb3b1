//! The exporter's thread: when to export, and how long to wait for it.
//!
//! One thread for all projects. Exports are asynchronous and concurrent across projects, and each
//! is dropped at its deadline, so a collector that hangs delays nobody but itself.

use crate::export::health::{Health, Permit};
use crate::export::lane::Lane;
use crate::export::project::{GivenUp, Project};
use crate::ingest::{Door, DropReason};
use crate::metrics::derive::{ABSENT, Measurement, Value};
use crate::metrics::registry::Metric;
use crate::privacy::Label;
use crate::worker;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout_at};

/// An export ends by so much earlier than the wait for it.
const MARGIN: Duration = Duration::from_millis(20);

/// What the exporter is asked to do.
#[derive(Debug)]
pub enum Command {
    /// Export this project from now on.
    Open(Arc<Project>),
    /// Export what is left of it, and forget it.
    Close(Arc<Project>),
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

/// An answer that is always given: `false` if nobody gives it.
pub struct Reply(Option<Box<dyn FnOnce(bool) + Send>>);

impl Reply {
    /// Calls `answer`, exactly once, on the exporter's thread.
    pub fn new(answer: impl FnOnce(bool) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    /// Gives the answer.
    pub fn give(mut self, delivered: bool) {
        if let Some(answer) = self.0.take() {
            answer(delivered);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(false);
        }
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reply")
    }
}

/// Starts the exporter's thread.
///
/// # Errors
/// If the system gives no thread, or the thread no runtime.
pub fn start(
    door: Arc<Door>,
    worker: worker::Control,
) -> std::io::Result<mpsc::UnboundedSender<Command>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_name("ccxray-dns")
        .max_blocking_threads(2)
        .build()?;
    let (sender, commands) = mpsc::unbounded_channel();
    let myself = sender.downgrade();
    std::thread::Builder::new().name("ccxray-export".to_owned()).spawn(move || {
        let local = LocalSet::new();
        let drops = Rc::new(Drops::of(door));
        let exporter = Exporter { lanes: Vec::new(), drops, worker, myself };
        local.block_on(&runtime, exporter.run(commands));
        drop(local);
        // A name look-up that hangs has a thread of the runtime, which nobody has to wait for.
        runtime.shutdown_background();
    })?;
    Ok(sender)
}

struct Exporter {
    lanes: Vec<OpenLane>,
    drops: Rc<Drops>,
    worker: worker::Control,
    myself: mpsc::WeakUnboundedSender<Command>,
}

/// A project's own task, and the way to ask it.
struct OpenLane {
    project: Arc<Project>,
    asks: mpsc::UnboundedSender<Ask>,
}

/// A wish to export now.
struct Ask {
    deadline: Instant,
    last: bool,
    delivered: oneshot::Sender<bool>,
}

impl Exporter {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        while let Some(command) = commands.recv().await {
            match command {
                Command::Open(project) => self.open(project),
                Command::Close(project) => self.close(&project),
                Command::Preview { project, reply } => {
                    self.drops.report(&project);
                    project.record_state(project.exports().state);
                    // Whoever asked may have stopped waiting.
                    let _ = reply.send(project.preview());
                }
                Command::Flush { timeout, reply } => {
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
                Command::Deliver { deadline, settled, reply } => {
                    let lanes = self.asks();
                    tokio::task::spawn_local(async move {
                        let delivered = all_delivered(&lanes, deadline, false).await;
                        reply.give(delivered && settled);
                    });
                }
                Command::Shutdown { timeout, reply } => {
                    let deadline = Instant::now() + timeout;
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
                    reply.give(all_delivered(&self.asks(), deadline, true).await && settled);
                    return;
                }
            }
        }
    }

    fn asks(&self) -> Vec<mpsc::UnboundedSender<Ask>> {
        self.lanes.iter().map(|lane| lane.asks.clone()).collect()
    }

    fn open(&mut self, project: Arc<Project>) {
        let (asks, receiver) = mpsc::unbounded_channel();
        tokio::task::spawn_local(serve(Arc::clone(&project), Rc::clone(&self.drops), receiver));
        self.lanes.push(OpenLane { project, asks });
    }

    fn close(&mut self, project: &Arc<Project>) {
        let Some(at) = self.lanes.iter().position(|lane| Arc::ptr_eq(&lane.project, project))
        else {
            return;
        };
        let lane = self.lanes.swap_remove(at);
        let deadline = Instant::now() + project.config().timeout;
        tokio::task::spawn_local(async move { all_delivered(&[lane.asks], deadline, true).await });
    }
}

/// Asks all lanes at once; whether each of them delivered.
async fn all_delivered(
    lanes: &[mpsc::UnboundedSender<Ask>],
    deadline: Instant,
    last: bool,
) -> bool {
    let answers: Vec<_> = lanes
        .iter()
        .map(|asks| {
            let (delivered, answer) = oneshot::channel();
            // A lane that is gone drops the sender, which reads as not delivered below.
            let _ = asks.send(Ask { deadline, last, delivered });
            answer
        })
        .collect();
    let mut all = true;
    for answer in answers {
        let answer = timeout_at(deadline, answer).await;
        all &= matches!(answer, Ok(Ok(true)));
    }
    all
}

/// Exports one project: on its interval, and when asked. A wish calls off the scheduled export that
/// is under way, and the last wish calls off any: sums are cumulative, so the next request says
/// everything that the one called off would have. Other wishes wait for each other, so that many of
/// them cannot keep a slow backend from ever being told.
async fn serve(project: Arc<Project>, drops: Rc<Drops>, mut asks: mpsc::UnboundedReceiver<Ask>) {
    let (interval, timeout) = (project.config().interval, project.config().timeout);
    let mut health = Health::default();
    let mut lane = Lane::new(project);
    // Early, so that `status` soon says whether the endpoint is there.
    let mut next = Instant::now() + interval.min(Duration::from_secs(2));
    // Those whom the export under way is for, and those who wait for the one after it.
    let mut asked: Vec<Ask> = Vec::new();
    let mut waiting: Vec<Ask> = Vec::new();
    loop {
        let scheduled = asked.is_empty();
        let last = asked.iter().any(|ask| ask.last);
        let deadline = asked.last().map(|ask| in_time(ask.deadline, Instant::now()));
        let under_way = async {
            if last && lane.has_told_all() {
                return Exported { delivered: true, wait_until: None };
            }
            if scheduled {
                tokio::time::sleep_until(next).await;
            }
            let deadline = deadline.unwrap_or_else(|| Instant::now() + timeout);
            let permit = if last {
                health.last_chance();
                Permit::Send
            } else {
                health.permit(Instant::now().into_std())
            };
            export(&mut lane, &mut health, &drops, permit, deadline).await
        };
        let exported = tokio::select! {
            biased;
            calls_off = next_urgent(&mut asks, &mut waiting, scheduled) => {
                match calls_off {
                    Urgent::Ask => None,
                    Urgent::Forgotten => return,
                }
            }
            exported = under_way => Some(exported),
        };
        if let Some(Exported { delivered, wait_until }) = exported {
            if last && !delivered {
                lane.give_up(GivenUp::Shutdown);
            }
            for ask in asked.drain(..) {
                // Whoever asked may have stopped waiting.
                let _ = ask.delivered.send(delivered);
            }
            if last {
                return;
            }
            next = Instant::now() + interval;
            next = wait_until.map_or(next, |until| next.min(Instant::from_std(until)));
        } else {
            health.called_off(Instant::now().into_std());
        }
        asked.append(&mut waiting);
    }
}

/// When an export must be over so that whoever waits until `deadline` is told of it, and finds it in the
/// status.
fn in_time(deadline: Instant, now: Instant) -> Instant {
    deadline - (deadline.saturating_duration_since(now) / 10).min(MARGIN)
}

/// Why an export under way is called off.
enum Urgent {
    /// Somebody wants one right now.
    Ask,
    /// The exporter is gone.
    Forgotten,
}

/// Collects wishes until one of them is worth calling off what is under way.
async fn next_urgent(
    asks: &mut mpsc::UnboundedReceiver<Ask>,
    waiting: &mut Vec<Ask>,
    scheduled: bool,
) -> Urgent {
    loop {
        let Some(ask) = asks.recv().await else { return Urgent::Forgotten };
        let urgent = scheduled || ask.last;
        waiting.push(ask);
        if urgent {
            return Urgent::Ask;
        }
    }
}

/// How one export went.
struct Exported {
    delivered: bool,
    /// The circuit is open until then.
    wait_until: Option<std::time::Instant>,
}

async fn export(
    lane: &mut Lane,
    health: &mut Health,
    drops: &Drops,
    permit: Permit,
    deadline: Instant,
) -> Exported {
    if let Permit::WaitUntil(until) = permit {
        lane.note_state(health);
        return Exported { delivered: false, wait_until: Some(until) };
    }
    drops.report(&lane.project());
    lane.note_state(health);
    let result = lane.deliver(deadline).await;
    match &result {
        Ok(()) => health.succeeded(),
        Err(_) => health.failed(Instant::now().into_std()),
    }
    lane.note_result(health, &result, unix_milliseconds());
    Exported { delivered: result.is_ok(), wait_until: None }
}

#[expect(clippy::disallowed_methods, reason = "the loop that owns the clock of exports")]
fn unix_milliseconds() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Entries dropped at the door are the whole process's; one project tells of them, so that they
/// are told once.
struct Drops {
    door: Arc<Door>,
    told: RefCell<Told>,
}

struct Told {
    by: Weak<Project>,
    counts: [u64; DropReason::ALL.len()],
}

impl Drops {
    fn of(door: Arc<Door>) -> Self {
        let told = Told { by: Weak::new(), counts: [0; DropReason::ALL.len()] };
        Self { door, told: RefCell::new(told) }
    }

    fn report(&self, project: &Arc<Project>) {
        let mut told = self.told.borrow_mut();
        match told.by.upgrade() {
            None => told.by = Arc::downgrade(project),
            Some(by) if Arc::ptr_eq(&by, project) => {}
            Some(_) => return,
        }
        let counts = self.door.counts().dropped;
        for (i, reason) in DropReason::ALL.into_iter().enumerate() {
            let more = counts[i].saturating_sub(told.counts[i]);
            if more > 0 {
                project.record(Measurement {
                    metric: Metric::EntriesDropped,
                    labels: [Label::constant(reason.as_str()), ABSENT, ABSENT],
                    value: Value::Count(more),
                });
            }
        }
        told.counts = counts;
    }
}
