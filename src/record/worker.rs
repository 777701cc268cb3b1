//! The worker thread: it turns entries into measurements, and never uses the network.

use crate::config::Resolution;
use crate::diagnostics::drift::{AnomalyKey, Occurrences};
use crate::diagnostics::{Diagnostics, LogContext, LogEvent};
use crate::entry::payload::Payload;
use crate::entry::{self, EntrySource};
use crate::metrics::derive::malformed_entry;
use crate::project::messages::ExportCommand;
use crate::record::entry::{Entry, EntryParts};
use crate::record::entry_counts::DropReason;
use crate::record::project_key::ProjectKey;
use crate::record::project_lookup::ProjectLookup;
use crate::record::projects::Projects;
use crate::record::queue::EntryQueue;
use crate::record::resolvers::Start;
use crate::record::waiting_entries::WaitingEntries;
use crate::record::worker_control::{WorkerCommand, WorkerCommands, WorkerEnd};
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use crate::util::memory;
use crate::util::thread;
use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// While entries keep coming, the worker polls the queue at this interval and does not sleep. To
/// wake a sleeping thread costs the JS thread more than to hand over an entry.
const POLL_INTERVAL: Duration = Duration::from_millis(2);
/// After so many polls without an entry the worker sleeps until it is woken.
const MAX_IDLE_POLLS: u32 = 25;
/// Entries between two looks at the commands.
const BATCH: usize = 64;
/// Entries between two looks at the deadline of a shutdown.
const SHUTDOWN_BATCH: usize = 16;

/// Starts the worker thread. It sends the projects that it opens and closes to `exporter`.
///
/// # Errors
/// If the system refuses to start a thread.
pub fn start(
    queue: Arc<EntryQueue>,
    projects: Arc<Projects>,
    commands: WorkerCommands,
    exporter: mpsc::UnboundedSender<ExportCommand>,
    diagnostics: Diagnostics,
) -> std::io::Result<()> {
    let (answers, resolutions) = unbounded();
    let worker = Worker {
        queue,
        projects,
        commands: commands.0,
        exporter,
        diagnostics,
        in_progress: Cell::new(false),
        waiting: RefCell::default(),
        barriers: RefCell::default(),
        answers,
        resolutions,
    };
    thread::start("ccxray-worker", move || {
        // After a panic the queue is closed and drained. Counters are valid at every instant.
        if catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {
            worker.clean_up_after_panic();
        }
    })
}

/// A project whose config was read.
type ReadConfig = (ProjectKey, Resolution);

/// A barrier that waits for entries whose project is not known yet.
struct OpenBarrier {
    /// It waits for the directories up to this number.
    last_number: u64,
    done: Box<dyn FnOnce() + Send>,
}

struct Worker {
    queue: Arc<EntryQueue>,
    projects: Arc<Projects>,
    commands: Receiver<WorkerCommand>,
    exporter: mpsc::UnboundedSender<ExportCommand>,
    diagnostics: Diagnostics,
    /// An entry was taken out of the queue, and its outcome is not counted yet.
    in_progress: Cell<bool>,
    /// Entries whose project is not known yet.
    waiting: RefCell<WaitingEntries>,
    barriers: RefCell<Vec<OpenBarrier>>,
    /// For the threads that read configs.
    answers: Sender<ReadConfig>,
    resolutions: Receiver<ReadConfig>,
}

/// What has become of an entry that was taken out of the queue.
enum EntryOutcome {
    Processed,
    Dropped(DropReason),
    /// It waits for its project, and so many other entries were dropped to make room for it.
    Waits {
        dropped: usize,
    },
}

impl Worker {
    fn run(&self) {
        let mut idle_polls = 0;
        loop {
            failpoint!("worker");
            match self.run_commands() {
                ControlFlow::Continue(()) => {}
                ControlFlow::Break(WorkerEnd { deadline, done }) => {
                    self.drain(deadline);
                    // The caller may have stopped waiting.
                    done.map(|done| done.send(()));
                    return;
                }
            }
            self.resolve_waiting();
            if self.process_batch(BATCH) > 0 {
                idle_polls = 0;
            } else if idle_polls < MAX_IDLE_POLLS || !self.waiting.borrow().is_empty() {
                idle_polls = (idle_polls + 1).min(MAX_IDLE_POLLS);
                self.pause();
            } else {
                self.sleep();
                idle_polls = 0;
            }
        }
    }

    /// Runs all commands that wait. Barriers that wait together are one: the queue is processed once
    /// for all of them. Breaks with the end of the thread.
    fn run_commands(&self) -> ControlFlow<WorkerEnd> {
        let mut barriers = Vec::new();
        let end = loop {
            match self.commands.try_recv() {
                Ok(WorkerCommand::Barrier(done)) => barriers.push(done),
                Ok(WorkerCommand::Stop(end)) => break ControlFlow::Break(end),
                Err(TryRecvError::Disconnected) => {
                    break ControlFlow::Break(WorkerEnd { deadline: now().instant, done: None });
                }
                Err(TryRecvError::Empty) => break ControlFlow::Continue(()),
            }
        };
        if !barriers.is_empty() && end.is_continue() {
            self.process_batch(self.queue.len());
            let last_number = self.waiting.borrow().last_number();
            let barriers = barriers.into_iter().map(|done| OpenBarrier { last_number, done });
            self.barriers.borrow_mut().extend(barriers);
            self.pass_barriers();
        }
        end
    }

    /// Calls the functions of the barriers that wait for nothing any more.
    fn pass_barriers(&self) {
        let waiting = self.waiting.borrow();
        let mut barriers = self.barriers.borrow_mut();
        let is_passed = |barrier: &mut OpenBarrier| !waiting.has_up_to(barrier.last_number);
        let passed: Vec<_> = barriers.extract_if(.., is_passed).collect();
        drop((waiting, barriers));
        for barrier in passed {
            (barrier.done)();
        }
    }

    /// Lets threads read the configs of the directories that wait, and processes the entries of those
    /// that were read.
    fn resolve_waiting(&self) {
        if self.waiting.borrow().is_empty() && self.resolutions.is_empty() {
            return;
        }
        let now = now();
        while let Ok((directory, resolution)) = self.resolutions.try_recv() {
            let lookup = self.projects.add(&directory, resolution, now);
            let is_limit = matches!(lookup, ProjectLookup::Limit);
            self.announce(lookup);
            let entries = self.waiting.borrow_mut().take(&directory);
            if is_limit {
                self.queue.count_all_dropped(DropReason::ProjectLimit, entries.len());
            } else {
                for entry in entries {
                    self.process(entry);
                }
            }
        }
        loop {
            let Some(entries) = self.waiting.borrow_mut().take_overdue(now.instant) else { break };
            self.queue.count_all_dropped(DropReason::ProjectUnresolved, entries.len());
        }
        self.start_resolvers(now);
        self.pass_barriers();
    }

    fn start_resolvers(&self, now: Timestamp) {
        loop {
            let Some(directory) = self.waiting.borrow().next_to_start() else { return };
            let (answers, of_answer) = (self.answers.clone(), directory.clone());
            let answer = move |resolution| {
                // The worker thread may have ended.
                let _ = answers.send((of_answer, resolution));
            };
            match self.projects.resolve(&directory, now, answer) {
                Start::Started => self.waiting.borrow_mut().started(&directory, now.instant),
                Start::Busy => return,
                Start::Hangs => {
                    let entries = self.waiting.borrow_mut().take(&directory);
                    self.queue.count_all_dropped(DropReason::ProjectUnresolved, entries.len());
                }
            }
        }
    }

    /// Waits for a moment, or until a config was read.
    fn pause(&self) {
        if self.waiting.borrow().is_empty() {
            std::thread::sleep(POLL_INTERVAL);
        } else {
            let mut wait = crossbeam_channel::Select::new();
            wait.recv(&self.resolutions);
            // Whatever ends it, the loop looks at everything.
            let _ = wait.ready_timeout(POLL_INTERVAL);
        }
    }

    /// Processes at most `max` entries. Returns how many there were.
    fn process_batch(&self, max: usize) -> usize {
        let entries = std::iter::from_fn(|| self.queue.dequeue()).take(max);
        entries.map(|entry| self.process(entry)).count()
    }

    /// Sleeps until there is an entry or a command, and takes neither out.
    fn sleep(&self) {
        let mut wait = crossbeam_channel::Select::new();
        wait.recv(&self.commands);
        wait.recv(self.queue.receiver());
        wait.recv(&self.resolutions);
        wait.ready();
    }

    /// Processes entries until `deadline`, and drops the rest.
    fn drain(&self, deadline: Instant) {
        while now().instant < deadline {
            self.resolve_waiting();
            if self.process_batch(SHUTDOWN_BATCH) == 0 {
                if self.waiting.borrow().is_empty() {
                    break;
                }
                self.pause();
            }
        }
        self.drop_all(DropReason::Shutdown);
    }

    /// Counts all entries that wait as dropped.
    fn drop_all(&self, reason: DropReason) {
        while self.queue.dequeue().is_some() {
            self.queue.count_dropped(reason);
        }
        self.queue.count_all_dropped(reason, self.waiting.borrow_mut().clear());
    }

    /// The worker has failed outside of an entry: entries are rejected from now on, and those that
    /// were accepted are counted as dropped.
    fn clean_up_after_panic(&self) {
        self.queue.close();
        if self.in_progress.take() {
            self.queue.count_dropped(DropReason::Panic);
        }
        self.drop_all(DropReason::Panic);
        // If the export thread has ended, too, its projects are degraded already.
        let _ = self.exporter.send(ExportCommand::WorkerFailed);
    }

    /// Processes an entry and counts its outcome.
    fn process(&self, entry: Entry) {
        self.in_progress.set(true);
        // A panic costs this entry only. Locks do not poison, and instruments hold sums.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.record(entry))).unwrap_or_else(|_| {
            let context = LogContext { queued: self.queue.len(), ..LogContext::default() };
            self.diagnostics.log(now(), context, &LogEvent::EntryPanic);
            EntryOutcome::Dropped(DropReason::Panic)
        });
        failpoint!("outcome");
        self.in_progress.set(false);
        match outcome {
            EntryOutcome::Processed => self.queue.count_processed(),
            EntryOutcome::Dropped(reason) => self.queue.count_dropped(reason),
            EntryOutcome::Waits { dropped } => {
                self.queue.count_all_dropped(DropReason::ProjectUnresolved, dropped);
            }
        }
    }

    /// Records an entry with the instruments of its project.
    fn record(&self, entry: Entry) -> EntryOutcome {
        failpoint!("entry");
        let key = entry.parts.as_ref().and_then(|parts| parts.project.as_ref());
        let project = match self.projects.find(key, now()) {
            ProjectLookup::On { project, .. } => project,
            ProjectLookup::Off => return EntryOutcome::Dropped(DropReason::ProjectOff),
            ProjectLookup::Limit => return EntryOutcome::Dropped(DropReason::ProjectLimit),
            ProjectLookup::Unresolved => {
                let key = key.cloned().unwrap_or_else(|| "".into());
                let mut waiting = self.waiting.borrow_mut();
                return EntryOutcome::Waits { dropped: waiting.add(&key, entry, now().instant) };
            }
        };
        if !memory::has_room_for(entry::memory_for(entry.len_bytes())) {
            return EntryOutcome::Dropped(DropReason::TooLarge);
        }
        let Entry { entry, parts } = entry;
        let EntryParts { request, response, headers, request_headers, project: _ } =
            parts.map_or_else(EntryParts::default, |p| *p);
        let entry = entry.into_json();
        let request = request.map(Payload::into_json);
        let response = response.map(Payload::into_json);
        let source = EntrySource {
            entry: &entry,
            request: request.as_deref(),
            response: response.as_deref(),
            headers: &headers,
            request_headers: &request_headers,
        };
        let Ok(turn) = entry::parse(source) else {
            project.record(malformed_entry());
            let now = now();
            let anomaly = (AnomalyKey::malformed_entry(), Occurrences::at(now.unix_ms, 1));
            self.diagnostics.record_anomalies(now, std::iter::once(anomaly));
            return EntryOutcome::Dropped(DropReason::Malformed);
        };
        project.record_turn(&turn);
        let is_logged = project.config().log.enabled;
        let anomalies = project.anomalies(&turn).filter(|_| is_logged);
        let now = now();
        let occurrence = |it| (AnomalyKey::of(it, &turn), Occurrences::of(it, &turn, now.unix_ms));
        self.diagnostics.record_anomalies(now, anomalies.map(occurrence));
        EntryOutcome::Processed
    }

    /// Tells the export thread which projects a lookup has opened and closed. If that thread has ended,
    /// nothing is exported, and the message is lost.
    fn announce(&self, lookup: ProjectLookup) {
        if let ProjectLookup::On { project, opened, closed } = lookup {
            for idle in closed {
                let _ = self.exporter.send(ExportCommand::Close(idle));
            }
            if opened {
                let _ = self.exporter.send(ExportCommand::Open(project));
            }
        }
    }
}

/// The worker thread reads the clock; what it calls gets the time as an argument.
fn now() -> Timestamp {
    Timestamp::now()
}
