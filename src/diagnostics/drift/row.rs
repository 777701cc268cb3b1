//! One row of drift: an anomaly and its occurrences.

use crate::diagnostics::drift::anomaly_key::AnomalyKey;
use crate::diagnostics::drift::figures;
use crate::entry::{Anomaly, Differences, Mismatch, Turn};
use serde::Serialize;

/// How often an anomaly occurred, and when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Occurrences {
    /// The first time, in Unix milliseconds.
    #[serde(rename = "firstSeenAtMs")]
    pub first_ms: u64,
    /// The last time, in Unix milliseconds.
    #[serde(rename = "lastSeenAtMs")]
    pub last_ms: u64,
    /// The number of times.
    pub count: u64,
    /// For tokens and cost that differ: by how much. An older version of this package counts such
    /// turns without it.
    #[serde(serialize_with = "figures::serialize", skip_serializing_if = "Differences::is_empty")]
    pub differences: Differences,
}

/// One anomaly and its occurrences.
#[derive(Clone, Debug, PartialEq)]
pub struct AnomalyRow {
    /// The anomaly.
    pub key: AnomalyKey,
    /// How often it occurred, and when.
    pub occurrences: Occurrences,
}

impl Occurrences {
    /// So many occurrences at this time.
    pub fn at(unix_ms: u64, count: u64) -> Self {
        let differences = Differences::default();
        Self { first_ms: unix_ms, last_ms: unix_ms, count, differences }
    }

    /// The occurrences of an anomaly in `turn`, which arrived at this time.
    pub fn of(anomaly: &Anomaly, turn: &Turn, unix_ms: u64) -> Self {
        let differences = match anomaly {
            Anomaly::Mismatch(Mismatch::TokenSum) => turn.differences.tokens_only(),
            Anomaly::Mismatch(Mismatch::Cost) => turn.differences.cost_only(),
            _ => Differences::default(),
        };
        Self { differences, ..Self::at(unix_ms, anomaly.times()) }
    }

    /// Adds other occurrences of the same anomaly.
    pub fn add(&mut self, other: Self) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.count = self.count.saturating_add(other.count);
        self.differences.add_all(other.differences);
    }
}
