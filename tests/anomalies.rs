//! Every anomaly is reported, and the rest of its entry counts: one test for each kind.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/turns.rs"]
mod turns;

use otel_native::diagnostics::drift::AnomalyKey;
use otel_native::entry::{Anomaly, EntrySource, FallbackReason, Mismatch, Parser, Turn, parse};
use otel_native::metrics::measurement::MeasuredValue;
use otel_native::metrics::registry::Metric;
use serde_json::{Value as Json, json};
use turns::{anthropic, count, first_values, measure, merged, turn, websocket};

/// The anomalies of a turn, as `category name`.
fn anomalies(turn: &Turn) -> Vec<String> {
    let keys = turn.anomalies.iter().map(|anomaly| AnomalyKey::of(anomaly, turn));
    keys.map(|AnomalyKey { category, name, hash, .. }| {
        format!("{category} {}", name.or(hash).unwrap_or_default())
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

/// A Codex entry over HTTP with these output items, and with `envelope` in its terminal event.
fn codex(fields: Json, items: &[Json], envelope: Json) -> Json {
    let done = |item: &Json| json!({"event": "response.output_item.done", "type": "response.output_item.done", "data": {"type": "response.output_item.done", "item": item}, "_ts": 1});
    let mut events: Vec<Json> = items.iter().map(done).collect();
    events.push(json!({"event": "response.completed", "data": {"type": "response.completed", "response": envelope}, "_ts": 2}));
    let base = json!({
        "provider": "openai", "agent": "codex", "model": "gpt-5.5", "msgCount": 1, "status": 200,
        "sessionId": "s-3", "agentKey": "default", "isSSE": true, "res": events,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    });
    merged(base, fields)
}

#[test]
fn a_known_turn_has_no_anomalies() {
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
        assert_eq!(anomalies(&turn), Vec::<String>::new(), "{entry}");
        assert_eq!(first_values(&measure(&[turn]), Metric::FallbackUsed), Vec::<String>::new());
    }
}

#[test]
fn unknown_names_are_reported_and_the_turn_counts() {
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
            "a reason why it is incomplete",
            codex(json!({}), &[], json!({"incomplete_details": {"reason": "smell"}})),
            "wire incomplete:smell",
        ),
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
        assert_eq!(anomalies(&turn), [expected], "{label}");
        let made = measure(&[turn]);
        let turns = made.iter().find(|it| it.metric == Metric::ProviderDistribution).unwrap();
        assert_eq!(turns.value, MeasuredValue::Count(1), "{label}");
        assert_eq!(turns.attributes[1].as_str(), "true", "{label}");
    }
}

#[test]
fn at_most_sixteen_unknown_types_are_reported_once_each() {
    let smell = json!({"type": "smell"});
    assert_eq!(
        anomalies(&turn(&streamed(json!({}), &[smell.clone(), smell]))),
        ["wire event:smell"]
    );
    let many: Vec<Json> = (0..99).map(|i| json!({"type": format!("smell_{i}")})).collect();
    assert_eq!(anomalies(&turn(&streamed(json!({}), &many))).len(), 16);
}

#[test]
fn an_unknown_kind_of_call_is_not_read() {
    let events = [block(0, json!({"type": "quantum_tool_use", "id": "a", "name": "Bash"}))];
    let turn = turn(&streamed(json!({"turnToolCalls": {}}), &events));
    assert_eq!(anomalies(&turn), ["mismatch tool_count", "wire block:quantum_tool_use"]);
    assert_eq!(turn.tool_calls.map(|calls| calls.len()), Some(0));
}

#[test]
fn different_call_counts_are_a_mismatch() {
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
        ("the host reports no count", codex(json!({}), calls, output.clone()), false),
        ("a call that only the list contains", codex(json!({}), &[], output), false),
        (
            "the list in the response has fewer",
            codex(json!({}), calls, json!({"output": [{"type": "message"}]})),
            true,
        ),
        (
            "the list in the response is empty",
            codex(json!({}), calls, json!({"output": []})),
            false,
        ),
        (
            "a call that the host does not count",
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
fn a_malformed_part_loses_only_itself() {
    let line = anthropic(json!({"turnToolCalls": {"Bash": 1}})).to_string();
    let turn = parse(EntrySource {
        entry: &line,
        request: Some("{"),
        response: Some("[{"),
        headers: &[],
        request_headers: &[],
    })
    .unwrap();
    assert_eq!(
        turn.anomalies,
        [
            Anomaly::Error { parser: Parser::Response },
            Anomaly::Error { parser: Parser::Request },
            Anomaly::Fallback { parser: Parser::Tools, reason: FallbackReason::OpaqueResponse },
        ]
    );
    let made = measure(&[turn]);
    assert_eq!(first_values(&made, Metric::ParserError), ["response", "request"]);
    assert_eq!(count(&made, Metric::ToolInvocations), 1, "the host's own count is used instead");
}

#[test]
fn the_system_prompt_names_an_unnamed_agent() {
    let request = json!({"system": [{"text": "cc_version=2.1.7.df2;"}, {"text": "brand"}, {"text": "You are a file search specialist for it"}]});
    let entry = anthropic(json!({"agentKey": null, "isSubagent": false, "req": request}));
    let turn = turn(&entry);
    assert_eq!((turn.agent_type.as_deref(), turn.subagent), (Some("explore"), true));
    assert_eq!(anomalies(&turn), ["fallback agent_type:not_reported"]);
    assert_eq!(
        turn.agent_version.as_deref(),
        Some("2.1.7"),
        "without the fingerprint of the conversation"
    );
}

/// Entries on Anthropic's wire that call a tool with this input: as one message and in pieces.
fn calls(name: &str, input: &Json) -> [Json; 2] {
    let call = |input: &Json| json!({"type": "tool_use", "id": "a", "name": name, "input": input});
    let piece = json!({"type": "content_block_delta", "index": 0, "_ts": 2,
        "delta": {"type": "input_json_delta", "partial_json": input.to_string()}});
    let end = json!({"type": "content_block_stop", "index": 0, "_ts": 3});
    [
        merged(
            anthropic(json!({})),
            json!({"res": {"type": "message", "content": [call(input)], "stop_reason": "end_turn"}}),
        ),
        streamed(
            json!({}),
            &[block(0, call(&json!({}))), piece, end, json!({"type": "message_stop", "_ts": 4})],
        ),
    ]
}

#[test]
fn an_unreadable_tool_input_is_reported() {
    for (name, input, is_anomaly) in [
        ("Bash", json!({"command": "ls"}), false),
        ("Bash", json!({"command": ["ls", "-l"]}), false),
        ("Bash", json!({"command": ""}), false),
        ("Bash", json!({"script": "ls"}), true),
        ("Bash", json!({"command": {"line": "ls"}}), true),
        ("Bash", json!("ls"), true),
        ("Skill", json!({"skill": "pdf"}), false),
        ("Skill", json!({"skill_name": "pdf"}), true),
        ("Read", json!({"anything": 1}), false),
        ("Write", json!({"anything": 1}), false),
    ] {
        for entry in calls(name, &input) {
            let expected = is_anomaly.then(|| format!("tool_input {name}"));
            assert_eq!(anomalies(&turn(&entry)), Vec::from_iter(expected), "{entry}");
        }
    }
    let renamed = json!({"type": "content_block_delta", "index": 0, "_ts": 2,
        "delta": {"type": "input_json_delta", "json": "{}"}});
    let [_, entry] = calls("Bash", &json!({"command": "ls"}));
    let mut without_pieces = entry.clone();
    without_pieces["res"][1] = renamed;
    assert_eq!(anomalies(&turn(&without_pieces)), ["tool_input Bash"]);
    // A cut input is reported as a truncated stream, and not as an anomaly.
    let mut cut = entry;
    cut["res"].as_array_mut().unwrap().truncate(2);
    assert_eq!(anomalies(&turn(&cut)), Vec::<String>::new());
}

#[test]
fn function_arguments_are_a_string_or_an_object() {
    let call = |arguments: Json| json!({"type": "function_call", "call_id": "a", "name": "exec_command", "arguments": arguments});
    for (arguments, dangers, is_anomaly) in [
        (json!(r#"{"cmd":"rm -rf /"}"#), 1, false),
        (json!({"cmd": "rm -rf /"}), 1, false),
        (json!({"line": "rm -rf /"}), 0, true),
        (json!("rm -rf /"), 0, true),
        (json!(7), 0, true),
        (Json::Null, 0, true),
    ] {
        let turn = turn(&codex(json!({}), &[call(arguments.clone())], json!({})));
        let expected = is_anomaly.then(|| "tool_input exec_command".to_owned());
        assert_eq!(anomalies(&turn), Vec::from_iter(expected), "{arguments}");
        assert_eq!(
            count(&measure(&[turn]), Metric::DangerousToolInvocations),
            dangers,
            "{arguments}"
        );
    }
}

#[test]
fn an_input_in_the_block_start_is_read() {
    let call =
        json!({"type": "tool_use", "id": "a", "name": "Bash", "input": {"command": "rm -rf /"}});
    let events = [block(0, call), json!({"type": "content_block_stop", "index": 0, "_ts": 2})];
    let turn = turn(&streamed(json!({}), &events));
    assert_eq!(anomalies(&turn), Vec::<String>::new());
    assert_eq!(count(&measure(&[turn]), Metric::DangerousToolInvocations), 1);
}

#[test]
fn missing_facts_of_a_successful_turn_are_reported() {
    let nothing = Vec::<&str>::new();
    let usage = |usage: Json| anthropic(json!({"usage": usage}));
    let stop = json!({"type": "message_stop", "_ts": 9});
    for (label, entry, expected) in [
        ("no usage", usage(Json::Null), vec!["fallback usage:not_reported"]),
        (
            "no usage of a call that failed",
            anthropic(json!({"usage": null, "status": 500, "stopReason": ""})),
            nothing.clone(),
        ),
        ("no input", usage(json!({"output_tokens": 5})), vec!["fallback usage:not_reported"]),
        ("no output", usage(json!({"input_tokens": 5})), vec!["fallback usage:not_reported"]),
        (
            "an empty request",
            usage(json!({"input_tokens": 0, "output_tokens": 0})),
            vec!["fallback usage:not_reported"],
        ),
        (
            "everything from the cache",
            usage(json!({"input_tokens": 0, "output_tokens": 1, "cache_read_input_tokens": 9})),
            nothing.clone(),
        ),
        (
            "unknown fields only",
            usage(json!({"prompt_tokens": 5, "completion_tokens": 5})),
            vec![
                "wire usage:prompt_tokens",
                "wire usage:completion_tokens",
                "fallback usage:not_reported",
            ],
        ),
        (
            "an unknown field beside known ones",
            usage(json!({"input_tokens": 1, "output_tokens": 1, "thinking_tokens": 5})),
            vec!["wire usage:thinking_tokens"],
        ),
        (
            "a known field without a number",
            usage(json!({"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": "5"})),
            vec!["wire usage:cache_read_input_tokens"],
        ),
        (
            "no stop reason",
            streamed(json!({"stopReason": ""}), std::slice::from_ref(&stop)),
            vec!["fallback stop_reason:not_reported"],
        ),
        ("no model", anthropic(json!({"model": null})), vec!["fallback model:not_reported"]),
        (
            "no provider",
            anthropic(json!({"provider": null})),
            vec!["fallback provider:not_reported"],
        ),
        ("another provider", anthropic(json!({"provider": "google"})), vec!["provider google"]),
        ("another agent", anthropic(json!({"agent": "gemini"})), vec!["provider gemini"]),
        (
            "an event without its block",
            streamed(
                json!({}),
                &[json!({"type": "content_block_start", "index": 0, "_ts": 1}), stop],
            ),
            vec!["wire block:"],
        ),
    ] {
        assert_eq!(anomalies(&turn(&entry)), expected, "{label}");
    }
}

#[test]
fn unreadable_permissions_are_reported() {
    let with_text = |text: &str| {
        let request = json!({"input": [{"role": "developer", "content": [{"text": text}]}]});
        anomalies(&turn(&codex(json!({"req": request}), &[], json!({}))))
    };
    assert_eq!(
        with_text("<permissions instructions>Approvals: auto.</permissions instructions>"),
        ["fallback permission_mode:not_reported"]
    );
    assert_eq!(
        with_text(
            "<permissions instructions>Approval policy is currently never.</permissions instructions>"
        ),
        Vec::<String>::new()
    );
    assert_eq!(with_text("Be brief."), Vec::<String>::new());
}

#[test]
fn anomalies_of_side_requests_are_reported() {
    let title = anthropic(json!({"agentKey": "title-generator", "model": "acme-7b"}));
    let made = measure(&[turn(&title)]);
    assert_eq!(first_values(&made, Metric::FallbackUsed), ["model"]);
    assert_eq!(count(&made, Metric::ProviderDistribution), 0);
}
