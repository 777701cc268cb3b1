//! What became of the entries of the process, so far and lately.

use crate::record::queue::{Counts, EntryQueue};
use crate::util::clock::Timestamp;
use crate::util::recent::{DAY, HOUR, Recent};
use parking_lot::Mutex;
use std::sync::Arc;

/// The queue, and a memory of what went through it.
#[derive(Debug)]
pub struct Statistics {
    queue: Arc<EntryQueue>,
    /// Accepted, processed and dropped entries.
    recent: Mutex<Recent<3>>,
}

impl Statistics {
    /// Of a queue that nothing went through yet.
    pub fn of(queue: Arc<EntryQueue>, now: Timestamp) -> Self {
        Self { queue, recent: Mutex::new(Recent::new(now)) }
    }

    /// The queue.
    pub fn queue(&self) -> &Arc<EntryQueue> {
        &self.queue
    }

    /// What became of the entries so far. To be asked now and then, for it is also noted.
    pub fn observe(&self, now: Timestamp) -> Counts {
        let counts = self.queue.counts();
        let Counts { accepted, processed, dropped, .. } = counts;
        self.recent.lock().observe(now, [accepted, processed, dropped.iter().sum()]);
        counts
    }

    /// Accepted, processed and dropped entries of the last hour, and of the last day.
    pub fn lately(&self, now: Timestamp) -> ([u64; 3], [u64; 3]) {
        let recent = self.recent.lock();
        (recent.within(now, HOUR), recent.within(now, DAY))
    }
}
