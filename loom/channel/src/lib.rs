//! The part of crossbeam-channel's interface that the entry queue uses, with loom's locks. The
//! correctness of crossbeam-channel itself is not checked here.

use loom::sync::{Arc, Mutex};
use std::collections::VecDeque;

/// A channel for `capacity` messages.
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let queue = Arc::new(Mutex::new(VecDeque::new()));
    (Sender { queue: Arc::clone(&queue), capacity }, Receiver { queue })
}

#[derive(Debug)]
pub struct Sender<T> {
    queue: Arc<Mutex<VecDeque<T>>>,
    capacity: usize,
}

#[derive(Debug)]
pub struct Receiver<T> {
    queue: Arc<Mutex<VecDeque<T>>>,
}

/// Why a message was not sent. The entry queue holds a receiver, so it never sees `Disconnected`.
#[derive(Debug)]
pub enum TrySendError<T> {
    Full(T),
    Disconnected(T),
}

/// The channel is empty.
#[derive(Debug)]
pub struct TryRecvError;

impl<T> Sender<T> {
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let mut queue = self.queue.lock().unwrap();
        if queue.len() >= self.capacity {
            return Err(TrySendError::Full(message));
        }
        queue.push_back(message);
        Ok(())
    }
}

impl<T> Receiver<T> {
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.queue.lock().unwrap().pop_front().ok_or(TryRecvError)
    }

    pub fn len(&self) -> usize {
        self.queue.lock().unwrap().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
