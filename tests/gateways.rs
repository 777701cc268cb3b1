//! What gateways, clouds and transports make of the two wires: calls told elsewhere, events without
//! facts, errors in other forms, other spellings of models, quotas inside events.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/turns.rs"]
mod turns;

use otel_native::entry::{Anomaly, EntrySource, Mismatch, QuotaWindow, ToolCall, Turn, parse};
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::registry::Metric;
use serde_json::{Value as Json, json};
use turns::{anthropic, count, first_values, measure, merged, turn, websocket};

/// The turn of an Anthropic entry with these events.
fn messages(fields: Json, events: Json) -> Turn {
    turn(&merged(anthropic(fields), json!({"res": events})))
}

/// A Codex entry over HTTP with these events, each in a frame.
fn framed(fields: Json, events: &[Json]) -> Json {
    let frame = |event: &Json| json!({"event": event["type"], "type": event["type"], "data": event, "_ts": 1});
    let frames: Vec<Json> = events.iter().map(frame).collect();
    let base = json!({
        "provider": "openai", "agent": "codex", "model": "gpt-5.5", "msgCount": 1, "status": 200,
        "sessionId": "s-4", "agentKey": "default", "isSSE": true, "res": frames,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    });
    merged(base, fields)
}

/// The turn of such an entry.
fn responses(fields: Json, events: &[Json]) -> Turn {
    turn(&framed(fields, events))
}

fn start(index: u64, id: &str, name: &str) -> Json {
    json!({"type": "content_block_start", "index": index, "content_block": {"type": "tool_use", "id": id, "name": name, "input": {}}})
}

fn piece(index: u64, json: &str) -> Json {
    json!({"type": "content_block_delta", "index": index, "delta": {"type": "input_json_delta", "partial_json": json}})
}

fn end(index: u64) -> Json {
    json!({"type": "content_block_stop", "index": index})
}

fn message_start(content: &[Json], stop_reason: Option<&str>) -> Json {
    json!({"type": "message_start", "message": {"content": content, "stop_reason": stop_reason, "usage": {"input_tokens": 10, "output_tokens": 5}}})
}

fn item(event: &str, item: Json) -> Json {
    json!({"type": format!("response.output_item.{event}"), "item": item})
}

fn completed(output: &[Json]) -> Json {
    json!({"type": "response.completed", "response": {"status": "completed", "output": output}})
}

fn shell(id: &str, call_id: &str, command: &str) -> Json {
    json!({"type": "function_call", "id": id, "call_id": call_id, "name": "exec_command", "arguments": format!("{{\"cmd\":\"{command}\"}}")})
}

/// The names of a turn's calls, with `!` behind one whose input never arrived.
fn names(turn: &Turn) -> Vec<String> {
    let name =
        |call: &ToolCall| format!("{}{}", call.name, if call.is_complete { "" } else { "!" });
    turn.tool_calls.iter().flatten().map(name).collect()
}

fn dangers(turn: &Turn) -> usize {
    turn.tool_calls.iter().flatten().map(|call| call.dangers.len()).sum()
}

#[test]
fn a_block_counts_once_wherever_it_is_told() {
    let whole =
        json!({"type": "tool_use", "id": "a", "name": "Bash", "input": {"command": "rm -rf x"}});
    let stop = json!({"type": "message_stop"});
    let count_one = json!({"turnToolCalls": {"Bash": 1}});
    let none = json!({"turnToolCalls": {}});
    for (label, fields, events, expected, dangerous) in [
        (
            "in the message",
            none.clone(),
            json!([message_start(std::slice::from_ref(&whole), Some("tool_use")), stop]),
            &["Bash"][..],
            1,
        ),
        (
            "in the message and in events",
            count_one.clone(),
            json!([
                message_start(std::slice::from_ref(&whole), None),
                start(0, "a", "Bash"),
                piece(0, "{\"command\":\"ls\"}"),
                end(0),
                stop
            ]),
            &["Bash"],
            0,
        ),
        (
            "one in the message, another in events",
            count_one.clone(),
            json!([
                message_start(std::slice::from_ref(&whole), None),
                start(1, "b", "Bash"),
                end(1),
                stop
            ]),
            &["Bash", "Bash"],
            1,
        ),
        (
            "two with one id",
            json!({"turnToolCalls": {"Bash": 2}}),
            json!([
                start(0, "a", "Bash"),
                piece(0, "{\"command\":\"rm -rf x\"}"),
                end(0),
                start(1, "a", "Bash"),
                piece(1, "{\"command\":\"rm -rf y\"}"),
                end(1),
                stop
            ]),
            &["Bash", "Bash"],
            2,
        ),
        (
            "one index for all",
            json!({"turnToolCalls": {"Bash": 2}}),
            json!([start(0, "a", "Bash"), end(0), start(0, "b", "Bash"), end(0), stop]),
            &["Bash", "Bash"],
            0,
        ),
        (
            "the same start twice",
            count_one,
            json!([
                start(0, "a", "Bash"),
                start(0, "a", "Bash"),
                piece(0, "{\"command\":\"rm -rf x\"}"),
                end(0),
                stop
            ]),
            &["Bash"],
            1,
        ),
        (
            "cut in the message",
            none,
            json!([message_start(&[whole], Some("max_tokens")), stop]),
            &["Bash!"],
            0,
        ),
    ] {
        let turn = messages(fields, events);
        assert_eq!(
            (names(&turn).as_slice(), dangers(&turn)),
            (expected.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>().as_slice(), dangerous),
            "{label}"
        );
        let is_mismatch = turn.anomalies.contains(&Anomaly::Mismatch(Mismatch::ToolCount));
        assert!(!is_mismatch, "{label}: {:?}", turn.anomalies);
        assert!(!turn.truncated, "{label}");
    }
}

#[test]
fn the_message_of_a_start_can_have_the_stop_reason() {
    let events = json!([message_start(&[], Some("tool_use")), {"type": "message_stop"}]);
    let turn = messages(json!({"stopReason": ""}), events);
    assert_eq!(turn.stop_reason.as_deref(), Some("tool_use"));
}

#[test]
fn a_call_before_an_open_one_survives_the_token_limit() {
    let limit = json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}});
    let events =
        json!([start(0, "a", "Read"), end(0), start(1, "b", "Write"), piece(1, "{"), limit]);
    assert_eq!(names(&messages(json!({}), events)), ["Read", "Write!"]);
}

#[test]
fn an_item_counts_once_wherever_it_is_told() {
    let rm = shell("fc_1", "c1", "rm -rf x");
    let begun = json!({"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "exec_command", "arguments": ""});
    let arguments = json!({"type": "response.function_call_arguments.done", "item_id": "fc_1", "arguments": "{\"cmd\":\"rm -rf x\"}"});
    let renamed = shell("fc_9", "c1", "rm -rf x");
    let nameless = json!({"type": "web_search_call", "action": {"query": "q"}});
    for (label, events, expected, dangerous) in [
        (
            "begun and done",
            vec![item("added", begun.clone()), item("done", rm.clone()), completed(&[])],
            &["exec_command"][..],
            1,
        ),
        (
            "done twice",
            vec![item("done", rm.clone()), item("done", rm.clone()), completed(&[])],
            &["exec_command"],
            1,
        ),
        (
            "only begun, with its input",
            vec![item("added", rm.clone()), completed(&[])],
            &["exec_command"],
            1,
        ),
        (
            "only begun, its input follows",
            vec![item("added", begun.clone()), arguments, completed(&[])],
            &["exec_command"],
            1,
        ),
        (
            "only begun, without input",
            vec![item("added", begun.clone()), completed(&[])],
            &["exec_command!"],
            0,
        ),
        ("begun in a stream that broke off", vec![item("added", begun.clone())], &[], 0),
        ("only in the list", vec![completed(std::slice::from_ref(&rm))], &["exec_command"], 1),
        (
            "in the list of an older end",
            vec![
                json!({"type": "response.done", "response": {"status": "completed", "output": [rm.clone()]}}),
            ],
            &["exec_command"],
            1,
        ),
        (
            "begun, and whole in the list",
            vec![item("added", begun), completed(std::slice::from_ref(&rm))],
            &["exec_command"],
            1,
        ),
        (
            "another id in the list",
            vec![item("done", rm.clone()), completed(&[renamed])],
            &["exec_command"],
            1,
        ),
        (
            "two with empty call ids",
            vec![
                item("done", shell("a", "", "ls")),
                item("done", shell("b", "", "ls")),
                completed(&[shell("a", "", "ls"), shell("b", "", "ls")]),
            ],
            &["exec_command", "exec_command"],
            0,
        ),
        (
            "without any id",
            vec![
                item("added", nameless.clone()),
                item("done", nameless.clone()),
                item("done", nameless.clone()),
                completed(&[nameless.clone(), nameless]),
            ],
            &["web_search", "web_search"],
            0,
        ),
    ] {
        let turn = responses(json!({}), &events);
        assert_eq!(names(&turn), expected, "{label}");
        assert_eq!(dangers(&turn), dangerous, "{label}");
        let is_mismatch = turn.anomalies.contains(&Anomaly::Mismatch(Mismatch::ToolCount));
        assert!(!is_mismatch, "{label}: {:?}", turn.anomalies);
    }
}

#[test]
fn a_call_that_only_the_host_has_is_a_mismatch() {
    let events = [
        item("added", shell("a", "c1", "ls")),
        item("done", shell("a", "c1", "ls")),
        completed(&[]),
    ];
    for (ids, expected) in [
        (json!({"c1": "exec_command"}), false),
        (json!({"c1": "exec_command", "c2": "exec_command"}), true),
        (json!({}), true),
    ] {
        let turn = responses(json!({"turnToolCallIds": ids}), &events);
        let is_mismatch = turn.anomalies.contains(&Anomaly::Mismatch(Mismatch::ToolCount));
        assert_eq!(is_mismatch, expected, "{ids}");
    }
}

#[test]
fn a_block_without_content_does_not_finish_the_last_call() {
    let limit = json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}});
    let odd = json!({"type": "content_block_start", "index": 1, "contentBlock": {"type": "text"}});
    let events = json!([start(0, "a", "Write"), piece(0, "{"), end(0), odd, limit]);
    assert_eq!(names(&messages(json!({}), events)), ["Write!"]);
}

#[test]
fn ids_tell_items_apart_that_share_a_call_id() {
    let told = |index: u64, id: &str| json!({"type": "response.output_item.done", "output_index": index, "item": shell(id, "c", "ls")});
    let turn = responses(json!({}), &[told(0, "a"), told(1, "b"), completed(&[])]);
    assert_eq!(names(&turn).len(), 2);
    let turn = responses(json!({}), &[told(0, "a"), told(0, "b"), completed(&[])]);
    assert_eq!(names(&turn).len(), 1, "some gateways give an item a new id each time");
}

#[test]
fn an_item_is_named_by_its_name_its_action_or_its_type() {
    for (told, expected) in [
        (
            json!({"type": "multi_agent_call", "id": "m", "action": "spawn_agent", "arguments": "{}"}),
            "spawn_agent",
        ),
        (json!({"type": "multi_agent_call", "id": "m", "action": "acme"}), "multi_agent"),
        (json!({"type": "x_search_call", "id": "x", "name": "x_user_search"}), "x_user_search"),
        (json!({"type": "x_search_call", "id": "x", "name": "x_acme_search"}), "x_search"),
        (
            json!({"type": "custom_tool_call", "id": "x", "name": "x_thread_fetch", "input": "{}"}),
            "x_thread_fetch",
        ),
        (
            json!({"type": "code_interpreter_call", "id": "x", "name": "code_execution"}),
            "code_execution",
        ),
        (json!({"type": "web_search_call", "id": "x", "name": "browse_page"}), "browse_page"),
        (
            json!({"type": "local_shell_call", "id": "x", "action": {"command": ["ls"]}}),
            "local_shell",
        ),
    ] {
        let turn =
            responses(json!({"agent": "grok"}), &[item("done", told.clone()), completed(&[])]);
        assert_eq!(names(&turn), [expected], "{told}");
        assert_eq!(turn.anomalies, [], "{told}");
    }
}

#[test]
fn a_server_is_read_from_names_namespaces_and_inputs() {
    let call = |fields: Json| {
        merged(
            json!({"type": "function_call", "id": "a", "call_id": "c", "arguments": "{}"}),
            fields,
        )
    };
    for (label, told, server, tool) in [
        ("a flat name", call(json!({"name": "mcp__github__get_me"})), "github", "get_me"),
        (
            "a namespace",
            call(json!({"namespace": "mcp__github", "name": "get_me"})),
            "github",
            "get_me",
        ),
        (
            "a namespace and a flat name",
            call(json!({"namespace": "mcp__github", "name": "mcp__github__get_me"})),
            "github",
            "get_me",
        ),
        (
            "a namespace with a suffix",
            call(json!({"namespace": "mcp__github__", "name": "get_me"})),
            "github",
            "get_me",
        ),
        (
            "the namespace of an app",
            call(json!({"namespace": "mcp__codex_apps__gmail", "name": "send"})),
            "codex_apps",
            "gmail__send",
        ),
        (
            "a dispatched call",
            call(
                json!({"name": "use_tool", "arguments": "{\"tool_name\":\"linear__save_issue\"}"}),
            ),
            "linear",
            "save_issue",
        ),
        (
            "a program",
            json!({"type": "custom_tool_call", "id": "a", "call_id": "c", "name": "exec", "input": "await tools.mcp__github__get_me({})"}),
            "github",
            "get_me",
        ),
    ] {
        let turn = responses(json!({}), &[item("done", told), completed(&[])]);
        let calls = turn.tool_calls.as_ref().unwrap();
        let servers: Vec<_> =
            calls.iter().flat_map(|call| call.mcp.iter().chain(&call.inner_mcp)).collect();
        assert_eq!(servers.len(), 1, "{label}");
        assert_eq!(
            (servers[0].server.as_str(), servers[0].tool.as_str()),
            (server, tool),
            "{label}"
        );
        assert_eq!(turn.anomalies, [], "{label}");
        let made = measure(&[turn]);
        assert_eq!(count(&made, Metric::ToolInvocations), 1, "{label}");
        assert_eq!(first_values(&made, Metric::McpInvocations), [server], "{label}");
    }
}

#[test]
fn an_event_without_facts_is_known_on_its_own_wire() {
    let text = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}, "_ts": 1});
    let known = |events: Json| messages(json!({}), events).anomalies;
    for kind in ["ping", "keepalive", "vertex_event"] {
        let event = json!({"type": kind, "usage": {"input_tokens": 7}});
        assert_eq!(
            known(
                json!([event, message_start(&[], None), event, text, event, {"type": "message_stop"}])
            ),
            [],
            "{kind}"
        );
    }
    for kind in [
        "ping",
        "keepalive",
        "heartbeat",
        "codex.rate_limits",
        "codex.response.metadata",
        "responsesapi.websocket_timing",
    ] {
        let event = json!({"type": kind});
        let flat =
            json!([event, {"type": "response.created"}, event, {"type": "response.completed"}]);
        assert_eq!(turn(&websocket(json!({"res": flat}))).anomalies, [], "{kind}");
        assert_eq!(
            responses(json!({}), &[event.clone(), completed(&[]), event]).anomalies,
            [],
            "{kind}"
        );
    }
    for nothing in [
        json!({}),
        json!({"_ts": 3}),
        json!({"event": "message", "type": "message", "data": "[DONE]", "_ts": 3}),
        json!({"data": null, "raw": ": PROCESSING"}),
    ] {
        assert_eq!(
            known(json!([nothing, message_start(&[], None), nothing, {"type": "message_stop"}])),
            [],
            "{nothing}"
        );
    }
    for (wire, events) in [
        (
            "the other wire's event",
            json!([message_start(&[], None), {"type": "codex.rate_limits"}, {"type": "message_stop"}]),
        ),
        (
            "the other wire's terminal event",
            json!([message_start(&[], None), {"type": "response.completed"}, {"type": "message_stop"}]),
        ),
        (
            "an early event of the other wire",
            json!([{"type": "codex.rate_limits"}, message_start(&[], None), {"type": "message_stop"}]),
        ),
        ("a chunk of a third wire", json!([{"object": "chat.completion.chunk"}])),
    ] {
        assert!(matches!(known(events)[..], [Anomaly::UnknownKind(_)]), "{wire}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn an_error_has_its_known_type_or_its_status() {
    let body = |status: u64, body: Json| {
        merged(
            anthropic(json!({"status": status, "isSSE": false, "stopReason": "", "usage": null})),
            json!({"res": body}),
        )
    };
    let stream =
        |events: Json| merged(anthropic(json!({"stopReason": ""})), json!({"res": events}));
    for (label, entry, expected, anomalies) in [
        (
            "a body",
            body(529, json!({"type": "error", "error": {"type": "overloaded_error"}})),
            "overloaded_error",
            0,
        ),
        (
            "a list around a body",
            body(429, json!([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}])),
            "http_429",
            0,
        ),
        (
            "a list around a known type",
            body(400, json!([{"type": "error", "error": {"type": "invalid_request_error"}}])),
            "invalid_request_error",
            0,
        ),
        ("a text", body(429, json!({"error": "slow down please"})), "http_429", 0),
        (
            "a text that is a type",
            body(400, json!({"error": "invalid_prompt"})),
            "invalid_prompt",
            0,
        ),
        ("a detail", body(403, json!({"detail": "no"})), "http_403", 0),
        (
            "a message with a code",
            body(400, json!({"message": "m", "code": "context_length_exceeded"})),
            "context_length_exceeded",
            0,
        ),
        (
            "a gateway's type at 500",
            body(500, json!({"error": {"type": "new_api_error"}})),
            "new_api_error",
            1,
        ),
        (
            "a gateway's type at 429",
            body(429, json!({"error": {"type": "new_api_error"}})),
            "http_429",
            1,
        ),
        (
            "a gateway's type at 503",
            body(503, json!({"error": {"type": "acme_down"}})),
            "http_503",
            1,
        ),
        ("no word", body(500, json!({"error": {"type": "None", "code": "500"}})), "http_500", 0),
        (
            "no word, a known code",
            body(429, json!({"error": {"type": "None", "code": "rate_limit_exceeded"}})),
            "rate_limit_exceeded",
            0,
        ),
        (
            "a line without a type",
            stream(json!([message_start(&[], None), {"error": {"type": "api_error"}}])),
            "api_error",
            0,
        ),
        (
            "a text in mid-stream",
            stream(json!([message_start(&[], None), {"error": "broken"}])),
            "unknown",
            0,
        ),
        (
            "a status in mid-stream",
            stream(json!([message_start(&[], None), {"error": {"code": 429}}])),
            "http_429",
            0,
        ),
        (
            "a code as text",
            stream(json!([{"type": "error", "error": {"type": "None", "code": "503"}}])),
            "http_503",
            0,
        ),
        (
            "two, the second is known",
            stream(
                json!([{"type": "error", "error": {"message": "m"}}, {"type": "error", "error": {"type": "api_error"}}]),
            ),
            "api_error",
            0,
        ),
        (
            "two known ones",
            stream(
                json!([{"type": "error", "error": {"type": "overloaded_error"}}, {"type": "error", "error": {"type": "api_error"}}]),
            ),
            "overloaded_error",
            0,
        ),
        (
            "a frame without a type inside",
            framed(json!({}), &[json!({"type": "error", "error": {"code": "server_error"}})]),
            "server_error",
            0,
        ),
        (
            "a limit over WebSocket",
            websocket(
                json!({"res": [{"type": "error", "status": 429, "error": {"type": "usage_limit_reached"}}]}),
            ),
            "usage_limit_reached",
            0,
        ),
        (
            "a status over WebSocket",
            websocket(json!({"res": [{"type": "error", "status_code": 503}]})),
            "http_503",
            0,
        ),
    ] {
        let turn = turn(&entry);
        assert_eq!(turn.error.as_deref(), Some(expected), "{label}");
        assert_eq!(turn.anomalies.len(), anomalies, "{label}: {:?}", turn.anomalies);
        assert!(!turn.truncated, "{label}");
        assert_eq!(count(&measure(&[turn]), Metric::Errors), 1, "{label}");
    }
    let text = "the customer's text";
    let turn = turn(&body(200, json!({"error": text})));
    assert!(!format!("{turn:?}").contains(text), "the text of an error is not kept");
}

#[test]
fn an_error_after_the_end_leaves_the_end() {
    let events = json!([message_start(&[], None), {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"}, {"error": {"type": "api_error"}}]);
    let turn = messages(json!({}), events);
    assert_eq!(
        (turn.error.as_deref(), turn.stop_reason.as_deref()),
        (Some("api_error"), Some("end_turn"))
    );
    assert!(!turn.truncated);
}

#[test]
fn a_published_model_is_its_family_under_any_spelling() {
    for (model, expected) in [
        ("anthropic/claude-opus-4.6", "claude-opus-4-6"),
        ("openrouter/anthropic/claude-opus-4.6:beta", "claude-opus-4-6"),
        ("claude-4.6-opus-20260205", "claude-opus-4-6"),
        ("claude-3.5-sonnet", "claude-3-5-sonnet"),
        ("claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("eu.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("bedrock/us-east-1/apac.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"),
        ("vertex_ai/claude-opus-4-6@default", "claude-opus-4-6"),
        ("azure/gpt-5.5", "gpt-5.5"),
        ("CLAUDE-OPUS-5", "claude-opus-5"),
        ("claude-opus-4-6-thinking", "claude-opus-4-6"),
        ("openai/gpt-5.5", "gpt-5.5"),
        ("gpt-daybreak-red-latest", "gpt-daybreak-red"),
        ("gpt-50", "other"),
        ("claude-opus-4-9", "other"),
        ("claude-4.9-opus", "other"),
        ("acme-claude-opus-5-tuned", "other"),
    ] {
        let value = PrivacyGate::default().model(Some(model));
        assert_eq!(value.as_str(), expected, "{model}");
    }
}

#[test]
fn the_hosts_default_window_gives_way_to_the_catalogs() {
    let window = |model: &str, window: u64| {
        turn(&anthropic(json!({"model": model, "maxContext": window}))).context_window
    };
    assert_eq!(window("gpt-6-sol", 200_000), Some(272_000));
    assert_eq!(window("openai/gpt-6.1-sol", 200_000), Some(272_000));
    assert_eq!(window("gpt-6-sol", 400_000), Some(400_000));
    assert_eq!(window("claude-opus-5", 200_000), Some(200_000));
    assert_eq!(window("acme-7b", 200_000), Some(200_000));
}

#[test]
fn quotas_inside_events_are_read_like_headers() {
    let limits = json!({"type": "codex.rate_limits", "rate_limits": {"primary": {"used_percent": 42.0, "window_minutes": 299}, "secondary": {"used_percent": 7, "limit_window_seconds": 604_800}}});
    let headers = json!({"type": "error", "error": {"type": "usage_limit_reached"}, "headers": {"X-CODEX-PRIMARY-USED-PERCENT": ["100"], "x-codex-primary-window-minutes": 300}});
    let other = json!({"type": "codex.rate_limits", "metered_limit_name": "codex_other", "rate_limits": {"primary": {"used_percent": 1, "window_minutes": 300}}});
    let quotas = |events: Json| -> Vec<(QuotaWindow, f64)> {
        let entry = websocket(json!({"res": events})).to_string();
        let handshake =
            [("x-codex-primary-used-percent", "5"), ("x-codex-primary-window-minutes", "300")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let source = EntrySource { entry: &entry, headers: &handshake, ..EntrySource::default() };
        parse(source).unwrap().quotas.iter().map(|it| (it.window, it.utilization)).collect()
    };
    let five = QuotaWindow::FiveHours;
    assert_eq!(quotas(json!([])), [(five, 0.05)]);
    assert_eq!(quotas(json!([limits])), [(five, 0.42), (QuotaWindow::SevenDays, 0.07)]);
    assert_eq!(quotas(json!([headers])), [(five, 1.0)]);
    assert_eq!(quotas(json!([other])), [(five, 0.05)], "another limit has other windows");
}
