use super::*;

fn facts(json: String) -> RequestFacts<'static> {
    read(json.leak()).unwrap()
}

fn user(text: &str) -> RequestFacts<'static> {
    let text = serde_json::to_string(text).unwrap();
    facts(format!(r#"{{"messages":[{{"role":"user","content":{text}}}]}}"#))
}

/// Whether no fact was read from a request.
fn has_no_facts(json: &str) -> bool {
    let facts = read(json).unwrap();
    let empty = RequestFacts { system: facts.system.clone(), ..RequestFacts::default() };
    format!("{facts:?}") == format!("{empty:?}")
}

#[test]
fn slash_commands_are_skills_unless_built_in() {
    for (label, text, skills, compact) in [
        ("a skill", "<command-message>acme:release</command-message>", vec!["acme:release"], false),
        (
            "the same skill twice",
            "<command-message>a</command-message><command-message>a</command-message>",
            vec!["a"],
            false,
        ),
        ("a built-in command", "<command-message>help</command-message>", vec![], false),
        ("a compaction", "<command-message>compact</command-message>", vec![], true),
        (
            "a skill in the form of newer clients",
            "<command-message>/acme:ship is running…</command-message>",
            vec!["acme:ship"],
            false,
        ),
        (
            "a built-in command in the form of newer clients",
            "<command-message>help is running…</command-message>",
            vec![],
            false,
        ),
        (
            "a compaction in the form of newer clients",
            "<command-message>compact is running…</command-message>",
            vec![],
            true,
        ),
        ("no command", "please release", vec![], false),
    ] {
        let facts = user(text);
        assert_eq!(
            (facts.skills, facts.manual_compact),
            (skills.into_iter().map(String::from).collect(), compact),
            "{label}"
        );
    }
    assert_eq!(user("<command-message>never closed").broken_skill_markers, 1);
}

#[test]
fn only_the_newest_message_calls_skills() {
    let old = r#"{"messages":[{"role":"user","content":"<command-message>old</command-message>"},
        {"role":"user","content":[{"type":"tool_result","content":"x"},{"type":"text","text":"hi"}]}]}"#;
    assert!(has_no_facts(old));
}

#[test]
fn the_newest_texts_of_the_developer_count() {
    let codex = |texts: &[&str]| {
        let item = |text: &&str| {
            let text = serde_json::to_string(text).unwrap();
            format!(r#"{{"role":"developer","content":[{{"text":{text}}}]}}"#)
        };
        let items: Vec<String> = texts.iter().map(item).collect();
        let facts =
            facts(format!(r#"{{"input":[{},{{"role":"user","content":"hi"}}]}}"#, items.join(",")));
        (facts.policy, facts.collaboration_plan)
    };
    let policy =
        |name: &str| format!("<permissions instructions>\nApproval policy is currently {name}.");
    let (never, on_request) = (policy("never"), policy("on-request"));
    for (texts, name) in
        [(vec![never.as_str(), "x"], "never"), (vec![&never, &on_request], "on-request")]
    {
        assert_eq!(codex(&texts).0, Some(Policy::Known(name)), "{texts:?}");
    }
    let (plan, other) = ("<collaboration_mode># Plan Mode", "<collaboration_mode># Default");
    for (texts, is_plan) in [(vec![plan, other], false), (vec![plan, "other"], true)] {
        assert_eq!(codex(&texts).1, Some(is_plan), "{texts:?}");
    }
}

#[test]
fn a_request_of_another_form_has_no_facts() {
    for json in ["null", "[]", "7", r#"{"messages":7,"input":"x"}"#, r#"{"messages":[7]}"#] {
        assert!(has_no_facts(json), "{json}");
    }
    assert!(read("{").is_err());
}

#[test]
fn a_mark_that_begins_a_line_switches_plan_mode() {
    let far = format!("{}\n\nPlan mode is active. x", "a line\n".repeat(1000));
    for (text, plan) in [
        ("<system-reminder>Plan mode is active. Do not edit.</system-reminder>", Some(true)),
        ("Plan mode still active", Some(true)),
        ("## Exited Plan Mode", Some(false)),
        ("## Exited Plan Mode\nx\n\nPlan mode is active. x", Some(true)),
        ("Plan mode is active. x\n\n## Exited Plan Mode", Some(false)),
        (&far, Some(true)),
        ("what is a plan mode?", None),
        ("it says: Plan mode is active", None),
        ("> ## Exited Plan Mode", None),
    ] {
        assert_eq!(user(text).plan, plan, "{text}");
        let text = serde_json::to_string(text).unwrap();
        for content in [text.clone(), format!(r#"[{{"type":"text","text":{text}}}]"#)] {
            let added = format!(
                r#"{{"messages":[{{"role":"user","content":"hi"}},{{"role":"system","content":{content}}}]}}"#
            );
            assert_eq!(facts(added).plan, plan, "{text} in a system message");
        }
    }
}

#[test]
fn what_the_client_adds_behind_the_newest_message_belongs_to_it() {
    let plan = r#"{"role":"system","content":"Plan mode is active."}"#;
    let left = r#"{"role":"system","content":"x\n\n## Exited Plan Mode"}"#;
    let command = r#"{"role":"user","content":"<command-message>ship</command-message>"}"#;
    let result = r#"{"role":"user","content":[{"type":"tool_result","content":"x"}]}"#;
    let model = r###"{"role":"assistant","content":"## Exited Plan Mode"}"###;
    for (messages, plan, skills) in [
        (vec![command, plan], Some(true), 1),
        (vec![command, plan, left], Some(false), 1),
        (vec![command, left, plan], Some(true), 1),
        (vec![result, plan], Some(true), 0),
        (vec![command, plan, model, result], None, 0),
        (vec![command, model, plan], Some(true), 0),
        (vec![plan], Some(true), 0),
        (vec![plan, command], None, 1),
    ] {
        let facts = facts(format!(r#"{{"messages":[{}]}}"#, messages.join(",")));
        assert_eq!((facts.plan, facts.skills.len()), (plan, skills), "{messages:?}");
    }
}

#[test]
fn only_a_text_of_the_user_is_a_prompt() {
    assert!(user("hi").has_prompt_text);
    assert!(!user(" ").has_prompt_text);
    let result = r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":"x"},{"text":"y"}]}]}"#;
    assert!(!read(result).unwrap().has_prompt_text);
    let codex = r#"{"input":[{"role":"user","content":"hi"},{"type":"function_call_output"}]}"#;
    assert!(!read(codex).unwrap().has_prompt_text);
    let added = r#"{"input":[{"role":"user","content":"hi"},{"role":"developer","content":"x"}]}"#;
    assert!(read(added).unwrap().has_prompt_text);
}

#[test]
fn commands_are_read_in_the_beginning_of_a_text_that_is_not_a_reminder() {
    let command = "<command-message>ship</command-message>";
    for (text, skills) in [
        (command.to_owned(), 1),
        (format!("{}{command}", "x".repeat(2000)), 1),
        (format!("{}{command}", "x".repeat(2048)), 0),
        (format!("<system-reminder>\n{command}\n</system-reminder>\n"), 0),
        (format!("<system-reminder>\nx\n</system-reminder>\n{command}"), 1),
    ] {
        assert_eq!(user(&text).skills.len(), skills, "{text}");
    }
}

#[test]
fn requests_for_and_from_summaries_are_recognised() {
    let asks = "Your task is to create a detailed summary of the conversation so far";
    let goes_on = " This session is being continued from a previous conversation. It was:";
    assert!(user(asks).asks_for_summary && user(asks).continues.is_none());
    assert!(user(goes_on).continues.is_some() && !user(goes_on).asks_for_summary);
    assert_ne!(user(goes_on).continues, user(&format!("{goes_on} x")).continues);
    let long = format!("{goes_on}{}", "é".repeat(3000));
    assert_eq!(user(&long).continues, user(prefix(&long, 2048)).continues, "its beginning");
    let asked_before = format!(
        r#"{{"messages":[{{"role":"user","content":"{asks}"}},{{"role":"user","content":"hi"}}]}}"#
    );
    assert!(!facts(asked_before).asks_for_summary);
    let history = format!(
        r#"{{"messages":[{{"role":"user","content":[{{"text":"{goes_on}"}}]}},{{"role":"user","content":"hi"}}]}}"#
    );
    assert_eq!(facts(history).continues, user(goes_on).continues);
}

#[test]
fn the_request_for_a_summary_is_the_last_text_of_the_user() {
    let asks =
        r#"{"type":"text","text":"CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.\n\nx"}"#;
    let reminder = r#"{"type":"text","text":"<system-reminder>\nx\n</system-reminder>"}"#;
    let text = r#"{"type":"text","text":"hi"}"#;
    let result = r#"{"type":"tool_result","content":"x"}"#;
    for (parts, expected) in [
        (vec![text, asks], true),
        (vec![result, asks], true),
        (vec![text, asks, reminder], true),
        (vec![asks, text], false),
    ] {
        for added in ["", r#",{"role":"system","content":"x"}"#] {
            let json = format!(
                r#"{{"messages":[{{"role":"user","content":[{}]}}{added}]}}"#,
                parts.join(",")
            );
            assert_eq!(facts(json).asks_for_summary, expected, "{parts:?}{added}");
        }
    }
}

#[test]
fn items_show_a_compaction_on_the_responses_wire() {
    let trigger = r#"{"type":"compaction_trigger"}"#;
    let summary = r#"{"type":"compaction","encrypted_content":"eA=="}"#;
    let named = r#"{"type":"context_compaction","id":"cmp_1"}"#;
    let user = r#"{"role":"user","content":"hi"}"#;
    for (items, asks, continues) in [
        (vec![user, trigger], true, false),
        (vec![trigger], true, false),
        (vec![trigger, summary], false, true),
        (vec![user, summary, user], false, true),
        (vec![named], false, true),
        (vec![trigger, user], false, false),
        (vec![user], false, false),
    ] {
        let facts = facts(format!(r#"{{"input":[{}]}}"#, items.join(",")));
        assert_eq!(
            (facts.asks_for_summary, facts.continues.is_some()),
            (asks, continues),
            "{items:?}"
        );
    }
}

#[test]
fn a_refusal_is_a_text_of_the_newest_message() {
    assert!(user("[Request interrupted by user for tool use]\n").is_refused);
    assert!(!user("why [Request interrupted by user for tool use]?").is_refused);
}

#[test]
fn the_system_prompt_names_agent_and_version() {
    let json = r#"{"system":[{"text":"x cc_version=2.1.7.df2; y"},{"text":"brand"},
        {"text":" You are a file search specialist for Claude Code"}]}"#;
    let facts = read(json).unwrap();
    let version = |facts: &RequestFacts<'_>| facts.billing_line().and_then(BillingLine::version);
    assert_eq!(version(&facts).as_deref(), Some("2.1.7"));
    assert_eq!(facts.agent_type(), Some("explore"));
    let other = read(r#"{"system":"You are a file search specialist"}"#).unwrap();
    assert_eq!((other.agent_type(), version(&other)), (None, None));
}
