//! What became of the entries of the process, so far and lately.

use crate::record::queue::{DropReason, EntryCounts, EntryQueue};
use crate::util::clock::Timestamp;
use crate::util::recent::{DAY, HOUR, Recent};
use crate::util::serialize::by_name;
use parking_lot::Mutex;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
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
    pub fn observe(&self, now: Timestamp) -> EntryCounts {
        let counts = self.queue.counts();
        let EntryCounts { accepted, processed, dropped, .. } = counts;
        self.recent.lock().observe(now, [accepted, processed, dropped.iter().sum()]);
        counts
    }

    /// Accepted, processed and dropped entries of the last hour, and of the last day.
    pub fn lately(&self, now: Timestamp) -> ([u64; 3], [u64; 3]) {
        let recent = self.recent.lock();
        (recent.within(now, HOUR), recent.within(now, DAY))
    }
}

/// As it stands in `status`. Written by hand, because the model checker builds the queue without serde.
impl Serialize for EntryCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Dropped([u64; DropReason::ALL.len()]);
        impl Serialize for Dropped {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                by_name(DropReason::ALL.map(DropReason::as_str), &self.0, serializer)
            }
        }
        let Self { accepted, processed, queued, queued_bytes, rejected, dropped } = *self;
        let mut fields = serializer.serialize_struct("EntryCounts", 6)?;
        fields.serialize_field("accepted", &accepted)?;
        fields.serialize_field("processed", &processed)?;
        fields.serialize_field("queued", &queued)?;
        fields.serialize_field("queuedBytes", &queued_bytes)?;
        fields.serialize_field("rejected", &rejected)?;
        fields.serialize_field("dropped", &Dropped(dropped))?;
        fields.end()
    }
}
