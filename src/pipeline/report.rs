//! The anomalies of the last days: grouped by category, and as the text of an issue.

use crate::diagnostics::DriftLogContents;
use crate::diagnostics::drift::{AnomalyKey, AnomalyRow, Occurrences};
use crate::pipeline::issue::issue;
use serde::{Serialize, Serializer};
use std::path::Path;

/// Days that a report covers by default.
pub const DEFAULT_DAYS: u32 = 7;
/// Days that a report covers at most: the drift log keeps no older anomalies.
pub const MAX_DAYS: u32 = 30;
/// Anomalies that are listed for each category.
const MAX_SAMPLES: usize = 5;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The anomalies of some days. Serialised as JavaScript sees it; `binding/types.d.ts` declares it
/// as `ParserReport`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How many days.
    pub days: u32,
    /// When they began, Unix milliseconds.
    pub since_ms: u64,
    /// The drift log. `None` if the user's home directory is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How many anomalies there were.
    pub count: u64,
    /// By category, the most frequent first.
    pub categories: Vec<ReportCategory>,
    /// Lines of the drift log that cannot be read.
    pub unreadable_lines: u64,
    /// Files that exist and cannot be read.
    pub unreadable_files: Vec<String>,
    /// The text of an issue to file. Empty if there is nothing to report.
    pub issue: String,
}

/// The anomalies of one category.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportCategory {
    /// The category's name.
    pub category: String,
    /// How often they happened, and when.
    #[serde(flatten)]
    pub seen: Occurrences,
    /// How many different anomalies there were.
    pub kinds: u64,
    /// The newest ones.
    #[serde(serialize_with = "as_samples")]
    pub samples: Vec<AnomalyRow>,
}

impl Report {
    /// Groups the anomalies that were seen in the last `days`. Without `samples` the issue's text
    /// contains no unknown names. `drift` is `None` if the user's home directory is unknown.
    pub fn new(drift: Option<DriftLogContents>, now_ms: u64, days: u32, samples: bool) -> Self {
        let since_ms = now_ms.saturating_sub(u64::from(days) * DAY_MS);
        let Some(DriftLogContents { file, mut table, unreadable_lines, unreadable_files }) = drift
        else {
            return Self {
                days,
                since_ms,
                file: None,
                count: 0,
                categories: Vec::new(),
                unreadable_lines: 0,
                unreadable_files: Vec::new(),
                issue: String::new(),
            };
        };
        table.remove_before(since_ms);
        let categories = ReportCategory::group(table.rows());
        let counts = categories.iter().map(|category| category.seen.count);
        Self {
            days,
            since_ms,
            file: Some(text_of(&file)),
            count: counts.fold(0, u64::saturating_add),
            categories,
            unreadable_lines,
            unreadable_files: unreadable_files.iter().map(|file| text_of(file)).collect(),
            issue: issue(table.rows(), days, samples),
        }
    }

    /// As a JSON object.
    pub fn to_json(&self) -> String {
        // Strings and numbers can always be serialised.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl ReportCategory {
    /// The categories of `rows`, the most frequent first.
    fn group(rows: &[AnomalyRow]) -> Vec<Self> {
        let mut categories: Vec<Self> = Vec::new();
        for row in rows {
            // Rows are sorted by category.
            match categories.last_mut().filter(|it| it.category == row.key.category) {
                Some(category) => category.add(row),
                None => categories.push(Self::new(row)),
            }
        }
        for category in &mut categories {
            category.samples.sort_by_key(|row| std::cmp::Reverse(row.occurrences.last_ms));
            category.samples.truncate(MAX_SAMPLES);
        }
        categories.sort_by_key(|category| std::cmp::Reverse(category.seen.count));
        categories
    }

    fn new(row: &AnomalyRow) -> Self {
        let category = row.key.category.clone().into_owned();
        Self { category, seen: row.occurrences, kinds: 1, samples: vec![row.clone()] }
    }

    fn add(&mut self, row: &AnomalyRow) {
        self.seen.add(row.occurrences);
        self.kinds += 1;
        self.samples.push(row.clone());
    }
}

/// A row without its category, which is that of the list around it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportSample<'a> {
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_version: Option<&'a str>,
    #[serde(flatten)]
    seen: Occurrences,
}

fn as_samples<S: Serializer>(rows: &[AnomalyRow], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter().map(|AnomalyRow { key, occurrences }| {
        let AnomalyKey { category: _, provider, name, hash, agent_version } = key;
        ReportSample {
            provider,
            token: name.as_deref(),
            hash: hash.as_deref(),
            agent_version: agent_version.as_deref(),
            seen: *occurrences,
        }
    }))
}

/// A path can contain bytes that JSON cannot; they are replaced.
fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::drift::AnomalyTable;
    use std::path::PathBuf;

    const NOW_MS: u64 = 1_800_000_000_000;

    fn row(
        category: &'static str,
        name: &str,
        days_ago: u64,
        count: u64,
    ) -> (AnomalyKey, Occurrences) {
        let key = AnomalyKey {
            category: category.into(),
            provider: "anthropic".into(),
            name: Some(name.to_owned()),
            hash: None,
            agent_version: Some("2.1.7".to_owned()),
        };
        let last_ms = NOW_MS - days_ago * DAY_MS;
        (key, Occurrences { first_ms: last_ms - 1000, count, ..Occurrences::at(last_ms, 1) })
    }

    fn drift(rows: impl IntoIterator<Item = (AnomalyKey, Occurrences)>) -> DriftLogContents {
        let mut table = AnomalyTable::default();
        for (key, occurrences) in rows {
            table.add(key, occurrences, usize::MAX);
        }
        DriftLogContents {
            file: PathBuf::from("parser-drift.log"),
            table,
            unreadable_lines: 0,
            unreadable_files: Vec::new(),
        }
    }

    #[test]
    fn a_report_groups_the_anomalies_of_its_days() {
        let rows = [
            row("tool", "acme_deploy", 1, 2),
            row("tool", "acme_refund", 0, 5),
            row("wire", "event:smell", 3, 9),
            row("model", "acme-7b", 8, 100),
        ];
        let report = Report::new(Some(drift(rows)), NOW_MS, 7, false);
        let categories: Vec<_> = report
            .categories
            .iter()
            .map(|it| (it.category.as_str(), it.seen.count, it.kinds))
            .collect();
        assert_eq!(categories, [("wire", 9, 1), ("tool", 7, 2)]);
        assert_eq!(report.count, 16);
        let tool = &report.categories[1];
        assert_eq!(tool.samples[0].key.name.as_deref(), Some("acme_refund"), "the newest first");
        assert_eq!(tool.seen.first_ms, NOW_MS - DAY_MS - 1000);
    }

    #[test]
    fn an_issue_contains_unknown_names_only_with_samples() {
        let rows = || [row("tool", "acme_deploy", 1, 2), row("wire", "event:smell", 1, 1)];
        let without = Report::new(Some(drift(rows())), NOW_MS, 7, false).issue;
        for expected in ["| tool | anthropic | 2.1.7 | 1 | 2 |", "| wire |", "2027-01-14"] {
            assert!(without.contains(expected), "{without}");
        }
        assert!(!without.contains("acme") && !without.contains("smell"), "{without}");
        let with = Report::new(Some(drift(rows())), NOW_MS, 7, true).issue;
        assert!(with.contains("| tool | anthropic | `acme_deploy` | 2 |"), "{with}");
    }

    #[test]
    fn markup_in_the_drift_log_does_not_break_the_table() {
        let (mut kind, seen) = row("tool", "a|b\n# c <script>", 1, 2);
        kind.category = "x\n\n| y".into();
        let issue = Report::new(Some(drift([(kind, seen)])), NOW_MS, 7, true).issue;
        assert!(issue.contains("| xy | anthropic | `ab#cscript` | 2 |"), "{issue}");
    }

    #[test]
    fn there_is_no_issue_without_anomalies() {
        for drift in [None, Some(drift([])), Some(drift([row("tool", "a", 9, 1)]))] {
            let report = Report::new(drift, NOW_MS, 7, true);
            assert_eq!((report.count, report.issue.as_str(), report.categories.len()), (0, "", 0));
        }
    }
}
