//! The little that is read of a request: what the user just said to the agent's machinery.
//!
//! A request can be 50 MB of history. Only its first and its newest message, the user's and the
//! developer's items on the Responses wire, and the beginning of the system prompt are looked at;
//! everything else is read past.

use crate::catalog::{self, Compacting, SkillRole};
use crate::entry::lenient::{Count, Lenient, List, Object, Text};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A longer version is none.
const MAX_VERSION_LENGTH: usize = 24;

/// What a request says about its turn.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(super) struct RequestFacts<'a> {
    /// The record of a WebSocket connection that never carried a turn.
    pub(super) transport_only: bool,
    /// A probe that asks for a single token.
    pub(super) single_token: bool,
    /// Skills that the user called by their slash command.
    pub(super) skills: Vec<String>,
    /// A `<command-message>` that names nothing, or never ends.
    pub(super) broken_skill_markers: u64,
    /// The newest message is the user's own, and no tool result.
    pub(super) typed: bool,
    /// It has words, and not only an image.
    pub(super) has_words: bool,
    /// The user asked for a compaction.
    pub(super) manual_compact: bool,
    /// The model is asked for a summary to go on from.
    pub(super) asks_for_summary: bool,
    /// The conversation goes on from a summary: a hash of that.
    pub(super) continues: Option<u64>,
    /// Codex's word on how much the agent may do without asking.
    pub(super) policy: Option<String>,
    /// Codex was told how much, in words of which none was understood.
    pub(super) policy_unread: bool,
    /// Whether the agent only plans, where the newest message says so.
    pub(super) plan: Option<bool>,
    /// The blocks of Anthropic's system prompt, unread.
    system: List<&'a RawValue>,
    /// Codex's system prompt, unread.
    instructions: Option<&'a RawValue>,
}

/// Reads a request, whole or an excerpt of the same shape.
pub(super) fn read(json: &str) -> Result<RequestFacts<'_>, serde_json::Error> {
    let Object(request): Object<Request<'_>> = serde_json::from_str(json)?;
    let Some(request) = request else { return Ok(RequestFacts::default()) };
    let mut facts = RequestFacts {
        transport_only: request.capture.text() == Some("transport-only"),
        single_token: request.max_tokens.count() == Some(1),
        system: request.system,
        instructions: request.instructions,
        ..RequestFacts::default()
    };
    facts.read_messages(request.messages.0.as_deref().unwrap_or_default())?;
    facts.read_input(request.input.0.as_deref().unwrap_or_default())?;
    Ok(facts)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request<'a> {
    #[serde(borrow)]
    capture: Lenient<Text<'a>>,
    max_tokens: Lenient<Count>,
    #[serde(borrow)]
    system: List<&'a RawValue>,
    #[serde(borrow)]
    instructions: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: List<&'a RawValue>,
    #[serde(borrow)]
    input: List<Object<Message<'a>>>,
}

/// A message of either wire.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    role: Lenient<Text<'a>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// A part of a message, or a block of the system prompt.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<Text<'a>>,
    #[serde(borrow)]
    text: Lenient<Text<'a>>,
}

impl Message<'_> {
    fn is_of(&self, role: &str) -> bool {
        self.role.text() == Some(role)
    }

    /// Calls `read` with each text of the content, be it one string or a list of parts. Whether a tool
    /// result is among them.
    fn for_each_text(&self, mut read: impl FnMut(&str)) -> Result<bool, serde_json::Error> {
        let Some(content) = self.content.map(RawValue::get) else { return Ok(false) };
        if content.starts_with('"') {
            read(serde_json::from_str::<Lenient<Text<'_>>>(content)?.text_or_empty());
            return Ok(false);
        }
        let parts: List<Object<Part<'_>>> = serde_json::from_str(content)?;
        let parts = || parts.iter().filter_map(|part| part.0.as_ref());
        parts().filter_map(|part| part.text.text()).for_each(read);
        Ok(parts().any(|part| part.kind.text() == Some("tool_result")))
    }
}

impl RequestFacts<'_> {
    /// Anthropic's history: only its first and its newest message say something new.
    fn read_messages(&mut self, messages: &[&RawValue]) -> Result<(), serde_json::Error> {
        let [older @ .., newest] = messages else { return Ok(()) };
        for (message, is_newest) in
            older.first().map(|it| (it, false)).into_iter().chain([(newest, true)])
        {
            let Object(message): Object<Message<'_>> = serde_json::from_str(message.get())?;
            if let Some(message) = message.filter(|message| message.is_of("user")) {
                self.read_user_message(&message, is_newest)?;
            }
        }
        Ok(())
    }

    /// The items of the Responses wire. Where Codex has put its own instructions and an earlier summary
    /// is not said anywhere.
    fn read_input(&mut self, items: &[Object<Message<'_>>]) -> Result<(), serde_json::Error> {
        for (at, item) in items.iter().enumerate() {
            let Object(Some(item)) = item else { continue };
            if item.is_of("developer") {
                item.for_each_text(|text| self.read_developer_text(text))?;
            } else if item.is_of("user") {
                self.read_user_message(item, at + 1 == items.len())?;
            }
        }
        Ok(())
    }

    fn read_user_message(
        &mut self,
        message: &Message<'_>,
        is_newest: bool,
    ) -> Result<(), serde_json::Error> {
        let mut has_words = false;
        let has_result = message.for_each_text(|text| {
            has_words |= !text.trim().is_empty();
            self.read_compaction(text.trim_start(), is_newest);
            if is_newest {
                self.read_user_text(text);
            }
        })?;
        self.typed = is_newest && !has_result;
        self.has_words = self.typed && has_words;
        Ok(())
    }

    fn read_compaction(&mut self, text: &str, is_newest: bool) {
        match catalog::compaction(text) {
            Some(Compacting::Request) => self.asks_for_summary |= is_newest,
            Some(Compacting::Continuation) => {
                let mut hasher = DefaultHasher::new();
                text.hash(&mut hasher);
                self.continues = Some(hasher.finish());
            }
            None => {}
        }
    }

    fn read_user_text(&mut self, text: &str) {
        self.plan = catalog::plan_mode(text).or(self.plan);
        for rest in text.split("<command-message>").skip(1) {
            let marker = rest.split_once("</command-message>").map(|(marker, _)| marker.trim());
            let Some(name) = marker
                .and_then(catalog::commanded)
                .map(catalog::without_slash)
                .filter(|name| !name.is_empty())
            else {
                self.broken_skill_markers += 1;
                continue;
            };
            match catalog::command(name) {
                Some(SkillRole::Compact) => self.manual_compact = true,
                Some(SkillRole::BuiltIn) => {}
                Some(SkillRole::Plain | SkillRole::Command) | None => {
                    if !self.skills.iter().any(|known| known == name) {
                        self.skills.push(name.to_owned());
                    }
                }
            }
        }
    }

    fn read_developer_text(&mut self, text: &str) {
        let Some((_, instructions)) = text.split_once("<permissions instructions>") else { return };
        let policy = catalog::permission_policy(instructions).map(str::to_owned);
        self.policy = policy.or(self.policy.take());
        self.policy_unread = self.policy.is_none();
    }

    /// The type of the agent, by how the main part of its system prompt begins.
    pub(super) fn agent_type(&self) -> Option<&'static str> {
        let instructions = || {
            let text: Lenient<Text<'_>> = serde_json::from_str(self.instructions?.get()).ok()?;
            text.text().map(str::to_owned)
        };
        let prompt = self.system_text(2).or_else(instructions)?;
        catalog::agent_of_prompt(prompt.trim())
    }

    /// The version that Claude Code states at the head of its system prompt. What stands behind the
    /// three numbers is a fingerprint of the conversation.
    pub(super) fn agent_version(&self) -> Option<String> {
        let head = self.system_text(0)?;
        let (_, rest) = head.split_once("cc_version=")?;
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let numbers: Vec<&str> =
            rest[..end].split('.').filter(|it| !it.is_empty()).take(3).collect();
        (numbers.len() == 3 && end <= MAX_VERSION_LENGTH).then(|| numbers.join("."))
    }

    fn system_text(&self, at: usize) -> Option<String> {
        let block = self.system.0.as_ref()?.get(at)?.get();
        let Object(block): Object<Part<'_>> = serde_json::from_str(block).ok()?;
        block?.text.text().map(str::to_owned)
    }
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

    /// A request that says nothing.
    fn says_nothing(json: &str) -> bool {
        let facts = read(json).unwrap();
        let silent = RequestFacts { system: facts.system.clone(), ..RequestFacts::default() };
        format!("{facts:?}") == format!("{silent:?}")
    }

    #[test]
    fn slash_commands_of_the_user_are_skills_unless_they_are_built_in() {
        for (label, text, skills, compact) in [
            (
                "a skill",
                "<command-message>acme:release</command-message>",
                vec!["acme:release"],
                false,
            ),
            (
                "twice the same",
                "<command-message>a</command-message><command-message>a</command-message>",
                vec!["a"],
                false,
            ),
            ("a built-in command", "<command-message>help</command-message>", vec![], false),
            ("a compaction", "<command-message>compact</command-message>", vec![], true),
            (
                "a skill as newer clients write it",
                "<command-message>/acme:ship is running…</command-message>",
                vec!["acme:ship"],
                false,
            ),
            (
                "a built-in one as newer clients write it",
                "<command-message>help is running…</command-message>",
                vec![],
                false,
            ),
            (
                "a compaction as newer clients write it",
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
    fn only_the_newest_message_counts() {
        let old = r#"{"messages":[{"role":"user","content":"<command-message>old</command-message>"},
            {"role":"user","content":[{"type":"tool_result","content":"x"},{"type":"text","text":"hi"}]}]}"#;
        assert!(says_nothing(old));
    }

    #[test]
    fn codex_says_its_permission_mode_in_a_developer_message() {
        let codex = |policy: &str, sandbox: &str| {
            let text = format!(
                "<permissions instructions>\n`sandbox_mode` is `{sandbox}`: ... Approval policy is currently {policy}.\n</permissions instructions>"
            );
            let text = serde_json::to_string(&text).unwrap();
            let json = format!(
                r#"{{"input":[{{"role":"developer","content":[{{"text":{text}}}]}},{{"role":"user","content":"hi"}}]}}"#
            );
            facts(json).policy
        };
        assert_eq!(codex("never", "workspace-write").as_deref(), Some("never"));
        assert_eq!(codex("on-request", "read-only").as_deref(), Some("on-request"));
        assert_eq!(codex("never", "danger-full-access").as_deref(), Some("full-access"));
    }

    #[test]
    fn a_request_of_any_other_shape_says_nothing() {
        for json in ["null", "[]", "7", r#"{"messages":7,"input":"x"}"#, r#"{"messages":[7]}"#] {
            assert!(says_nothing(json), "{json}");
        }
        assert!(read("{").is_err());
    }

    #[test]
    fn plan_mode_is_said_in_the_newest_message() {
        for (text, plan) in [
            ("<system-reminder>Plan mode is active. Do not edit.</system-reminder>", Some(true)),
            ("Plan mode still active", Some(true)),
            ("## Exited Plan Mode", Some(false)),
            ("what is a plan mode?", None),
        ] {
            assert_eq!(user(text).plan, plan, "{text}");
        }
        assert!(user("hi").typed);
        let result =
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":"x"}]}]}"#;
        assert!(!read(result).unwrap().typed);
        let codex = r#"{"input":[{"role":"user","content":"hi"},{"type":"function_call_output"}]}"#;
        assert!(!read(codex).unwrap().typed);
    }

    #[test]
    fn a_compaction_is_seen_in_what_asks_for_it_and_in_what_goes_on_from_it() {
        let asks = "Your task is to create a detailed summary of the conversation so far";
        let goes_on = " This session is being continued from a previous conversation. It was:";
        assert!(user(asks).asks_for_summary && user(asks).continues.is_none());
        assert!(user(goes_on).continues.is_some() && !user(goes_on).asks_for_summary);
        assert_ne!(user(goes_on).continues, user(&format!("{goes_on} x")).continues);
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
    fn the_system_prompt_tells_the_agent_and_its_version() {
        let json = r#"{"system":[{"text":"x cc_version=2.1.7.df2; y"},{"text":"brand"},
            {"text":" You are a file search specialist for Claude Code"}]}"#;
        let facts = read(json).unwrap();
        assert_eq!(facts.agent_version().as_deref(), Some("2.1.7"));
        assert_eq!(facts.agent_type(), Some("explore"));
        let other = read(r#"{"system":"You are a file search specialist"}"#).unwrap();
        assert_eq!((other.agent_type(), other.agent_version()), (None, None));
    }
}
