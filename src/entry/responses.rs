//! The `OpenAI` Responses wire, as Codex and Grok speak it: events over HTTP or WebSocket, and bodies.
//!
//! Source: <https://platform.openai.com/docs/api-reference/responses-streaming>. A stream ends with
//! `response.completed`, `.failed` or `.incomplete`; `.done` is an older spelling. The host reduces
//! the good endings of a WebSocket turn to a bare `{type, _ts}`.

use crate::catalog::{self, Stop, WireKind};
use crate::entry::error_body::ErrorBody;
use crate::entry::lenient::{Lenient, List, Object, Text};
use crate::entry::response_facts::ResponseFacts;
use crate::entry::token_counts::TokenCounts;
use crate::entry::tool_call::ToolCall;
use crate::entry::tool_input::{ToolInput, read_call};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// An output item: a message, a reasoning step or a call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Item<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<Text<'a>>,
    #[serde(borrow)]
    id: Lenient<Text<'a>>,
    #[serde(borrow)]
    call_id: Lenient<Text<'a>>,
    #[serde(borrow)]
    name: Lenient<Text<'a>>,
    #[serde(borrow)]
    namespace: Lenient<Text<'a>>,
    #[serde(borrow)]
    server_label: Lenient<Text<'a>>,
    /// JSON, as a text.
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Lenient<Text<'a>>,
    #[serde(borrow)]
    action: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Lenient<Text<'a>>,
}

/// The response object around the items.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    status: Lenient<Text<'a>>,
    #[serde(borrow)]
    incomplete_details: Object<IncompleteDetails<'a>>,
    #[serde(borrow)]
    error: Object<ErrorBody<'a>>,
    usage: Object<TokenCounts>,
    #[serde(borrow)]
    output: List<Object<ItemKind<'a>>>,
}

/// An item of which only the type is of interest.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ItemKind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<Text<'a>>,
}

impl Envelope<'_> {
    /// How many calls the response has in the end, if it says.
    fn calls(&self) -> Option<u64> {
        let items = || self.output.iter().filter_map(|item| item.0.as_ref());
        let calls = items().filter(|item| is_call(item.kind.text_or_empty())).count() as u64;
        items().next().map(|_| calls)
    }
}

/// Why a response is incomplete.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct IncompleteDetails<'a> {
    #[serde(borrow)]
    reason: Lenient<Text<'a>>,
}

/// What an event has beside its type, as far as this wire uses it.
pub(super) struct EventParts<'e, 'a> {
    pub(super) item: Option<&'e Item<'a>>,
    pub(super) response: Option<&'e Envelope<'a>>,
}

/// Folds one event of a stream, which arrived at `at`, into `facts`.
pub(super) fn add_event(
    facts: &mut ResponseFacts,
    kind: &str,
    parts: &EventParts<'_, '_>,
    at: Option<u64>,
) {
    match kind {
        "response.output_text.delta" => facts.token_at(at),
        "response.output_item.added" => {
            let kind = parts.item.map(|item| item.kind.text_or_empty());
            note_item(facts, kind.unwrap_or_default());
        }
        // `.added` precedes it with the same item, sometimes without its arguments.
        "response.output_item.done" => match parts.item {
            Some(item) => add_call(facts, item),
            None => note_item(facts, ""),
        },
        "response.completed" | "response.done" | "response.failed" | "response.incomplete" => {
            let envelope = parts.response;
            let status = envelope.and_then(|envelope| envelope.status.text());
            let details = envelope.and_then(|envelope| envelope.incomplete_details.0.as_ref());
            let failure = envelope.and_then(|envelope| envelope.error.0.as_ref());
            // What the host has reduced to a marker was a good ending, with usage.
            let good = matches!(kind, "response.completed" | "response.done");
            facts.usage = envelope.and_then(|envelope| envelope.usage.0);
            facts.vouches_for_usage = good || envelope.is_some_and(|e| e.usage.0.is_some());
            // What a call that was cut looks like in the end is not said.
            if kind == "response.completed" {
                facts.told_calls = envelope.and_then(Envelope::calls);
            }
            end(facts, status.or(stop_reason_of(kind)), details, failure);
        }
        _ if catalog::responses_knows(WireKind::Event, kind) => {}
        _ => facts.note_unknown(WireKind::Event, kind),
    }
}

/// Reads a whole response object.
pub(super) fn read_body(
    facts: &mut ResponseFacts,
    output: &List<Object<Item<'_>>>,
    status: Option<&str>,
    details: Option<&IncompleteDetails<'_>>,
    failure: Option<&ErrorBody<'_>>,
) {
    for item in output.iter().filter_map(|item| item.0.as_ref()) {
        add_call(facts, item);
    }
    let has_ended = |status: &&str| catalog::stop(status).is_some_and(|stop| stop != Stop::Open);
    if let Some(status) = status.filter(has_ended) {
        end(facts, Some(status), details, failure);
    }
}

/// Counts the call that an item is, once.
fn add_call(facts: &mut ResponseFacts, item: &Item<'_>) {
    let kind = item.kind.text_or_empty();
    note_item(facts, kind);
    if !is_call(kind) || !facts.is_new_call(item.call_id.text().or_else(|| item.id.text())) {
        return;
    }
    facts.seen_calls += 1;
    let is_countable = matches!(kind, "function_call" | "tool_call" | "custom_tool_call");
    facts.host_countable_calls += u64::from(is_countable);
    // One that was cut has not run.
    let is_cut = item.status.text() == Some("incomplete");
    facts.calls.extend(item.call().map(|call| if is_cut { call.never_run() } else { call }));
}

fn note_item(facts: &mut ResponseFacts, kind: &str) {
    if !catalog::responses_knows(WireKind::Item, kind) {
        facts.note_unknown(WireKind::Item, kind);
    }
}

/// Whether an item of this type is a call, and not the output of one.
fn is_call(kind: &str) -> bool {
    kind.ends_with("_call")
}

fn end(
    facts: &mut ResponseFacts,
    status: Option<&str>,
    details: Option<&IncompleteDetails<'_>>,
    failure: Option<&ErrorBody<'_>>,
) {
    facts.terminal = true;
    facts.stop_reason = status.map(str::to_owned);
    let reason = details.and_then(|details| details.reason.text());
    let cut_by = reason.and_then(catalog::stop);
    facts.hit_max_tokens = cut_by == Some(Stop::MaxTokens);
    if let Some(reason) = reason.filter(|_| cut_by.is_none()) {
        facts.note_unknown(WireKind::Incomplete, reason);
    }
    if status.and_then(catalog::stop) == Some(Stop::Failed) {
        facts.error = Some(failure.and_then(ErrorBody::kind).unwrap_or_default());
    }
}

/// What the event alone says; the bare `response.done` says nothing but that it is over.
fn stop_reason_of(event: &str) -> Option<&'static str> {
    catalog::stop_reason(event.strip_prefix("response.")?)
}

impl Item<'_> {
    /// The call that this item is, if it is one: any `*_call`, and not its output.
    fn call(&self) -> Option<ToolCall> {
        let kind = self.kind.text()?;
        let name = self.name.text().or(kind.strip_suffix("_call"))?;
        let arguments = self.arguments();
        let input = match kind {
            "function_call" | "tool_call" => arguments.as_deref().map(ToolInput::Json),
            "custom_tool_call" => self.input.text().map(ToolInput::Plain),
            _ if is_call(kind) => self.action.map(|action| ToolInput::Json(action.get())),
            _ => return None,
        };
        Some(match self.server() {
            Some(server) => ToolCall::of_server(server, name),
            None => read_call(name, input.unwrap_or(ToolInput::Absent)),
        })
    }

    /// The JSON of a function's arguments, which is a text; or what some may write, the object itself.
    fn arguments(&self) -> Option<Cow<'_, str>> {
        let json = self.arguments?.get();
        if json.starts_with('{') {
            return Some(json.into());
        }
        let Lenient(text): Lenient<Text<'_>> = serde_json::from_str(json).ok()?;
        text.map(|Text(text)| text).filter(|text| !text.is_empty())
    }

    /// The MCP server whose tool it is: named by a hosted call, or by the group it stands in, which
    /// is called `mcp__<server>`, at times with a tail.
    fn server(&self) -> Option<&str> {
        let grouped = self.namespace.text().and_then(catalog::mcp_namespace);
        grouped.or(self.server_label.text())
    }
}
