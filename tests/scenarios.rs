//! Every captured scenario: its measurements, and the laws that they obey.
//!
//! The snapshots were compared by hand with the host's contract. A snapshot alone proves nothing,
//! so each scenario must also obey laws that are computed from the raw entry in another way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::entry::{EntrySource, parse};
use otel_native::metrics::derive::derive;
use otel_native::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::registry::Metric;
use otel_native::metrics::sessions::Sessions;
use serde_json::Value as Json;
use std::fmt::Write as _;

const FIXTURE: &str = include_str!("../testkit/fixtures/captured-entries.ndjson");

struct Scenario {
    name: String,
    entry: Json,
}

fn scenarios() -> Vec<Scenario> {
    let lines = FIXTURE.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    lines
        .map(|line| Scenario {
            name: line["scenario"].as_str().unwrap().to_owned(),
            entry: line["entry"].clone(),
        })
        .collect()
}

fn measurements(entry: &str, request: Option<&str>, response: Option<&str>) -> Vec<Measurement> {
    let turn = parse(EntrySource { entry, request, response, headers: &[], request_headers: &[] })
        .unwrap();
    let mut all = Vec::new();
    let gate = &PrivacyGate::default();
    derive(&turn, &mut Sessions::default(), gate, &mut |measurement| all.push(measurement));
    all
}

fn listing(measurements: &[Measurement]) -> String {
    let mut text = String::new();
    for Measurement { metric, attributes: values, value } in measurements {
        let definition = metric.definition();
        let pairs = definition.attributes.iter().zip(values).filter(|(_, value)| **value != ABSENT);
        let pairs: Vec<_> =
            pairs.map(|(key, value)| format!("{}={}", key.key(), value.as_str())).collect();
        let value = match value {
            MeasuredValue::Count(count) => count.to_string(),
            MeasuredValue::Amount(amount) => amount.to_string(),
            MeasuredValue::Part { part, whole } => format!("{part} of {whole}"),
        };
        writeln!(text, "{} {{{}}} {value}", definition.name, pairs.join(", ")).unwrap();
    }
    text
}

fn count(measurements: &[Measurement], metric: Metric) -> u64 {
    let of_metric = measurements.iter().filter(|measurement| measurement.metric == metric);
    of_metric.map(|m| if let MeasuredValue::Count(count) = m.value { count } else { 0 }).sum()
}

fn amount(measurements: &[Measurement], metric: Metric) -> Option<f64> {
    measurements.iter().find_map(|m| match (m.metric == metric, m.value) {
        (true, MeasuredValue::Amount(amount)) => Some(amount),
        _ => None,
    })
}

/// Whether the numbers of an entry are its own: over WebSocket its terminal event must be in `res`.
fn has_own_numbers(entry: &Json) -> bool {
    let websocket = entry["responseMetadata"]["transport"] == "websocket";
    let terminal =
        ["completed", "done", "failed", "incomplete"].map(|end| format!("response.{end}"));
    let events = entry["res"].as_array().map(Vec::as_slice).unwrap_or_default();
    !websocket || events.iter().any(|event| terminal.iter().any(|end| event["type"] == **end))
}

fn usage(entry: &Json, field: &str) -> u64 {
    entry["usage"][field].as_u64().unwrap_or(0)
}

#[test]
fn the_fixture_has_28_scenarios() {
    assert_eq!(scenarios().len(), 28);
}

#[test]
fn every_scenario_matches_its_snapshot() {
    for Scenario { name, entry } in scenarios() {
        let entry = entry.to_string();
        insta::assert_snapshot!(name, listing(&measurements(&entry, None, None)));
    }
}

#[test]
fn separate_parts_equal_the_whole_entry() {
    for Scenario { name, mut entry } in scenarios() {
        let whole = measurements(&entry.to_string(), None, None);
        let (request, response) =
            (entry["req"].take().to_string(), entry["res"].take().to_string());
        let parts = measurements(&entry.to_string(), Some(&request), Some(&response));
        assert_eq!(listing(&whole), listing(&parts), "{name}");
    }
}

#[test]
fn tokens_and_cost_equal_the_usage_block() {
    for Scenario { name, entry } in scenarios() {
        let made = measurements(&entry.to_string(), None, None);
        let own = u64::from(has_own_numbers(&entry));
        for (metric, field) in [
            (Metric::TokensInput, "input_tokens"),
            (Metric::TokensOutput, "output_tokens"),
            (Metric::TokensCacheRead, "cache_read_input_tokens"),
            (Metric::TokensCacheCreation, "cache_creation_input_tokens"),
        ] {
            assert_eq!(count(&made, metric), own * usage(&entry, field), "{name}: {field}");
        }
        let is_readable = entry["usage"]["input_tokens"].is_u64() && own == 1;
        let cost = entry["cost"]["cost"].as_f64().filter(|_| is_readable);
        assert_eq!(amount(&made, Metric::CostUsd), cost, "{name}: cost");
    }
}

#[test]
fn every_scenario_except_the_title_is_one_turn() {
    for Scenario { name, entry } in scenarios() {
        let made = measurements(&entry.to_string(), None, None);
        let turns = u64::from(name != "title");
        assert_eq!(count(&made, Metric::ProviderDistribution), turns, "{name}");
        assert_eq!(count(&made, Metric::AgentTypeInvocations), turns, "{name}");
        assert!(count(&made, Metric::Errors) <= 1, "{name}: an entry has one error at most");
        assert!(count(&made, Metric::StopReason) <= 1, "{name}: a turn stops once at most");
    }
}

#[test]
fn tools_per_turn_equals_the_tool_calls() {
    for Scenario { name, entry } in scenarios() {
        let made = measurements(&entry.to_string(), None, None);
        let calls = count(&made, Metric::ToolInvocations);
        #[expect(clippy::cast_precision_loss, reason = "a few calls")]
        let expected = (name != "title").then_some(calls as f64);
        assert_eq!(amount(&made, Metric::ToolsPerTurn), expected, "{name}");
        assert!(count(&made, Metric::McpInvocations) <= calls, "{name}");
    }
}

#[test]
fn anthropic_tool_calls_equal_the_hosts_count() {
    for Scenario { name, entry } in scenarios().into_iter().filter(|s| s.name.starts_with("anth")) {
        let made = measurements(&entry.to_string(), None, None);
        let host: u64 =
            entry["turnToolCalls"].as_object().unwrap().values().filter_map(Json::as_u64).sum();
        let text = entry["res"].to_string();
        let server = text.matches(r#""type":"server_tool_use""#).count() as u64;
        assert_eq!(count(&made, Metric::ToolInvocations), host + server, "{name}");
        assert_eq!(count(&made, Metric::ReconciliationMismatch), 0, "{name}");
    }
}

#[test]
fn errors_and_truncations_are_found_exactly() {
    for Scenario { name, entry } in scenarios() {
        let made = measurements(&entry.to_string(), None, None);
        let failed =
            ["429", "529", "400", "errevent", "failed"].iter().any(|end| name.ends_with(end));
        assert_eq!(count(&made, Metric::Errors), u64::from(failed), "{name}: error");
        let truncated = name.ends_with("truncated") || name.ends_with("aborted");
        assert_eq!(count(&made, Metric::SseTruncated), u64::from(truncated), "{name}: truncation");
    }
}

#[test]
fn every_real_session_counts_once() {
    for Scenario { name, entry } in scenarios() {
        let made = measurements(&entry.to_string(), None, None);
        let real = entry["sessionId"]
            .as_str()
            .is_some_and(|id| !id.ends_with("-raw") && id != "direct-api");
        assert_eq!(count(&made, Metric::Sessions), u64::from(real && name != "title"), "{name}");
    }
}
