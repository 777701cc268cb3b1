//! What a response says about its turn, on any wire.

use crate::catalog::WireKind;
use crate::entry::token_counts::TokenCounts;
use crate::entry::tool_call::ToolCall;

/// More unknown types in one response are not told apart.
const MAX_UNKNOWN_KINDS: usize = 16;

/// What a response says about its turn.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(super) struct ResponseFacts {
    /// It is an array of events, so their absence means something.
    pub(super) is_events: bool,
    /// The wire's terminal event was seen.
    pub(super) terminal: bool,
    /// The host's token counts are this response's own: its ending was a good one, or brought a
    /// usage block along.
    pub(super) vouches_for_usage: bool,
    /// The type of the error it reports.
    pub(super) error: Option<String>,
    /// Why the model stopped, in the wire's words.
    pub(super) stop_reason: Option<String>,
    /// The output was cut at the token limit.
    pub(super) hit_max_tokens: bool,
    /// The tool calls, in the order of their completion.
    pub(super) calls: Vec<ToolCall>,
    /// How many of the calls the host's own per-turn count should have: plain `tool_use` blocks.
    pub(super) host_countable_calls: u64,
    /// The newest block is a call. At the token limit it is one whose input was cut.
    pub(super) ends_in_call: bool,
    /// How many things look like calls, whether they could be read as such or not.
    pub(super) seen_calls: u64,
    /// How many calls the response itself says that it has.
    pub(super) told_calls: Option<u64>,
    /// The response's own token counts. On the Responses wire the input contains the cached part.
    pub(super) usage: Option<TokenCounts>,
    /// Types that no catalog has, each once.
    pub(super) unknown_kinds: Vec<String>,
    /// When the first piece of the answer arrived, Unix milliseconds.
    pub(super) first_token_at: Option<u64>,
    /// When the last event arrived, Unix milliseconds.
    pub(super) last_event_at: Option<u64>,
    /// Ids of the calls that were counted; an item can be told twice.
    pub(super) call_ids: Vec<String>,
}

impl ResponseFacts {
    /// Takes note of a type that no catalog has.
    pub(super) fn note_unknown(&mut self, kind: WireKind, word: &str) {
        let is_noted = |noted: &String| {
            let rest = noted.strip_prefix(kind.as_str()).and_then(|rest| rest.strip_prefix(':'));
            rest == Some(word)
        };
        if self.unknown_kinds.len() < MAX_UNKNOWN_KINDS && !self.unknown_kinds.iter().any(is_noted)
        {
            self.unknown_kinds.push(format!("{}:{word}", kind.as_str()));
        }
    }

    /// Whether the call with this id has not been counted yet. One without an id always is.
    pub(super) fn is_new_call(&mut self, id: Option<&str>) -> bool {
        let Some(id) = id else { return true };
        let new = !self.call_ids.iter().any(|counted| counted == id);
        if new {
            self.call_ids.push(id.to_owned());
        }
        new
    }

    /// Notes that a piece of the answer arrived.
    pub(super) fn token_at(&mut self, at: Option<u64>) {
        self.first_token_at = self.first_token_at.or(at);
    }
}
