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
mod tests;
