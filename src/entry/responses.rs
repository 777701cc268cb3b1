//! The `OpenAI` Responses wire, as Codex and Grok speak it: events over HTTP or WebSocket, and bodies.
//!
//! Source: <https://platform.openai.com/docs/api-reference/responses-streaming>. A stream ends with
//! `response.completed`, `.failed` or `.incomplete`; `.done` is an older spelling. The host reduces
//! the good endings of a WebSocket turn to a bare `{type, _ts}`.

use crate::entry::lenient::{Lenient, Object, Text};
use crate::entry::response::{Body, ErrorBody, Event, Facts};
use crate::entry::tool::{Input, ToolCall};
use serde::Deserialize;
use serde_json::value::RawValue;

/// An output item: a message, a reasoning step or a call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Item<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<Text<'a>>,
    #[serde(borrow)]
    name: Lenient<Text<'a>>,
    #[serde(borrow)]
    namespace: Lenient<Text<'a>>,
    #[serde(borrow)]
    server_label: Lenient<Text<'a>>,
    #[serde(borrow)]
    arguments: Lenient<Text<'a>>,
    #[serde(borrow)]
    input: Lenient<Text<'a>>,
    #[serde(borrow)]
    action: Option<&'a RawValue>,
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
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct IncompleteDetails<'a> {
    #[serde(borrow)]
    reason: Lenient<Text<'a>>,
}

/// Folds one event of a stream into `facts`.
pub(super) fn add(facts: &mut Facts, kind: &str, event: &Event<'_>, at: Option<u64>) {
    match kind {
        "response.output_text.delta" => facts.token_at(at),
        // `.added` precedes it with the same item, sometimes without its arguments.
        "response.output_item.done" => {
            facts.calls.extend(event.item.0.as_deref().and_then(Item::call));
        }
        "response.completed" | "response.done" | "response.failed" | "response.incomplete" => {
            let envelope = event.response.0.as_deref();
            let status = envelope.and_then(|envelope| envelope.status.text());
            let details = envelope.and_then(|envelope| envelope.incomplete_details.0.as_ref());
            let failure = envelope.and_then(|envelope| envelope.error.0.as_ref());
            end(facts, status.unwrap_or(stop_reason_of(kind)), details, failure);
        }
        _ => {}
    }
}

/// Reads a whole response object.
pub(super) fn read_body(facts: &mut Facts, body: &Body<'_>) {
    facts.calls.extend(body.output.iter().filter_map(|item| item.0.as_ref()?.call()));
    if let Some(status @ ("completed" | "failed" | "incomplete" | "cancelled")) = body.status.text()
    {
        end(facts, status, body.incomplete_details.0.as_ref(), body.error.0.as_ref());
    }
}

fn end(
    facts: &mut Facts,
    status: &str,
    details: Option<&IncompleteDetails<'_>>,
    failure: Option<&ErrorBody<'_>>,
) {
    facts.terminal = true;
    facts.stop_reason = Some(status.to_owned());
    facts.hit_max_tokens =
        details.is_some_and(|details| details.reason.text() == Some("max_output_tokens"));
    if status == "failed" {
        facts.error = Some(failure.and_then(ErrorBody::code_first).unwrap_or_default());
    }
}

fn stop_reason_of(event: &str) -> &'static str {
    match event {
        "response.failed" => "failed",
        "response.incomplete" => "incomplete",
        _ => "completed",
    }
}

impl Item<'_> {
    /// The call that this item is, if it is one: any `*_call`, and not its output.
    fn call(&self) -> Option<ToolCall> {
        let kind = self.kind.text()?;
        let unnamed = kind.strip_suffix("_call")?;
        let call = match kind {
            "function_call" | "tool_call" => {
                let input = self.arguments.text().map_or(Input::Unknown, Input::Json);
                ToolCall::new(self.name.text_or_empty(), input)
            }
            "custom_tool_call" => {
                let input = self.input.text().map_or(Input::Unknown, Input::Plain);
                ToolCall::new(self.name.text_or_empty(), input)
            }
            "mcp_call" => {
                let call = ToolCall::new(self.name.text_or_empty(), Input::Unknown);
                return Some(call.of_server(self.server_label.text_or_empty()));
            }
            _ => {
                let input = self.action.map_or(Input::Unknown, |action| Input::Json(action.get()));
                ToolCall::new(self.name.text().unwrap_or(unnamed), input)
            }
        };
        // A group of tools that is an MCP server's is called `mcp__<server>`, at times with a tail.
        let server = self.namespace.text().and_then(|namespace| namespace.strip_prefix("mcp__"));
        Some(match server.map(|server| server.trim_end_matches('_')) {
            Some(server) if !server.is_empty() => call.of_server(server),
            _ => call,
        })
    }
}
