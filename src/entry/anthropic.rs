//! The Anthropic Messages wire: server-sent events and JSON bodies.
//!
//! Source: <https://docs.anthropic.com/en/docs/build-with-claude/streaming>. `message_stop` ends a
//! stream. The `content_block_start` of a tool call has the input `{}`; the real input is the
//! concatenation of the block's `input_json_delta` pieces.

use crate::catalog::{self, StopOutcome, WireKind};
use crate::entry::collection::Objects;
use crate::entry::lenient::{JsonText, Lenient, Object};
use crate::entry::response_facts::ResponseFacts;
use crate::entry::token_counts::InvocationMetrics;
use crate::entry::tool_call::{MAX_CALLS, ToolCall};
use crate::entry::tool_input::{ToolInput, is_input_read, read_call};
use crate::entry::usage_block::UsageBlock;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

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

/// The message that a stream begins with. Some gateways repeat it at the end.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageStart<'a> {
    usage: Object<UsageBlock>,
    /// Whole blocks, if the answer continues or repeats an earlier one.
    #[serde(borrow)]
    content: Objects<Block<'a>>,
    #[serde(borrow)]
    stop_reason: Lenient<JsonText<'a>>,
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
    pub(super) message: Option<&'e MessageStart<'a>>,
    pub(super) usage: Option<&'e UsageBlock>,
    /// What Amazon Bedrock adds to the last event.
    pub(super) invocation_metrics: Option<&'e InvocationMetrics>,
    pub(super) content_block: Option<&'e Block<'a>>,
}

/// The tool calls of a stream whose input is still arriving.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    open: Vec<OpenCall>,
    /// The ids of the calls that block events have announced, by the index of the block. A block
    /// is told once, so the same index with the same id is a repetition.
    announced: BTreeMap<u64, String>,
    /// Calls that were finished early, to make room for others.
    cut: Vec<ToolCall>,
}

/// A tool call whose input is still arriving.
#[derive(Debug)]
struct OpenCall {
    index: Option<u64>,
    id: Option<String>,
    /// The whole call was in `message_start`, so no end of its block needs to follow.
    is_whole: bool,
    /// The output was cut within its input.
    is_cut: bool,
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
            let usage = parts.message.and_then(|message| message.usage.0.clone());
            facts.update_usage(usage.map(UsageBlock::into_first));
            if let Some(message) = parts.message {
                start(facts, open_calls, message);
            }
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
        "content_block_start" => match parts.content_block {
            Some(block) => {
                facts.ends_in_call = block.is_call(facts);
                if facts.ends_in_call {
                    open_calls.announce(facts, block, parts.index);
                }
            }
            None => facts.note_unknown(WireKind::Block, ""),
        },
        "content_block_stop" => {
            if let Some(call) = open_calls.close(parts.index) {
                facts.add_call(call);
            }
        }
        "message_delta" => {
            facts.update_usage(parts.usage.cloned());
            if let Some(reason) = parts.delta.and_then(|delta| delta.stop_reason.text()) {
                stop(facts, open_calls, reason);
            }
        }
        "message_stop" => {
            facts.terminal = true;
            facts.update_usage(parts.message.and_then(|message| message.usage.0.clone()));
            facts.update_usage(parts.usage.cloned());
            if let Some(metrics) = parts.invocation_metrics {
                facts.usage.get_or_insert_default().update_from(metrics);
            }
        }
        _ if catalog::is_anthropic_name(WireKind::Event, kind) => {}
        _ => facts.note_unknown(WireKind::Event, kind),
    }
}

/// Reads a whole message.
pub(super) fn read_body(
    facts: &mut ResponseFacts,
    content: &Objects<Block<'_>>,
    usage: Option<&UsageBlock>,
    stop_reason: Option<&str>,
) {
    facts.has_unread_calls |= content.has_more;
    for block in content.iter() {
        facts.ends_in_call = false;
        if block.is_call(facts) {
            facts.ends_in_call = true;
            block.count(facts, true);
            let name = block.name.text_or_empty();
            let input = block.input.map_or(ToolInput::Absent, |input| ToolInput::Json(input.get()));
            facts.add_call(match block.server() {
                Some(server) => ToolCall::of_server(server, name),
                None => read_call(name, input),
            });
        }
    }
    facts.update_usage(usage.cloned());
    if let Some(reason) = stop_reason {
        facts.terminal = true;
        stop(facts, &mut OpenCalls::default(), reason);
    }
}

/// Reads the content that the first event of a stream already contains.
fn start(facts: &mut ResponseFacts, open_calls: &mut OpenCalls, message: &MessageStart<'_>) {
    facts.has_unread_calls |= message.content.has_more;
    for (index, block) in message.content.with_places() {
        facts.ends_in_call = block.is_call(facts);
        if facts.ends_in_call {
            block.count(facts, false);
            open_calls.add(OpenCall { is_whole: true, ..block.open(Some(index)) });
        }
    }
    if let Some(reason) = message.stop_reason.text() {
        stop(facts, open_calls, reason);
    }
}

/// Counts the calls of a stream that are still open. One whose end never arrived counts as a call,
/// because the model has made it.
pub(super) fn finish(facts: &mut ResponseFacts, open_calls: OpenCalls) {
    let calls = open_calls.open.into_iter().map(OpenCall::finish);
    for call in open_calls.cut.into_iter().chain(calls) {
        facts.add_call(call);
    }
}

fn stop(facts: &mut ResponseFacts, open_calls: &mut OpenCalls, reason: &str) {
    facts.hit_max_tokens = catalog::stop_outcome(reason) == Some(StopOutcome::MaxTokens);
    if facts.hit_max_tokens && facts.ends_in_call {
        // A call that is still open is cut short when the stream ends.
        if let Some(open) = open_calls.open.last_mut() {
            open.is_cut = true;
        } else {
            let last = facts.calls.pop().map(ToolCall::never_run);
            facts.calls.extend(last);
        }
    }
    facts.note_compaction(reason);
    facts.stop_reason = Some(reason.to_owned());
}

impl Block<'_> {
    /// Whether this is a call that can be read. Notes the block's type if no catalog has it.
    fn is_call(&self, facts: &mut ResponseFacts) -> bool {
        let kind = self.kind.text_or_empty();
        facts.note_compaction(kind);
        if !catalog::is_anthropic_name(WireKind::Block, kind) {
            facts.note_unknown(WireKind::Block, kind);
        }
        let is_readable = matches!(kind, "tool_use" | "server_tool_use" | "mcp_tool_use");
        // An unknown kind of call counts as one, but it is not known how to read it.
        facts.seen_calls += u64::from(kind.ends_with("tool_use") && !is_readable);
        is_readable
    }

    /// Counts the call. `is_host_sure` says whether the host looks for calls where it was told.
    fn count(&self, facts: &mut ResponseFacts, is_host_sure: bool) {
        facts.seen_calls += 1;
        let is_countable = u64::from(self.kind.text() == Some("tool_use"));
        if is_host_sure {
            facts.host_countable_calls += is_countable;
        } else {
            facts.host_uncertain_calls += is_countable;
        }
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
            id: self.id.text().map(str::to_owned),
            is_whole: false,
            is_cut: false,
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
        self.open.iter().any(|open| !open.is_whole && open.needs_input)
    }

    /// Opens the call that a block event announces. It replaces the same call in `message_start`.
    fn announce(&mut self, facts: &mut ResponseFacts, block: &Block<'_>, index: Option<u64>) {
        let id = block.id.text();
        if let Some((index, id)) = index.zip(id) {
            let before = self.announced.insert(index, id.to_owned());
            if before.as_deref() == Some(id) {
                facts.host_uncertain_calls += u64::from(block.kind.text() == Some("tool_use"));
                return;
            }
        }
        let is_same = |open: &OpenCall| {
            let has_same_id = match (open.id.as_deref(), id) {
                (Some(one), Some(other)) => one == other,
                _ => open.name == block.name.text_or_empty(),
            };
            open.is_whole && open.index == index && has_same_id
        };
        if let Some(at) = self.open.iter().position(is_same) {
            self.open.remove(at);
        } else {
            block.count(facts, true);
        }
        self.add(block.open(index));
    }

    fn add(&mut self, call: OpenCall) {
        if self.open.len() == MAX_OPEN_CALLS {
            let oldest = self.open.remove(0).finish();
            // Further ones are beyond the bound of all calls.
            if self.cut.len() <= MAX_CALLS {
                self.cut.push(oldest);
            }
        }
        self.open.push(call);
    }

    fn append(&mut self, index: Option<u64>, piece: &str) {
        let open = self.open.iter_mut().rev().find(|open| open.index == index && !open.is_whole);
        if let Some(open) = open.filter(|open| open.needs_input)
            && open.input.len() + piece.len() <= MAX_INPUT_BYTES
        {
            open.input.push_str(piece);
        }
    }

    fn close(&mut self, index: Option<u64>) -> Option<ToolCall> {
        let at = self.open.iter().rposition(|open| open.index == index && !open.is_whole)?;
        Some(self.open.remove(at).close())
    }
}

impl OpenCall {
    /// The call without the rest of its stream.
    fn finish(self) -> ToolCall {
        if self.is_whole { self.close() } else { self.cut_short() }
    }

    fn cut_short(self) -> ToolCall {
        match &self.server {
            Some(server) => ToolCall::of_server(server, &self.name),
            None => ToolCall::cut_short(&self.name),
        }
    }

    fn close(self) -> ToolCall {
        let input = Some(self.input.as_str()).filter(|input| !input.is_empty());
        let input = input.or(self.given.as_deref()).map_or(ToolInput::Absent, ToolInput::Json);
        let call = match &self.server {
            Some(server) => ToolCall::of_server(server, &self.name),
            None => read_call(&self.name, input),
        };
        if self.is_cut { call.never_run() } else { call }
    }
}
