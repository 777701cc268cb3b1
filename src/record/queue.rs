//! The queue: how a finished turn gets off the JS thread.
//!
//! Bounded by entries and by bytes. It never blocks: when it is full the oldest entry gives way.
//! Whatever becomes of an entry is counted once, so that at every moment
//! `accepted = processed + dropped + queued`.

use crate::entry::payload::Payload;
use crate::util::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crossbeam_channel::{Receiver, Sender, TrySendError};
use crossbeam_utils::CachePadded;

/// Entries that may wait. At 200 turns a second, the most that the host can carry, it is ten
/// seconds of a worker that stands still.
pub const MAX_ENTRIES: usize = 2048;
/// Bytes that may wait.
pub const MAX_BYTES: usize = 64 << 20;

/// What one `record` call handed over. Small, because it is moved through the queue's memory, which
/// the other thread has touched last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The index line, or the whole entry.
    pub entry: Payload,
    /// What came beside it.
    pub parts: Option<Box<Parts>>,
}

/// What the host holds beside an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The request.
    pub request: Option<Payload>,
    /// The response.
    pub response: Option<Payload>,
    /// The upstream's rate-limit headers.
    pub headers: Vec<(String, String)>,
    /// The client's project directory.
    pub cwd: Option<String>,
}

impl Entry {
    /// How much memory it holds, in bytes.
    pub fn len_bytes(&self) -> usize {
        let Self { entry, parts } = self;
        entry.len_bytes() + parts.as_ref().map_or(0, |parts| parts.len_bytes())
    }
}

impl Parts {
    fn len_bytes(&self) -> usize {
        let Self { request, response, headers, cwd } = self;
        let payloads = [request, response].into_iter().flatten().map(Payload::len_bytes);
        let headers = headers.iter().map(|(name, value)| name.len() + value.len());
        payloads.chain(headers).sum::<usize>() + cwd.as_ref().map_or(0, String::len)
    }
}

/// Why an entry that was accepted is not counted in any metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// It was the oldest of too many.
    QueueFull,
    /// It was the oldest of too much.
    QueueBytes,
    /// It is larger than the whole queue may be.
    TooLarge,
    /// It is no JSON object.
    Malformed,
    /// Our own code failed on it.
    Panic,
    /// It was still queued when the time to shut down was over.
    Shutdown,
    /// Its project is one more than can be kept.
    ProjectLimit,
    /// Its project does not export.
    ProjectOff,
}

impl DropReason {
    /// All reasons, in the order of the counters.
    pub const ALL: [Self; 8] = [
        Self::QueueFull,
        Self::QueueBytes,
        Self::TooLarge,
        Self::Malformed,
        Self::Panic,
        Self::Shutdown,
        Self::ProjectLimit,
        Self::ProjectOff,
    ];

    /// The word in `status` and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::QueueBytes => "queue_bytes",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Panic => "panic",
            Self::Shutdown => "shutdown",
            Self::ProjectLimit => "project_limit",
            Self::ProjectOff => "project_off",
        }
    }
}

/// What became of the entries so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryCounts {
    /// Entries that came through the queue.
    pub accepted: u64,
    /// Entries that are counted in the metrics.
    pub processed: u64,
    /// Entries that wait or are being worked on.
    pub queued: u64,
    /// Bytes that wait.
    pub queued_bytes: u64,
    /// Calls that brought nothing usable, or came while off.
    pub rejected: u64,
    /// Entries that were accepted and not counted, by [`DropReason::ALL`].
    pub dropped: [u64; DropReason::ALL.len()],
}

impl EntryCounts {
    /// Whether every accepted entry is accounted for.
    pub fn is_balanced(&self) -> bool {
        let dropped: u64 = self.dropped.iter().sum();
        self.accepted == self.processed + dropped + self.queued
    }
}

/// The queue between the JS threads and the worker.
#[derive(Debug)]
pub struct EntryQueue {
    sender: Sender<Entry>,
    /// The producers' own way to the oldest entry.
    receiver: Receiver<Entry>,
    open: AtomicBool,
    // Apart from each other: one thread counts up what comes in, another what is done.
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
    /// A queue with bounds of its own, for tests.
    pub fn with_bounds(max_entries: usize, max_bytes: usize) -> Self {
        let (sender, receiver) = crossbeam_channel::bounded(max_entries);
        Self {
            sender,
            receiver,
            open: AtomicBool::new(true),
            bytes: CachePadded::default(),
            accepted: CachePadded::default(),
            processed: CachePadded::default(),
            rejected: AtomicU64::new(0),
            dropped: Default::default(),
            max_bytes,
        }
    }

    /// Hands an entry over. `false` if it was not taken in.
    pub fn enqueue(&self, entry: Entry) -> bool {
        if !self.is_open() {
            self.reject();
            return false;
        }
        let bytes = entry.len_bytes();
        if bytes > self.max_bytes {
            self.reject_too_large();
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
                    // Whoever closed the queue may have looked for the last entries before this one
                    // was there.
                    if !self.is_open() {
                        self.drop_oldest(DropReason::Shutdown);
                    }
                    return true;
                }
                Err(TrySendError::Full(rejected)) => {
                    self.drop_oldest(DropReason::QueueFull);
                    entry = rejected;
                }
                // The queue holds a receiver itself, so the channel outlives every sender.
                Err(TrySendError::Disconnected(entry)) => {
                    self.bytes.fetch_sub(entry.len_bytes(), Ordering::AcqRel);
                    self.complete(Some(DropReason::Shutdown));
                    return false;
                }
            }
        }
    }

    /// EntryCounts an entry that is too large to be worth being copied.
    pub fn reject_too_large(&self) {
        self.accepted.fetch_add(1, Ordering::Release);
        self.count_dropped(DropReason::TooLarge);
    }

    /// EntryCounts a call that brought nothing usable, or came while off.
    pub fn reject(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the oldest entry out. Its fate must be told to [`EntryQueue::complete`].
    pub fn dequeue(&self) -> Option<Entry> {
        let entry = self.receiver.try_recv().ok()?;
        self.bytes.fetch_sub(entry.len_bytes(), Ordering::AcqRel);
        Some(entry)
    }

    /// How many entries wait.
    pub fn len(&self) -> usize {
        self.receiver.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }

    /// For waiting until there is one; what is taken out here is not accounted for.
    pub fn receiver(&self) -> &Receiver<Entry> {
        &self.receiver
    }

    /// Tells what became of an entry that was taken out.
    pub fn complete(&self, dropped: Option<DropReason>) {
        match dropped {
            None => {
                self.processed.fetch_add(1, Ordering::Release);
            }
            Some(reason) => self.count_dropped(reason),
        }
    }

    /// Takes nothing in any more. What waits can still be taken out.
    pub fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
    }

    fn is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst)
    }

    /// What became of the entries so far. An entry that was accepted and has no fate yet is queued:
    /// fates are read first, so that none is seen before its entry.
    pub fn counts(&self) -> EntryCounts {
        let processed = self.processed.load(Ordering::Acquire);
        let dropped = std::array::from_fn(|i| self.dropped[i].load(Ordering::Acquire));
        let accepted = self.accepted.load(Ordering::Acquire);
        let fates = processed + dropped.iter().sum::<u64>();
        EntryCounts {
            accepted,
            processed,
            queued: accepted.saturating_sub(fates),
            queued_bytes: self.bytes.load(Ordering::Relaxed) as u64,
            rejected: self.rejected.load(Ordering::Relaxed),
            dropped,
        }
    }

    fn drop_oldest(&self, reason: DropReason) -> bool {
        let oldest = self.dequeue();
        oldest.map(|_| self.complete(Some(reason))).is_some()
    }

    fn count_dropped(&self, reason: DropReason) {
        self.dropped[reason as usize].fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(bytes: usize) -> Entry {
        Entry { entry: Payload::Utf8(vec![b'x'; bytes]), parts: None }
    }

    fn take(queue: &EntryQueue, dropped: Option<DropReason>) {
        if queue.dequeue().is_some() {
            queue.complete(dropped);
        }
    }

    #[test]
    fn the_oldest_gives_way() {
        let queue = EntryQueue::with_bounds(2, 100);
        for bytes in [1, 2, 3] {
            assert!(queue.enqueue(entry(bytes)));
        }
        let left: Vec<_> = std::iter::from_fn(|| queue.dequeue()).map(|e| e.len_bytes()).collect();
        assert_eq!(left, [2, 3]);
        assert_eq!(queue.counts().dropped[DropReason::QueueFull as usize], 1);
    }

    #[test]
    fn bytes_are_bounded_too_and_a_giant_is_turned_away() {
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
    fn a_closed_door_rejects_and_says_so() {
        let queue = EntryQueue::default();
        queue.close();
        assert!(!queue.enqueue(entry(1)));
        assert_eq!((queue.counts().rejected, queue.counts().accepted), (1, 0));
    }

    #[test]
    fn an_entry_that_is_worked_on_is_queued_but_its_bytes_do_not_wait() {
        let queue = EntryQueue::with_bounds(10, 100);
        assert!(queue.enqueue(entry(60)));
        let _in_hand = queue.dequeue();
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
        /// Whatever happens, in whatever order, after every single step.
        #[test]
        fn every_accepted_entry_is_accounted_for(steps in prop::collection::vec(step(), 0..200)) {
            let queue = EntryQueue::with_bounds(8, 400);
            for step in steps {
                match step {
                    Step::Enqueue(bytes) => { let _ = queue.enqueue(entry(bytes)); }
                    Step::Process => take(&queue, None),
                    Step::Drop(reason) => take(&queue, Some(reason)),
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
    fn the_law_holds_with_many_threads_at_once() {
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
            scope.spawn(|| (0..3000).for_each(|_| take(&queue, None)));
        });
        let counts = queue.counts();
        assert!(counts.is_balanced(), "{counts:?}");
        assert_eq!(counts.queued, queue.len() as u64);
        let bytes: usize = std::iter::from_fn(|| queue.dequeue()).map(|e| e.len_bytes()).sum();
        assert_eq!(counts.queued_bytes, bytes as u64);
    }

    #[test]
    fn the_reasons_are_those_of_the_registry() {
        let names = DropReason::ALL.map(DropReason::as_str);
        assert_eq!(names, crate::metrics::registry::ENTRY_DROP_REASONS);
        for (i, reason) in DropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, i);
        }
    }
}
