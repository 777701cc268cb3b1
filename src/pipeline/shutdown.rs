//! The end of a pipeline, which several may ask for, and which comes once.

use crate::util::reply::Reply;
use parking_lot::Mutex;

/// A shutdown that is under way, and everyone who wants to know how it goes.
#[derive(Debug, Default)]
pub struct Shutdown {
    waiting: Vec<Reply>,
    delivered: Option<bool>,
}

/// No reply is given while the lock is held: whoever gets it may ask for something else.
impl Shutdown {
    /// Adds one who waits. Whether it is the first, who has to see to it that there is an end.
    pub fn join(shutdown: &Mutex<Self>, reply: Reply) -> bool {
        let mut state = shutdown.lock();
        if let Some(delivered) = state.delivered {
            drop(state);
            reply.give(delivered);
            return false;
        }
        state.waiting.push(reply);
        state.waiting.len() == 1
    }

    /// How it went, once it is over.
    pub fn result(shutdown: &Mutex<Self>) -> Option<bool> {
        shutdown.lock().delivered
    }

    /// Tells everyone who waits.
    pub fn end(shutdown: &Mutex<Self>, delivered: bool) {
        let waiting = {
            let mut shutdown = shutdown.lock();
            shutdown.delivered = Some(delivered);
            std::mem::take(&mut shutdown.waiting)
        };
        for reply in waiting {
            reply.give(delivered);
        }
    }
}
