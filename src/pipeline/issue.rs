//! The text of an issue about anomalies, in Markdown.

use crate::diagnostics::drift::{AnomalyKey, AnomalyRow, Occurrences};
use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

/// Longest text in a cell, in characters.
const MAX_CELL: usize = 64;

/// Anomalies that share a line: those of one category, provider and agent version.
struct Group<'r> {
    category: &'r str,
    provider: &'r str,
    agent_version: Option<&'r str>,
    /// How many different anomalies there were.
    kinds: u64,
    seen: Occurrences,
}

/// An issue about `rows`; empty if there are none. It contains unknown names only with `samples`.
pub(super) fn issue(rows: &[AnomalyRow], days: u32, samples: bool) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let (version, os, arch) =
        (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let mut text = format!(
        "# Parser anomalies\n\n\
         Found by @ccxray/otel-native {version} on {os} {arch} in the last {days} days.\n\n\
         | category | provider | agent version | kinds | count | first seen | last seen |\n\
         |---|---|---|---|---|---|---|\n"
    );
    for Group { category, provider, agent_version, kinds, seen } in groups(rows) {
        let (category, provider) = (cell(category), cell(provider));
        let version = cell(agent_version.unwrap_or("-"));
        let Occurrences { first_ms, last_ms, count, .. } = seen;
        let (first, last) = (date(first_ms), date(last_ms));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {category} | {provider} | {version} | {kinds} | {count} | {first} | {last} |"
        );
    }
    if !samples {
        text += "\nThe unknown names are left out, because some may be private.\n";
        return text;
    }
    text += "\n| category | provider | name or hash | count |\n|---|---|---|---|\n";
    for AnomalyRow { key, occurrences } in rows {
        let name = key.name.as_deref().or(key.hash.as_deref()).unwrap_or("-");
        let (category, provider) = (cell(&key.category), cell(&key.provider));
        let _ = writeln!(
            text,
            "| {category} | {provider} | `{}` | {} |",
            code(name),
            occurrences.count
        );
    }
    text
}

fn groups(rows: &[AnomalyRow]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for AnomalyRow { key, occurrences } in rows {
        let AnomalyKey { category, provider, agent_version, .. } = key;
        let (category, provider) = (category.as_ref(), provider.as_ref());
        let agent_version = agent_version.as_deref();
        let group = groups.iter_mut().find(|it| {
            (it.category, it.provider, it.agent_version) == (category, provider, agent_version)
        });
        match group {
            Some(group) => {
                group.kinds += 1;
                group.seen.add(*occurrences);
            }
            None => groups.push(Group {
                category,
                provider,
                agent_version,
                kinds: 1,
                seen: *occurrences,
            }),
        }
    }
    groups
}

/// The date in UTC. An issue needs no time of day.
fn date(unix_ms: u64) -> String {
    let time = UNIX_EPOCH + Duration::from_millis(unix_ms);
    humantime::format_rfc3339_seconds(time).to_string().chars().take(10).collect()
}

/// Text of the drift log, which anyone may have written, without characters that mean something in
/// Markdown.
fn cell(text: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "_.:-".contains(*c);
    text.chars().filter(is_plain).take(MAX_CELL).collect()
}

/// The same for text between backticks, where fewer characters mean something.
fn code(text: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_graphic() && !"|`<>!".contains(*c);
    text.chars().filter(is_plain).take(MAX_CELL).collect()
}
