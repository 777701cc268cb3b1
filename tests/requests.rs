//! Facts that a client states about its own request: who makes it, and whether it is a turn at all.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/turns.rs"]
mod turns;

use otel_native::entry::{Anomaly, EntryKind, EntrySource, Parser, Turn, parse};
use otel_native::metrics::registry::Metric;
use serde_json::{Value as Json, json};
use turns::{anthropic, count, first_values, measure, merged, turn, websocket};

const LINE: &str = "x-anthropic-billing-header: cc_version=2.1.197.0ab; cc_entrypoint=sdk-cli;";

fn claude(line: &str, fields: Json) -> Turn {
    let request = json!({"req": {"system": [{"type": "text", "text": line}], "messages": [{"role": "user", "content": "x"}]}});
    turn(&merged(anthropic(request), fields))
}

fn codex(metadata: &Json, fields: Json) -> Turn {
    let request = json!({
        "status": 200, "responseMetadata": null,
        "req": {"input": [{"role": "user", "content": "x"}], "client_metadata": {"x-codex-turn-metadata": metadata}},
    });
    turn(&merged(merged(websocket(json!({})), request), fields))
}

fn with_headers(entry: &Json, headers: &[(&str, &str)]) -> Turn {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let request_headers: Vec<_> = headers.iter().map(owned).collect();
    let entry = entry.to_string();
    let source =
        EntrySource { entry: &entry, request_headers: &request_headers, ..EntrySource::default() };
    parse(source).unwrap()
}

#[test]
fn the_line_of_claude_code_says_which_agent_it_is() {
    let sub = format!("{LINE} cc_is_subagent=true;");
    for (label, line, fields, subagent) in [
        ("the main agent", LINE, json!({}), false),
        ("a main agent with a prompt of its own", LINE, json!({"agentKey": "okapi-keeper"}), false),
        (
            "the same, which the host takes for a sub-agent",
            LINE,
            json!({"agentKey": "okapi-keeper", "isSubagent": true}),
            false,
        ),
        (
            "a main agent of a type that is else a sub-agent",
            LINE,
            json!({"agentKey": "explore"}),
            false,
        ),
        ("a sub-agent of an unknown type", &sub, json!({"agentKey": "agent"}), true),
        (
            "a sub-agent with the prompt of the main agent",
            &sub,
            json!({"agentKey": "orchestrator"}),
            true,
        ),
        (
            "an older client",
            "x-anthropic-billing-header: cc_version=2.1.150.0ab;",
            json!({"agentKey": "explore"}),
            true,
        ),
        (
            "a short line",
            "x-anthropic-billing-header: cc_version=2.1.206; cc_entrypoint=cli;",
            json!({"agentKey": "explore"}),
            true,
        ),
        ("no line", "x", json!({"agentKey": "okapi-keeper"}), true),
    ] {
        assert_eq!(claude(line, fields).subagent, subagent, "{label}");
    }
    let title = claude(LINE, json!({"agentKey": "title-generator"}));
    assert_eq!(title.kind, EntryKind::SideRequest, "the line does not make a title a turn");
}

#[test]
fn headers_say_which_agent_it_is() {
    let entry = anthropic(json!({"req": {"system": [{"type": "text", "text": LINE}]}}));
    assert!(!with_headers(&entry, &[("x-claude-code-session-id", "s")]).subagent);
    assert!(with_headers(&entry, &[("x-claude-code-agent-id", "a")]).subagent);
    let entry = websocket(json!({}));
    assert!(with_headers(&entry, &[("x-openai-subagent", "review")]).subagent);
    let told =
        [("x-codex-turn-metadata", r#"{"request_kind":"prewarm","thread_source":"subagent"}"#)];
    let turn = with_headers(&entry, &told);
    assert_eq!(
        (turn.kind, turn.subagent),
        (EntryKind::Turn, true),
        "the kind is that of another request"
    );
    let turn =
        with_headers(&merged(entry, json!({"responseMetadata": null, "status": 200})), &told);
    assert_eq!(turn.kind, EntryKind::SideRequest);
}

#[test]
fn a_session_of_the_headers_counts_if_the_host_knows_none() {
    let headers = [("session-id", "from-header")];
    for (session, expected) in [("codex-raw", "from-header"), ("s-2", "s-2")] {
        let turn = with_headers(&websocket(json!({"sessionId": session})), &headers);
        assert_eq!(turn.session.as_deref(), Some(expected));
    }
}

#[test]
fn requests_beside_the_conversation_are_no_turns() {
    for (metadata, kind) in [
        (json!({"request_kind": "turn", "thread_source": "user"}), EntryKind::Turn),
        (json!({"request_kind": "compaction", "thread_source": "user"}), EntryKind::Turn),
        (json!({"request_kind": "turn", "thread_source": "thread_title"}), EntryKind::SideRequest),
        (
            json!({"request_kind": "turn", "thread_source": "guardian_review"}),
            EntryKind::SideRequest,
        ),
        (json!({"request_kind": "prewarm", "thread_source": "user"}), EntryKind::SideRequest),
        (json!({"request_kind": "memory"}), EntryKind::SideRequest),
        (json!("{\"request_kind\": \"memory\"}"), EntryKind::SideRequest),
        (json!(null), EntryKind::Turn),
    ] {
        let turn = codex(&metadata, json!({}));
        assert_eq!(turn.kind, kind, "{metadata}");
        let made = measure(&[turn]);
        let turns = u64::from(kind == EntryKind::Turn);
        assert_eq!(count(&made, Metric::Sessions), turns, "{metadata}");
        assert_eq!(count(&made, Metric::ProviderDistribution), turns, "{metadata}");
        assert_eq!(count(&made, Metric::TokensOutput), 10, "{metadata}");
    }
    let title = json!({"request_kind": "compaction", "thread_source": "thread_title", "compaction": {"trigger": "auto"}});
    let made = measure(&[codex(&title, json!({}))]);
    assert_eq!(count(&made, Metric::AutoCompactTriggered), 0, "it has a history of its own");
}

#[test]
fn a_word_that_no_catalog_has_is_an_anomaly() {
    let turn = codex(&json!({"request_kind": "turn", "thread_source": "acme"}), json!({}));
    assert!(turn.anomalies.contains(&Anomaly::UnknownValue(Parser::Request, "acme".to_owned())));
}

#[test]
fn a_refused_upgrade_is_an_attempt() {
    let attempt = |fields| {
        turn(&websocket(merged(
            json!({"status": 426, "usage": null, "cost": null, "res": {"capture": "transport-only"}}),
            fields,
        )))
    };
    let attempts = [
        attempt(json!({})),
        attempt(json!({"model": null})),
        attempt(json!({"model": null, "msgCount": 0, "responseMetadata": null})),
        attempt(json!({"responseMetadata": null, "res": {"error": {"type": "acme"}}})),
    ];
    for turn in &attempts {
        assert_eq!(turn.kind, EntryKind::TransportOnly);
    }
    let made = measure(&attempts);
    for metric in [
        Metric::Sessions,
        Metric::ProviderDistribution,
        Metric::PermissionModeUsage,
        Metric::AgentTypeInvocations,
    ] {
        assert_eq!(count(&made, metric), 0, "{metric:?}");
    }
    assert_eq!(first_values(&made, Metric::Errors)[0], "http_426");
}
