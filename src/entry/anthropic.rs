//! The Anthropic Messages wire: server-sent events and JSON bodies.
//!
//! Source: <https://docs.anthropic.com/en/docs/build-with-claude/streaming>. `message_stop` ends a
//! stream. A tool's input is `{}` where its block starts; the real one is the concatenation of the
//! block's `input_json_delta` pieces.

use crate::catalog::{self, Stop, WireKind};
use crate::entry::lenient::{Count, Lenient, Object, Text};
use crate::entry::response::{Body, Event, Facts};
use crate::entry::tool::{Input, ToolCall, wants_input};
use serde::Deserialize;
use serde_json::value::RawValue;

/// More input than this is not looked at; commands and patches are far smaller.
const MAX_INPUT_BYTES: usize = 1 << 20;

/// A content block, in a body or where it starts in a stream.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Block<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<Text<'a>>,
    #[serde(borrow)]
    id: Lenient<Text<'a>>,
    #[serde(borrow)]
    name: Lenient<Text<'a>>,
    #[serde(borrow)]
    server_name: Lenient<Text<'a>>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

/// The message that a stream begins with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Start {
    usage: Object<TokenCounts>,
}

/// The response's own usage block.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenCounts {
    #[serde(rename = "input_tokens")]
    pub(super) input: Lenient<Count>,
    #[serde(rename = "output_tokens")]
    pub(super) output: Lenient<Count>,
    #[serde(rename = "cache_read_input_tokens")]
    pub(super) cache_read: Lenient<Count>,
    #[serde(rename = "cache_creation_input_tokens")]
    pub(super) cache_creation: Lenient<Count>,
}

/// The changing part of a `content_block_delta` or `message_delta`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<Text<'a>>,
    #[serde(borrow)]
    partial_json: Lenient<Text<'a>>,
    #[serde(borrow)]
    stop_reason: Lenient<Text<'a>>,
}

/// A tool call whose input is still arriving.
#[derive(Debug)]
pub(super) struct OpenCall {
    index: Option<u64>,
    name: String,
    server: Option<String>,
    /// What its block began with; a placeholder, if pieces follow.
    given: Option<String>,
    input: String,
}

/// Folds one event of a stream into `facts`.
pub(super) fn add(facts: &mut Facts, kind: &str, event: &Event<'_>, at: Option<u64>) {
    let index = event.index.count();
    match kind {
        "message_start" => {
            // The placeholder for the output that stands here is no count of anything.
            let usage = event.message.0.as_ref().and_then(|message| message.usage.0);
            facts.usage = usage.map(|usage| TokenCounts { output: Lenient(None), ..usage });
        }
        "content_block_delta" => {
            facts.token_at(at);
            let Some(delta) = &event.delta.0 else {
                return facts.note_unknown(WireKind::Delta, "");
            };
            if !catalog::anthropic_knows(WireKind::Delta, delta.kind.text_or_empty()) {
                facts.note_unknown(WireKind::Delta, delta.kind.text_or_empty());
            }
            if let Some(piece) = delta.partial_json.text() {
                let open = facts.open.iter_mut().rev().find(|open| open.index == index);
                if let Some(open) = open.filter(|open| open.wants_input())
                    && open.input.len() + piece.len() <= MAX_INPUT_BYTES
                {
                    open.input.push_str(piece);
                }
            }
        }
        "content_block_start" => {
            facts.ends_in_call = false;
            if event.content_block.0.is_none() {
                facts.note_unknown(WireKind::Block, "");
            }
            if let Some(block) = event.content_block.0.as_deref().filter(|it| it.is_call(facts)) {
                facts.ends_in_call = true;
                facts.open.push(OpenCall {
                    index,
                    name: block.name.text_or_empty().to_owned(),
                    server: block.server().map(str::to_owned),
                    given: block
                        .input
                        .filter(|_| wants_input(block.name.text_or_empty()))
                        .map(|input| input.get().to_owned()),
                    input: String::new(),
                });
            }
        }
        "content_block_stop" => {
            if let Some(at) = facts.open.iter().rposition(|open| open.index == index) {
                let call = facts.open.remove(at).close();
                facts.calls.push(call);
            }
        }
        "message_delta" => {
            let told = event.usage.0.map(|usage| usage.output);
            if let (Some(usage), Some(told)) = (&mut facts.usage, told)
                && usage.output.count().is_none()
            {
                usage.output = told;
            }
            if let Some(reason) = event.delta.0.as_ref().and_then(|delta| delta.stop_reason.text())
            {
                stop(facts, reason);
            }
        }
        "message_stop" => facts.terminal = true,
        _ if catalog::anthropic_knows(WireKind::Event, kind) => {}
        _ => facts.note_unknown(WireKind::Event, kind),
    }
}

/// Counts the calls whose end never came; what the model called, it called.
pub(super) fn close_open_calls(facts: &mut Facts) {
    let open = std::mem::take(&mut facts.open);
    facts.calls.extend(open.into_iter().map(OpenCall::cut_short));
}

/// Reads a whole message.
pub(super) fn read_body(facts: &mut Facts, body: &Body<'_>) {
    for block in body.content.iter().filter_map(|block| block.0.as_ref()) {
        facts.ends_in_call = false;
        if block.is_call(facts) {
            facts.ends_in_call = true;
            let name = block.name.text_or_empty();
            let input = block.input.map_or(Input::Absent, |input| Input::Json(input.get()));
            facts.calls.push(match block.server() {
                Some(server) => ToolCall::of_server(server, name),
                None => ToolCall::new(name, input),
            });
        }
    }
    facts.usage = body.usage.0;
    if let Some(reason) = body.stop_reason.text() {
        facts.terminal = true;
        stop(facts, reason);
    }
}

fn stop(facts: &mut Facts, reason: &str) {
    facts.hit_max_tokens = catalog::stop(reason) == Some(Stop::MaxTokens);
    if facts.hit_max_tokens && facts.ends_in_call {
        // One that is still open is cut short by itself.
        if let Some(call) = facts.calls.pop().filter(|_| facts.open.is_empty()) {
            facts.calls.push(call.never_run());
        }
    }
    facts.stop_reason = Some(reason.to_owned());
}

impl Block<'_> {
    /// Whether this is a call that was not told before. Takes note of what it is.
    fn is_call(&self, facts: &mut Facts) -> bool {
        let kind = self.kind.text_or_empty();
        if !catalog::anthropic_knows(WireKind::Block, kind) {
            facts.note_unknown(WireKind::Block, kind);
        }
        // A new kind of call looks like one, and cannot be read as one.
        if !kind.ends_with("tool_use") || !facts.is_new_call(self.id.text()) {
            return false;
        }
        facts.seen_calls += 1;
        facts.host_countable_calls += u64::from(kind == "tool_use");
        matches!(kind, "tool_use" | "server_tool_use" | "mcp_tool_use")
    }

    fn server(&self) -> Option<&str> {
        self.server_name.text().filter(|_| self.kind.text() == Some("mcp_tool_use"))
    }
}

impl OpenCall {
    /// Whether anything is read from the input that is still arriving.
    pub(super) fn wants_input(&self) -> bool {
        wants_input(&self.name)
    }

    fn cut_short(self) -> ToolCall {
        match &self.server {
            Some(server) => ToolCall::of_server(server, &self.name),
            None => ToolCall::cut_short(&self.name),
        }
    }

    fn close(self) -> ToolCall {
        let input = Some(self.input.as_str()).filter(|input| !input.is_empty());
        let input = input.or(self.given.as_deref()).map_or(Input::Absent, Input::Json);
        match &self.server {
            Some(server) => ToolCall::of_server(server, &self.name),
            None => ToolCall::new(&self.name, input),
        }
    }
}
