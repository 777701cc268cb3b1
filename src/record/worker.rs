//! The worker thread: it turns entries into measurements, and never uses the network.

use crate::diagnostics::drift::{AnomalyKey, Occurrences};
use crate::diagnostics::{Diagnostics, LogContext, LogEvent};
use crate::entry::payload::Payload;
use crate::entry::{self, EntrySource};
use crate::metrics::derive::malformed_entry;
use crate::project::Project;
use crate::project::messages::ExportCommand;
use crate::record::entry::{Entry, EntryParts};
use crate::record::entry_counts::DropReason;
use crate::record::project_lookup::ProjectLookup;
use crate::record::projects::Projects;
use crate::record::queue::EntryQueue;
use crate::record::worker_control::{WorkerCommand, WorkerCommands};
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use crossbeam_channel::{Receiver, TryRecvError};
use std::cell::Cell;
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
    let in_progress = Cell::new(false);
    let worker =
        Worker { queue, projects, commands: commands.0, exporter, diagnostics, in_progress };
    std::thread::Builder::new().name("ccxray-worker".to_owned()).spawn(move || {
        // After a panic the queue is closed and drained. Counters are valid at every instant.
        if catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {
            worker.clean_up_after_panic();
        }
    })?;
    Ok(())
}

struct Worker {
    queue: Arc<EntryQueue>,
    projects: Arc<Projects>,
    commands: Receiver<WorkerCommand>,
    exporter: mpsc::UnboundedSender<ExportCommand>,
    diagnostics: Diagnostics,
    /// An entry was taken out of the queue, and its outcome is not counted yet.
    in_progress: Cell<bool>,
}

impl Worker {
    fn run(&self) {
        let mut idle_polls = 0;
        loop {
            failpoint!("worker");
            match self.commands.try_recv() {
                Ok(WorkerCommand::Barrier(done)) => {
                    self.process_batch(self.queue.len());
                    done();
                }
                Ok(WorkerCommand::Stop { deadline, done }) => {
                    self.drain(deadline);
                    // The caller may have stopped waiting.
                    let _ = done.send(());
                    return;
                }
                Err(TryRecvError::Disconnected) => return self.drain(now().instant),
                Err(TryRecvError::Empty) => {}
            }
            if self.process_batch(BATCH) > 0 {
                idle_polls = 0;
            } else if idle_polls < MAX_IDLE_POLLS {
                idle_polls += 1;
                std::thread::sleep(POLL_INTERVAL);
            } else {
                self.sleep();
                idle_polls = 0;
            }
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
        wait.ready();
    }

    /// Processes entries until `deadline`, and drops the rest.
    fn drain(&self, deadline: Instant) {
        while now().instant < deadline && self.process_batch(SHUTDOWN_BATCH) > 0 {}
        while self.queue.dequeue().is_some() {
            self.queue.count_dropped(DropReason::Shutdown);
        }
    }

    /// The worker has failed outside of an entry: entries are rejected from now on, and those that
    /// were accepted are counted as dropped.
    fn clean_up_after_panic(&self) {
        self.queue.close();
        if self.in_progress.take() {
            self.queue.count_dropped(DropReason::Panic);
        }
        while self.queue.dequeue().is_some() {
            self.queue.count_dropped(DropReason::Panic);
        }
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
            Err(DropReason::Panic)
        });
        failpoint!("outcome");
        self.in_progress.set(false);
        match outcome {
            Ok(()) => self.queue.count_processed(),
            Err(reason) => self.queue.count_dropped(reason),
        }
    }

    /// Records an entry with the instruments of its project.
    fn record(&self, entry: Entry) -> Result<(), DropReason> {
        failpoint!("entry");
        let Entry { entry, parts } = entry;
        let EntryParts { request, response, headers, request_headers, cwd } =
            parts.map_or_else(EntryParts::default, |p| *p);
        let project = self.project(cwd.as_deref())?;
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
            return Err(DropReason::Malformed);
        };
        project.record_turn(&turn);
        let is_logged = project.config().log.enabled;
        let anomalies = project.anomalies(&turn).filter(|_| is_logged);
        let now = now();
        let occurrence = |it| (AnomalyKey::of(it, &turn), Occurrences::of(it, &turn, now.unix_ms));
        self.diagnostics.record_anomalies(now, anomalies.map(occurrence));
        Ok(())
    }

    /// The project of an entry. It is opened if this is its first entry.
    fn project(&self, cwd: Option<&str>) -> Result<Arc<Project>, DropReason> {
        match self.projects.find(cwd, now()) {
            ProjectLookup::On { project, opened, closed } => {
                // If the export thread has ended, nothing is exported, and the message is lost.
                for idle in closed {
                    let _ = self.exporter.send(ExportCommand::Close(idle));
                }
                if opened {
                    let _ = self.exporter.send(ExportCommand::Open(Arc::clone(&project)));
                }
                Ok(project)
            }
            ProjectLookup::Off => Err(DropReason::ProjectOff),
            ProjectLookup::Limit => Err(DropReason::ProjectLimit),
        }
    }
}

/// The worker thread reads the clock; what it calls gets the time as an argument.
fn now() -> Timestamp {
    Timestamp::now()
}
