//! The Anthropic Messages wire: server-sent events and JSON bodies.
//!
//! Source: <https://docs.anthropic.com/en/docs/build-with-claude/streaming>. `message_stop` ends a
//! stream. The `content_block_start` of a tool call has the input `{}`; the real input is the
//! concatenation of the block's `input_json_delta` pieces.

use crate::catalog::{self, StopOutcome, WireKind};
use crate::entry::lenient::{JsonText, Lenient, List, Object};
use crate::entry::response_facts::ResponseFacts;
use crate::entry::token_counts::TokenCounts;
use crate::entry::tool_call::ToolCall;
use crate::entry::tool_input::{ToolInput, is_input_read, read_call};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Input beyond this number of bytes is not read; commands and patches are far smaller.
const MAX_INPUT_BYTES: usize = 1 << 20;

/// More calls are not open at once in a real stream. The oldest one is cut short for another one, so
/// that a search among them takes no longer in a long stream.
const MAX_OPEN_CALLS: usize = 128;

/// A content block, in a body or where it starts in a stream.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Block<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    id: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    name: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    server_name: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

/// The message that a stream begins with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageStart {
    usage: Object<TokenCounts>,
}

/// The changing part of a `content_block_delta` or `message_delta`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    partial_json: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    stop_reason: Lenient<JsonText<'a>>,
}

/// What an event has beside its type, as far as this wire uses it.
pub(super) struct AnthropicParts<'e, 'a> {
    pub(super) index: Option<u64>,
    pub(super) delta: Option<&'e Delta<'a>>,
    pub(super) message: Option<&'e MessageStart>,
    pub(super) usage: Option<TokenCounts>,
    pub(super) content_block: Option<&'e Block<'a>>,
}

/// The tool calls of a stream whose input is still arriving.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    calls: Vec<OpenCall>,
    /// Calls that were cut short for others.
    cut: Vec<ToolCall>,
}

/// A tool call whose input is still arriving.
#[derive(Debug)]
struct OpenCall {
    index: Option<u64>,
    name: String,
    /// Whether anything is read from its input.
    needs_input: bool,
    server: Option<String>,
    /// The input in its `content_block_start`: a placeholder if pieces follow.
    given: Option<String>,
    input: String,
}

/// Folds one event of a stream, which arrived at `at`, into `facts`.
pub(super) fn add_event(
    facts: &mut ResponseFacts,
    open_calls: &mut OpenCalls,
    kind: &str,
    parts: &AnthropicParts<'_, '_>,
    at: Option<u64>,
) {
    match kind {
        "message_start" => {
            // The output tokens of this event are a placeholder; the real number comes later.
            let usage = parts.message.and_then(|message| message.usage.0);
            facts.usage = usage.map(|usage| TokenCounts { output: Lenient(None), ..usage });
        }
        "content_block_delta" => {
            facts.note_token(at);
            let Some(delta) = parts.delta else {
                return facts.note_unknown(WireKind::Delta, "");
            };
            if !catalog::is_anthropic_name(WireKind::Delta, delta.kind.text_or_empty()) {
                facts.note_unknown(WireKind::Delta, delta.kind.text_or_empty());
            }
            if let Some(piece) = delta.partial_json.text() {
                open_calls.append(parts.index, piece);
            }
        }
        "content_block_start" => {
            facts.ends_in_call = false;
            if parts.content_block.is_none() {
                facts.note_unknown(WireKind::Block, "");
            }
            if let Some(block) = parts.content_block.filter(|block| block.is_call(facts)) {
                facts.ends_in_call = true;
                open_calls.add(block.open(parts.index));
            }
        }
        "content_block_stop" => facts.calls.extend(open_calls.close(parts.index)),
        "message_delta" => {
            let output = parts.usage.map(|usage| usage.output);
            if let (Some(usage), Some(output)) = (&mut facts.usage, output)
                && usage.output.count().is_none()
            {
                usage.output = output;
            }
            if let Some(reason) = parts.delta.and_then(|delta| delta.stop_reason.text()) {
                stop(facts, open_calls, reason);
            }
        }
        "message_stop" => facts.terminal = true,
        _ if catalog::is_anthropic_name(WireKind::Event, kind) => {}
        _ => facts.note_unknown(WireKind::Event, kind),
    }
}

/// Reads a whole message.
pub(super) fn read_body(
    facts: &mut ResponseFacts,
    content: &List<Object<Block<'_>>>,
    usage: Option<TokenCounts>,
    stop_reason: Option<&str>,
) {
    for block in content.iter().filter_map(|block| block.0.as_ref()) {
        facts.ends_in_call = false;
        if block.is_call(facts) {
            facts.ends_in_call = true;
            let name = block.name.text_or_empty();
            let input = block.input.map_or(ToolInput::Absent, |input| ToolInput::Json(input.get()));
            facts.calls.push(match block.server() {
                Some(server) => ToolCall::of_server(server, name),
                None => read_call(name, input),
            });
        }
    }
    facts.usage = usage;
    if let Some(reason) = stop_reason {
        facts.terminal = true;
        stop(facts, &OpenCalls::default(), reason);
    }
}

fn stop(facts: &mut ResponseFacts, open_calls: &OpenCalls, reason: &str) {
    facts.hit_max_tokens = catalog::stop_outcome(reason) == Some(StopOutcome::MaxTokens);
    if facts.hit_max_tokens && facts.ends_in_call {
        // A call that is still open is cut short when the stream ends.
        if let Some(call) = facts.calls.pop().filter(|_| open_calls.calls.is_empty()) {
            facts.calls.push(call.never_run());
        }
    }
    facts.stop_reason = Some(reason.to_owned());
}

impl Block<'_> {
    /// Whether this is a call that was not reported before. Adds the block to the counts.
    fn is_call(&self, facts: &mut ResponseFacts) -> bool {
        let kind = self.kind.text_or_empty();
        if !catalog::is_anthropic_name(WireKind::Block, kind) {
            facts.note_unknown(WireKind::Block, kind);
        }
        // An unknown kind of call counts as one, but it is not known how to read it.
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

    /// The call that starts here, with the pieces of its input to come.
    fn open(&self, index: Option<u64>) -> OpenCall {
        let name = self.name.text_or_empty();
        let needs_input = is_input_read(name);
        let given = self.input.filter(|_| needs_input);
        OpenCall {
            index,
            name: name.to_owned(),
            needs_input,
            server: self.server().map(str::to_owned),
            given: given.map(|input| input.get().to_owned()),
            input: String::new(),
        }
    }
}

impl OpenCalls {
    /// Whether anything is read from an input that is still arriving.
    pub(super) fn need_input(&self) -> bool {
        self.calls.iter().any(|open| open.needs_input)
    }

    /// The calls whose end never arrived. They count as calls, because the model has made them.
    pub(super) fn cut_short(self) -> impl Iterator<Item = ToolCall> {
        self.cut.into_iter().chain(self.calls.into_iter().map(OpenCall::cut_short))
    }

    fn add(&mut self, call: OpenCall) {
        if self.calls.len() == MAX_OPEN_CALLS {
            self.cut.push(self.calls.remove(0).cut_short());
        }
        self.calls.push(call);
    }

    fn append(&mut self, index: Option<u64>, piece: &str) {
        let open = self.calls.iter_mut().rev().find(|open| open.index == index);
        if let Some(open) = open.filter(|open| open.needs_input)
            && open.input.len() + piece.len() <= MAX_INPUT_BYTES
        {
            open.input.push_str(piece);
        }
    }

    fn close(&mut self, index: Option<u64>) -> Option<ToolCall> {
        let at = self.calls.iter().rposition(|open| open.index == index)?;
        Some(self.calls.remove(at).close())
    }
}

impl OpenCall {
    fn cut_short(self) -> ToolCall {
        match &self.server {
            Some(server) => ToolCall::of_server(server, &self.name),
            None => ToolCall::cut_short(&self.name),
        }
    }

    fn close(self) -> ToolCall {
        let input = Some(self.input.as_str()).filter(|input| !input.is_empty());
        let input = input.or(self.given.as_deref()).map_or(ToolInput::Absent, ToolInput::Json);
        match &self.server {
            Some(server) => ToolCall::of_server(server, &self.name),
            None => read_call(&self.name, input),
        }
    }
}
