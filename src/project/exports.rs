//! How a project's exports are doing.

use crate::project::health::Health;
use crate::project::state::State;
use crate::util::clock::Timestamp;
use crate::util::recent::Recent;
use crate::util::serialize::by_name;
use serde::{Serialize, Serializer};

/// Why an export was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportDropReason {
    /// The backend said no, and will say no again.
    Rejected,
    /// The backend said yes, but not to all data points.
    PartialSuccess,
    /// The last export of a launch failed.
    Shutdown,
}

impl ExportDropReason {
    /// All reasons, in the order of the counters.
    pub const ALL: [Self; 3] = [Self::Rejected, Self::PartialSuccess, Self::Shutdown];

    /// The word in `status` and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::PartialSuccess => "partial_success",
            Self::Shutdown => "shutdown",
        }
    }
}

/// How a project's exports are doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exports {
    /// The state, and how it came to it.
    pub health: Health,
    /// How they have gone so far.
    pub counts: ExportCounts,
    /// Delivered, failed and dropped ones of the last day.
    pub recent: Recent<3>,
}

/// How a project's exports have gone so far. Serialised as it stands in `status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportCounts {
    /// Exports that came to an end, good or bad. One that was called off for a later one did not.
    pub attempted: u64,
    /// Exports that the backend took.
    pub delivered: u64,
    /// Exports that failed.
    pub failed: u64,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success_at_ms: Option<u64>,
    /// Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure_at_ms: Option<u64>,
    /// Why the last one failed. No secret, no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Exports given up, by [`ExportDropReason::ALL`].
    #[serde(serialize_with = "by_drop_reason")]
    pub dropped: [u64; ExportDropReason::ALL.len()],
    /// Intervals that wait for the backend. Only delta temporality has any.
    pub backlog: BacklogSize,
}

/// How much waits for the backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BacklogSize {
    /// Requests.
    pub requests: u64,
    /// Bytes.
    pub bytes: u64,
}

fn by_drop_reason<S: Serializer>(
    dropped: &[u64; ExportDropReason::ALL.len()],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    by_name(ExportDropReason::ALL.map(ExportDropReason::as_str), dropped, serializer)
}

impl Exports {
    /// Of a project that starts to export.
    pub fn new(now: Timestamp) -> Self {
        let counts = ExportCounts::default();
        Self { health: Health::new(now), counts, recent: Recent::new(now) }
    }

    /// The state, and why it is not `active` or why the last export failed.
    pub fn state(&self) -> (State, Option<String>) {
        let last_error = self.counts.last_error.clone();
        let last_error = last_error.filter(|_| self.health.consecutive_failures() > 0);
        (self.health.state(), self.health.degraded_by().map(str::to_owned).or(last_error))
    }

    /// Takes note of an export that came to an end, and why it failed if it did.
    pub fn count(&mut self, now: Timestamp, error: Option<String>) {
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
        self.observe(now);
    }

    /// Takes note of `count` exports that were given up.
    pub fn drop_export(&mut self, now: Timestamp, reason: ExportDropReason, count: u64) {
        self.counts.dropped[reason as usize] += count;
        self.observe(now);
    }

    fn observe(&mut self, now: Timestamp) {
        let ExportCounts { delivered, failed, dropped, .. } = &self.counts;
        self.recent.observe(now, [*delivered, *failed, dropped.iter().sum()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_are_those_of_the_registry() {
        let names = ExportDropReason::ALL.map(ExportDropReason::as_str);
        assert_eq!(names, crate::metrics::registry::EXPORT_DROP_REASONS);
        for (i, reason) in ExportDropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, i);
        }
    }
}
