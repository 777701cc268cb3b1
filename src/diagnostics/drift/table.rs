//! A table of anomalies with a limited number of rows.

use crate::diagnostics::drift::{AnomalyKey, AnomalyRow, Occurrences};

/// Anomalies and their occurrences, sorted by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnomalyTable {
    rows: Vec<AnomalyRow>,
}

impl AnomalyTable {
    /// Adds occurrences of an anomaly. If the table already has `limit` rows, a new anomaly is
    /// counted in one row with all others of its category and provider.
    pub fn add(&mut self, key: AnomalyKey, occurrences: Occurrences, limit: usize) {
        match self.find(&key) {
            Ok(at) => self.rows[at].occurrences.add(occurrences),
            Err(at) if self.rows.len() < limit => {
                self.rows.insert(at, AnomalyRow { key, occurrences });
            }
            Err(_) => {
                let key = key.overflow();
                match self.find(&key) {
                    Ok(at) => self.rows[at].occurrences.add(occurrences),
                    // There are a few dozen categories and providers at most, so these rows have no
                    // limit.
                    Err(at) => self.rows.insert(at, AnomalyRow { key, occurrences }),
                }
            }
        }
    }

    /// Adds all rows of another table.
    pub fn add_all(&mut self, other: &Self, limit: usize) {
        for AnomalyRow { key, occurrences } in &other.rows {
            self.add(key.clone(), *occurrences, limit);
        }
    }

    /// Removes the rows that did not occur since then.
    pub fn remove_before(&mut self, unix_ms: u64) {
        self.rows.retain(|row| row.occurrences.last_ms >= unix_ms);
    }

    /// The rows, sorted by key.
    pub fn rows(&self) -> &[AnomalyRow] {
        &self.rows
    }

    fn find(&self, key: &AnomalyKey) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| row.key.cmp(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::drift::anomaly_key::OVERFLOW;
    use proptest::prelude::*;

    fn key(name: &str) -> AnomalyKey {
        AnomalyKey {
            category: "tool".into(),
            provider: "anthropic".into(),
            name: Some(name.to_owned()),
            hash: None,
            agent_version: None,
        }
    }

    proptest! {
        #[test]
        fn every_occurrence_is_counted_once_within_the_limit(
            added in prop::collection::vec(("[a-f]", 1_u64..100, 1_u64..5), 0..60),
            limit in 1_usize..6,
        ) {
            let mut table = AnomalyTable::default();
            for (name, at, count) in &added {
                let occurrences =
                    Occurrences { last_ms: at + 1, count: *count, ..Occurrences::at(*at, 1) };
                table.add(key(name), occurrences, limit);
            }
            let counted: u64 = table.rows().iter().map(|row| row.occurrences.count).sum();
            prop_assert_eq!(counted, added.iter().map(|(.., count)| count).sum::<u64>());
            prop_assert!(table.rows().len() <= limit + 1);
            prop_assert!(table.rows().is_sorted_by(|a, b| a.key < b.key));
            for AnomalyRow { key, occurrences } in table.rows() {
                let Occurrences { first_ms, last_ms, .. } = occurrences;
                let name = key.name.as_deref().unwrap();
                let of_name = added.iter().filter(|(it, ..)| it == name);
                let times: Vec<u64> = of_name.map(|(_, at, _)| *at).collect();
                if name != OVERFLOW && times.len() == 1 {
                    prop_assert_eq!((*first_ms, *last_ms), (times[0], times[0] + 1));
                }
                prop_assert!(first_ms < last_ms);
            }
        }
    }

    #[test]
    fn old_rows_are_removed() {
        let mut table = AnomalyTable::default();
        table.add(key("old"), Occurrences::at(10, 1), 9);
        table.add(key("new"), Occurrences::at(20, 1), 9);
        table.remove_before(15);
        assert_eq!(table.rows().len(), 1);
        assert_eq!(table.rows()[0].key, key("new"));
    }
}
