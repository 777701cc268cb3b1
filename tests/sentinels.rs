//! Whatever is not understood is said: one test for each way, and that the rest of the entry counts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/turns.rs"]
mod turns;

use otel_native::drift::Kind;
use otel_native::entry::{Anomaly, Mismatch, Parser, Source, Turn, parse};
use otel_native::metrics::derive::Value;
use otel_native::metrics::registry::Metric;
use serde_json::{Value as Json, json};
use turns::{anthropic, count, labels, measure, merged, turn, websocket};

/// What was not understood, as `category word`.
fn surprises(turn: &Turn) -> Vec<String> {
    let kinds = turn.anomalies.iter().map(|anomaly| Kind::of(anomaly, turn));
    kinds
        .map(|Kind { category, token, hash, .. }| {
            format!("{category} {}", token.or(hash).unwrap_or_default())
        })
        .collect()
}

/// An Anthropic entry whose response has these events.
fn streamed(fields: Json, events: &[Json]) -> Json {
    merged(anthropic(fields), json!({"res": events}))
}

fn block(index: u64, block: Json) -> Json {
    json!({"type": "content_block_start", "index": index, "content_block": block, "_ts": 1})
}

/// A Codex entry over HTTP with these output items, and what its last event says of them.
fn codex(fields: Json, items: &[Json], envelope: Json) -> Json {
    let done = |item: &Json| json!({"event": "response.output_item.done", "type": "response.output_item.done", "data": {"type": "response.output_item.done", "item": item}, "_ts": 1});
    let mut events: Vec<Json> = items.iter().map(done).collect();
    events.push(json!({"event": "response.completed", "data": {"type": "response.completed", "response": envelope}, "_ts": 2}));
    let base = json!({
        "provider": "openai", "agent": "codex", "model": "gpt-5.5", "msgCount": 1, "status": 200,
        "sessionId": "s-3", "agentKey": "default", "isSSE": true, "res": events,
    });
    merged(base, fields)
}

#[test]
fn a_turn_that_is_understood_surprises_nobody() {
    let stop = json!({"type": "message_stop", "_ts": 9});
    let call = block(0, json!({"type": "tool_use", "id": "a", "name": "Bash"}));
    for entry in [
        anthropic(json!({"turnToolCalls": {"Bash": 1}})),
        streamed(json!({"turnToolCalls": {"Bash": 1}}), &[call, stop]),
        codex(
            json!({"turnToolCallIds": {}}),
            &[json!({"type": "message"})],
            json!({"output": [{"type": "message"}]}),
        ),
        websocket(json!({"res": [{"type": "response.completed", "_ts": 1}]})),
    ] {
        let turn = turn(&entry);
        assert_eq!(surprises(&turn), Vec::<String>::new(), "{entry}");
        assert_eq!(labels(&measure(&[turn]), Metric::FallbackUsed), Vec::<String>::new());
    }
}

#[test]
fn what_no_catalog_has_is_named_and_the_turn_counts_all_the_same() {
    let call = |kind: &str, name: &str| block(0, json!({"type": kind, "id": "a", "name": name}));
    for (label, entry, expected) in [
        ("a tool", streamed(json!({}), &[call("tool_use", "acme_deploy")]), "tool acme_deploy"),
        (
            "an MCP name",
            streamed(json!({}), &[call("tool_use", "mcp__acme")]),
            "mcp_format mcp__acme",
        ),
        ("a model", anthropic(json!({"model": "acme-7b"})), "model acme-7b"),
        ("an agent", anthropic(json!({"agentKey": "acme-captain"})), "agent_type acme-captain"),
        ("a stop reason", anthropic(json!({"stopReason": "acme_stop"})), "stop_reason acme_stop"),
        (
            "a sentence",
            anthropic(json!({"stopReason": "peer went away"})),
            "stop_reason sha256:b152383cbc10",
        ),
        (
            "an event",
            streamed(json!({}), &[json!({"type": "smell_start"})]),
            "wire event:smell_start",
        ),
        ("a block", streamed(json!({}), &[block(0, json!({"type": "smell"}))]), "wire block:smell"),
        (
            "a delta",
            streamed(
                json!({}),
                &[
                    json!({"type": "content_block_delta", "index": 0, "delta": {"type": "smell_delta"}, "_ts": 1}),
                ],
            ),
            "wire delta:smell_delta",
        ),
        ("an item", codex(json!({}), &[json!({"type": "smell"})], json!({})), "wire item:smell"),
        (
            "an event of the other wire",
            websocket(json!({"res": [{"type": "response.smell"}, {"type": "response.completed"}]})),
            "wire event:response.smell",
        ),
        (
            "an error",
            anthropic(
                json!({"status": 500, "res": {"type": "error", "error": {"type": "acme_error"}}}),
            ),
            "error_type acme_error",
        ),
    ] {
        let turn = turn(&entry);
        assert_eq!(surprises(&turn), [expected], "{label}");
        let made = measure(&[turn]);
        let turns = made.iter().find(|it| it.metric == Metric::ProviderDistribution).unwrap();
        assert_eq!(turns.value, Value::Count(1), "{label}");
        assert_eq!(turns.labels[1].as_str(), "true", "{label}");
    }
}

#[test]
fn an_unknown_type_is_said_once_a_turn_and_at_most_sixteen_are() {
    let smell = json!({"type": "smell"});
    assert_eq!(
        surprises(&turn(&streamed(json!({}), &[smell.clone(), smell]))),
        ["wire event:smell"]
    );
    let many: Vec<Json> = (0..99).map(|i| json!({"type": format!("smell_{i}")})).collect();
    assert_eq!(surprises(&turn(&streamed(json!({}), &many))).len(), 16);
}

#[test]
fn a_new_kind_of_call_is_a_call_that_was_not_read() {
    let events = [block(0, json!({"type": "quantum_tool_use", "id": "a", "name": "Bash"}))];
    let turn = turn(&streamed(json!({"turnToolCalls": {}}), &events));
    assert_eq!(surprises(&turn), ["mismatch tool_count", "wire block:quantum_tool_use"]);
    assert_eq!(turn.tool_calls.map(|calls| calls.len()), Some(0));
}

#[test]
fn calls_that_the_host_or_the_response_counts_otherwise_are_a_mismatch() {
    let call =
        json!({"type": "function_call", "call_id": "a", "name": "exec_command", "arguments": "{}"});
    let calls = std::slice::from_ref(&call);
    let output = json!({"output": [call]});
    for (label, entry, disagrees) in [
        (
            "the same",
            codex(json!({"turnToolCallIds": {"a": "Bash"}}), calls, output.clone()),
            false,
        ),
        ("the host has none", codex(json!({"turnToolCallIds": {}}), calls, output.clone()), true),
        ("the host does not say", codex(json!({}), calls, output.clone()), false),
        ("the response has more", codex(json!({}), &[], output), true),
        ("the response lists nothing", codex(json!({}), calls, json!({"output": []})), false),
        (
            "what the host cannot count",
            codex(
                json!({"turnToolCallIds": {}}),
                &[json!({"type": "web_search_call", "id": "w"})],
                json!({}),
            ),
            false,
        ),
        (
            "Anthropic, the host has more",
            streamed(
                json!({"turnToolCalls": {"Bash": 2}}),
                &[block(0, json!({"type": "tool_use", "name": "Bash"}))],
            ),
            true,
        ),
    ] {
        let turn = turn(&entry);
        let found = turn.anomalies.contains(&Anomaly::Mismatch(Mismatch::ToolCount));
        assert_eq!(found, disagrees, "{label}: {:?}", turn.anomalies);
        let made = measure(&[turn]);
        for metric in [Metric::ReconciliationMismatch, Metric::ParserMismatch] {
            assert_eq!(count(&made, metric), u64::from(disagrees), "{label}");
        }
    }
}

#[test]
fn tokens_that_do_not_add_up_are_a_mismatch_and_counted_as_the_host_has_them() {
    let usage = json!({"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2});
    let told =
        |usage: &Json| json!({"type": "message_start", "message": {"usage": usage}, "_ts": 1});
    let delta = |tokens: u64| json!({"type": "message_delta", "usage": {"output_tokens": tokens}, "_ts": 2});
    let with = |more: Json| merged(usage.clone(), more);
    for (label, entry, disagrees) in [
        (
            "as the response has them",
            streamed(
                json!({"usage": usage}),
                &[told(&with(json!({"output_tokens": 1}))), delta(5)],
            ),
            false,
        ),
        (
            "other input",
            streamed(json!({"usage": usage}), &[told(&with(json!({"input_tokens": 11})))]),
            true,
        ),
        (
            "other cache reads",
            streamed(
                json!({"usage": usage}),
                &[told(&with(json!({"cache_read_input_tokens": 4})))],
            ),
            true,
        ),
        ("other output", streamed(json!({"usage": usage}), &[told(&json!({})), delta(6)]), true),
        (
            "a stream that was cut has a placeholder",
            streamed(json!({"usage": usage}), &[told(&with(json!({"output_tokens": 1})))]),
            false,
        ),
        (
            "only the first count of the output is the host's",
            streamed(json!({"usage": usage}), &[told(&json!({})), delta(5), delta(9)]),
            false,
        ),
        (
            "a total",
            codex(json!({"usage": with(json!({"total_tokens": 20}))}), &[], json!({})),
            false,
        ),
        (
            "another total",
            codex(json!({"usage": with(json!({"total_tokens": 21}))}), &[], json!({})),
            true,
        ),
        (
            "a split",
            anthropic(
                json!({"usage": with(json!({"cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 0}}))}),
            ),
            false,
        ),
        (
            "another split",
            anthropic(
                json!({"usage": with(json!({"cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 1}}))}),
            ),
            true,
        ),
    ] {
        let turn = turn(&entry);
        let found = turn.anomalies.contains(&Anomaly::Mismatch(Mismatch::TokenSum));
        assert_eq!(found, disagrees, "{label}: {:?}", turn.anomalies);
        let made = measure(&[turn]);
        assert_eq!(count(&made, Metric::TokensInput), 10, "{label}");
        assert_eq!(count(&made, Metric::TokensOutput), 5, "{label}");
    }
}

#[test]
fn a_part_that_cannot_be_read_costs_that_part_only() {
    let line = anthropic(json!({"turnToolCalls": {"Bash": 1}})).to_string();
    let turn =
        parse(Source { entry: &line, request: Some("{"), response: Some("[{"), headers: &[] })
            .unwrap();
    let broken: Vec<_> = turn.anomalies.iter().collect();
    assert_eq!(
        broken,
        [&Anomaly::Error { parser: Parser::Response }, &Anomaly::Error { parser: Parser::Request }]
    );
    let made = measure(&[turn]);
    assert_eq!(labels(&made, Metric::ParserError), ["response", "request"]);
    assert_eq!(count(&made, Metric::ToolInvocations), 1, "the host's own count stands in for it");
}

#[test]
fn an_agent_that_the_host_does_not_name_is_known_by_its_prompt() {
    let request = json!({"system": [{"text": "cc_version=2.1.7.df2;"}, {"text": "brand"}, {"text": "You are a file search specialist for it"}]});
    let entry = anthropic(json!({"agentKey": null, "isSubagent": false, "req": request}));
    let turn = turn(&entry);
    assert_eq!((turn.agent_type.as_deref(), turn.subagent), (Some("explore"), true));
    assert_eq!(surprises(&turn), ["fallback agent_type:not_reported"]);
    assert_eq!(
        turn.agent_version.as_deref(),
        Some("2.1.7"),
        "without what tells conversations apart"
    );
}

#[test]
fn a_side_request_says_what_was_not_understood_too() {
    let title = anthropic(json!({"agentKey": "title-generator", "model": "acme-7b"}));
    let made = measure(&[turn(&title)]);
    assert_eq!(labels(&made, Metric::FallbackUsed), ["model"]);
    assert_eq!(count(&made, Metric::ProviderDistribution), 0);
}
