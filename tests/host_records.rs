//! One test for each way in which the host's records can mislead a reader.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/turns.rs"]
mod turns;

use otel_native::entry::{Cost, EntryKind, EntrySource, parse};
use otel_native::metrics::registry::Metric;
use serde_json::{Value as Json, json};
use std::time::Duration;
use turns::{anthropic, count, first_values, measure, turn, websocket};

#[test]
fn cumulative_tool_counts_are_not_counted() {
    let made = measure(&[turn(&anthropic(json!({
        "toolCalls": {"Bash": 900, "Read": 40}, "skillCalls": {"release": 7}, "toolFail": true,
        "turnToolCalls": {"Edit": 2}, "turnToolResults": [{"callId": "a", "toolFail": false}],
    })))]);
    assert_eq!(count(&made, Metric::ToolInvocations), 2);
    assert_eq!(count(&made, Metric::SkillActivations), 0);
    assert_eq!(count(&made, Metric::ToolFailures), 0);
}

#[test]
fn no_calls_differ_from_unknown_calls() {
    for (label, entry, expected) in [
        ("{} means no calls", anthropic(json!({"turnToolCalls": {}})), Some(0)),
        ("null means unknown", anthropic(json!({"turnToolCalls": null})), None),
        ("absent means unknown", anthropic(json!({})), None),
    ] {
        let turn = turn(&entry);
        assert_eq!(turn.tool_calls.as_ref().map(Vec::len), expected, "{label}");
        let observed = count(&measure(&[turn]), Metric::ToolsPerTurn);
        assert_eq!(observed, u64::from(expected.is_some()), "{label}");
    }
}

#[test]
fn websocket_turns_do_not_repeat_earlier_usage() {
    let aborted = websocket(json!({"res": [{"type": "response.created", "_ts": 1}]}));
    let made = measure(&[turn(&aborted)]);
    for metric in
        [Metric::TokensInput, Metric::CostUsd, Metric::StopReason, Metric::ContextUtilization]
    {
        assert_eq!(count(&made, metric), 0, "{metric:?}");
    }
    assert_eq!(count(&made, Metric::ProviderDistribution), 1, "the turn itself counts");

    let own = websocket(json!({"res": [{"type": "response.completed", "_ts": 1}]}));
    let made = measure(&[turn(&own)]);
    assert_eq!(count(&made, Metric::TokensInput), 100);
    assert_eq!(first_values(&made, Metric::StopReason), ["completed"]);
}

#[test]
fn websocket_usage_without_response_is_not_counted() {
    let made = measure(&[turn(&websocket(json!({})))]);
    assert_eq!(count(&made, Metric::TokensInput), 0);
    assert_eq!(first_values(&made, Metric::FallbackUsed), ["websocket"]);
}

#[test]
fn free_text_is_not_exported_as_stop_reason() {
    let close = websocket(
        json!({"stopReason": "user closed /home/dev", "res": [{"type": "response.created"}]}),
    );
    assert_eq!(count(&measure(&[turn(&close)]), Metric::StopReason), 0);
    let text = anthropic(json!({"stopReason": "cannot reach db-internal.acme.example"}));
    assert_eq!(first_values(&measure(&[turn(&text)]), Metric::StopReason), ["other"]);
}

#[test]
fn an_error_event_with_status_200_is_an_error() {
    let made = measure(&[turn(&anthropic(json!({
        "stopReason": "",
        "res": [{"type": "message_start"}, {"type": "error", "error": {"type": "overloaded_error"}}],
    })))]);
    assert_eq!(first_values(&made, Metric::Errors), ["overloaded_error"]);
    assert_eq!(count(&made, Metric::SseTruncated), 0);
    assert_eq!(count(&made, Metric::StopReason), 0, "an empty reason is not a reason");
}

#[test]
fn status_101_alone_is_not_an_error() {
    let fine = websocket(json!({"res": [{"type": "response.completed"}]}));
    assert_eq!(count(&measure(&[turn(&fine)]), Metric::Errors), 0);
    let failed = websocket(json!({"usage": null, "cost": null, "res": [
        {"type": "response.failed", "response": {"status": "failed", "error": {"code": "server_error"}}},
    ]}));
    assert_eq!(first_values(&measure(&[turn(&failed)]), Metric::Errors), ["server_error"]);
}

#[test]
fn a_late_socket_error_is_not_a_turn_error() {
    let idle = websocket(json!({"status": 504, "res": [
        {"type": "response.incomplete", "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}},
    ]}));
    let made = measure(&[turn(&idle)]);
    assert_eq!(count(&made, Metric::Errors), 0);
    assert_eq!(count(&made, Metric::MaxTokensHit), 1);
}

#[test]
fn elapsed_is_read_as_seconds_in_a_string() {
    assert_eq!(
        turn(&anthropic(json!({"elapsed": "18.7"}))).duration,
        Some(Duration::from_millis(18_700))
    );
    assert_eq!(turn(&anthropic(json!({"elapsed": "0.0"}))).duration, Some(Duration::ZERO));
    for unusable in [json!(null), json!(""), json!("soon"), json!("-1"), json!({})] {
        assert_eq!(turn(&anthropic(json!({"elapsed": unusable}))).duration, None);
    }
}

#[test]
fn event_timestamps_win_over_elapsed() {
    let timed = turn(&anthropic(json!({"elapsed": "0.1", "res": [
        {"type": "content_block_delta", "_ts": 1_000_040}, {"type": "message_stop", "_ts": 1_000_123},
    ]})));
    assert_eq!(timed.duration, Some(Duration::from_millis(123)));
    assert_eq!(timed.time_to_first_token, Some(Duration::from_millis(40)));
    let backwards = turn(&anthropic(json!({"res": [{"type": "message_stop", "_ts": 999_000}]})));
    assert_eq!(backwards.duration, Some(Duration::from_millis(1500)), "the clock was set back");
}

#[test]
fn two_turns_with_the_same_id_count_twice() {
    let twin = turn(&anthropic(json!({"id": "2026-08-20T14-03-22-118"})));
    assert_eq!(count(&measure(&[twin.clone(), twin]), Metric::ProviderDistribution), 2);
}

#[test]
fn an_unknown_price_is_not_zero() {
    let usage = json!({"input_tokens": 5, "output_tokens": 1});
    for (label, cost, expected) in [
        ("no cost", json!(null), Cost::Unpriced),
        (
            "an object without a price",
            json!({"cost": null, "confidence": "unknown"}),
            Cost::Unpriced,
        ),
        ("a price", json!({"cost": 0.25, "rates": {}}), Cost::Usd(0.25)),
        ("a number from an older host", json!(0.25), Cost::Usd(0.25)),
        ("free of charge", json!({"cost": 0}), Cost::Usd(0.0)),
    ] {
        assert_eq!(
            turn(&anthropic(json!({"usage": usage, "cost": cost}))).cost,
            expected,
            "{label}"
        );
    }
    let absurd = turn(&anthropic(json!({"usage": usage, "cost": {"cost": 1e300}})));
    assert_eq!(absurd.cost, Cost::Unpriced, "it would make the sum useless");
    let none = turn(&anthropic(json!({"usage": null, "cost": null})));
    assert_eq!(none.cost, Cost::NotReported, "without tokens there is no price");
    let foreign = json!({"usage": {"prompt_tokens": 9}, "cost": {"cost": 0}});
    assert_eq!(
        turn(&anthropic(foreign)).cost,
        Cost::Unpriced,
        "the price is of counts that are not readable"
    );
}

#[test]
fn a_side_request_costs_money_but_is_not_a_turn() {
    let made = measure(&[turn(&anthropic(json!({
        "agentKey": "title-generator", "usage": {"input_tokens": 12, "output_tokens": 3},
        "cost": {"cost": 0.01}, "turnToolCalls": {},
    })))]);
    for metric in [Metric::TokensInput, Metric::CostUsd, Metric::LatencyMs] {
        assert!(count(&made, metric) > 0, "{metric:?}");
    }
    for metric in [
        Metric::ProviderDistribution,
        Metric::Sessions,
        Metric::StopReason,
        Metric::ToolsPerTurn,
        Metric::SubagentInvocations,
        Metric::AgentTypeInvocations,
    ] {
        assert_eq!(count(&made, metric), 0, "{metric:?}");
    }
}

#[test]
fn probes_and_empty_connections_are_not_turns() {
    for (label, entry, kind) in [
        ("a GET", json!({"msgCount": 0, "model": null}), EntryKind::Probe),
        ("an import", json!({"imported": true}), EntryKind::Probe),
        ("count_tokens", json!({"url": "/v1/messages/count_tokens"}), EntryKind::Probe),
        ("a quota probe", json!({"req": {"max_tokens": 1, "messages": []}}), EntryKind::Probe),
        (
            "a socket without a turn",
            json!({"req": {"capture": "transport-only"}, "msgCount": 0}),
            EntryKind::TransportOnly,
        ),
    ] {
        let turn = turn(&anthropic(entry));
        assert_eq!(turn.kind, kind, "{label}");
        assert_eq!(measure(&[turn]), [], "{label}");
    }
}

#[test]
fn grok_counts_as_xai_and_not_openai() {
    let grok =
        json!({"provider": "openai", "agent": "grok", "model": "grok-4.5-build", "msgCount": 2});
    assert_eq!(first_values(&measure(&[turn(&grok)]), Metric::ProviderDistribution), ["xai"]);
}

#[test]
fn input_never_contains_the_cached_part() {
    let older = turn(&json!({"provider": "openai", "agent": "codex", "msgCount": 1, "usage": {
        "input_tokens": 30_570, "output_tokens": 222, "input_tokens_details": {"cached_tokens": 5504},
    }}));
    let usage = older.usage.unwrap();
    assert_eq!((usage.input, usage.cache_read), (Some(25_066), Some(5504)));
}

#[test]
fn cache_writes_are_split_if_the_split_adds_up() {
    let written = |creation: Json| {
        let usage = json!({"input_tokens": 1, "cache_creation_input_tokens": 100, "cache_creation": creation});
        let made = measure(&[turn(&anthropic(json!({"usage": usage})))]);
        let ttls = made.iter().filter(|m| m.metric == Metric::TokensCacheCreation);
        let ttls: Vec<_> = ttls.map(|m| m.attributes[2].as_str().to_owned()).collect();
        (
            ttls,
            count(&made, Metric::TokensCacheCreation),
            count(&made, Metric::ReconciliationMismatch),
        )
    };
    let split = json!({"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 60});
    assert_eq!(written(split), (vec!["5m".into(), "1h".into()], 100, 0));
    assert_eq!(written(json!(null)), (vec!["unknown".into()], 100, 0));
    let wrong = json!({"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 40});
    assert_eq!(written(wrong), (vec!["unknown".into()], 100, 1));
}

#[test]
fn a_lone_surrogate_does_not_lose_the_entry() {
    let line =
        r#"{"provider":"anthropic","msgCount":2,"title":"cut \ud83d","model":"claude-opus-5"}"#;
    let text = otel_native::entry::payload::Payload::from(line).into_json();
    assert!(parse(EntrySource { entry: &text, ..EntrySource::default() }).is_ok());
}

#[test]
fn a_drop_in_messages_and_context_is_a_compaction() {
    let at = |messages: u64, tokens: u64| {
        turn(&anthropic(json!({
            "msgCount": messages, "maxContext": 200_000, "turnToolCalls": {},
            "usage": {"input_tokens": tokens, "output_tokens": 1},
        })))
    };
    for (label, turns, expected) in [
        ("a compaction near the limit", vec![at(120, 170_000), at(3, 20_000)], vec!["auto"]),
        ("a compaction before it", vec![at(120, 100_000), at(3, 20_000)], vec!["unknown"]),
        ("a rewind of a few messages", vec![at(120, 100_000), at(117, 98_000)], vec![]),
        ("growth", vec![at(3, 20_000), at(120, 100_000)], vec![]),
    ] {
        assert_eq!(
            first_values(&measure(&turns), Metric::AutoCompactTriggered),
            expected,
            "{label}"
        );
    }
}

#[test]
fn a_permission_mode_lasts_for_the_session() {
    let permissions = json!({"input": [{"role": "developer", "content": [{"text":
        "<permissions instructions>\n`sandbox_mode` is `workspace-write`: x Approval policy is currently on-request.\n"}]}]});
    let first = turn(&websocket(json!({"req": permissions, "res": []})));
    let second = turn(&websocket(json!({"req": {"input": []}, "res": []})));
    let modes = first_values(&measure(&[first, second]), Metric::PermissionModeUsage);
    assert_eq!(modes, ["on-request", "on-request"]);
}

#[test]
fn a_wrong_type_loses_only_its_field() {
    let entry = anthropic(json!({
        "usage": "none", "cost": [], "elapsed": {"s": 1}, "turnToolCalls": 7, "model": 12, "status": "200",
        "receivedAt": -5, "isSubagent": "no", "turnToolResults": {"a": 1}, "responseMetadata": [], "res": 3,
        "req": "text", "sessionId": {"id": "s"}, "maxContext": 1e300,
    }));
    let turn = turn(&entry);
    assert_eq!((turn.usage, turn.model.as_deref(), turn.duration), (None, None, None));
    assert_eq!(count(&measure(&[turn]), Metric::ProviderDistribution), 1);
}

#[test]
fn an_empty_connection_is_recognised_by_its_index_line() {
    let nothing = websocket(json!({"model": null, "msgCount": 0, "usage": null, "cost": null}));
    assert_eq!(turn(&nothing).kind, EntryKind::TransportOnly);
}

#[test]
fn a_call_cut_at_the_token_limit_writes_nothing() {
    let block = |index: u64, name: &str| json!({"type": "content_block_start", "index": index, "content_block": {"type": "tool_use", "id": name, "name": name}});
    let stop = |index: u64| json!({"type": "content_block_stop", "index": index});
    let end = |reason: &str| json!({"type": "message_delta", "delta": {"stop_reason": reason}});
    for (label, events, written) in [
        ("cut", vec![block(0, "Write"), stop(0), end("max_tokens")], 0),
        ("not cut", vec![block(0, "Write"), stop(0), end("tool_use")], 1),
        (
            "only the last one is cut",
            vec![block(0, "Write"), stop(0), block(1, "Edit"), stop(1), end("max_tokens")],
            1,
        ),
        (
            "the text after it is cut",
            vec![
                block(0, "Write"),
                stop(0),
                json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text"}}),
                stop(1),
                end("max_tokens"),
            ],
            1,
        ),
    ] {
        let made = measure(&[turn(&anthropic(json!({"res": events})))]);
        assert_eq!(count(&made, Metric::FileWrites), written, "{label}");
    }
}

#[test]
fn an_incomplete_item_writes_nothing() {
    for (status, written) in [("completed", 1), ("incomplete", 0)] {
        let item = json!({"type": "function_call", "call_id": "a", "name": "write", "arguments": "{}", "status": status});
        let end = json!({"type": "response.incomplete", "response": {"status": "incomplete"}});
        let events = json!([{"type": "response.output_item.done", "item": item}, end]);
        let made = measure(&[turn(&websocket(json!({"res": events})))]);
        assert_eq!(count(&made, Metric::FileWrites), written, "{status}");
        assert_eq!(count(&made, Metric::ToolInvocations), 1, "{status}");
    }
}

#[test]
fn a_gateway_page_is_an_opaque_response() {
    let page = anthropic(json!({
        "provider": "openai", "agent": "codex", "turnToolCallIds": {"a": "Bash"}, "res": "<html>\n\"bad\"</html>",
    }));
    let made = measure(&[turn(&page)]);
    let reasons: Vec<_> = made.iter().filter(|it| it.metric == Metric::FallbackUsed).collect();
    assert_eq!(reasons[0].attributes[1].as_str(), "opaque_response");
}

#[test]
fn an_empty_map_of_older_hosts_means_unknown_calls() {
    let line = anthropic(json!({"provider": "openai", "agent": "codex", "toolCalls": {}}));
    assert_eq!(turn(&line).tool_calls, None);
}

#[test]
fn the_entrys_stop_reason_decides_on_max_tokens() {
    let events = json!([{"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}]);
    assert!(!turn(&anthropic(json!({"stopReason": "end_turn", "res": events}))).hit_max_tokens);
    assert!(turn(&anthropic(json!({"stopReason": "", "res": events}))).hit_max_tokens);
}
