//! The `OpenAI` Responses wire, which Codex and Grok use: events over HTTP or WebSocket, and JSON
//! bodies.
//!
//! Source: <https://platform.openai.com/docs/api-reference/responses-streaming>. A stream ends with
//! `response.completed`, `response.failed` or `response.incomplete`; `response.done` is an older
//! name. The host reduces a successful terminal event over WebSocket to `{type, _ts}`.

use crate::catalog::{self, StopOutcome, WireKind};
use crate::entry::error_body::ErrorBody;
use crate::entry::lenient::{JsonText, Lenient, List, Object};
use crate::entry::response_facts::ResponseFacts;
use crate::entry::tool_call::ToolCall;
use crate::entry::tool_input::{ToolInput, read_call};
use crate::entry::usage_block::UsageBlock;
use serde::Deserialize;
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
    output: List<Object<ItemType<'a>>>,
}

/// An item of which only the type is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ItemType<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<JsonText<'a>>,
}

impl Envelope<'_> {
    /// The number of calls in the list of items; `None` if the list is missing or empty.
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
    reason: Lenient<JsonText<'a>>,
}

/// What an event has beside its type, as far as this wire uses it.
pub(super) struct ResponsesParts<'e, 'a> {
    pub(super) item: Option<&'e Item<'a>>,
    pub(super) response: Option<&'e Envelope<'a>>,
}

/// Folds one event of a stream, which arrived at `at`, into `facts`.
pub(super) fn add_event(
    facts: &mut ResponseFacts,
    kind: &str,
    parts: &ResponsesParts<'_, '_>,
    at: Option<u64>,
) {
    match kind {
        "response.output_text.delta" => facts.note_token(at),
        "response.output_item.added" => {
            let kind = parts.item.map(|item| item.kind.text_or_empty());
            note_item(facts, kind.unwrap_or_default());
        }
        // `response.output_item.added` contains the same item, sometimes without its arguments.
        "response.output_item.done" => match parts.item {
            Some(item) => add_call(facts, item),
            None => note_item(facts, ""),
        },
        "response.completed" | "response.done" | "response.failed" | "response.incomplete" => {
            let envelope = parts.response;
            let status = envelope.and_then(|envelope| envelope.status.text());
            let details = envelope.and_then(|envelope| envelope.incomplete_details.0.as_ref());
            let failure = envelope.and_then(|envelope| envelope.error.0.as_ref());
            // The host reduces only successful terminal events, and their usage is in the entry.
            let is_success = matches!(kind, "response.completed" | "response.done");
            facts.update_usage(envelope.and_then(|envelope| envelope.usage.0.clone()));
            for item in envelope.into_iter().flat_map(|it| it.output.iter()) {
                let kind = item.0.as_ref().map(|item| item.kind.text_or_empty());
                facts.note_compaction(kind.unwrap_or_default());
            }
            facts.confirms_usage = is_success || envelope.is_some_and(|it| it.usage.0.is_some());
            // The specification does not define how the list contains a call that was cut.
            if kind == "response.completed" {
                facts.reported_calls = envelope.and_then(Envelope::calls);
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
    output: &List<Object<Item<'_>>>,
    status: Option<&str>,
    details: Option<&IncompleteDetails<'_>>,
    failure: Option<&ErrorBody<'_>>,
) {
    for item in output.iter().filter_map(|item| item.0.as_ref()) {
        add_call(facts, item);
    }
    let has_ended =
        |status: &&str| catalog::stop_outcome(status).is_some_and(|stop| stop != StopOutcome::Open);
    if let Some(status) = status.filter(has_ended) {
        end(facts, Some(status), details, failure);
    }
}

/// Adds the call that an item is, unless it was added before.
fn add_call(facts: &mut ResponseFacts, item: &Item<'_>) {
    let kind = item.kind.text_or_empty();
    note_item(facts, kind);
    if !is_call(kind) || !facts.is_new_call(item.call_id.text().or_else(|| item.id.text())) {
        return;
    }
    facts.seen_calls += 1;
    let is_countable = matches!(kind, "function_call" | "tool_call" | "custom_tool_call");
    facts.host_countable_calls += u64::from(is_countable);
    // A call that was cut has not run.
    let is_cut = item.status.text() == Some("incomplete");
    facts.calls.extend(item.call().map(|call| if is_cut { call.never_run() } else { call }));
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
        facts.error = Some(failure.and_then(ErrorBody::error_type).unwrap_or_default());
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

    /// The JSON of a function's arguments. It is a string that contains JSON, or from some clients
    /// an object.
    fn arguments(&self) -> Option<Cow<'_, str>> {
        let json = self.arguments?.get();
        if json.starts_with('{') {
            return Some(json.into());
        }
        let Lenient(text): Lenient<JsonText<'_>> = serde_json::from_str(json).ok()?;
        text.map(|JsonText(text)| text).filter(|text| !text.is_empty())
    }

    /// The MCP server whose tool it is, from the tool's group (`mcp__<server>`, sometimes with a
    /// suffix) or from the label of a server that `OpenAI` calls.
    fn server(&self) -> Option<&str> {
        let grouped = self.namespace.text().and_then(catalog::mcp_namespace);
        grouped.or(self.server_label.text())
    }
}
