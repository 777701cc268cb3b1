//! Rows, each kind once and not too many of them.

use crate::diagnostics::drift::{AnomalyKey, AnomalyRow, Occurrences};

/// What the rest is counted as once a table is full.
pub(super) const OVERFLOW: &str = "_overflow_";

/// Kinds and how they were seen, sorted by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnomalyTable {
    rows: Vec<AnomalyRow>,
}

impl AnomalyTable {
    /// Adds how a kind was seen. Beyond `limit` kinds a new one is counted with all others of its
    /// category and provider. Whether it is a new row.
    pub fn add(&mut self, kind: AnomalyKey, seen: Occurrences, limit: usize) -> bool {
        match self.find(&kind) {
            Ok(at) => {
                self.rows[at].seen.add(seen);
                false
            }
            Err(at) if self.rows.len() < limit => {
                self.rows.insert(at, AnomalyRow { kind, seen });
                true
            }
            Err(_) => {
                let kind = kind.overflow();
                match self.find(&kind) {
                    Ok(at) => self.rows[at].seen.add(seen),
                    // There are a few dozen of these at most.
                    Err(at) => self.rows.insert(at, AnomalyRow { kind, seen }),
                }
                false
            }
        }
    }

    /// Adds everything that is in another table.
    pub fn add_all(&mut self, other: &Self, limit: usize) {
        for AnomalyRow { kind, seen } in &other.rows {
            self.add(kind.clone(), *seen, limit);
        }
    }

    /// Forgets what was not seen since then.
    pub fn forget_before(&mut self, unix_ms: u64) {
        self.rows.retain(|row| row.seen.last_ms >= unix_ms);
    }

    /// The rows, sorted by kind.
    pub fn rows(&self) -> &[AnomalyRow] {
        &self.rows
    }

    fn find(&self, kind: &AnomalyKey) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| row.kind.cmp(kind))
    }
}

impl Occurrences {
    /// Once, now.
    pub fn once(unix_ms: u64) -> Self {
        Self { first_ms: unix_ms, last_ms: unix_ms, count: 1 }
    }

    /// Together with how else it was seen.
    pub fn add(&mut self, other: Self) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.count = self.count.saturating_add(other.count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(token: &str) -> AnomalyKey {
        AnomalyKey {
            category: "tool".into(),
            provider: "anthropic".into(),
            token: Some(token.to_owned()),
            hash: None,
            agent_version: None,
        }
    }

    proptest! {
        #[test]
        fn every_occurrence_is_counted_once_and_kinds_stay_few(
            seen in prop::collection::vec(("[a-f]", 1_u64..100, 1_u64..5), 0..60),
            limit in 1_usize..6,
        ) {
            let mut table = AnomalyTable::default();
            for (token, at, count) in &seen {
                let seen = Occurrences { first_ms: *at, last_ms: at + 1, count: *count };
                table.add(kind(token), seen, limit);
            }
            let counted: u64 = table.rows().iter().map(|row| row.seen.count).sum();
            prop_assert_eq!(counted, seen.iter().map(|(.., count)| count).sum::<u64>());
            prop_assert!(table.rows().len() <= limit + 1);
            prop_assert!(table.rows().is_sorted_by(|a, b| a.kind < b.kind));
            for AnomalyRow { kind, seen: Occurrences { first_ms, last_ms, .. } } in table.rows() {
                let token = kind.token.as_deref().unwrap();
                let of_kind = seen.iter().filter(|(it, ..)| it == token);
                let times: Vec<u64> = of_kind.map(|(_, at, _)| *at).collect();
                if token != OVERFLOW && times.len() == 1 {
                    prop_assert_eq!((*first_ms, *last_ms), (times[0], times[0] + 1));
                }
                prop_assert!(first_ms < last_ms);
            }
        }
    }

    #[test]
    fn what_was_not_seen_for_long_is_forgotten() {
        let mut table = AnomalyTable::default();
        table.add(kind("old"), Occurrences::once(10), 9);
        table.add(kind("new"), Occurrences::once(20), 9);
        table.forget_before(15);
        assert_eq!(table.rows().len(), 1);
        assert_eq!(table.rows()[0].kind, kind("new"));
    }
}
