//! How other threads control the worker thread.

use crossbeam_channel::{Receiver, Sender, unbounded};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A command to the worker thread.
pub(super) enum WorkerCommand {
    /// Process the entries that wait now, then call the function.
    Barrier(Box<dyn FnOnce() + Send>),
    /// Process entries until `deadline`, drop the rest, and end.
    Stop(WorkerEnd),
}

/// When the worker thread ends, and who waits for that.
pub(super) struct WorkerEnd {
    pub(super) deadline: Instant,
    /// `None`: no caller waits for it.
    pub(super) done: Option<oneshot::Sender<()>>,
}

/// Barriers that may wait. Further ones fail at once.
const MAX_BARRIERS: usize = 256;

/// Sends commands to the worker thread.
#[derive(Clone, Debug)]
pub struct WorkerControl {
    commands: Sender<WorkerCommand>,
    /// One clone for each barrier that waits.
    barriers: Arc<()>,
}

/// The worker thread's end of a [`WorkerControl`].
pub struct WorkerCommands(pub(super) Receiver<WorkerCommand>);

impl WorkerControl {
    /// A control for one worker thread, and the end that the worker thread receives.
    pub fn new() -> (Self, WorkerCommands) {
        let (sender, receiver) = unbounded();
        (Self { commands: sender, barriers: Arc::new(()) }, WorkerCommands(receiver))
    }

    /// Resolves when every entry that waits now is processed, with an error if the worker thread
    /// has ended before.
    pub fn barrier(&self) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        self.send_barrier(move || {
            // The caller may have stopped waiting.
            let _ = done.send(());
        });
        receiver
    }

    /// Blocks until every entry that waits now is processed. `false` if that takes longer than
    /// `timeout`, or if the worker thread has ended before.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> bool {
        let (done, receiver) = crossbeam_channel::bounded(1);
        self.send_barrier(move || {
            // The caller may have stopped waiting.
            let _ = done.send(());
        });
        receiver.recv_timeout(timeout).is_ok()
    }

    /// Resolves when the worker thread has ended, which it does by `deadline`.
    pub fn stop(&self, deadline: Instant) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        // If the worker thread has ended, `done` is dropped, and the receiver gets an error.
        let end = WorkerEnd { deadline, done: Some(done) };
        let _ = self.commands.send(WorkerCommand::Stop(end));
        receiver
    }

    fn send_barrier(&self, done: impl FnOnce() + Send + 'static) {
        // If too many barriers wait or the worker thread has ended, `done` is dropped, and its
        // receiver gets an error.
        let place = Arc::clone(&self.barriers);
        if Arc::strong_count(&place) <= MAX_BARRIERS {
            let done = move || {
                drop(place);
                done();
            };
            let _ = self.commands.send(WorkerCommand::Barrier(Box::new(done)));
        }
    }
}
