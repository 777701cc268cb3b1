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
    /// Accepted and processed entries, and the dropped ones by reason.
    recent: Mutex<Recent<{ 2 + DropReason::ALL.len() }>>,
}

/// What has become of entries within a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecentEntries {
    /// Entries that were accepted.
    pub accepted: u64,
    /// Entries that are counted in the metrics.
    pub processed: u64,
    /// Entries that were accepted and not counted, by [`DropReason::ALL`].
    pub dropped: [u64; DropReason::ALL.len()],
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
        let mut totals = [accepted; 2 + DropReason::ALL.len()];
        totals[1] = processed;
        totals[2..].copy_from_slice(&dropped);
        self.recent.lock().observe(now, totals);
        counts
    }

    /// The entries of the last hour, and those of the last day.
    pub fn recent(&self, now: Timestamp) -> (RecentEntries, RecentEntries) {
        let recent = self.recent.lock();
        let within = |span| {
            let [accepted, processed, dropped @ ..] = recent.within(now, span);
            RecentEntries { accepted, processed, dropped }
        };
        (within(HOUR), within(DAY))
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
