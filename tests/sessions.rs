//! Facts that need several turns of a session: compactions, permission modes, skills, and the limit
//! of remembered sessions.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/turns.rs"]
mod turns;

use otel_native::entry::Turn;
use otel_native::metrics::registry::Metric;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use turns::{anthropic, count, first_values, measure, merged, turn, websocket};

const WINDOW: u64 = 200_000;
const REQUEST: &str = "Your task is to create a detailed summary of the conversation";
const CONTINUATION: &str = "This session is being continued from a previous conversation. Summary:";

/// A turn of the main agent with this number of messages, this used part of the window (in per
/// cent), and this newest text.
fn main_turn(messages: u64, per_cent: u64, text: &str) -> Turn {
    with_request(messages, per_cent, json!([{"role": "user", "content": text}]), json!({}))
}

fn with_request(messages: u64, per_cent: u64, history: Json, fields: Json) -> Turn {
    let base = json!({
        "msgCount": messages, "maxContext": WINDOW, "turnToolCalls": {},
        "usage": {"input_tokens": WINDOW / 100 * per_cent, "output_tokens": 1},
        "req": {"messages": history},
    });
    turn(&merged(anthropic(base), fields))
}

/// A turn that continues from a summary, which is its first message.
fn continued(messages: u64, per_cent: u64, summary: &str, text: &str) -> Turn {
    let history = json!([{"role": "user", "content": format!("{CONTINUATION} {summary}")}, {"role": "user", "content": text}]);
    with_request(messages, per_cent, history, json!({}))
}

fn compactions(turns: &[Turn]) -> Vec<String> {
    first_values(&measure(turns), Metric::AutoCompactTriggered)
}

const MANUAL: &str = "<command-message>compact</command-message>";

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_compaction_counts_once_for_all_its_signs() {
    let nothing: [&str; 0] = [];
    for (label, turns, expected) in [
        (
            "a drop after a full window",
            vec![main_turn(80, 90, "a"), main_turn(3, 20, "b")],
            vec!["auto"],
        ),
        (
            "a drop after a window that was not full",
            vec![main_turn(80, 50, "a"), main_turn(3, 20, "b")],
            vec!["unknown"],
        ),
        (
            "a drop that the user has asked for",
            vec![main_turn(80, 90, "a"), main_turn(3, 20, MANUAL)],
            vec!["manual"],
        ),
        (
            "fewer messages in an equally full window",
            vec![main_turn(80, 90, "a"), main_turn(3, 85, "b")],
            nothing.to_vec(),
        ),
        (
            "less context with as many messages",
            vec![main_turn(80, 90, "a"), main_turn(80, 20, "b")],
            nothing.to_vec(),
        ),
        (
            "requested after a full window",
            vec![main_turn(80, 90, "a"), main_turn(81, 91, REQUEST)],
            vec!["auto"],
        ),
        (
            "requested and continued",
            vec![
                main_turn(80, 90, "a"),
                main_turn(81, 91, REQUEST),
                continued(2, 10, "s", "b"),
                continued(4, 12, "s", "c"),
            ],
            vec!["auto"],
        ),
        (
            "requested before the window was full, with the user's command in a later turn",
            vec![main_turn(80, 40, "a"), main_turn(81, 41, REQUEST), continued(2, 10, "s", MANUAL)],
            vec!["manual"],
        ),
        (
            "requested and continued without a known reason",
            vec![main_turn(80, 40, "a"), main_turn(81, 41, REQUEST), continued(2, 10, "s", "b")],
            vec!["unknown"],
        ),
        (
            "requested but never continued",
            vec![main_turn(80, 40, "a"), main_turn(81, 41, REQUEST), main_turn(82, 42, "b")],
            nothing.to_vec(),
        ),
        (
            "requested twice because the first answer was cut",
            vec![
                main_turn(80, 90, "a"),
                main_turn(81, 91, REQUEST),
                main_turn(81, 91, REQUEST),
                continued(2, 10, "s", "b"),
            ],
            vec!["auto"],
        ),
        (
            "continued from another summary",
            vec![
                continued(2, 10, "s", "a"),
                continued(4, 80, "s", "b"),
                continued(2, 10, "t", "c"),
            ],
            vec!["unknown", "unknown"],
        ),
        (
            "continued without usage, with usage in a later turn",
            vec![
                main_turn(80, 90, "a"),
                with_request(
                    3,
                    1,
                    json!([{"role": "user", "content": CONTINUATION}]),
                    json!({"usage": null}),
                ),
                main_turn(5, 10, "b"),
            ],
            vec!["auto"],
        ),
        (
            "continued long ago and first seen in a failed call",
            vec![
                with_request(
                    39,
                    50,
                    json!([{"role": "user", "content": "x"}]),
                    json!({"status": 529}),
                ),
                continued(40, 50, "s", "a"),
            ],
            nothing.to_vec(),
        ),
        (
            "continued long ago",
            vec![continued(40, 50, "s", "a"), continued(42, 52, "s", "b")],
            nothing.to_vec(),
        ),
    ] {
        assert_eq!(compactions(&turns), expected, "{label}");
    }
}

#[test]
fn websocket_compactions_are_recognised_by_text() {
    let turn = |input: u64, text: &str| {
        turn(&websocket(json!({
            "usage": {"input_tokens": input, "output_tokens": 1}, "maxContext": WINDOW,
            "res": [{"type": "response.completed"}],
            "req": {"input": [{"role": "user", "content": text}]},
        })))
    };
    let request = "You are performing a CONTEXT CHECKPOINT COMPACTION.";
    let continuation =
        "Another language model started to solve this problem and produced a summary of it";
    assert_eq!(
        compactions(&[turn(180_000, "a"), turn(1_000, "b")]).len(),
        0,
        "the length of the history is unknown"
    );
    let turns = [turn(180_000, "a"), turn(181_000, request), turn(20_000, continuation)];
    assert_eq!(compactions(&turns), ["auto"]);
}

#[test]
fn a_side_request_for_a_summary_counts() {
    let full = main_turn(80, 90, "a");
    let summarizer = with_request(
        81,
        91,
        json!([{"role": "user", "content": "x"}]),
        json!({"agentKey": "summarizer"}),
    );
    let made = measure(&[full, summarizer.clone(), continued(2, 10, "s", "b")]);
    assert_eq!(first_values(&made, Metric::AutoCompactTriggered), ["auto"]);
    assert_eq!(count(&made, Metric::ProviderDistribution), 2, "a side request is not a turn");
    let first = measure(&[summarizer, main_turn(2, 10, "b")]);
    assert_eq!(count(&first, Metric::Sessions), 1, "a side request does not open a session");
}

#[test]
fn sub_agents_and_failed_calls_are_not_compactions() {
    let sub = |messages, per_cent| {
        with_request(
            messages,
            per_cent,
            json!([{"role": "user", "content": "x"}]),
            json!({"agentKey": "explore"}),
        )
    };
    assert_eq!(compactions(&[main_turn(80, 90, "a"), sub(2, 10)]).len(), 0);
    assert_eq!(compactions(&[sub(80, 90), sub(2, 10)]).len(), 0);
    let failed = with_request(
        2,
        1,
        json!([{"role": "user", "content": CONTINUATION}]),
        json!({"status": 529}),
    );
    assert_eq!(compactions(&[main_turn(80, 90, "a"), failed, main_turn(82, 91, "b")]).len(), 0);
}

#[test]
fn plan_mode_lasts_until_it_ends() {
    let plan = "<system-reminder>Plan mode is active. x</system-reminder>";
    let result = json!([{"role": "user", "content": [{"type": "tool_result", "content": "x"}]}]);
    let tool = |name: &str, fields: Json| {
        let call = json!({"turnToolCalls": {name: 1}});
        with_request(3, 10, result.clone(), merged(call, fields))
    };
    let modes = |turns: &[Turn]| first_values(&measure(turns), Metric::PermissionModeUsage).len();
    for (label, turns, expected) in [
        ("a text turns it on", vec![main_turn(1, 1, plan)], 1),
        ("it lasts over tool results", vec![main_turn(1, 1, plan), tool("Read", json!({}))], 2),
        (
            "a text of the user without it ends it",
            vec![main_turn(1, 1, plan), main_turn(3, 1, "go on")],
            1,
        ),
        (
            "the model ends it",
            vec![main_turn(1, 1, plan), tool("ExitPlanMode", json!({})), tool("Edit", json!({}))],
            2,
        ),
        (
            "a failed turn does not end it",
            vec![
                main_turn(1, 1, plan),
                tool("ExitPlanMode", json!({"status": 529})),
                tool("Read", json!({})),
            ],
            3,
        ),
        (
            "the model turns it on",
            vec![tool("EnterPlanMode", json!({})), tool("Read", json!({}))],
            1,
        ),
        ("a text ends it", vec![main_turn(1, 1, plan), main_turn(3, 1, "## Exited Plan Mode")], 1),
        (
            "sub-agents have no mode",
            vec![main_turn(1, 1, plan), tool("Read", json!({"agentKey": "explore"}))],
            1,
        ),
    ] {
        assert_eq!(modes(&turns), expected, "{label}");
    }
}

#[test]
fn codex_keeps_its_mode_per_session() {
    let instructions = |policy: &str| {
        let text = format!(
            "<permissions instructions>Approval policy is currently {policy}.</permissions instructions>"
        );
        json!({"req": {"input": [{"role": "developer", "content": text}]}})
    };
    let turns = [
        turn(&websocket(instructions("never"))),
        turn(&websocket(json!({}))),
        turn(&websocket(json!({"sessionId": "another"}))),
        turn(&websocket(instructions("on-request"))),
        turn(&websocket(json!({}))),
    ];
    let modes = first_values(&measure(&turns), Metric::PermissionModeUsage);
    assert_eq!(modes, ["never", "never", "on-request", "on-request"]);
}

#[test]
fn a_command_and_its_skill_are_one_activation() {
    let command = |name: &str| json!([{"role": "user", "content": format!("<command-message>{name}</command-message>")}]);
    let result = json!([{"role": "user", "content": [{"type": "tool_result", "content": "x"}]}]);
    let skill = |name: &str| json!({"turnToolCalls": {"Skill": 1}, "res": {"content": [{"type": "tool_use", "id": "a", "name": "Skill", "input": {"skill": name}}]}});
    let activations = |turns: &[Turn]| count(&measure(turns), Metric::SkillActivations);
    for (label, turns, expected) in [
        ("only the user's command", vec![with_request(1, 1, command("ship"), json!({}))], 1),
        (
            "the model's call in the same turn",
            vec![with_request(1, 1, command("ship"), skill("ship"))],
            1,
        ),
        (
            "the model's call in a later turn",
            vec![
                with_request(1, 1, command("ship"), json!({})),
                with_request(3, 1, result.clone(), skill("ship")),
            ],
            1,
        ),
        (
            "two calls of the model",
            vec![
                with_request(1, 1, command("ship"), skill("ship")),
                with_request(3, 1, result.clone(), skill("ship")),
            ],
            2,
        ),
        ("a call of another skill", vec![with_request(1, 1, command("ship"), skill("test"))], 2),
        (
            "a call after the user's next message",
            vec![
                with_request(1, 1, command("ship"), json!({})),
                main_turn(3, 1, "hi"),
                with_request(5, 1, result, skill("ship")),
            ],
            2,
        ),
    ] {
        assert_eq!(activations(&turns), expected, "{label}");
    }
}

#[test]
fn a_forgotten_session_counts_and_loses_no_turn() {
    let session =
        |id: usize| turn(&anthropic(json!({"sessionId": format!("s-{id}"), "turnToolCalls": {}})));
    let first: Vec<Turn> = (0..10_000).map(session).collect();
    let made = measure(&first);
    assert_eq!(count(&made, Metric::FallbackUsed), 0, "there is room for these");
    let mut all = first;
    all.extend((10_000..10_003).map(session));
    let made = measure(&all);
    assert_eq!(first_values(&made, Metric::FallbackUsed), ["sessions"; 3]);
    assert_eq!(count(&made, Metric::Sessions), 10_003);
    let degraded = made.iter().filter(|it| {
        it.metric == Metric::ProviderDistribution && !it.attributes[1].as_str().is_empty()
    });
    assert_eq!(degraded.count(), 0, "a forgotten session does not mark its turns as degraded");
    all.extend([session(9_999), session(0)]);
    assert_eq!(
        count(&measure(&all), Metric::Sessions),
        10_004,
        "a forgotten session that comes back is new"
    );
}

proptest! {
    #[test]
    fn every_compaction_has_its_own_sign(
        turns in prop::collection::vec((1_u64..100, 1_u64..100, 0_u8..5), 1..30),
    ) {
        let turns: Vec<Turn> = turns.into_iter().map(|(messages, per_cent, text)| match text {
            0 => main_turn(messages, per_cent, REQUEST),
            1 => continued(messages, per_cent, "s", "a"),
            2 => continued(messages, per_cent, "t", MANUAL),
            3 => main_turn(messages, per_cent, MANUAL),
            _ => main_turn(messages, per_cent, "a"),
        }).collect();
        let counted = compactions(&turns).len();
        let requested = turns.iter().filter(|turn| turn.compaction.requested).count();
        prop_assert!(counted <= turns.len());
        // Each needs its own sign: a request, another summary, or fewer messages.
        let fewer = turns.windows(2).filter(|pair| pair[1].message_count < pair[0].message_count).count();
        let summaries = turns.iter().filter(|turn| turn.compaction.continues.is_some()).count();
        prop_assert!(counted <= requested + summaries + fewer + 1);
    }
}
