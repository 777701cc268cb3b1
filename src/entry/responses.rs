//! The `OpenAI` Responses wire, which Codex and Grok use: events over HTTP or WebSocket, and JSON
//! bodies.
//!
//! Source: <https://platform.openai.com/docs/api-reference/responses-streaming>. A stream ends with
//! `response.completed`, `response.failed` or `response.incomplete`; `response.done` is an older
//! name. The host reduces a successful terminal event over WebSocket to `{type, _ts}`.

use crate::catalog::{self, StopOutcome, WireKind};
use crate::entry::collection::Objects;
use crate::entry::error_body::ErrorBody;
use crate::entry::lenient::{JsonText, Lenient, Object};
use crate::entry::output_items::{ItemKey, OutputItems, Telling};
use crate::entry::response_facts::ResponseFacts;
use crate::entry::tool_call::ToolCall;
use crate::entry::tool_input::{ToolInput, read_call};
use crate::entry::usage_block::UsageBlock;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// An output item: a message, a reasoning step or a call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Item<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    id: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    call_id: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    name: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    namespace: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    server_label: Lenient<JsonText<'a>>,
    /// A string that contains JSON.
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    action: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Lenient<JsonText<'a>>,
}

/// The response object around the items.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    status: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    incomplete_details: Object<IncompleteDetails<'a>>,
    #[serde(borrow)]
    error: Object<ErrorBody<'a>>,
    usage: Object<UsageBlock>,
    #[serde(borrow)]
    output: Objects<Item<'a>>,
}

/// Why a response is incomplete.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct IncompleteDetails<'a> {
    #[serde(borrow)]
    reason: Lenient<JsonText<'a>>,
}

/// What an event has beside its type, as far as this wire uses it.
pub(super) struct ResponsesParts<'e, 'a> {
    pub(super) item: Option<&'e Item<'a>>,
    pub(super) response: Option<&'e Envelope<'a>>,
    /// The id of the item that the event belongs to.
    pub(super) item_id: Option<&'e str>,
    /// The place in the output of the item that the event belongs to.
    pub(super) output_index: Option<u64>,
    /// The arguments of a call that has begun before.
    pub(super) arguments: Option<&'e RawValue>,
    /// The input of a call that has begun before, as plain text.
    pub(super) input: Option<&'e str>,
}

/// Folds one event of a stream, which arrived at `at`, into `facts`.
pub(super) fn add_event(
    facts: &mut ResponseFacts,
    items: &mut OutputItems,
    kind: &str,
    parts: &ResponsesParts<'_, '_>,
    at: Option<u64>,
) {
    match kind {
        "response.output_text.delta" => facts.note_token(at),
        // Both contain the same item, the first one often without its arguments.
        "response.output_item.added" | "response.output_item.done" => match parts.item {
            Some(item) => {
                let is_done = kind == "response.output_item.done";
                let telling = if is_done { Telling::Done } else { Telling::Begun };
                add_item(facts, items, item, parts.output_index, telling);
            }
            None => note_item(facts, ""),
        },
        "response.function_call_arguments.done" => {
            let arguments = parts.arguments.and_then(arguments_json);
            let input = arguments.as_deref().map(ToolInput::Json);
            complete(items, parts, input);
        }
        "response.custom_tool_call_input.done" => {
            complete(items, parts, parts.input.map(ToolInput::Plain));
        }
        "response.completed" | "response.done" | "response.failed" | "response.incomplete" => {
            let envelope = parts.response;
            let status = envelope.and_then(|envelope| envelope.status.text());
            let details = envelope.and_then(|envelope| envelope.incomplete_details.0.as_ref());
            let failure = envelope.and_then(|envelope| envelope.error.0.as_ref());
            // The host reduces only successful terminal events, and their usage is in the entry.
            let is_success = matches!(kind, "response.completed" | "response.done");
            facts.update_usage(envelope.and_then(|envelope| envelope.usage.0.clone()));
            facts.confirms_usage = is_success || envelope.is_some_and(|it| it.usage.0.is_some());
            let listed = || envelope.iter().flat_map(|it| it.output.iter());
            for item in listed() {
                add_item(facts, items, item, None, Telling::Listed);
            }
            facts.has_unread_calls |= envelope.is_some_and(|it| it.output.has_more);
            // The specification does not define how the list contains a call that was cut.
            if is_success && listed().next().is_some() {
                facts.reported_calls = Some(items.listed());
            }
            end(facts, status.or(stop_reason_of(kind)), details, failure);
        }
        _ if catalog::is_responses_name(WireKind::Event, kind) => {}
        _ => facts.note_unknown(WireKind::Event, kind),
    }
}

/// Reads a whole response object.
pub(super) fn read_body(
    facts: &mut ResponseFacts,
    output: &Objects<Item<'_>>,
    status: Option<&str>,
    details: Option<&IncompleteDetails<'_>>,
    failure: Option<&ErrorBody<'_>>,
) {
    let mut items = OutputItems::default();
    for item in output.iter() {
        add_item(facts, &mut items, item, None, Telling::Done);
    }
    facts.has_unread_calls |= output.has_more;
    let has_ended =
        |status: &&str| catalog::stop_outcome(status).is_some_and(|stop| stop != StopOutcome::Open);
    if let Some(status) = status.filter(has_ended) {
        end(facts, Some(status), details, failure);
    }
}

/// Counts the calls of a stream that have only begun: no end and no list has told them. In a stream
/// that broke off, one without its input was still being made.
pub(super) fn finish(facts: &mut ResponseFacts, items: OutputItems) {
    let is_ended = facts.terminal;
    for call in items.begun().filter(|call| is_ended || call.is_complete) {
        facts.seen_calls += 1;
        facts.add_call(call);
    }
}

/// Adds the call that an item is, unless it was added before.
fn add_item(
    facts: &mut ResponseFacts,
    items: &mut OutputItems,
    item: &Item<'_>,
    index: Option<u64>,
    telling: Telling,
) {
    let kind = item.kind.text_or_empty();
    note_item(facts, kind);
    let Some(call) = item.call().filter(|_| is_call(kind)) else { return };
    if items.is_full() {
        facts.has_unread_calls = true;
        return;
    }
    let is_begun = telling == Telling::Begun;
    // A call that was cut has not run.
    let is_cut = item.status.text() == Some("incomplete") || (is_begun && !item.has_input());
    let call = if is_cut { call.never_run() } else { call };
    let key = ItemKey {
        id: item.id.text(),
        call_id: item.call_id.text(),
        index,
        kind,
        name: item.name.text_or_empty(),
    };
    let told = items.tell(&key, call, telling);
    facts.seen_calls += u64::from(told.call.is_some());
    if is_host_countable(kind) {
        // The host counts the ids of the calls that are done.
        let is_sure = telling == Telling::Done && told.call.is_some() && told.has_own_call_id;
        facts.host_countable_calls += u64::from(is_sure);
        // A call that had only begun was uncertain until now.
        let was_uncertain = !told.is_new && is_sure;
        facts.host_uncertain_calls = (facts.host_uncertain_calls
            + u64::from(told.is_new && !is_sure))
        .saturating_sub(u64::from(was_uncertain));
    }
    if let Some(call) = told.call {
        facts.add_call(call);
    }
}

/// Sets the input of a call that has begun.
fn complete(items: &mut OutputItems, parts: &ResponsesParts<'_, '_>, input: Option<ToolInput<'_>>) {
    let Some(input) = input else { return };
    items.complete(parts.item_id, parts.output_index, |call| match call.mcp {
        Some(_) => ToolCall { is_complete: true, ..call },
        None => read_call(&call.name, input),
    });
}

/// Whether the host counts calls of this type.
fn is_host_countable(kind: &str) -> bool {
    matches!(kind, "function_call" | "tool_call" | "custom_tool_call")
}

/// Notes the type of an item if no catalog has it.
fn note_item(facts: &mut ResponseFacts, kind: &str) {
    facts.note_compaction(kind);
    if !catalog::is_responses_name(WireKind::Item, kind) {
        facts.note_unknown(WireKind::Item, kind);
    }
}

/// Whether an item of this type is a call. The type of a call's output does not end in `_call`.
fn is_call(kind: &str) -> bool {
    kind.ends_with("_call")
}

/// Folds the end of a response, with its status, into `facts`.
fn end(
    facts: &mut ResponseFacts,
    status: Option<&str>,
    details: Option<&IncompleteDetails<'_>>,
    failure: Option<&ErrorBody<'_>>,
) {
    facts.terminal = true;
    facts.stop_reason = status.map(str::to_owned);
    let reason = details.and_then(|details| details.reason.text());
    let cut_by = reason.and_then(catalog::stop_outcome);
    facts.hit_max_tokens = cut_by == Some(StopOutcome::MaxTokens);
    if let Some(reason) = reason.filter(|_| cut_by.is_none()) {
        facts.note_unknown(WireKind::Incomplete, reason);
    }
    if status.and_then(catalog::stop_outcome) == Some(StopOutcome::Failed) {
        facts.note_error(failure.map(ErrorBody::reported).unwrap_or_default());
    }
}

/// The stop reason that the type of a terminal event contains; `None` for `response.done`.
fn stop_reason_of(event: &str) -> Option<&'static str> {
    catalog::stop_reason(event.strip_prefix("response.")?)
}

impl Item<'_> {
    /// The call that this item is; `None` if it is another kind of item.
    fn call(&self) -> Option<ToolCall> {
        let kind = self.kind.text()?;
        let arguments = self.arguments.and_then(arguments_json);
        let input = match kind {
            "function_call" | "tool_call" => arguments.as_deref().map(ToolInput::Json),
            "custom_tool_call" => self.input.text().map(ToolInput::Plain),
            _ if is_call(kind) => self.action.map(|action| ToolInput::Json(action.get())),
            _ => return None,
        };
        let name = self.tool(kind)?;
        if let Some(parts) = catalog::mcp_tool(&name) {
            return Some(ToolCall::of_server(parts.server, parts.tool));
        }
        if let Some((server, part)) = self.namespace.text().and_then(catalog::mcp_namespace) {
            let is_app = !part.is_empty();
            let tool = if is_app { Cow::from(format!("{part}__{name}")) } else { name };
            return Some(ToolCall::of_server(server, &tool));
        }
        Some(match self.server_label.text() {
            Some(server) => ToolCall::of_server(server, &name),
            None => read_call(&name, input.unwrap_or(ToolInput::Absent)),
        })
    }

    /// The name of the tool. An item whose type names a tool can have the name of a part of it, or
    /// an action instead of a name; if no catalog has that, the type names the tool.
    fn tool(&self, kind: &str) -> Option<Cow<'_, str>> {
        let by_type = kind.strip_suffix("_call").filter(|tool| catalog::tool_role(tool).is_some());
        let name = self.name.text().map(Cow::from).or_else(|| self.action_name());
        let is_named = |name: &Cow<'_, str>| {
            by_type.is_none() || is_host_countable(kind) || catalog::tool_role(name).is_some()
        };
        let by_type = || kind.strip_suffix("_call").map(|tool| Cow::from(tool.to_owned()));
        name.filter(is_named).or_else(by_type)
    }

    /// The action, where it is a word and not an object.
    fn action_name(&self) -> Option<Cow<'_, str>> {
        let action = self.action?.get();
        let Lenient(word): Lenient<JsonText<'_>> = serde_json::from_str(action).ok()?;
        word.map(|JsonText(word)| word).filter(|word| !word.is_empty())
    }

    /// Whether the input of the call is here, as far as calls of this type have one.
    fn has_input(&self) -> bool {
        match self.kind.text_or_empty() {
            "function_call" | "tool_call" => {
                let is_json =
                    |json: &Cow<'_, str>| serde_json::from_str::<IgnoredAny>(json).is_ok();
                self.arguments.and_then(arguments_json).is_some_and(|json| is_json(&json))
            }
            "custom_tool_call" => self.input.text().is_some(),
            _ => true,
        }
    }
}

/// The JSON of a function's arguments. It is a string that contains JSON, or from some clients an
/// object.
fn arguments_json(arguments: &RawValue) -> Option<Cow<'_, str>> {
    let json = arguments.get();
    if json.starts_with('{') {
        return Some(json.into());
    }
    let Lenient(text): Lenient<JsonText<'_>> = serde_json::from_str(json).ok()?;
    text.map(|JsonText(text)| text).filter(|text| !text.is_empty())
}
