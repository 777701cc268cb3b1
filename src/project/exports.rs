//! The results of a project's exports.

use crate::project::export_drop_reason::ExportDropReason;
use crate::project::health::Health;
use crate::project::state::State;
use crate::util::clock::Timestamp;
use crate::util::named_counts::serialize_named;
use crate::util::recent::Recent;
use serde::{Serialize, Serializer};
use std::time::Duration;

/// The health of a project's exports, and their counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exports {
    /// The state, and the transitions that led to it.
    pub health: Health,
    /// The counts since the project was opened.
    pub counts: ExportCounts,
    /// Delivered and failed exports of the last day, and the dropped ones by reason.
    recent: Recent<{ 2 + ExportDropReason::ALL.len() }>,
}

/// The results of exports within a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecentExports {
    /// Exports that the backend has taken.
    pub delivered: u64,
    /// Exports that failed.
    pub failed: u64,
    /// Dropped exports, in the order of [`ExportDropReason::ALL`].
    pub dropped: [u64; ExportDropReason::ALL.len()],
}

/// The counts of a project's exports, in the form that `status` has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportCounts {
    /// Exports that have a result. A cancelled export has none.
    pub attempted: u64,
    /// Exports that the backend has taken.
    pub delivered: u64,
    /// Exports that failed.
    pub failed: u64,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// When the last export succeeded, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success_at_ms: Option<u64>,
    /// When the last export failed, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure_at_ms: Option<u64>,
    /// Why the last failed export failed. Contains no secret, and at most 512 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Dropped exports, in the order of [`ExportDropReason::ALL`].
    #[serde(serialize_with = "by_drop_reason")]
    pub dropped: [u64; ExportDropReason::ALL.len()],
    /// Intervals of an ended process that were sent again, because it is not known whether they had arrived. Those that had
    /// are counted twice by the backend. Always 0 with cumulative temporality.
    pub repeated: u64,
    /// Files of ended processes that were deleted unsent: the config does not allow it any more, or they were damaged.
    pub deleted: u64,
    /// The intervals that the backend has not taken yet. Always empty with cumulative temporality.
    pub backlog: BacklogSize,
}

/// The size of a backlog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BacklogSize {
    /// Encoded requests.
    pub requests: u64,
    /// Bytes of all of them together.
    pub bytes: u64,
}

fn by_drop_reason<S: Serializer>(
    dropped: &[u64; ExportDropReason::ALL.len()],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serialize_named(ExportDropReason::ALL.map(ExportDropReason::as_str), dropped, serializer)
}

impl Exports {
    /// For a project that starts to export now.
    pub fn new(now: Timestamp) -> Self {
        let counts = ExportCounts::default();
        Self { health: Health::new(now), counts, recent: Recent::new(now) }
    }

    /// The results within `span` before `now`, to five minutes.
    pub fn recent(&self, now: Timestamp, span: Duration) -> RecentExports {
        let [delivered, failed, dropped @ ..] = self.recent.within(now, span);
        RecentExports { delivered, failed, dropped }
    }

    /// The state, with the reason why it is `degraded` or why the last export failed.
    pub fn state(&self) -> (State, Option<String>) {
        let last_error = self.counts.last_error.clone();
        let last_error = last_error.filter(|_| self.health.consecutive_failures() > 0);
        (self.health.state(), self.health.degraded_reason().map(str::to_owned).or(last_error))
    }

    /// Counts an export that has a result. `error` is why it failed.
    pub fn count_attempt(&mut self, now: Timestamp, error: Option<String>) {
        let counts = &mut self.counts;
        counts.attempted += 1;
        match error {
            None => {
                counts.delivered += 1;
                counts.last_success_at_ms = Some(now.unix_ms);
            }
            Some(error) => {
                counts.failed += 1;
                counts.last_failure_at_ms = Some(now.unix_ms);
                counts.last_error = Some(error);
            }
        }
        self.update_recent(now);
    }

    /// Counts dropped exports.
    pub fn count_dropped(&mut self, now: Timestamp, reason: ExportDropReason, count: u64) {
        self.counts.dropped[reason as usize] += count;
        self.update_recent(now);
    }

    fn update_recent(&mut self, now: Timestamp) {
        let ExportCounts { delivered, failed, dropped, .. } = self.counts;
        let [rejected, partial, shutdown, expired, full] = dropped;
        self.recent.observe(now, [delivered, failed, rejected, partial, shutdown, expired, full]);
    }
}
