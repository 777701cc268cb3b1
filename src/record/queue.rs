//! The queue that hands entries from the JS threads to the worker thread.
//!
//! It is bounded by entries and by bytes, and never blocks: when it is full, it drops the oldest
//! entry. Every accepted entry has exactly one outcome, so at every instant
//! `accepted = processed + dropped + queued`.

use crate::record::entry::Entry;
use crate::record::entry_counts::{DropReason, EntryCounts};
use crate::util::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crossbeam_channel::{Receiver, Sender, TrySendError};
use crossbeam_utils::CachePadded;

/// Entries that may wait. A host sends at most 200 turns a second, so this is enough for a worker
/// that stands still for ten seconds.
pub const MAX_ENTRIES: usize = 2048;
/// Bytes that may wait.
pub const MAX_BYTES: usize = 64 << 20;

/// The queue between the JS threads and the worker thread.
#[derive(Debug)]
pub struct EntryQueue {
    sender: Sender<Entry>,
    /// Producers receive, too: that is how they drop the oldest entry.
    receiver: Receiver<Entry>,
    is_open: AtomicBool,
    // In separate cache lines: producers write one of these counters, the worker writes another.
    bytes: CachePadded<AtomicUsize>,
    accepted: CachePadded<AtomicU64>,
    processed: CachePadded<AtomicU64>,
    rejected: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
    max_bytes: usize,
}

impl Default for EntryQueue {
    fn default() -> Self {
        Self::with_bounds(MAX_ENTRIES, MAX_BYTES)
    }
}

impl EntryQueue {
    /// An open queue for `max_entries` entries and `max_bytes` bytes.
    pub fn with_bounds(max_entries: usize, max_bytes: usize) -> Self {
        let (sender, receiver) = crossbeam_channel::bounded(max_entries);
        Self {
            sender,
            receiver,
            is_open: AtomicBool::new(true),
            bytes: CachePadded::default(),
            accepted: CachePadded::default(),
            processed: CachePadded::default(),
            rejected: AtomicU64::new(0),
            dropped: Default::default(),
            max_bytes,
        }
    }

    /// Hands an entry over, and drops the oldest ones if there is no room for it. `false` if the
    /// entry was rejected, because the queue is closed or the entry is larger than the whole queue.
    #[must_use]
    pub fn enqueue(&self, entry: Entry) -> bool {
        if !self.is_open() {
            self.reject();
            return false;
        }
        let bytes = entry.len_bytes();
        if bytes > self.max_bytes {
            self.drop_unseen(DropReason::TooLarge);
            return false;
        }
        self.accepted.fetch_add(1, Ordering::Release);
        let mut waiting = self.bytes.fetch_add(bytes, Ordering::AcqRel) + bytes;
        while waiting > self.max_bytes && self.drop_oldest(DropReason::QueueBytes) {
            waiting = self.bytes.load(Ordering::Acquire);
        }
        let mut entry = entry;
        loop {
            match self.sender.try_send(entry) {
                Ok(()) => {
                    // The thread that closed the queue may have drained it just before this entry
                    // was in it.
                    if !self.is_open() {
                        self.drop_oldest(DropReason::Shutdown);
                    }
                    return true;
                }
                Err(TrySendError::Full(returned)) => {
                    self.drop_oldest(DropReason::QueueFull);
                    entry = returned;
                }
                // The queue itself holds a receiver, so this does not happen.
                Err(TrySendError::Disconnected(returned)) => {
                    self.bytes.fetch_sub(returned.len_bytes(), Ordering::AcqRel);
                    self.count_dropped(DropReason::Shutdown);
                    return false;
                }
            }
        }
    }

    /// Counts an entry that is dropped before it is copied.
    pub fn drop_unseen(&self, reason: DropReason) {
        self.accepted.fetch_add(1, Ordering::Release);
        self.count_dropped(reason);
    }

    /// Counts a `record` call without a usable entry, or while telemetry was off.
    pub fn reject(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the oldest entry out. The caller then reports its outcome with
    /// [`EntryQueue::count_processed`] or [`EntryQueue::count_dropped`].
    pub fn dequeue(&self) -> Option<Entry> {
        let entry = self.receiver.try_recv().ok()?;
        self.bytes.fetch_sub(entry.len_bytes(), Ordering::AcqRel);
        Some(entry)
    }

    /// Reports that an entry which was taken out is counted in the metrics.
    pub fn count_processed(&self) {
        self.processed.fetch_add(1, Ordering::Release);
    }

    /// Reports that an entry which was taken out is not counted in the metrics.
    pub fn count_dropped(&self, reason: DropReason) {
        self.dropped[reason as usize].fetch_add(1, Ordering::Release);
    }

    /// The same for several entries.
    pub fn count_all_dropped(&self, reason: DropReason, entries: usize) {
        self.dropped[reason as usize].fetch_add(entries as u64, Ordering::Release);
    }

    /// How many bytes may wait, and so the size of the largest entry.
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// How many entries wait.
    pub fn len(&self) -> usize {
        self.receiver.len()
    }

    /// Whether no entry waits.
    pub fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }

    /// To wait for an entry. Take entries out with [`EntryQueue::dequeue`], which counts their
    /// bytes.
    pub fn receiver(&self) -> &Receiver<Entry> {
        &self.receiver
    }

    /// Rejects entries from now on. Those that wait can still be taken out.
    pub fn close(&self) {
        self.is_open.store(false, Ordering::SeqCst);
    }

    fn is_open(&self) -> bool {
        self.is_open.load(Ordering::SeqCst)
    }

    /// What has become of the entries so far. An accepted entry without an outcome is `queued`.
    pub fn counts(&self) -> EntryCounts {
        // Outcomes are read before `accepted`, so that no outcome is counted without its entry.
        let processed = self.processed.load(Ordering::Acquire);
        let dropped = std::array::from_fn(|i| self.dropped[i].load(Ordering::Acquire));
        let accepted = self.accepted.load(Ordering::Acquire);
        let outcomes = processed + dropped.iter().sum::<u64>();
        EntryCounts {
            accepted,
            processed,
            queued: accepted.saturating_sub(outcomes),
            queued_bytes: self.bytes.load(Ordering::Relaxed) as u64,
            rejected: self.rejected.load(Ordering::Relaxed),
            dropped,
        }
    }

    /// `false` if there was no entry to drop.
    fn drop_oldest(&self, reason: DropReason) -> bool {
        let oldest = self.dequeue();
        oldest.map(|_| self.count_dropped(reason)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::payload::Payload;
    use proptest::prelude::*;

    fn entry(bytes: usize) -> Entry {
        Entry { entry: Payload::Utf8(vec![b'x'; bytes]), parts: None }
    }

    fn process_one(queue: &EntryQueue) {
        if queue.dequeue().is_some() {
            queue.count_processed();
        }
    }

    #[test]
    fn a_full_queue_drops_the_oldest_entry() {
        let queue = EntryQueue::with_bounds(2, 100);
        for bytes in [1, 2, 3] {
            assert!(queue.enqueue(entry(bytes)));
        }
        let left: Vec<_> = std::iter::from_fn(|| queue.dequeue()).map(|e| e.len_bytes()).collect();
        assert_eq!(left, [2, 3]);
        assert_eq!(queue.counts().dropped[DropReason::QueueFull as usize], 1);
    }

    #[test]
    fn bytes_are_bounded_and_a_giant_entry_is_dropped() {
        let queue = EntryQueue::with_bounds(10, 100);
        assert!(queue.enqueue(entry(60)));
        assert!(queue.enqueue(entry(60)));
        assert!(!queue.enqueue(entry(101)));
        let counts = queue.counts();
        assert_eq!((counts.queued, counts.queued_bytes), (1, 60));
        assert_eq!(counts.dropped[DropReason::QueueBytes as usize], 1);
        assert_eq!(counts.dropped[DropReason::TooLarge as usize], 1);
    }

    #[test]
    fn a_closed_queue_rejects_entries_and_counts_them() {
        let queue = EntryQueue::default();
        queue.close();
        assert!(!queue.enqueue(entry(1)));
        assert_eq!((queue.counts().rejected, queue.counts().accepted), (1, 0));
    }

    #[test]
    fn an_entry_in_progress_is_queued_without_its_bytes() {
        let queue = EntryQueue::with_bounds(10, 100);
        assert!(queue.enqueue(entry(60)));
        let _in_progress = queue.dequeue();
        assert!(queue.enqueue(entry(60)));
        assert_eq!((queue.counts().queued, queue.counts().queued_bytes), (2, 60));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Enqueue(usize),
        Process,
        Drop(DropReason),
        Reject,
        Close,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (0_usize..150).prop_map(Step::Enqueue),
            4 => Just(Step::Process),
            1 => prop::sample::select(&DropReason::ALL[..]).prop_map(Step::Drop),
            1 => Just(Step::Reject),
            1 => Just(Step::Close),
        ]
    }

    proptest! {
        #[test]
        fn every_accepted_entry_is_accounted_for_after_each_step(steps in prop::collection::vec(step(), 0..200)) {
            let queue = EntryQueue::with_bounds(8, 400);
            for step in steps {
                match step {
                    Step::Enqueue(bytes) => { let _ = queue.enqueue(entry(bytes)); }
                    Step::Process => process_one(&queue),
                    Step::Drop(reason) => { queue.drop_oldest(reason); }
                    Step::Reject => queue.reject(),
                    Step::Close => queue.close(),
                }
                let counts = queue.counts();
                prop_assert!(counts.is_balanced(), "{counts:?}");
                prop_assert_eq!(counts.queued, queue.len() as u64);
                prop_assert!(counts.queued <= 8);
                prop_assert!(counts.queued_bytes <= 400);
            }
        }
    }

    #[test]
    fn counts_are_balanced_with_many_threads() {
        let queue = EntryQueue::with_bounds(16, 2000);
        std::thread::scope(|scope| {
            for bytes in [10, 200, 700] {
                let queue = &queue;
                scope.spawn(move || {
                    (0..2000).for_each(|_| {
                        let _ = queue.enqueue(entry(bytes));
                    });
                });
            }
            scope.spawn(|| (0..3000).for_each(|_| process_one(&queue)));
        });
        let counts = queue.counts();
        assert!(counts.is_balanced(), "{counts:?}");
        assert_eq!(counts.queued, queue.len() as u64);
        let bytes: usize = std::iter::from_fn(|| queue.dequeue()).map(|e| e.len_bytes()).sum();
        assert_eq!(counts.queued_bytes, bytes as u64);
    }
}
