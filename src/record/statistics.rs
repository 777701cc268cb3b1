//! What became of the entries of the process, so far and lately.

use crate::record::queue::{Counts, Door};
use crate::util::clock::Moment;
use crate::util::recent::{DAY, HOUR, Recent};
use parking_lot::Mutex;
use std::sync::Arc;

/// The door, and a memory of what went through it.
#[derive(Debug)]
pub struct Tally {
    door: Arc<Door>,
    /// Accepted, processed and dropped entries.
    recent: Mutex<Recent<3>>,
}

impl Tally {
    /// Of a door that nothing went through yet.
    pub fn of(door: Arc<Door>, now: Moment) -> Self {
        Self { door, recent: Mutex::new(Recent::new(now)) }
    }

    /// The door.
    pub fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// What became of the entries so far. To be asked now and then, for it is also noted.
    pub fn observe(&self, now: Moment) -> Counts {
        let counts = self.door.counts();
        let Counts { accepted, processed, dropped, .. } = counts;
        self.recent.lock().observe(now, [accepted, processed, dropped.iter().sum()]);
        counts
    }

    /// Accepted, processed and dropped entries of the last hour, and of the last day.
    pub fn lately(&self, now: Moment) -> ([u64; 3], [u64; 3]) {
        let recent = self.recent.lock();
        (recent.within(now, HOUR), recent.within(now, DAY))
    }
}
