//! One row of drift: an anomaly and its occurrences.

use crate::diagnostics::drift::anomaly_key::AnomalyKey;
use serde::Serialize;

/// How often an anomaly occurred, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Occurrences {
    /// The first time, in Unix milliseconds.
    #[serde(rename = "firstSeenAtMs")]
    pub first_ms: u64,
    /// The last time, in Unix milliseconds.
    #[serde(rename = "lastSeenAtMs")]
    pub last_ms: u64,
    /// The number of times.
    pub count: u64,
}

/// One anomaly and its occurrences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnomalyRow {
    /// The anomaly.
    pub key: AnomalyKey,
    /// How often it occurred, and when.
    pub occurrences: Occurrences,
}

impl Occurrences {
    /// So many occurrences at this time.
    pub fn at(unix_ms: u64, count: u64) -> Self {
        Self { first_ms: unix_ms, last_ms: unix_ms, count }
    }

    /// Adds other occurrences of the same anomaly.
    pub fn add(&mut self, other: Self) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.count = self.count.saturating_add(other.count);
    }
}
