//! The worker's thread: it turns entries into measurements, and never touches the network.

use crate::clock::Moment;
use crate::drift::Kind;
use crate::entry::{self, EntrySource};
use crate::export::exporter::Command;
use crate::failpoint::failpoint;
use crate::ingest::{Door, DropReason, Entry, Parts};
use crate::journal::{Context, Event, Journal};
use crate::metrics::derive::malformed_entry;
use crate::payload::Payload;
use crate::projects::{Lookup, Projects};
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
enum Order {
    /// Answer when everything that waits now is done.
    Barrier(Box<dyn FnOnce() + Send>),
    /// Do what waits until `deadline`, drop the rest, and end.
    Stop { deadline: Instant, done: oneshot::Sender<()> },
}

/// The way to ask the worker.
#[derive(Clone, Debug)]
pub struct Control(Sender<Order>);

impl Control {
    /// Resolves when every entry that waits now is done.
    pub fn barrier(&self) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        self.tell_when_done(move || {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        });
        receiver
    }

    /// The same for a thread that has to wait. `false` if it is not done by then.
    pub fn wait(&self, timeout: Duration) -> bool {
        let (done, receiver) = crossbeam_channel::bounded(1);
        self.tell_when_done(move || {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        });
        receiver.recv_timeout(timeout).is_ok()
    }

    fn tell_when_done(&self, tell: impl FnOnce() + Send + 'static) {
        // A worker that is gone drops the order and with it the sender, which the receiver sees.
        let _ = self.0.send(Order::Barrier(Box::new(tell)));
    }

    /// Resolves when the worker has ended; it ends by `deadline`.
    pub fn stop(&self, deadline: Instant) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        let _ = self.0.send(Order::Stop { deadline, done });
        receiver
    }
}

/// The worker's side of [`Control`].
pub struct Orders(Receiver<Order>);

/// A way to ask a worker, and the worker's end of it.
pub fn control() -> (Control, Orders) {
    let (sender, receiver) = unbounded();
    (Control(sender), Orders(receiver))
}

/// Starts the worker's thread.
///
/// # Errors
/// If the system gives no thread.
pub fn start(
    door: Arc<Door>,
    projects: Arc<Projects>,
    orders: Orders,
    exporter: mpsc::UnboundedSender<Command>,
    journal: Journal,
) -> std::io::Result<()> {
    let in_hand = Cell::new(false);
    let worker = Worker { door, projects, orders: orders.0, exporter, journal, in_hand };
    std::thread::Builder::new().name("ccxray-worker".to_owned()).spawn(move || {
        // What a panic leaves behind is the door and the books, and both are sums.
        if catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {
            worker.give_up();
        }
    })?;
    Ok(())
}

struct Worker {
    door: Arc<Door>,
    projects: Arc<Projects>,
    orders: Receiver<Order>,
    exporter: mpsc::UnboundedSender<Command>,
    journal: Journal,
    /// An entry was taken out of the door whose fate is not told yet.
    in_hand: Cell<bool>,
}

impl Worker {
    fn run(&self) {
        let mut looks = 0;
        loop {
            failpoint!("worker");
            match self.orders.try_recv() {
                Ok(Order::Barrier(done)) => {
                    self.work_off(self.door.len());
                    done();
                }
                Ok(Order::Stop { deadline, done }) => {
                    self.finish(deadline);
                    // Whoever asked may have stopped waiting.
                    let _ = done.send(());
                    return;
                }
                Err(TryRecvError::Disconnected) => return self.finish(now().instant),
                Err(TryRecvError::Empty) => {}
            }
            if self.work_off(64) > 0 {
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
    fn work_off(&self, count: usize) -> usize {
        let entries = std::iter::from_fn(|| self.door.take()).take(count);
        entries.map(|entry| self.process(entry)).count()
    }

    /// Nobody counts any more: nothing is taken in, and what was is accounted for.
    fn give_up(&self) {
        self.door.close();
        let in_hand = self.in_hand.take().then_some(());
        let waiting = std::iter::from_fn(|| self.door.take().map(|_| ()));
        in_hand.into_iter().chain(waiting).for_each(|()| self.door.settle(Some(DropReason::Panic)));
        // An exporter that is gone has nobody to tell.
        let _ = self.exporter.send(Command::WorkerEnded);
    }

    /// Waits for an entry or an order. What is ready is left where it is.
    fn sleep(&self) {
        let mut wait = crossbeam_channel::Select::new();
        wait.recv(&self.orders);
        wait.recv(self.door.signal());
        wait.ready();
    }

    fn finish(&self, deadline: Instant) {
        while now().instant < deadline && self.work_off(16) > 0 {}
        while self.door.take().is_some() {
            self.door.settle(Some(DropReason::Shutdown));
        }
    }

    fn process(&self, entry: Entry) {
        self.in_hand.set(true);
        // A panic costs the entry it happened on. Locks do not poison, and the books are sums.
        let dropped = catch_unwind(AssertUnwindSafe(|| self.count(entry))).unwrap_or_else(|_| {
            let context = Context { queued: self.door.len(), ..Context::default() };
            self.journal.note(now(), context, &Event::EntryPanic);
            Some(DropReason::Panic)
        });
        failpoint!("settle");
        self.in_hand.set(false);
        self.door.settle(dropped);
    }

    /// Counts an entry in its project's books; why it could not be.
    fn count(&self, entry: Entry) -> Option<DropReason> {
        failpoint!("entry");
        let Entry { entry, parts } = entry;
        let Parts { request, response, headers, cwd } = parts.map_or_else(Parts::default, |p| *p);
        let project = match self.projects.find(cwd.as_deref(), now()) {
            Lookup::On { project, opened, closed } => {
                // The exporter outlives the worker, or nothing is exported any more anyway.
                for idle in closed {
                    let _ = self.exporter.send(Command::Close(idle));
                }
                if opened {
                    let _ = self.exporter.send(Command::Open(Arc::clone(&project)));
                }
                project
            }
            Lookup::Off => return Some(DropReason::ProjectOff),
            Lookup::Limit => return Some(DropReason::ProjectLimit),
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
            let surprises = project.surprises(&turn).filter(|_| is_noted);
            self.journal.note_drift(now(), surprises.map(|it| Kind::of(it, &turn)));
            None
        } else {
            project.record(malformed_entry());
            self.journal.note_drift(now(), std::iter::once(Kind::malformed_entry()));
            Some(DropReason::Malformed)
        }
    }
}

/// The worker owns its clock.
fn now() -> Moment {
    Moment::now()
}
