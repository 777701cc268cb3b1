//! The few facts that are read from a request: commands of the user, permissions, compaction, the
//! agent.
//!
//! A request can contain 50 MB of history. Only the first and the newest message, what the client
//! adds behind it, the user's and the developer's items on the Responses wire, and the beginning of
//! the system prompt are read; everything else is skipped.
//!
//! The host hands over an excerpt of the request. It has all that is read here, so the limits of
//! both are the same.
//!
//! Sources: <https://docs.anthropic.com/en/api/messages> and
//! <https://platform.openai.com/docs/api-reference/responses/create>.

use crate::catalog::{self, CompactionMarker, SkillRole};
use crate::entry::billing_line::BillingLine;
use crate::entry::collection::RawList;
use crate::entry::developer_text::{Policy, collaboration_plan};
use crate::entry::lenient::{Count, JsonText, Lenient, Object};
use crate::entry::message::{Content, ContentPart, Message, head, is_reminder, prefix};
use crate::entry::turn_metadata::TurnMetadata;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The most messages of the client behind the newest message of the user that are read.
const MAX_ADDED_MESSAGES: usize = 16;
/// How much of a summary identifies it, in UTF-16 code units.
const SUMMARY_UNITS: usize = 2000;
/// How much of an encrypted summary identifies it, in UTF-16 code units.
const ENCRYPTED_UNITS: usize = 64;
/// How many different skills of one message are read. No user calls more at once.
const MAX_SKILLS: usize = 64;

/// What a request contains about its turn.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(super) struct RequestFacts<'a> {
    /// The record of a WebSocket connection that never carried a turn.
    pub(super) transport_only: bool,
    /// A probe that asks for a single token.
    pub(super) single_token: bool,
    /// The skills that the user called by their slash commands.
    pub(super) skills: Vec<String>,
    /// The number of `<command-message>` markers that contain no name or have no end.
    pub(super) broken_skill_markers: u64,
    /// The newest message comes from the user, without a tool result, and contains text, not only
    /// an image.
    pub(super) has_prompt_text: bool,
    /// The user asked for a compaction.
    pub(super) manual_compact: bool,
    /// The request asks the model for a summary, from which the conversation continues.
    pub(super) asks_for_summary: bool,
    /// The hash of the summary that the conversation continues from; `None` if there is none.
    pub(super) continues: Option<u64>,
    /// The permission policy in the newest instructions to Codex.
    pub(super) policy: Option<Policy>,
    /// Whether a reminder in the newest messages turns plan mode on or off.
    pub(super) plan: Option<bool>,
    /// Whether the newest collaboration mode of Codex is the one in which it only plans.
    pub(super) collaboration_plan: Option<bool>,
    /// The user has refused a tool call of the turn before.
    pub(super) is_refused: bool,
    /// What Codex says about its request.
    pub(super) metadata: TurnMetadata,
    /// A list in it was longer than any real one.
    pub(super) has_refused: bool,
    /// The blocks of Anthropic's system prompt, not read yet.
    system: RawList<'a>,
    /// Codex's system prompt, not read yet.
    instructions: Option<&'a RawValue>,
}

/// Reads a request, whole or an excerpt in the same form.
///
/// # Errors
/// If the JSON is malformed.
pub(super) fn read(json: &str) -> Result<RequestFacts<'_>, serde_json::Error> {
    let Object(request): Object<RequestBody<'_>> = serde_json::from_str(json)?;
    let Some(request) = request else { return Ok(RequestFacts::default()) };
    let metadata = request.client_metadata.0.and_then(|metadata| metadata.turn);
    let mut facts = RequestFacts {
        transport_only: request.capture.text() == Some("transport-only"),
        single_token: request.max_tokens.count() == Some(1),
        metadata: metadata.map(|it| TurnMetadata::read(it.get())).unwrap_or_default(),
        has_refused: [&request.system, &request.messages, &request.input]
            .iter()
            .any(|list| list.is_refused),
        system: request.system,
        instructions: request.instructions,
        ..RequestFacts::default()
    };
    facts.read_messages(&request.messages.values)?;
    facts.read_input(&request.input.values)?;
    Ok(facts)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RequestBody<'a> {
    #[serde(borrow)]
    capture: Lenient<JsonText<'a>>,
    max_tokens: Lenient<Count>,
    #[serde(borrow)]
    system: RawList<'a>,
    #[serde(borrow)]
    instructions: Option<&'a RawValue>,
    #[serde(borrow)]
    client_metadata: Object<ClientMetadata<'a>>,
    #[serde(borrow)]
    messages: RawList<'a>,
    #[serde(borrow)]
    input: RawList<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClientMetadata<'a> {
    #[serde(rename = "x-codex-turn-metadata", borrow)]
    turn: Option<&'a RawValue>,
}

impl RequestFacts<'_> {
    /// Reads Anthropic's history. Only its first message, the newest message of the user or the
    /// model, and what the client adds behind that one can contain something new.
    fn read_messages(&mut self, messages: &[&RawValue]) -> Result<(), serde_json::Error> {
        let mut added = Vec::new();
        let mut older = messages;
        let mut newest = None;
        while let [rest @ .., last] = older {
            let Object(message): Object<Message<'_>> = serde_json::from_str(last.get())?;
            older = rest;
            match message {
                Some(message) if message.is_of("system") => {
                    if added.len() < MAX_ADDED_MESSAGES {
                        added.push(message);
                    }
                }
                other => {
                    newest = other;
                    break;
                }
            }
        }
        if let Some(first) = older.first() {
            let Object(message): Object<Message<'_>> = serde_json::from_str(first.get())?;
            if let Some(message) = message.filter(|message| message.is_of("user")) {
                self.read_summary(&message.content()?);
            }
        }
        if let Some(message) = newest.filter(|message| message.is_of("user")) {
            self.read_newest(&message.content()?);
        }
        for message in added.iter().rev() {
            for JsonText(text) in message.content()?.texts {
                self.plan = catalog::plan_mode(&text).or(self.plan);
            }
        }
        Ok(())
    }

    /// Reads the items of the Responses wire. All of them, because the position of Codex's
    /// instructions and of an earlier summary is not specified.
    fn read_input(&mut self, items: &[&RawValue]) -> Result<(), serde_json::Error> {
        // The newest item that the client has not added itself, if it is a message of the user.
        let mut newest = None;
        for item in items {
            let Object(item): Object<Message<'_>> = serde_json::from_str(item.get())?;
            let Some(item) = item else {
                newest = None;
                continue;
            };
            if !item.is_of("developer") && !item.is_of("system") {
                newest = None;
            }
            if item.is_of("developer") {
                for JsonText(text) in item.content()?.texts {
                    self.policy = Policy::of_text(&text).or(self.policy.take());
                    self.collaboration_plan = collaboration_plan(&text).or(self.collaboration_plan);
                }
            } else if item.is_of("user") {
                // A message behind the request for a summary belongs to the next turn.
                self.asks_for_summary = false;
                let content = item.content()?;
                self.read_summary(&content);
                newest = Some(item);
            } else {
                self.read_compaction_item(&item);
            }
        }
        if let Some(message) = newest {
            self.read_newest(&message.content()?);
        }
        Ok(())
    }

    fn read_compaction_item(&mut self, item: &Message<'_>) {
        match catalog::compaction_item(item.kind.text_or_empty()) {
            Some(CompactionMarker::Request) => self.asks_for_summary = true,
            Some(CompactionMarker::Continuation) => {
                self.asks_for_summary = false;
                let summary = prefix(item.encrypted_content.text_or_empty(), ENCRYPTED_UNITS);
                self.continues = Some(hash(&(item.id.text_or_empty(), summary)));
            }
            None => {}
        }
    }

    /// Reads the newest message of the user.
    fn read_newest(&mut self, content: &Content<'_>) {
        self.read_summary(content);
        for JsonText(text) in &content.texts {
            self.plan = catalog::plan_mode(text).or(self.plan);
            self.is_refused |= catalog::is_refusal(text);
            if !is_reminder(text) {
                self.read_commands(head(text));
            }
        }
        // The request for a summary follows what the user or a tool has said.
        let last = content.texts.iter().rev().find(|JsonText(text)| !is_reminder(text));
        let marker = last.and_then(|JsonText(text)| catalog::compaction_marker(text.trim_start()));
        self.asks_for_summary |= marker == Some(CompactionMarker::Request);
        let has_text = content.texts.iter().any(|JsonText(text)| !head(text).trim().is_empty());
        self.has_prompt_text = has_text && !content.has_result;
    }

    /// Reads the summary that a conversation continues from.
    fn read_summary(&mut self, content: &Content<'_>) {
        for JsonText(text) in &content.texts {
            let text = text.trim_start();
            if catalog::compaction_marker(text) == Some(CompactionMarker::Continuation) {
                self.continues = Some(hash(&prefix(text, SUMMARY_UNITS)));
            }
        }
    }

    fn read_commands(&mut self, text: &str) {
        for rest in text.split("<command-message>").skip(1) {
            let marker = rest.split_once("</command-message>").map(|(marker, _)| marker.trim());
            let Some(name) = marker
                .and_then(catalog::skill_in_marker)
                .map(catalog::without_slash)
                .filter(|name| !name.is_empty())
            else {
                self.broken_skill_markers += 1;
                continue;
            };
            match catalog::command_role(name) {
                Some(SkillRole::Compact) => self.manual_compact = true,
                Some(SkillRole::BuiltIn) => {}
                Some(SkillRole::Plain | SkillRole::Command) | None => {
                    if self.skills.len() < MAX_SKILLS
                        && !self.skills.iter().any(|known| known == name)
                    {
                        self.skills.push(name.to_owned());
                    }
                }
            }
        }
    }

    /// The agent type, from the first words of the main part of the system prompt.
    pub(super) fn agent_type(&self) -> Option<&'static str> {
        let instructions = || {
            let text: Lenient<JsonText<'_>> =
                serde_json::from_str(self.instructions?.get()).ok()?;
            text.text().map(str::to_owned)
        };
        let prompt = self.system_text(2).or_else(instructions)?;
        catalog::agent_type_of_prompt(prompt.trim())
    }

    /// The line with which Claude Code begins its system prompt.
    pub(super) fn billing_line(&self) -> Option<BillingLine> {
        BillingLine::read(&self.system_text(0)?)
    }

    fn system_text(&self, at: usize) -> Option<String> {
        let block = self.system.values.get(at)?.get();
        let Object(block): Object<ContentPart<'_>> = serde_json::from_str(block).ok()?;
        block?.text.text().map(str::to_owned)
    }
}

fn hash(summary: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    summary.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
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
            (
                "a skill",
                "<command-message>acme:release</command-message>",
                vec!["acme:release"],
                false,
            ),
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
            let facts = facts(format!(
                r#"{{"input":[{},{{"role":"user","content":"hi"}}]}}"#,
                items.join(",")
            ));
            (facts.policy, facts.collaboration_plan)
        };
        let policy = |name: &str| {
            format!("<permissions instructions>\nApproval policy is currently {name}.")
        };
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
        let added =
            r#"{"input":[{"role":"user","content":"hi"},{"role":"developer","content":"x"}]}"#;
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
        let asks = r#"{"type":"text","text":"CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.\n\nx"}"#;
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
        let version =
            |facts: &RequestFacts<'_>| facts.billing_line().and_then(BillingLine::version);
        assert_eq!(version(&facts).as_deref(), Some("2.1.7"));
        assert_eq!(facts.agent_type(), Some("explore"));
        let other = read(r#"{"system":"You are a file search specialist"}"#).unwrap();
        assert_eq!((other.agent_type(), version(&other)), (None, None));
    }
}
