//! What has become of entries: how many were accepted, processed, dropped and rejected.

/// Why an accepted entry is not counted in any metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// The queue held too many entries, and this one was the oldest.
    QueueFull,
    /// The queue held too many bytes, and this entry was the oldest.
    QueueBytes,
    /// The entry is larger than the whole queue may be, or than the memory that the process can get.
    TooLarge,
    /// The entry is not a JSON object.
    Malformed,
    /// Our own code panicked on it.
    Panic,
    /// It was still in the queue when the time for the shutdown was over.
    Shutdown,
    /// As many projects export as one process can serve, and its project is not one of them.
    ProjectLimit,
    /// Its project does not export.
    ProjectOff,
    /// The config of its project could not be read in time.
    ProjectUnresolved,
}

impl DropReason {
    /// All reasons, in the order of the counters.
    pub const ALL: [Self; 9] = [
        Self::QueueFull,
        Self::QueueBytes,
        Self::TooLarge,
        Self::Malformed,
        Self::Panic,
        Self::Shutdown,
        Self::ProjectLimit,
        Self::ProjectOff,
        Self::ProjectUnresolved,
    ];

    /// The name in `status` and on the wire.
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
            Self::ProjectUnresolved => "project_unresolved",
        }
    }
}

/// What has become of the entries of a process since its start. At every instant
/// `accepted = processed + dropped + queued`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryCounts {
    /// Entries that were accepted.
    pub accepted: u64,
    /// Entries that are counted in the metrics.
    pub processed: u64,
    /// Entries that wait or are being processed.
    pub queued: u64,
    /// Bytes that wait.
    pub queued_bytes: u64,
    /// `record` calls without a usable entry, or while telemetry was off.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_are_those_of_the_registry() {
        let names = DropReason::ALL.map(DropReason::as_str);
        assert_eq!(names, crate::metrics::registry::ENTRY_DROP_REASONS);
        for (i, reason) in DropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, i);
        }
    }
}
