//! Anomalies that wait to be written to `parser-drift.log`. Pure: the time is an argument.

use crate::diagnostics::drift::AnomalyTable;
use std::time::{Duration, Instant};

/// How many rows can wait.
pub(super) const MAX_PENDING_ROWS: usize = 256;
/// The shortest time between two writes.
const MIN_INTERVAL: Duration = Duration::from_secs(10);

/// The anomalies that are not written yet.
#[derive(Debug, Default)]
pub(super) struct PendingAnomalies {
    pub(super) table: AnomalyTable,
    /// Rows that are being written. They wait again if the write fails.
    pub(super) writing: AnomalyTable,
    /// The number of successful writes.
    pub(super) writes: u64,
    /// When the last write was due.
    due_at: Option<Instant>,
}

impl PendingAnomalies {
    /// Whether rows must be written now. The next write is due after [`MIN_INTERVAL`].
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let is_time = self.due_at.is_none_or(|at| now.duration_since(at) >= MIN_INTERVAL);
        let is_due = is_time && !self.table.rows().is_empty();
        if is_due {
            self.due_at = Some(now);
        }
        is_due
    }

    /// Starts a write, and returns the rows to write.
    pub(super) fn begin_writing(&mut self) -> AnomalyTable {
        self.writing = std::mem::take(&mut self.table);
        self.writing.clone()
    }

    /// Ends a write. Rows that could not be written wait again.
    pub(super) fn end_writing(&mut self, is_written: bool) {
        let table = std::mem::take(&mut self.writing);
        if is_written {
            self.writes += 1;
        } else {
            self.table.add_all(&table, MAX_PENDING_ROWS);
        }
    }
}
