//! The few facts that are read from a request: commands of the user, permissions, compaction, the
//! agent.
//!
//! A request can contain 50 MB of history. Only the first and the newest message, the user's and
//! the developer's items on the Responses wire, and the beginning of the system prompt are read;
//! everything else is skipped.
//!
//! Sources: <https://docs.anthropic.com/en/api/messages> and
//! <https://platform.openai.com/docs/api-reference/responses/create>.

use crate::catalog::{self, CompactionMarker, SkillRole};
use crate::entry::lenient::{Count, JsonText, Lenient, List, Object};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A longer text, in bytes, is not a version.
const MAX_VERSION_LENGTH: usize = 24;

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
    /// The newest message comes from the user and contains no tool result.
    pub(super) is_from_user: bool,
    /// That message contains text, and not only an image.
    pub(super) has_prompt_text: bool,
    /// The user asked for a compaction.
    pub(super) manual_compact: bool,
    /// The request asks the model for a summary, from which the conversation continues.
    pub(super) asks_for_summary: bool,
    /// The hash of the summary that the conversation continues from; `None` if there is none.
    pub(super) continues: Option<u64>,
    /// The permission mode in the developer's instructions to Codex.
    pub(super) policy: Option<String>,
    /// The instructions to Codex contain permissions, but no known mode.
    pub(super) is_policy_unknown: bool,
    /// Whether the newest message turns plan mode on or off.
    pub(super) plan: Option<bool>,
    /// The blocks of Anthropic's system prompt, not read yet.
    system: List<&'a RawValue>,
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
struct RequestBody<'a> {
    #[serde(borrow)]
    capture: Lenient<JsonText<'a>>,
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

/// A message, on either wire.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    role: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// A part of a message, or a block of the system prompt.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ContentPart<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    text: Lenient<JsonText<'a>>,
}

impl Message<'_> {
    fn is_of(&self, role: &str) -> bool {
        self.role.text() == Some(role)
    }

    /// Calls `read` with each text of the content, which is one string or a list of parts. Returns
    /// whether the content contains a tool result.
    fn for_each_text(&self, mut read: impl FnMut(&str)) -> Result<bool, serde_json::Error> {
        let Some(content) = self.content.map(RawValue::get) else { return Ok(false) };
        if content.starts_with('"') {
            read(serde_json::from_str::<Lenient<JsonText<'_>>>(content)?.text_or_empty());
            return Ok(false);
        }
        let parts: List<Object<ContentPart<'_>>> = serde_json::from_str(content)?;
        let parts = || parts.iter().filter_map(|part| part.0.as_ref());
        parts().filter_map(|part| part.text.text()).for_each(read);
        Ok(parts().any(|part| part.kind.text() == Some("tool_result")))
    }
}

impl RequestFacts<'_> {
    /// Reads Anthropic's history. Only its first and its newest message can contain something new.
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

    /// Reads the items of the Responses wire. All of them, because the position of Codex's
    /// instructions and of an earlier summary is not specified.
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
        let mut has_prompt_text = false;
        let has_result = message.for_each_text(|text| {
            has_prompt_text |= !text.trim().is_empty();
            self.read_compaction(text.trim_start(), is_newest);
            if is_newest {
                self.read_user_text(text);
            }
        })?;
        self.is_from_user = is_newest && !has_result;
        self.has_prompt_text = self.is_from_user && has_prompt_text;
        Ok(())
    }

    fn read_compaction(&mut self, text: &str, is_newest: bool) {
        match catalog::compaction_marker(text) {
            Some(CompactionMarker::Request) => self.asks_for_summary |= is_newest,
            Some(CompactionMarker::Continuation) => {
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
        self.is_policy_unknown = self.policy.is_none();
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

    /// The version in the first block of Claude Code's system prompt. Only its three numbers are
    /// read, because what follows them is a fingerprint of the conversation.
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
        let Object(block): Object<ContentPart<'_>> = serde_json::from_str(block).ok()?;
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
    fn a_developer_message_sets_codex_permission_mode() {
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
    fn a_request_of_another_form_has_no_facts() {
        for json in ["null", "[]", "7", r#"{"messages":7,"input":"x"}"#, r#"{"messages":[7]}"#] {
            assert!(has_no_facts(json), "{json}");
        }
        assert!(read("{").is_err());
    }

    #[test]
    fn the_newest_message_switches_plan_mode() {
        for (text, plan) in [
            ("<system-reminder>Plan mode is active. Do not edit.</system-reminder>", Some(true)),
            ("Plan mode still active", Some(true)),
            ("## Exited Plan Mode", Some(false)),
            ("what is a plan mode?", None),
        ] {
            assert_eq!(user(text).plan, plan, "{text}");
        }
        assert!(user("hi").is_from_user);
        let result =
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":"x"}]}]}"#;
        assert!(!read(result).unwrap().is_from_user);
        let codex = r#"{"input":[{"role":"user","content":"hi"},{"type":"function_call_output"}]}"#;
        assert!(!read(codex).unwrap().is_from_user);
    }

    #[test]
    fn requests_for_and_from_summaries_are_recognised() {
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
    fn the_system_prompt_names_agent_and_version() {
        let json = r#"{"system":[{"text":"x cc_version=2.1.7.df2; y"},{"text":"brand"},
            {"text":" You are a file search specialist for Claude Code"}]}"#;
        let facts = read(json).unwrap();
        assert_eq!(facts.agent_version().as_deref(), Some("2.1.7"));
        assert_eq!(facts.agent_type(), Some("explore"));
        let other = read(r#"{"system":"You are a file search specialist"}"#).unwrap();
        assert_eq!((other.agent_type(), other.agent_version()), (None, None));
    }
}
