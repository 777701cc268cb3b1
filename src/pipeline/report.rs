//! What the parsers did not understand lately, for people: grouped, and as the text of an issue.

use crate::diagnostics::DriftLogContents;
use crate::diagnostics::drift::{AnomalyKey, AnomalyRow, Occurrences};
use serde::{Serialize, Serializer};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// Days that a report covers unless told otherwise.
pub const DEFAULT_DAYS: u32 = 7;
/// Nothing older is kept.
pub const MAX_DAYS: u32 = 30;
/// Kinds that are shown of each category.
const MAX_SAMPLES: usize = 5;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// What was not understood in some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How many days.
    pub days: u32,
    /// When they began, Unix milliseconds.
    pub since_ms: u64,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How often something was not understood.
    pub count: u64,
    /// The most frequent first.
    pub categories: Vec<Category>,
    /// Lines of the files that cannot be read.
    pub unreadable_lines: u64,
    /// Files that are there and cannot be read.
    pub unreadable_files: Vec<String>,
    /// The text of an issue to file; empty if there is nothing to tell.
    pub issue: String,
}

/// One category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Category {
    /// What sort of thing.
    pub category: String,
    /// How it was seen.
    #[serde(flatten)]
    pub seen: Occurrences,
    /// How many kinds there are.
    pub kinds: u64,
    /// The newest ones.
    #[serde(serialize_with = "as_samples")]
    pub samples: Vec<AnomalyRow>,
}

impl Report {
    /// As a JSON object.
    pub fn to_json(&self) -> String {
        // Strings and numbers can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Groups the rows that were seen in the last `days`. The issue names no names unless `samples`.
    pub fn of(drift: Option<DriftLogContents>, now_ms: u64, days: u32, samples: bool) -> Self {
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
        let mut categories: Vec<Category> = Vec::new();
        for row in table.rows() {
            // Rows are sorted by category first.
            match categories.last_mut().filter(|it| it.category == row.key.category) {
                Some(category) => category.add(row),
                None => categories.push(Category::new(row)),
            }
        }
        for category in &mut categories {
            category.samples.sort_by_key(|row| std::cmp::Reverse(row.occurrences.last_ms));
            category.samples.truncate(MAX_SAMPLES);
        }
        categories.sort_by_key(|category| std::cmp::Reverse(category.seen.count));
        let counts = categories.iter().map(|category| category.seen.count);
        let count = counts.fold(0, u64::saturating_add);
        let issue = issue(table.rows(), days, samples);
        Self {
            days,
            since_ms,
            file: Some(text_of(&file)),
            count,
            categories,
            unreadable_lines,
            unreadable_files: unreadable_files.iter().map(|file| text_of(file)).collect(),
            issue,
        }
    }
}

/// As JavaScript sees a row: its category is that of the list it stands in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sample<'a> {
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
        Sample {
            provider,
            token: name.as_deref(),
            hash: hash.as_deref(),
            agent_version: agent_version.as_deref(),
            seen: *occurrences,
        }
    }))
}

/// A path may hold bytes that are not a text; JSON cannot.
fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Category {
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

/// What tells rows apart that are told in one line of an issue.
type Group<'r> = (&'r str, &'r str, Option<&'r str>);

fn issue(rows: &[AnomalyRow], days: u32, samples: bool) -> String {
    let mut groups: Vec<(Group<'_>, Occurrences, u64)> = Vec::new();
    for AnomalyRow { key, occurrences } in rows {
        let AnomalyKey { category, provider, agent_version, .. } = key;
        let group = (category.as_ref(), provider.as_ref(), agent_version.as_deref());
        match groups.iter_mut().find(|(it, ..)| *it == group) {
            Some((_, all, kinds)) => {
                all.add(*occurrences);
                *kinds += 1;
            }
            None => groups.push((group, *occurrences, 1)),
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let (version, os, arch) =
        (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let mut text = format!(
        "# Parsers do not understand what agents send\n\n\
         Occurrences by @ccxray/otel-native {version} on {os} {arch} in the last {days} days.\n\n\
         | category | provider | agent version | kinds | count | first seen | last seen |\n\
         |---|---|---|---|---|---|---|\n"
    );
    for ((category, provider, version), Occurrences { first_ms, last_ms, count }, kinds) in &groups
    {
        let (first, last) = (date(*first_ms), date(*last_ms));
        let (category, provider) = (cell(category), cell(provider));
        let version = cell(version.unwrap_or("-"));
        // A string takes whatever is written to it.
        let _ = writeln!(
            text,
            "| {category} | {provider} | {version} | {kinds} | {count} | {first} | {last} |"
        );
    }
    if !samples {
        text += "\nThe names themselves are left out: some may be private.\n";
        return text;
    }
    text += "\n| category | provider | name or hash | count |\n|---|---|---|---|\n";
    for AnomalyRow { key, occurrences } in rows {
        let name = key.name.as_deref().or(key.hash.as_deref()).unwrap_or("-");
        let (category, provider) = (cell(&key.category), cell(&key.provider));
        let (name, count) = (code(name), occurrences.count);
        let _ = writeln!(text, "| {category} | {provider} | `{name}` | {count} |");
    }
    text
}

/// A day, which is as much as an issue needs to tell.
fn date(unix_ms: u64) -> String {
    let time = UNIX_EPOCH + Duration::from_millis(unix_ms);
    humantime::format_rfc3339_seconds(time).to_string().chars().take(10).collect()
}

/// A text that cannot leave its cell, nor be anything but text: the file may have been written by
/// anyone.
fn cell(text: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "_.:-".contains(*c);
    text.chars().filter(is_plain).take(64).collect()
}

/// A text between backticks.
fn code(text: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_graphic() && !"|`<>!".contains(*c);
    text.chars().filter(is_plain).take(64).collect()
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
        (key, Occurrences { first_ms: last_ms - 1000, last_ms, count })
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
    fn a_report_groups_what_was_seen_in_its_days() {
        let rows = [
            row("tool", "acme_deploy", 1, 2),
            row("tool", "acme_refund", 0, 5),
            row("wire", "event:smell", 3, 9),
            row("model", "acme-7b", 8, 100),
        ];
        let report = Report::of(Some(drift(rows)), NOW_MS, 7, false);
        let told: Vec<_> = report
            .categories
            .iter()
            .map(|it| (it.category.as_str(), it.seen.count, it.kinds))
            .collect();
        assert_eq!(told, [("wire", 9, 1), ("tool", 7, 2)]);
        assert_eq!(report.count, 16);
        let tool = &report.categories[1];
        assert_eq!(tool.samples[0].key.name.as_deref(), Some("acme_refund"), "the newest first");
        assert_eq!(tool.seen.first_ms, NOW_MS - DAY_MS - 1000);
    }

    #[test]
    fn an_issue_names_no_names_unless_they_were_asked_for() {
        let rows = || [row("tool", "acme_deploy", 1, 2), row("wire", "event:smell", 1, 1)];
        let silent = Report::of(Some(drift(rows())), NOW_MS, 7, false).issue;
        for told in ["| tool | anthropic | 2.1.7 | 1 | 2 |", "| wire |", "2027-01-14"] {
            assert!(silent.contains(told), "{silent}");
        }
        assert!(!silent.contains("acme") && !silent.contains("smell"), "{silent}");
        let open = Report::of(Some(drift(rows())), NOW_MS, 7, true).issue;
        assert!(open.contains("| tool | anthropic | `acme_deploy` | 2 |"), "{open}");
    }

    #[test]
    fn an_issue_is_a_table_whatever_stands_in_the_file() {
        let (mut kind, seen) = row("tool", "a|b\n# c <script>", 1, 2);
        kind.category = "x\n\n| y".into();
        let issue = Report::of(Some(drift([(kind, seen)])), NOW_MS, 7, true).issue;
        assert!(issue.contains("| xy | anthropic | `ab#cscript` | 2 |"), "{issue}");
    }

    #[test]
    fn nothing_to_tell_is_no_issue() {
        for drift in [None, Some(drift([])), Some(drift([row("tool", "a", 9, 1)]))] {
            let report = Report::of(drift, NOW_MS, 7, true);
            assert_eq!((report.count, report.issue.as_str(), report.categories.len()), (0, "", 0));
        }
    }
}
