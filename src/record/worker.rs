//! The worker's thread: it turns entries into measurements, and never touches the network.

use crate::diagnostics::drift::AnomalyKey;
use crate::diagnostics::{Diagnostics, LogContext, LogEvent};
use crate::entry::payload::Payload;
use crate::entry::{self, EntrySource};
use crate::metrics::derive::malformed_entry;
use crate::project::messages::ExportCommand;
use crate::record::projects::{ProjectLookup, Projects};
use crate::record::queue::{DropReason, Entry, EntryQueue, Parts};
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// While entries keep coming the worker looks for them so often, instead of being woken: waking a
/// sleeping thread costs the JS thread more than handing over an entry.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// After so many looks without an entry it goes to sleep until it is woken.
const LOOKS: u32 = 25;

/// What the worker is asked beside entries.
enum WorkerCommand {
    /// Answer when everything that waits now is done.
    Barrier(Box<dyn FnOnce() + Send>),
    /// Do what waits until `deadline`, drop the rest, and end.
    Stop { deadline: Instant, done: oneshot::Sender<()> },
}

/// The way to ask the worker.
#[derive(Clone, Debug)]
pub struct WorkerControl(Sender<WorkerCommand>);

impl WorkerControl {
    /// Resolves when every entry that waits now is done.
    pub fn barrier(&self) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        self.when_idle(move || {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        });
        receiver
    }

    /// The same for a thread that has to wait. `false` if it is not done by then.
    pub fn wait(&self, timeout: Duration) -> bool {
        let (done, receiver) = crossbeam_channel::bounded(1);
        self.when_idle(move || {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        });
        receiver.recv_timeout(timeout).is_ok()
    }

    fn when_idle(&self, tell: impl FnOnce() + Send + 'static) {
        // A worker that is gone drops the request and with it the sender, which the receiver sees.
        let _ = self.0.send(WorkerCommand::Barrier(Box::new(tell)));
    }

    /// Resolves when the worker has ended; it ends by `deadline`.
    pub fn stop(&self, deadline: Instant) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        let _ = self.0.send(WorkerCommand::Stop { deadline, done });
        receiver
    }
}

/// The worker's side of [`WorkerControl`].
pub struct WorkerCommands(Receiver<WorkerCommand>);

/// A way to ask a worker, and the worker's end of it.
pub fn control() -> (WorkerControl, WorkerCommands) {
    let (sender, receiver) = unbounded();
    (WorkerControl(sender), WorkerCommands(receiver))
}

/// Starts the worker's thread.
///
/// # Errors
/// If the system gives no thread.
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
        // What a panic leaves behind is the queue and the recording, and both are sums.
        if catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {
            worker.drop_export();
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
    /// An entry was taken out of the queue whose fate is not told yet.
    in_progress: Cell<bool>,
}

impl Worker {
    fn run(&self) {
        let mut looks = 0;
        loop {
            failpoint!("worker");
            match self.commands.try_recv() {
                Ok(WorkerCommand::Barrier(done)) => {
                    self.process_up_to(self.queue.len());
                    done();
                }
                Ok(WorkerCommand::Stop { deadline, done }) => {
                    self.finish(deadline);
                    // Whoever asked may have stopped waiting.
                    let _ = done.send(());
                    return;
                }
                Err(TryRecvError::Disconnected) => return self.finish(now().instant),
                Err(TryRecvError::Empty) => {}
            }
            if self.process_up_to(64) > 0 {
                looks = 0;
            } else if looks < LOOKS {
                looks += 1;
                std::thread::sleep(LOOK_EVERY);
            } else {
                self.sleep();
                looks = 0;
            }
        }
    }

    /// Processes up to `count` entries; how many there were.
    fn process_up_to(&self, count: usize) -> usize {
        let entries = std::iter::from_fn(|| self.queue.dequeue()).take(count);
        entries.map(|entry| self.process(entry)).count()
    }

    /// Nobody counts any more: nothing is taken in, and what was is accounted for.
    fn drop_export(&self) {
        self.queue.close();
        let in_progress = self.in_progress.take().then_some(());
        let waiting = std::iter::from_fn(|| self.queue.dequeue().map(|_| ()));
        in_progress
            .into_iter()
            .chain(waiting)
            .for_each(|()| self.queue.complete(Some(DropReason::Panic)));
        // An exporter that is gone has nobody to tell.
        let _ = self.exporter.send(ExportCommand::WorkerFailed);
    }

    /// Waits for an entry or an request. What is ready is left where it is.
    fn sleep(&self) {
        let mut wait = crossbeam_channel::Select::new();
        wait.recv(&self.commands);
        wait.recv(self.queue.receiver());
        wait.ready();
    }

    fn finish(&self, deadline: Instant) {
        while now().instant < deadline && self.process_up_to(16) > 0 {}
        while self.queue.dequeue().is_some() {
            self.queue.complete(Some(DropReason::Shutdown));
        }
    }

    fn process(&self, entry: Entry) {
        self.in_progress.set(true);
        // A panic costs the entry it happened on. Locks do not poison, and the recording are sums.
        let dropped = catch_unwind(AssertUnwindSafe(|| self.count(entry))).unwrap_or_else(|_| {
            let context = LogContext { queued: self.queue.len(), ..LogContext::default() };
            self.diagnostics.log(now(), context, &LogEvent::EntryPanic);
            Some(DropReason::Panic)
        });
        failpoint!("complete");
        self.in_progress.set(false);
        self.queue.complete(dropped);
    }

    /// Counts an entry in its project's recording; why it could not be.
    fn count(&self, entry: Entry) -> Option<DropReason> {
        failpoint!("entry");
        let Entry { entry, parts } = entry;
        let Parts { request, response, headers, cwd } = parts.map_or_else(Parts::default, |p| *p);
        let project = match self.projects.find(cwd.as_deref(), now()) {
            ProjectLookup::On { project, opened, closed } => {
                // The exporter outlives the worker, or nothing is exported any more anyway.
                for idle in closed {
                    let _ = self.exporter.send(ExportCommand::Close(idle));
                }
                if opened {
                    let _ = self.exporter.send(ExportCommand::Open(Arc::clone(&project)));
                }
                project
            }
            ProjectLookup::Off => return Some(DropReason::ProjectOff),
            ProjectLookup::Limit => return Some(DropReason::ProjectLimit),
        };
        let entry = entry.into_json();
        let request = request.map(Payload::into_json);
        let response = response.map(Payload::into_json);
        let source = EntrySource {
            entry: &entry,
            request: request.as_deref(),
            response: response.as_deref(),
            headers: &headers,
        };
        if let Ok(turn) = entry::parse(source) {
            project.record_turn(&turn);
            let is_noted = project.config().log.enabled;
            let anomalies = project.anomalies(&turn).filter(|_| is_noted);
            self.diagnostics.record_anomalies(now(), anomalies.map(|it| AnomalyKey::of(it, &turn)));
            None
        } else {
            project.record(malformed_entry());
            self.diagnostics
                .record_anomalies(now(), std::iter::once(AnomalyKey::malformed_entry()));
            Some(DropReason::Malformed)
        }
    }
}

/// The worker owns its clock.
fn now() -> Timestamp {
    Timestamp::now()
}
