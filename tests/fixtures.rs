//! Every fixture of `testkit/fixtures/turns`: the sums of its series, and its anomalies. A Jest
//! test reads the same files through the addon.
//!
//! `UPDATE_FIXTURES=1 cargo test --test fixtures` writes the expected files anew. Read them before
//! you commit them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "a variable decides whether the files are written anew"
)]

use otel_native::diagnostics::drift::{AnomalyKey, AnomalyTable, Occurrences};
use otel_native::entry::{EntrySource, parse, quota_header_names};
use otel_native::metrics::derive::{anomalies, derive};
use otel_native::metrics::measurement::{ABSENT, MeasuredValue};
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::registry::Instrument;
use otel_native::metrics::sessions::Sessions;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const WIRES: [&str; 4] = ["anthropic", "codex-http", "codex-websocket", "grok"];
const SCENARIOS: [&str; 14] = [
    "compaction",
    "error",
    "max-tokens",
    "mcp",
    "parallel-calls",
    "permission-mode",
    "plain-tool",
    "server-tool",
    "skill",
    "sub-agent",
    "thinking",
    "tool-failure",
    "truncated",
    "unknown-tool",
];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testkit/fixtures/turns")
}

/// A part as the host passes it: a string as it is, anything else as JSON.
fn part(record: &Json, name: &str) -> Option<String> {
    match record.get(name)? {
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn headers(record: &Json) -> Vec<(String, String)> {
    let all = record.get("headers").and_then(Json::as_object);
    let known: BTreeSet<_> = quota_header_names().collect();
    let headers = all.into_iter().flatten().filter(|(name, _)| known.contains(name.as_str()));
    headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// One series: a sum, the newest value, or the number and the sum of values.
#[derive(Default)]
struct Series {
    count: u64,
    sum: f64,
    whole: f64,
}

/// The series and the anomalies of a fixture, as text.
fn outcome(input: &str) -> String {
    let gate = PrivacyGate::default();
    let mut sessions = Sessions::default();
    let mut series: BTreeMap<(&str, String), (Instrument, Series)> = BTreeMap::new();
    let mut drift = AnomalyTable::default();
    for line in input.lines() {
        let record: Json = serde_json::from_str(line).unwrap();
        let (request, response) = (part(&record, "request"), part(&record, "response"));
        let source = EntrySource {
            entry: &record["entry"].to_string(),
            request: request.as_deref(),
            response: response.as_deref(),
            headers: &headers(&record),
            ..EntrySource::default()
        };
        let turn = parse(source).unwrap();
        for anomaly in anomalies(&turn, &gate) {
            drift.add(
                AnomalyKey::of(anomaly, &turn),
                Occurrences::at(0, anomaly.times()),
                usize::MAX,
            );
        }
        derive(&turn, &mut sessions, &gate, &mut |measurement| {
            let definition = measurement.metric.definition();
            let pairs = definition.attributes.iter().zip(&measurement.attributes);
            let mut pairs: Vec<String> = pairs
                .filter(|(_, value)| **value != ABSENT)
                .map(|(attribute, value)| format!("{}={}", attribute.key(), value.as_str()))
                .collect();
            pairs.sort();
            let key = (definition.name, pairs.join(","));
            let (instrument, series) =
                series.entry(key).or_insert((definition.instrument, Series::default()));
            series.add(*instrument, measurement.value);
        });
    }
    let mut lines: Vec<String> = series
        .iter()
        .filter_map(|((name, attributes), (instrument, series))| {
            Some(format!("{name}{{{attributes}}} {}", series.written(*instrument)?))
        })
        .collect();
    lines.sort();
    let mut text = lines.join("\n") + "\n";
    let mut kinds: Vec<String> = drift
        .rows()
        .iter()
        .map(|row| {
            let AnomalyKey { category, provider, name, hash, agent_version } = &row.key;
            let name = name.as_ref().or(hash.as_ref()).map_or("-", String::as_str);
            let version = agent_version.as_deref().unwrap_or("-");
            format!("{category} {provider} {name} {version} {}", row.occurrences.count)
        })
        .collect();
    kinds.sort();
    if !kinds.is_empty() {
        writeln!(text, "-- drift\n{}", kinds.join("\n")).unwrap();
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few turns")]
impl Series {
    fn add(&mut self, instrument: Instrument, value: MeasuredValue) {
        self.count += 1;
        match value {
            MeasuredValue::Count(count) => self.sum += count as f64,
            MeasuredValue::Amount(amount) if instrument == Instrument::Gauge => self.sum = amount,
            MeasuredValue::Amount(amount) => self.sum += amount,
            MeasuredValue::Part { part, whole } => {
                self.sum += part as f64;
                self.whole += whole as f64;
            }
        }
    }

    /// `None` for zero, which is not listed.
    fn written(&self, instrument: Instrument) -> Option<String> {
        match instrument {
            Instrument::Histogram(_) => {
                Some(format!("count={} sum={}", self.count, plain(self.sum)))
            }
            Instrument::RatioGauge => Some(plain(self.sum / self.whole)),
            Instrument::Counter | Instrument::FractionalCounter | Instrument::Gauge => {
                Some(plain(self.sum))
            }
        }
        .filter(|text| text != "0")
    }
}

/// A number with up to nine decimals and no trailing zeros.
fn plain(number: f64) -> String {
    let text = format!("{number:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn every_wire_has_every_scenario() {
    for wire in WIRES {
        for scenario in SCENARIOS {
            let input = directory().join(wire).join(format!("{scenario}.input.ndjson"));
            assert!(input.is_file(), "{} is missing", input.display());
        }
    }
}

#[test]
fn every_fixture_has_its_expected_outcome() {
    let is_update = env::var_os("UPDATE_FIXTURES").is_some();
    let mut stale = Vec::new();
    for wire in WIRES {
        for entry in fs::read_dir(directory().join(wire)).unwrap() {
            let input = entry.unwrap().path();
            let Some(stem) = input.to_str().unwrap().strip_suffix(".input.ndjson") else {
                continue;
            };
            let expected = PathBuf::from(format!("{stem}.expected.txt"));
            let outcome = outcome(&fs::read_to_string(&input).unwrap());
            if is_update {
                fs::write(&expected, &outcome).unwrap();
            } else if fs::read_to_string(&expected).ok().as_ref() != Some(&outcome) {
                stale.push(format!("{}\nhas the outcome\n{outcome}", input.display()));
            }
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn every_expected_outcome_has_its_fixture() {
    for wire in WIRES {
        for entry in fs::read_dir(directory().join(wire)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_str().unwrap();
            if let Some(stem) = name.strip_suffix(".expected.txt") {
                assert!(
                    Path::new(&format!("{stem}.input.ndjson")).is_file(),
                    "{name} has no input"
                );
            }
        }
    }
}
