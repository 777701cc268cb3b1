//! A shutdown that happens once, and that several callers can join.

use crate::util::reply::Reply;
use parking_lot::Mutex;

/// The shutdown of a pipeline, and the callers that wait for it.
#[derive(Debug, Default)]
pub struct Shutdown(Mutex<ShutdownState>);

#[derive(Debug, Default)]
struct ShutdownState {
    waiting: Vec<Reply>,
    /// Whether everything was delivered, once the shutdown is complete.
    delivered: Option<bool>,
}

/// No reply is sent while the lock is held: its receiver may call the pipeline again.
impl Shutdown {
    /// Adds a caller, whose reply is sent when the shutdown is complete. `true` for the first
    /// caller only: it has to start the shutdown.
    #[must_use]
    pub fn join(&self, reply: Reply) -> bool {
        let mut state = self.0.lock();
        if let Some(delivered) = state.delivered {
            drop(state);
            reply.send(delivered);
            return false;
        }
        state.waiting.push(reply);
        state.waiting.len() == 1
    }

    /// Whether everything was delivered. `None` until the shutdown is complete.
    pub fn result(&self) -> Option<bool> {
        self.0.lock().delivered
    }

    /// Completes the shutdown, and replies to all callers that wait. Only the first call has an effect.
    pub fn complete(&self, delivered: bool) {
        let waiting = {
            let mut state = self.0.lock();
            if state.delivered.is_some() {
                return;
            }
            state.delivered = Some(delivered);
            std::mem::take(&mut state.waiting)
        };
        for reply in waiting {
            reply.send(delivered);
        }
    }
}
