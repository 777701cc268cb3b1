//! What has become of the entries of the process: since the start, in the last hour and in the last
//! day.

use crate::record::entry_counts::{DropReason, EntryCounts};
use crate::record::queue::EntryQueue;
use crate::util::clock::Timestamp;
use crate::util::named_counts::serialize_named;
use crate::util::recent::{DAY, HOUR, Recent};
use parking_lot::Mutex;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// The counts of a queue, with their growth in the last hour and the last day.
#[derive(Debug)]
pub struct Statistics {
    queue: Arc<EntryQueue>,
    /// Accepted, processed and dropped entries.
    recent: Mutex<Recent<3>>,
}

impl Statistics {
    /// For a new queue.
    pub fn new(queue: Arc<EntryQueue>, now: Timestamp) -> Self {
        Self { queue, recent: Mutex::new(Recent::new(now)) }
    }

    /// The queue.
    pub fn queue(&self) -> &Arc<EntryQueue> {
        &self.queue
    }

    /// Reads the counts, and remembers them for [`Statistics::recent`]. Needs a call every few
    /// minutes: entries count as recent from the time of the call.
    pub fn observe(&self, now: Timestamp) -> EntryCounts {
        let counts = self.queue.counts();
        let EntryCounts { accepted, processed, dropped, .. } = counts;
        self.recent.lock().observe(now, [accepted, processed, dropped.iter().sum()]);
        counts
    }

    /// Accepted, processed and dropped entries: of the last hour, and of the last day.
    pub fn recent(&self, now: Timestamp) -> ([u64; 3], [u64; 3]) {
        let recent = self.recent.lock();
        (recent.within(now, HOUR), recent.within(now, DAY))
    }
}

/// As in `status`. Written by hand and in this file, because `loom/` compiles `entry_counts`
/// without serde.
impl Serialize for EntryCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Dropped([u64; DropReason::ALL.len()]);
        impl Serialize for Dropped {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize_named(DropReason::ALL.map(DropReason::as_str), &self.0, serializer)
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
