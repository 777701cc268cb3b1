//! Entries whose project is not known yet: its config is being read.

use crate::record::entry::Entry;
use crate::record::project_key::ProjectKey;
use crate::record::queue::{MAX_BYTES, MAX_ENTRIES};
use crate::record::resolvers::TIME_LIMIT;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// How long a directory waits for a thread that reads its config.
const MAX_WAIT_FOR_THREAD: Duration = Duration::from_secs(15);

/// Entries by the directory of their project. Bounded like the queue: 2048 entries or 64 MiB.
#[derive(Debug, Default)]
pub(super) struct WaitingEntries {
    directories: HashMap<ProjectKey, WaitingDirectory>,
    entries: usize,
    bytes: usize,
    /// The number of the next directory.
    next: u64,
}

#[derive(Debug)]
struct WaitingDirectory {
    number: u64,
    entries: VecDeque<Entry>,
    /// When it gives up.
    until: Instant,
    is_started: bool,
}

impl WaitingEntries {
    /// Adds an entry. Returns how many entries were dropped for it: the oldest of the directory that
    /// has waited longest.
    #[must_use]
    pub(super) fn add(&mut self, directory: &ProjectKey, entry: Entry, now: Instant) -> usize {
        self.entries += 1;
        self.bytes += entry.len_bytes();
        let next = &mut self.next;
        let waiting = self.directories.entry(directory.clone()).or_insert_with(|| {
            *next += 1;
            let until = now + MAX_WAIT_FOR_THREAD;
            WaitingDirectory { number: *next, entries: VecDeque::new(), until, is_started: false }
        });
        waiting.entries.push_back(entry);
        let mut dropped = 0;
        while self.entries > MAX_ENTRIES || self.bytes > MAX_BYTES {
            let with_entries = self.directories.values_mut().filter(|it| !it.entries.is_empty());
            let Some(oldest) = with_entries.min_by_key(|it| it.number) else { break };
            if let Some(entry) = oldest.entries.pop_front() {
                self.entries -= 1;
                self.bytes -= entry.len_bytes();
                dropped += 1;
            }
        }
        dropped
    }

    pub(super) fn is_empty(&self) -> bool {
        self.directories.is_empty()
    }

    /// The directory that has waited longest for a thread.
    pub(super) fn next_to_start(&self) -> Option<ProjectKey> {
        let waiting = self.directories.iter().filter(|(_, it)| !it.is_started);
        waiting.min_by_key(|(_, it)| it.number).map(|(directory, _)| directory.clone())
    }

    /// A thread reads the config of this directory now.
    pub(super) fn started(&mut self, directory: &ProjectKey, now: Instant) {
        if let Some(waiting) = self.directories.get_mut(directory) {
            waiting.is_started = true;
            waiting.until = now + TIME_LIMIT;
        }
    }

    /// Takes out the entries of a directory.
    pub(super) fn take(&mut self, directory: &ProjectKey) -> VecDeque<Entry> {
        let taken = self.directories.remove(directory).map(|it| it.entries).unwrap_or_default();
        self.entries -= taken.len();
        self.bytes -= taken.iter().map(Entry::len_bytes).sum::<usize>();
        taken
    }

    /// Takes out a directory whose time is over.
    pub(super) fn take_overdue(&mut self, now: Instant) -> Option<VecDeque<Entry>> {
        let mut overdue = self.directories.iter().filter(|(_, it)| it.until <= now);
        let directory = overdue.next().map(|(directory, _)| directory.clone())?;
        Some(self.take(&directory))
    }

    /// Takes out everything. Returns how many entries there were.
    pub(super) fn clear(&mut self) -> usize {
        let Self { entries, next, .. } = *self;
        *self = Self { next, ..Self::default() };
        entries
    }

    /// The number of the directory that was added last.
    pub(super) fn last_number(&self) -> u64 {
        self.next
    }

    /// Whether a directory with this number or a lower one waits.
    pub(super) fn has_up_to(&self, number: u64) -> bool {
        self.directories.values().any(|it| it.number <= number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::payload::Payload;
    use crate::util::clock::Timestamp;

    fn entry(bytes: usize) -> Entry {
        Entry { entry: Payload::Utf8(vec![b'x'; bytes]), parts: None }
    }

    #[test]
    fn entries_of_the_directory_that_waits_longest_make_room() {
        let now = Timestamp::now().instant;
        let mut waiting = WaitingEntries::default();
        let (hangs, fine) = (ProjectKey::from("hangs"), ProjectKey::from("fine"));
        for directory in [&hangs, &fine] {
            assert_eq!(waiting.add(directory, entry(MAX_BYTES / 2), now), 0);
        }
        assert_eq!(waiting.add(&fine, entry(1), now), 1);
        assert_eq!((waiting.take(&hangs).len(), waiting.take(&fine).len()), (0, 2));
        assert!(waiting.is_empty() && waiting.bytes == 0 && waiting.entries == 0);
        for number in 0..=MAX_ENTRIES {
            let added = waiting.add(&"many".into(), entry(1), now);
            assert_eq!(added, usize::from(number == MAX_ENTRIES));
        }
    }

    #[test]
    fn a_directory_gives_up_when_its_time_is_over() {
        let now = Timestamp::now().instant;
        let mut waiting = WaitingEntries::default();
        let (a, b) = (ProjectKey::from("a"), ProjectKey::from("b"));
        let _ = (waiting.add(&a, entry(1), now), waiting.add(&b, entry(1), now));
        assert_eq!(waiting.next_to_start().as_ref(), Some(&a));
        waiting.started(&a, now);
        assert_eq!(waiting.next_to_start().as_ref(), Some(&b));
        assert_eq!(waiting.take_overdue(now), None);
        assert_eq!(waiting.take_overdue(now + TIME_LIMIT).map(|it| it.len()), Some(1));
        assert!(!waiting.has_up_to(1) && waiting.has_up_to(waiting.last_number()));
        assert_eq!(waiting.take_overdue(now + TIME_LIMIT), None, "no thread was free for it");
        assert_eq!(waiting.take_overdue(now + MAX_WAIT_FOR_THREAD).map(|it| it.len()), Some(1));
    }
}
