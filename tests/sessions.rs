//! What turns of one session mean to each other: compactions, permission modes, skills, and what is
//! forgotten.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/turns.rs"]
mod turns;

use otel_native::entry::Turn;
use otel_native::metrics::registry::Metric;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use turns::{anthropic, count, labels, measure, merged, turn, websocket};

const WINDOW: u64 = 200_000;
const ASKS: &str = "Your task is to create a detailed summary of the conversation";
const GOES_ON: &str = "This session is being continued from a previous conversation. Summary:";

/// A main turn with so many messages, so full a window (in per cent), and these newest words.
fn main_turn(messages: u64, per_cent: u64, words: &str) -> Turn {
    with_request(messages, per_cent, json!([{"role": "user", "content": words}]), json!({}))
}

fn with_request(messages: u64, per_cent: u64, history: Json, fields: Json) -> Turn {
    let base = json!({
        "msgCount": messages, "maxContext": WINDOW, "turnToolCalls": {},
        "usage": {"input_tokens": WINDOW / 100 * per_cent, "output_tokens": 1},
        "req": {"messages": history},
    });
    turn(&merged(anthropic(base), fields))
}

/// A turn that goes on from a summary: that is its first message.
fn continued(messages: u64, per_cent: u64, summary: &str, words: &str) -> Turn {
    let history = json!([{"role": "user", "content": format!("{GOES_ON} {summary}")}, {"role": "user", "content": words}]);
    with_request(messages, per_cent, history, json!({}))
}

fn compactions(turns: &[Turn]) -> Vec<String> {
    labels(&measure(turns), Metric::AutoCompactTriggered)
}

const MANUAL: &str = "<command-message>compact</command-message>";

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_compaction_is_counted_once_whatever_gives_it_away() {
    let nothing: [&str; 0] = [];
    for (label, turns, expected) in [
        (
            "a drop when it was full",
            vec![main_turn(80, 90, "a"), main_turn(3, 20, "b")],
            vec!["auto"],
        ),
        (
            "a drop when it was not",
            vec![main_turn(80, 50, "a"), main_turn(3, 20, "b")],
            vec!["unknown"],
        ),
        (
            "a drop that the user asked for",
            vec![main_turn(80, 90, "a"), main_turn(3, 20, MANUAL)],
            vec!["manual"],
        ),
        (
            "fewer messages, as full",
            vec![main_turn(80, 90, "a"), main_turn(3, 85, "b")],
            nothing.to_vec(),
        ),
        (
            "less context, as long",
            vec![main_turn(80, 90, "a"), main_turn(80, 20, "b")],
            nothing.to_vec(),
        ),
        (
            "asked for when it was full",
            vec![main_turn(80, 90, "a"), main_turn(81, 91, ASKS)],
            vec!["auto"],
        ),
        (
            "asked for, and gone on",
            vec![
                main_turn(80, 90, "a"),
                main_turn(81, 91, ASKS),
                continued(2, 10, "s", "b"),
                continued(4, 12, "s", "c"),
            ],
            vec!["auto"],
        ),
        (
            "asked for when it was not full, and the user's command told later",
            vec![main_turn(80, 40, "a"), main_turn(81, 41, ASKS), continued(2, 10, "s", MANUAL)],
            vec!["manual"],
        ),
        (
            "asked for and gone on, and nobody tells who wanted it",
            vec![main_turn(80, 40, "a"), main_turn(81, 41, ASKS), continued(2, 10, "s", "b")],
            vec!["unknown"],
        ),
        (
            "asked for in vain",
            vec![main_turn(80, 40, "a"), main_turn(81, 41, ASKS), main_turn(82, 42, "b")],
            nothing.to_vec(),
        ),
        (
            "asked for twice, for the first answer was cut",
            vec![
                main_turn(80, 90, "a"),
                main_turn(81, 91, ASKS),
                main_turn(81, 91, ASKS),
                continued(2, 10, "s", "b"),
            ],
            vec!["auto"],
        ),
        (
            "gone on from another summary",
            vec![
                continued(2, 10, "s", "a"),
                continued(4, 80, "s", "b"),
                continued(2, 10, "t", "c"),
            ],
            vec!["unknown", "unknown"],
        ),
        (
            "gone on without a usage, and with one later",
            vec![
                main_turn(80, 90, "a"),
                with_request(
                    3,
                    1,
                    json!([{"role": "user", "content": GOES_ON}]),
                    json!({"usage": null}),
                ),
                main_turn(5, 10, "b"),
            ],
            vec!["auto"],
        ),
        (
            "gone on long ago, and first seen in a call that failed",
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
            "gone on long ago",
            vec![continued(40, 50, "s", "a"), continued(42, 52, "s", "b")],
            nothing.to_vec(),
        ),
    ] {
        assert_eq!(compactions(&turns), expected, "{label}");
    }
}

#[test]
fn over_a_websocket_a_compaction_is_seen_in_what_is_said() {
    let turn = |input: u64, words: &str| {
        turn(&websocket(json!({
            "usage": {"input_tokens": input, "output_tokens": 1}, "maxContext": WINDOW,
            "res": [{"type": "response.completed"}],
            "req": {"input": [{"role": "user", "content": words}]},
        })))
    };
    let asks = "You are performing a CONTEXT CHECKPOINT COMPACTION.";
    let goes_on =
        "Another language model started to solve this problem and produced a summary of it";
    assert_eq!(compactions(&[turn(180_000, "a"), turn(1_000, "b")]).len(), 0, "no history is told");
    let turns = [turn(180_000, "a"), turn(181_000, asks), turn(20_000, goes_on)];
    assert_eq!(compactions(&turns), ["auto"]);
}

#[test]
fn a_request_for_a_summary_beside_the_turns_counts_too() {
    let full = main_turn(80, 90, "a");
    let summarizer = with_request(
        81,
        91,
        json!([{"role": "user", "content": "x"}]),
        json!({"agentKey": "summarizer"}),
    );
    let made = measure(&[full, summarizer.clone(), continued(2, 10, "s", "b")]);
    assert_eq!(labels(&made, Metric::AutoCompactTriggered), ["auto"]);
    assert_eq!(count(&made, Metric::ProviderDistribution), 2, "it is no turn");
    let first = measure(&[summarizer, main_turn(2, 10, "b")]);
    assert_eq!(count(&first, Metric::Sessions), 1, "and takes no session's place");
}

#[test]
fn a_sub_agent_and_a_failed_call_compact_nothing() {
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
    let failed =
        with_request(2, 1, json!([{"role": "user", "content": GOES_ON}]), json!({"status": 529}));
    assert_eq!(compactions(&[main_turn(80, 90, "a"), failed, main_turn(82, 91, "b")]).len(), 0);
}

#[test]
fn plan_mode_lasts_until_it_is_left() {
    let plan = "<system-reminder>Plan mode is active. x</system-reminder>";
    let result = json!([{"role": "user", "content": [{"type": "tool_result", "content": "x"}]}]);
    let tool = |name: &str, fields: Json| {
        let call = json!({"turnToolCalls": {name: 1}});
        with_request(3, 10, result.clone(), merged(call, fields))
    };
    let modes = |turns: &[Turn]| labels(&measure(turns), Metric::PermissionModeUsage).len();
    for (label, turns, expected) in [
        ("said", vec![main_turn(1, 1, plan)], 1),
        (
            "and not said again with results of tools",
            vec![main_turn(1, 1, plan), tool("Read", json!({}))],
            2,
        ),
        ("but with what is typed", vec![main_turn(1, 1, plan), main_turn(3, 1, "go on")], 1),
        (
            "left by the model",
            vec![main_turn(1, 1, plan), tool("ExitPlanMode", json!({})), tool("Edit", json!({}))],
            2,
        ),
        (
            "not left by a turn that failed",
            vec![
                main_turn(1, 1, plan),
                tool("ExitPlanMode", json!({"status": 529})),
                tool("Read", json!({})),
            ],
            3,
        ),
        (
            "entered by the model",
            vec![tool("EnterPlanMode", json!({})), tool("Read", json!({}))],
            1,
        ),
        (
            "told that it is left",
            vec![main_turn(1, 1, plan), main_turn(3, 1, "## Exited Plan Mode")],
            1,
        ),
        (
            "sub-agents have none",
            vec![main_turn(1, 1, plan), tool("Read", json!({"agentKey": "explore"}))],
            1,
        ),
    ] {
        assert_eq!(modes(&turns), expected, "{label}");
    }
}

#[test]
fn codex_keeps_the_mode_of_its_conversation() {
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
    let modes = labels(&measure(&turns), Metric::PermissionModeUsage);
    assert_eq!(modes, ["never", "never", "on-request", "on-request"]);
}

#[test]
fn a_skill_that_answers_a_command_is_one_activation() {
    let command = |name: &str| json!([{"role": "user", "content": format!("<command-message>{name}</command-message>")}]);
    let result = json!([{"role": "user", "content": [{"type": "tool_result", "content": "x"}]}]);
    let skill = |name: &str| json!({"turnToolCalls": {"Skill": 1}, "res": {"content": [{"type": "tool_use", "id": "a", "name": "Skill", "input": {"skill": name}}]}});
    let activations = |turns: &[Turn]| count(&measure(turns), Metric::SkillActivations);
    for (label, turns, expected) in [
        ("the user's alone", vec![with_request(1, 1, command("ship"), json!({}))], 1),
        ("answered at once", vec![with_request(1, 1, command("ship"), skill("ship"))], 1),
        (
            "answered later",
            vec![
                with_request(1, 1, command("ship"), json!({})),
                with_request(3, 1, result.clone(), skill("ship")),
            ],
            1,
        ),
        (
            "answered, and once more",
            vec![
                with_request(1, 1, command("ship"), skill("ship")),
                with_request(3, 1, result.clone(), skill("ship")),
            ],
            2,
        ),
        ("another one", vec![with_request(1, 1, command("ship"), skill("test"))], 2),
        (
            "not answered before the user went on",
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
fn forgetting_a_session_is_counted_and_harms_nobody() {
    let session =
        |id: usize| turn(&anthropic(json!({"sessionId": format!("s-{id}"), "turnToolCalls": {}})));
    let first: Vec<Turn> = (0..10_000).map(session).collect();
    let made = measure(&first);
    assert_eq!(count(&made, Metric::FallbackUsed), 0, "there is room for these");
    let mut all = first;
    all.extend((10_000..10_003).map(session));
    let made = measure(&all);
    assert_eq!(labels(&made, Metric::FallbackUsed), ["sessions"; 3]);
    assert_eq!(count(&made, Metric::Sessions), 10_003);
    let degraded = made.iter().filter(|it| {
        it.metric == Metric::ProviderDistribution && !it.attributes[1].as_str().is_empty()
    });
    assert_eq!(degraded.count(), 0, "nothing about the turns was misunderstood");
    all.extend([session(9_999), session(0)]);
    assert_eq!(count(&measure(&all), Metric::Sessions), 10_004, "one that comes back is a new one");
}

proptest! {
    #[test]
    fn there_are_never_more_compactions_than_turns_that_could_tell_of_one(
        turns in prop::collection::vec((1_u64..100, 1_u64..100, 0_u8..5), 1..30),
    ) {
        let turns: Vec<Turn> = turns.into_iter().map(|(messages, per_cent, words)| match words {
            0 => main_turn(messages, per_cent, ASKS),
            1 => continued(messages, per_cent, "s", "a"),
            2 => continued(messages, per_cent, "t", MANUAL),
            3 => main_turn(messages, per_cent, MANUAL),
            _ => main_turn(messages, per_cent, "a"),
        }).collect();
        let told = compactions(&turns).len();
        let asked = turns.iter().filter(|turn| turn.compaction.requested).count();
        prop_assert!(told <= turns.len());
        // Each needs an evidence of its own: a request, another summary, or fewer messages.
        let fewer = turns.windows(2).filter(|pair| pair[1].message_count < pair[0].message_count).count();
        let summaries = turns.iter().filter(|turn| turn.compaction.continues.is_some()).count();
        prop_assert!(told <= asked + summaries + fewer + 1);
    }
}
