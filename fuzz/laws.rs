//! What holds of every entry, whatever its response and its request are.

use otel_native::entry::{Kind, Source, Turn, parse};
use otel_native::metrics::derive::{anomalies, derive};
use otel_native::metrics::measurement::{ABSENT, Measurement, MeasuredValue};
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::registry::Metric;
use otel_native::metrics::sessions::Sessions;

/// Reads an entry with this response, in both ways where there are two, and holds it to the laws.
pub fn hold_for_response(entry: &str, response: &str) {
    let read = |response| parse(Source { entry, response: Some(response), ..Source::default() });
    let turn = read(response).expect("the entry is an object");
    hold(&turn);
    // A blank before it keeps the quick way through a stream from being taken.
    let ordinary = read(&format!(" {response}")).expect("the entry is an object");
    let is_readable = |turn: &Turn| !format!("{:?}", turn.anomalies).contains("Response }");
    if is_readable(&ordinary) && is_readable(&turn) {
        assert_eq!(turn, ordinary, "both ways say the same");
    }
}

/// Reads an entry with this request, and holds it to the laws.
pub fn hold_for_request(entry: &str, request: &str) {
    let source = Source { entry, request: Some(request), ..Source::default() };
    hold(&parse(source).expect("the entry is an object"));
}

fn hold(turn: &Turn) {
    let gate = PrivacyGate::default();
    let mut sessions = Sessions::default();
    for sight in 0..2 {
        let mut all = Vec::new();
        derive(turn, &mut sessions, &gate, &mut |measurement| all.push(measurement));
        let count = |metric| -> u64 {
            let of_metric = all.iter().filter(|it: &&Measurement| it.metric == metric);
            of_metric.map(|it| if let MeasuredValue::Count(count) = it.value { count } else { 0 }).sum()
        };
        let is_turn = turn.kind == Kind::Turn;
        assert_eq!(count(Metric::ProviderDistribution), u64::from(is_turn), "a turn is one turn");
        assert!(count(Metric::Sessions) <= u64::from(sight == 0), "a session is new once");
        let calls = turn.tool_calls.as_ref().map_or(0, Vec::len) as u64;
        assert_eq!(count(Metric::ToolInvocations), if is_turn { calls } else { 0 });
        assert!(count(Metric::McpInvocations) <= calls);
        assert_eq!(count(Metric::ReconciliationMismatch), count(Metric::ParserMismatch));
        let sentinels: u64 = [
            Metric::UnknownTool,
            Metric::UnknownSkillMarker,
            Metric::UnknownMcpFormat,
            Metric::FallbackUsed,
            Metric::ParserError,
            Metric::ReconciliationMismatch,
        ]
        .map(count)
        .iter()
        .sum();
        assert_eq!(sentinels, anomalies(turn, &gate).count() as u64, "each anomaly counts in one sentinel");
        for Measurement { metric, attributes, value } in &all {
            for attribute in attributes.iter().filter(|attribute| **attribute != ABSENT) {
                assert!(attribute.as_str().len() <= 128, "{metric:?}");
                assert!(!attribute.as_str().chars().any(char::is_control), "{metric:?}");
            }
            if let MeasuredValue::Amount(amount) = value {
                assert!(amount.is_finite() && *amount >= 0.0, "{metric:?}: {amount}");
            }
        }
    }
}
