//! The little that is read of a request: what the user just said to the agent's machinery.
//!
//! A request can be 50 MB of history. Only the newest message, and Codex's developer messages,
//! are looked at; everything else is read past.

use crate::entry::lenient::{Count, Lenient, List, Object, Text};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Slash commands that the client answers itself or that are no skills.
const BUILT_IN_COMMANDS: &[&str] = &[
    "clear",
    "compact",
    "config",
    "doctor",
    "fast",
    "help",
    "init",
    "login",
    "logout",
    "memory",
    "permissions",
    "resume",
    "status",
];

/// What a request says about its turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RequestFacts {
    /// The record of a WebSocket connection that never carried a turn.
    pub(super) transport_only: bool,
    /// A probe that asks for a single token.
    pub(super) single_token: bool,
    /// Skills that the user called by their slash command.
    pub(super) skills: Vec<String>,
    /// A `<command-message>` that names nothing, or never ends.
    pub(super) broken_skill_markers: u64,
    /// The user asked for a compaction.
    pub(super) manual_compact: bool,
    /// How much the agent may do without asking.
    pub(super) permission_mode: Option<String>,
}

/// What stands before the approval policy in Codex's developer message. Its newer text for
/// `on-request` names no policy, and has a section about escalation instead.
const APPROVAL_MARKERS: &[&str] = &["Approval policy is currently ", "`approval_policy` is `"];

/// Reads a request, whole or an excerpt of the same shape.
pub(super) fn read(json: &str) -> Result<RequestFacts, serde_json::Error> {
    let Object(request): Object<Request<'_>> = serde_json::from_str(json)?;
    let Some(request) = request else { return Ok(RequestFacts::default()) };
    let mut facts = RequestFacts {
        transport_only: request.capture.text() == Some("transport-only"),
        single_token: request.max_tokens.count() == Some(1),
        ..RequestFacts::default()
    };
    if let Some(newest) = request.messages.0.as_ref().and_then(|messages| messages.last()) {
        let Object(message): Object<Message<'_>> = serde_json::from_str(newest.get())?;
        if let Some(message) = message.filter(|message| message.role.text() == Some("user")) {
            message.for_each_text(|text| facts.read_user_text(text))?;
        }
    }
    for item in request.input.iter().filter_map(|item| item.0.as_ref()) {
        if item.role.text() == Some("developer") {
            item.for_each_text(|text| facts.read_developer_text(text))?;
        }
    }
    Ok(facts)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request<'a> {
    #[serde(borrow)]
    capture: Lenient<Text<'a>>,
    max_tokens: Lenient<Count>,
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow)]
    text: Lenient<Text<'a>>,
}

impl Message<'_> {
    /// Calls `read` with each text of the content, be it one string or a list of parts.
    fn for_each_text(&self, mut read: impl FnMut(&str)) -> Result<(), serde_json::Error> {
        let Some(content) = self.content.map(RawValue::get) else { return Ok(()) };
        if content.starts_with('"') {
            read(serde_json::from_str::<Lenient<Text<'_>>>(content)?.text_or_empty());
            return Ok(());
        }
        let parts: List<Object<Part<'_>>> = serde_json::from_str(content)?;
        parts.iter().filter_map(|part| part.0.as_ref()?.text.text()).for_each(read);
        Ok(())
    }
}

impl RequestFacts {
    fn read_user_text(&mut self, text: &str) {
        if text.contains("Plan mode is active") {
            self.permission_mode = Some("plan".to_owned());
        }
        for rest in text.split("<command-message>").skip(1) {
            // Clients write `NAME is running…` in it, older ones the bare name.
            let marker = rest.split_once("</command-message>").map(|(marker, _)| marker);
            let name = marker.and_then(|marker| marker.split_whitespace().next()).map(skill_name);
            match name {
                None | Some("") => self.broken_skill_markers += 1,
                Some("compact") => self.manual_compact = true,
                Some(name) if BUILT_IN_COMMANDS.contains(&name) => {}
                Some(name) => {
                    if !self.skills.iter().any(|known| known == name) {
                        self.skills.push(name.to_owned());
                    }
                }
            }
        }
    }

    fn read_developer_text(&mut self, text: &str) {
        let Some((_, instructions)) = text.split_once("<permissions instructions>") else { return };
        let policy = APPROVAL_MARKERS.iter().find_map(|marker| word_after(instructions, marker));
        let policy = policy
            .or_else(|| instructions.contains("# Escalation Requests").then_some("on-request"));
        let sandbox = word_after(instructions, "`sandbox_mode` is `");
        let mode = match (policy, sandbox) {
            (Some("never"), Some("danger-full-access")) => Some("full-access"),
            (Some("unless-trusted"), _) => Some("untrusted"),
            (policy, _) => policy,
        };
        self.permission_mode = mode.map(str::to_owned).or(self.permission_mode.take());
    }
}

/// A skill's name, however it is called.
pub(super) fn skill_name(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

/// The word that follows `marker`: letters and hyphens.
fn word_after<'t>(text: &'t str, marker: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(marker)?;
    let end = rest.find(|c: char| !c.is_ascii_alphabetic() && c != '-').unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str) -> RequestFacts {
        let text = serde_json::to_string(text).unwrap();
        read(&format!(r#"{{"messages":[{{"role":"user","content":{text}}}]}}"#)).unwrap()
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
        assert_eq!(read(old).unwrap(), RequestFacts::default());
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
            read(&json).unwrap().permission_mode
        };
        assert_eq!(codex("never", "workspace-write").as_deref(), Some("never"));
        assert_eq!(codex("on-request", "read-only").as_deref(), Some("on-request"));
        assert_eq!(codex("never", "danger-full-access").as_deref(), Some("full-access"));
    }

    #[test]
    fn a_request_of_any_other_shape_says_nothing() {
        for json in ["null", "[]", "7", r#"{"messages":7,"input":"x"}"#, r#"{"messages":[7]}"#] {
            assert_eq!(read(json).unwrap(), RequestFacts::default(), "{json}");
        }
        assert!(read("{").is_err());
    }
}
