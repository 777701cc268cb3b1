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
            "requested, and not continued yet",
            vec![main_turn(80, 90, "a"), main_turn(81, 91, REQUEST)],
            nothing.to_vec(),
        ),
        (
            "requested after a full window, with the user's command in the next turn",
            vec![main_turn(80, 87, "a"), main_turn(81, 87, REQUEST), continued(2, 10, "s", MANUAL)],
            vec!["manual"],
        ),
        (
            "requested, and continued in a shorter history without a summary in view",
            vec![main_turn(5, 40, "a"), main_turn(5, 40, REQUEST), main_turn(3, 40, MANUAL)],
            vec!["manual"],
        ),
        (
            "requested, and continued in a history of the same length",
            vec![main_turn(5, 40, "a"), main_turn(5, 40, REQUEST), continued(5, 40, "s", "b")],
            vec!["unknown"],
        ),
        (
            "requested in vain, and then done",
            vec![
                main_turn(80, 90, "a"),
                main_turn(81, 90, REQUEST),
                main_turn(80, 90, "a"),
                continued(2, 10, "s", "b"),
            ],
            vec!["auto"],
        ),
        (
            "done by the server, whose response is missing",
            vec![with_request(
                9,
                40,
                json!([{"role": "user", "content": "a"}]),
                json!({"stopReason": "compaction"}),
            )],
            vec!["auto"],
        ),
        (
            "a command of the user without a compaction",
            vec![main_turn(5, 40, "a"), main_turn(7, 40, MANUAL)],
            nothing.to_vec(),
        ),
        (
            "requested, and refused by the server the first time",
            vec![
                main_turn(80, 90, "a"),
                with_request(
                    81,
                    91,
                    json!([{"role": "user", "content": REQUEST}]),
                    json!({"status": 400}),
                ),
                main_turn(81, 91, REQUEST),
                continued(2, 10, "s", "b"),
                continued(4, 12, "s", "c"),
            ],
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

/// A turn of Codex with these items of input, this statement of the client, and this output.
fn codex(tokens: u64, input: Json, metadata: Json, output: &[&str]) -> Turn {
    let done = |kind: &&str| json!({"type": "response.output_item.done", "item": {"type": kind, "id": "i"}});
    let mut events: Vec<Json> = output.iter().map(done).collect();
    events.push(json!({"type": "response.completed"}));
    turn(&websocket(json!({
        "usage": {"input_tokens": tokens, "output_tokens": 1}, "maxContext": WINDOW, "res": events,
        "req": {"input": input, "client_metadata": {"x-codex-turn-metadata": metadata.to_string()}},
    })))
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_compaction_of_codex_counts_once_for_all_its_signs() {
    let prompt = json!([{"role": "user", "content": "a"}]);
    let trigger = json!([{"type": "compaction_trigger"}]);
    let item = json!([{"type": "compaction", "encrypted_content": "eA=="}, {"role": "user", "content": "b"}]);
    let ask =
        json!([{"role": "user", "content": "You are performing a CONTEXT CHECKPOINT COMPACTION."}]);
    let summary = json!([{"role": "user", "content": "Another language model started to solve this problem and produced a summary of it"}]);
    let at = |window: u64| json!({"request_kind": "turn", "thread_source": "user", "window_number": window});
    let told = |trigger: &str| json!({"request_kind": "compaction", "thread_source": "user", "window_number": 0, "compaction": {"trigger": trigger}});
    let plain = |tokens| codex(tokens, prompt.clone(), at(0), &["message"]);
    let nothing = json!({});
    let none: [&str; 0] = [];
    for (label, turns, expected) in [
        (
            "the client says that the user compacts",
            vec![
                plain(180_000),
                codex(1, ask.clone(), told("manual"), &["message"]),
                codex(1, summary.clone(), at(1), &[]),
            ],
            vec!["manual"],
        ),
        (
            "the client says that it compacts on its own",
            vec![
                plain(10),
                codex(1, trigger.clone(), told("auto"), &["compaction"]),
                codex(1, item.clone(), at(1), &[]),
            ],
            vec!["auto"],
        ),
        (
            "an item in the request and in the response",
            vec![
                plain(180_000),
                codex(1, trigger.clone(), nothing.clone(), &["compaction"]),
                codex(1, item.clone(), nothing.clone(), &[]),
            ],
            vec!["auto"],
        ),
        (
            "the same in a window that was not full",
            vec![
                plain(10),
                codex(1, trigger.clone(), nothing.clone(), &["compaction"]),
                codex(1, item.clone(), nothing.clone(), &[]),
            ],
            vec!["unknown"],
        ),
        (
            "an item in the response alone",
            vec![
                plain(10),
                codex(1, prompt.clone(), nothing.clone(), &["message", "compaction"]),
                plain(1),
            ],
            vec!["auto"],
        ),
        (
            "an item in the next request alone",
            vec![plain(180_000), codex(1, item.clone(), nothing.clone(), &[])],
            vec!["auto"],
        ),
        (
            "the number of the window alone",
            vec![
                plain(10),
                codex(1, prompt.clone(), at(1), &[]),
                codex(1, prompt.clone(), at(1), &[]),
            ],
            vec!["unknown"],
        ),
        (
            "two compactions with their items",
            vec![
                plain(10),
                codex(1, trigger.clone(), told("auto"), &["compaction"]),
                codex(1, item.clone(), at(1), &[]),
                codex(1, trigger.clone(), told("manual"), &["compaction"]),
                codex(1, prompt.clone(), at(2), &[]),
            ],
            vec!["auto", "manual"],
        ),
        (
            "a request that is sent twice",
            vec![
                plain(10),
                codex(1, trigger.clone(), told("auto"), &[]),
                codex(1, trigger, told("auto"), &["compaction"]),
                codex(1, item.clone(), at(1), &[]),
            ],
            vec!["auto"],
        ),
        (
            "a session that was resumed",
            vec![codex(1, item.clone(), at(3), &[]), codex(1, item, at(3), &[])],
            none.to_vec(),
        ),
        (
            "a sub-agent",
            vec![
                plain(10),
                codex(
                    1,
                    ask,
                    json!({"request_kind": "compaction", "thread_source": "subagent", "compaction": {"trigger": "auto"}}),
                    &[],
                ),
            ],
            none.to_vec(),
        ),
    ] {
        assert_eq!(compactions(&turns), expected, "{label}");
    }
}

#[test]
fn the_server_compacts_on_its_own() {
    let answered = |block: &str, stop: &str| {
        main_turn_with(
            40,
            json!({"res": [
                {"type": "content_block_start", "index": 0, "content_block": {"type": block}},
                {"type": "message_delta", "delta": {"stop_reason": stop}},
                {"type": "message_stop"},
            ]}),
        )
    };
    for (label, turns, expected) in [
        ("a block", vec![answered("compaction", "end_turn"), main_turn(9, 10, "b")], 1),
        (
            "a block and a stop reason",
            vec![answered("compaction", "compaction"), main_turn(9, 10, "b")],
            1,
        ),
        ("a stop reason", vec![answered("text", "compaction")], 1),
        ("two", vec![answered("compaction", "end_turn"), answered("compaction", "end_turn")], 2),
        ("none", vec![answered("text", "end_turn")], 0),
    ] {
        assert_eq!(compactions(&turns), vec!["auto"; expected], "{label}");
    }
}

fn main_turn_with(per_cent: u64, fields: Json) -> Turn {
    with_request(9, per_cent, json!([{"role": "user", "content": "x"}]), fields)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn plan_mode_lasts_until_it_ends() {
    let plan = "<system-reminder>\nPlan mode is active. x\n</system-reminder>";
    let left = "## Exited Plan Mode";
    let refused = "[Request interrupted by user for tool use]";
    let result = json!([{"role": "user", "content": [{"type": "tool_result", "content": "x"}]}]);
    let tool = |name: &str, fields: Json| {
        let call = json!({"turnToolCalls": {name: 1}, "turnToolCallIds": {"c1": name}});
        with_request(3, 10, result.clone(), merged(call, fields))
    };
    let answered = |failed: bool| json!({"turnToolResults": [{"callId": "c0", "toolFail": true}, {"callId": "c1", "toolFail": failed}]});
    let read = |fields: Json| tool("Read", merged(json!({"turnToolCallIds": {}}), fields));
    let exit = || tool("ExitPlanMode", json!({}));
    let enter = || tool("EnterPlanMode", json!({}));
    let modes = |turns: &[Turn]| first_values(&measure(turns), Metric::PermissionModeUsage).len();
    for (label, turns, expected) in [
        ("a text turns it on", vec![main_turn(1, 1, plan)], 1),
        ("it lasts over tool results", vec![main_turn(1, 1, plan), read(json!({}))], 2),
        (
            "it lasts over messages of the user that do not mention it",
            vec![main_turn(1, 1, plan), main_turn(3, 1, "go on"), main_turn(5, 1, "and on")],
            3,
        ),
        (
            "a text ends it",
            vec![main_turn(1, 1, plan), main_turn(3, 1, left), main_turn(5, 1, "a")],
            1,
        ),
        (
            "the user allows the model to end it",
            vec![main_turn(1, 1, plan), exit(), read(answered(false)), read(json!({}))],
            2,
        ),
        (
            "the user does not allow the model to end it",
            vec![main_turn(1, 1, plan), exit(), read(answered(true)), read(json!({}))],
            4,
        ),
        (
            "the call that ends it has no result",
            vec![main_turn(1, 1, plan), exit(), read(json!({"turnToolResults": []}))],
            3,
        ),
        (
            "a host without results: the user has not refused",
            vec![main_turn(1, 1, plan), exit(), read(json!({}))],
            2,
        ),
        (
            "a host without results: the user has refused",
            vec![main_turn(1, 1, plan), exit(), main_turn(5, 1, refused), main_turn(7, 1, "a")],
            4,
        ),
        (
            "a failed call of the tool changes nothing",
            vec![
                main_turn(1, 1, plan),
                tool("ExitPlanMode", json!({"status": 529})),
                read(answered(false)),
            ],
            3,
        ),
        (
            "the request with the result fails and is sent again",
            vec![
                main_turn(1, 1, plan),
                exit(),
                read(json!({"status": 529})),
                read(answered(true)),
                read(json!({})),
            ],
            5,
        ),
        ("the model turns it on", vec![enter(), read(answered(false)), read(json!({}))], 2),
        ("the user refuses that", vec![enter(), read(answered(true)), read(json!({}))], 0),
        (
            "a text says more than a result",
            vec![
                main_turn(1, 1, plan),
                exit(),
                with_request(5, 1, json!([{"role": "user", "content": plan}]), answered(false)),
            ],
            3,
        ),
        (
            "sub-agents have no mode and change none",
            vec![
                main_turn(1, 1, plan),
                read(json!({"agentKey": "explore"})),
                with_request(
                    1,
                    1,
                    json!([{"role": "user", "content": left}]),
                    json!({"agentKey": "explore"}),
                ),
                read(json!({})),
            ],
            2,
        ),
        (
            "a reminder in a system message",
            vec![
                with_request(
                    2,
                    1,
                    json!([{"role": "user", "content": "a"}, {"role": "system", "content": "x\n\nPlan mode is active. x"}]),
                    json!({}),
                ),
                main_turn(4, 1, "b"),
            ],
            2,
        ),
    ] {
        assert_eq!(modes(&turns), expected, "{label}");
    }
}

#[test]
fn a_collaboration_mode_of_codex_is_plan_mode() {
    let rules =
        "<permissions instructions>Approval policy is currently never.</permissions instructions>";
    let frame = |texts: &[&str]| {
        let items: Vec<Json> =
            texts.iter().map(|text| json!({"role": "developer", "content": text})).collect();
        turn(&websocket(json!({"req": {"input": items}})))
    };
    let sub = |texts: &[&str]| Turn { subagent: true, ..frame(texts) };
    let (plan, default) = (
        "<collaboration_mode># Plan Mode\nx",
        "<collaboration_mode># Collaboration Mode: Default\nx",
    );
    let turns = [
        frame(&[rules, default]),
        frame(&[plan]),
        frame(&[]),
        sub(&[]),
        sub(&[rules, default]),
        frame(&["other"]),
        frame(&[default]),
        frame(&[]),
    ];
    let modes = first_values(&measure(&turns), Metric::PermissionModeUsage);
    assert_eq!(modes, ["never", "plan", "plan", "never", "never", "plan", "never", "never"]);
}

#[test]
fn a_policy_of_a_sub_agent_is_not_that_of_the_session() {
    let text = |policy: &str| json!({"req": {"input": [{"role": "developer", "content": format!("<permissions instructions>Approval policy is currently {policy}.")}]}});
    let sub = Turn { subagent: true, ..turn(&websocket(text("on-request"))) };
    let turns = [turn(&websocket(text("never"))), sub, turn(&websocket(json!({})))];
    let modes = first_values(&measure(&turns), Metric::PermissionModeUsage);
    assert_eq!(modes, ["never", "on-request", "never"]);
}

#[test]
fn a_policy_that_no_catalog_has_is_not_remembered_by_its_name() {
    let name = "a".repeat(1 << 20);
    let rules = json!({"req": {"input": [{"role": "developer", "content": format!("<permissions instructions>Approval policy is currently {name}.")}]}});
    let turn = turn(&websocket(rules));
    assert_eq!(turn.permission.policy, Some("other"));
    assert!(format!("{turn:?}").len() < 4096, "no part of it is kept");
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
