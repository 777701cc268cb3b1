//! The end of a pipeline, which several may ask for, and which comes once.

use crate::util::reply::Reply;
use parking_lot::Mutex;

/// A shutdown that is under way, and everyone who wants to know how it goes.
#[derive(Debug, Default)]
pub struct Ending {
    waiting: Vec<Reply>,
    delivered: Option<bool>,
}

/// No reply is given while the lock is held: whoever gets it may ask for something else.
impl Ending {
    /// Adds one who waits. Whether it is the first, who has to see to it that there is an end.
    pub fn join(ending: &Mutex<Self>, reply: Reply) -> bool {
        let mut state = ending.lock();
        if let Some(delivered) = state.delivered {
            drop(state);
            reply.give(delivered);
            return false;
        }
        state.waiting.push(reply);
        state.waiting.len() == 1
    }

    /// How it went, once it is over.
    pub fn result(ending: &Mutex<Self>) -> Option<bool> {
        ending.lock().delivered
    }

    /// Tells everyone who waits.
    pub fn end(ending: &Mutex<Self>, delivered: bool) {
        let waiting = {
            let mut ending = ending.lock();
            ending.delivered = Some(delivered);
            std::mem::take(&mut ending.waiting)
        };
        for reply in waiting {
            reply.give(delivered);
        }
    }
}
