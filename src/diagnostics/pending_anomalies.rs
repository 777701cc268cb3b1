//! Anomalies that wait to be written to `parser-drift.log`. Pure: the time is an argument.

use crate::diagnostics::drift::AnomalyTable;
use std::time::{Duration, Instant};

/// Rows that may wait for the disk.
pub(super) const MAX_PENDING_ROWS: usize = 256;
/// Shortest time between two writes.
const WRITE_INTERVAL: Duration = Duration::from_secs(10);

/// What was not understood, and is not written yet.
#[derive(Debug, Default)]
pub(super) struct PendingAnomalies {
    pub(super) table: AnomalyTable,
    /// What is just being written: it waits on if that fails.
    pub(super) writing: AnomalyTable,
    /// How often something was written.
    pub(super) writes: u64,
    /// When it was last wanted on the disk.
    wanted_at: Option<Instant>,
}

impl PendingAnomalies {
    /// Whether it is time to write something.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let waited = self.wanted_at.is_none_or(|at| now.duration_since(at) >= WRITE_INTERVAL);
        let is_due = waited && !self.table.rows().is_empty();
        if is_due {
            self.wanted_at = Some(now);
        }
        is_due
    }

    /// Everything that waits, to be written.
    pub(super) fn begin_writing(&mut self) -> AnomalyTable {
        self.writing = std::mem::take(&mut self.table);
        self.writing.clone()
    }

    /// What could not be written waits on.
    pub(super) fn end_writing(&mut self, is_written: bool) {
        let table = std::mem::take(&mut self.writing);
        if is_written {
            self.writes += 1;
        } else {
            self.table.add_all(&table, MAX_PENDING_ROWS);
        }
    }
}
