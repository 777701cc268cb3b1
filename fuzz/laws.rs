//! The laws that every entry obeys, for any response and any request.

use otel_native::entry::{Anomaly, EntryKind, EntrySource, Mismatch, ToolCall, Turn, parse};
use otel_native::metrics::derive::{anomalies, derive};
use otel_native::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::registry::Metric;
use otel_native::metrics::sessions::Sessions;
use std::time::{Duration, Instant};

/// More tokens in one count of one model are an error of its reporter.
const MAX_TOKENS: u64 = 1_000_000_000;

/// Checks the laws for an entry with this response, and that the stream scan and `serde_json` read
/// it alike.
pub fn check_response(entry: &str, response: &str) {
    let read =
        |response| parse(EntrySource { entry, response: Some(response), ..EntrySource::default() });
    let start = Instant::now();
    let turn = read(response).expect("the entry is an object");
    check_time(start, entry.len() + response.len());
    check(&turn);
    // With a blank before it, the stream scan refuses a response.
    let by_serde_json = read(&format!(" {response}")).expect("the entry is an object");
    // The stream scan does not look for values to refuse in the pieces that it skips.
    let is_readable = |turn: &Turn| {
        let anomalies = format!("{:?}", turn.anomalies);
        !anomalies.contains("Response }") && !anomalies.contains("Response, reason: OutOfBounds")
    };
    if is_readable(&by_serde_json) && is_readable(&turn) {
        assert_eq!(turn, by_serde_json, "the stream scan reads what serde_json reads");
    }
}

/// Checks the laws for an entry with this request.
pub fn check_request(entry: &str, request: &str) {
    let source = EntrySource { entry, request: Some(request), ..EntrySource::default() };
    let start = Instant::now();
    let turn = parse(source).expect("the entry is an object");
    check_time(start, entry.len() + request.len());
    check(&turn);
}

/// Checks that an entry of so many bytes was read in time: 5 ms for each 64 KB, with a factor for the
/// coverage of the fuzzer and for a machine with other work, and time to compile the catalogs.
fn check_time(start: Instant, bytes: usize) {
    const FACTOR: u32 = 100;
    let pieces = u32::try_from(bytes.div_ceil(64 << 10)).expect("an input is small");
    let allowed = Duration::from_millis(5) * FACTOR * pieces;
    let time = start.elapsed();
    assert!(time <= allowed, "{bytes} bytes took {time:?}");
}

fn check(turn: &Turn) {
    let gate = PrivacyGate::default();
    let mut sessions = Sessions::default();
    for pass in 0..2 {
        let mut all = Vec::new();
        derive(turn, &mut sessions, &gate, &mut |measurement| all.push(measurement));
        let count = |metric| -> u64 {
            let of_metric = all.iter().filter(|it: &&Measurement| it.metric == metric);
            of_metric
                .map(|it| if let MeasuredValue::Count(count) = it.value { count } else { 0 })
                .sum()
        };
        let is_turn = turn.kind == EntryKind::Turn;
        assert_eq!(count(Metric::ProviderDistribution), u64::from(is_turn), "a turn counts once");
        assert!(count(Metric::Sessions) <= u64::from(pass == 0), "a session is new once");
        let calls = turn.tool_calls.as_deref().map_or(0, ToolCall::count);
        assert_eq!(count(Metric::ToolInvocations), if is_turn { calls } else { 0 });
        let tools = turn.tool_calls.iter().flatten();
        let mcp: usize =
            tools.map(|call| usize::from(call.mcp.is_some()) + call.inner_mcp.len()).sum();
        assert_eq!(count(Metric::McpInvocations), if is_turn { mcp as u64 } else { 0 });
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
        assert_eq!(
            sentinels,
            anomalies(turn, &gate).map(Anomaly::times).sum::<u64>(),
            "each anomaly counts in one sentinel"
        );
        let models = 1 + turn.other_usage.len() as u64;
        assert!(turn.other_usage.len() <= 9, "a call has few other models");
        for metric in [Metric::TokensInput, Metric::TokensOutput, Metric::TokensCacheRead] {
            assert!(count(metric) <= models * MAX_TOKENS, "{metric:?}");
        }
        let differing = anomalies(turn, &gate)
            .filter(|anomaly| matches!(anomaly, Anomaly::Mismatch(Mismatch::Cost)))
            .count();
        assert!(differing <= 1, "a cost differs once");
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
