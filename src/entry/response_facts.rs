//! The facts of a response, in the same form for every wire.

use crate::catalog::WireKind;
use crate::entry::token_counts::TokenCounts;
use crate::entry::tool_call::ToolCall;
use std::collections::BTreeSet;

/// Unknown types beyond this number are not reported one by one.
const MAX_UNKNOWN_TYPES: usize = 16;

/// What a response contains about its turn.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(super) struct ResponseFacts {
    /// The response is an array of events, so a missing terminal event has a meaning.
    pub(super) is_events: bool,
    /// The terminal event of the wire was read.
    pub(super) terminal: bool,
    /// The host's token counts belong to this response: its terminal event reports success or
    /// contains a usage block.
    pub(super) confirms_usage: bool,
    /// The type of the error it reports.
    pub(super) error: Option<String>,
    /// Why the model stopped, as it is on the wire.
    pub(super) stop_reason: Option<String>,
    /// The output was cut at the token limit.
    pub(super) hit_max_tokens: bool,
    /// The tool calls, in the order of their completion.
    pub(super) calls: Vec<ToolCall>,
    /// The number of calls that the host counts, too: it counts plain `tool_use` blocks only.
    pub(super) host_countable_calls: u64,
    /// The newest block is a call. If the token limit is reached, the input of that call was cut.
    pub(super) ends_in_call: bool,
    /// The number of blocks or items that look like calls, including those that could not be read.
    pub(super) seen_calls: u64,
    /// The number of calls in the list that the terminal event contains.
    pub(super) reported_calls: Option<u64>,
    /// The token counts of the response. On the Responses wire the input contains the cached part.
    pub(super) usage: Option<TokenCounts>,
    /// Types that no catalog has, each once, with the kind in front: `event:<name>`.
    pub(super) unknown_types: Vec<String>,
    /// When the first piece of the answer arrived, Unix milliseconds.
    pub(super) first_token_at: Option<u64>,
    /// When the last event arrived, Unix milliseconds.
    pub(super) last_event_at: Option<u64>,
    /// The ids of the calls that were counted. The same call can be reported twice.
    pub(super) call_ids: BTreeSet<String>,
}

impl ResponseFacts {
    /// Notes a type that no catalog has. `name` is empty if there is no type at all.
    pub(super) fn note_unknown(&mut self, kind: WireKind, name: &str) {
        let is_noted = |noted: &String| {
            let rest = noted.strip_prefix(kind.as_str()).and_then(|rest| rest.strip_prefix(':'));
            rest == Some(name)
        };
        if self.unknown_types.len() < MAX_UNKNOWN_TYPES && !self.unknown_types.iter().any(is_noted)
        {
            self.unknown_types.push(format!("{}:{name}", kind.as_str()));
        }
    }

    /// Whether a call with this id was not counted before. A call without an id is always new.
    pub(super) fn is_new_call(&mut self, id: Option<&str>) -> bool {
        let Some(id) = id else { return true };
        let new = !self.call_ids.contains(id);
        if new {
            self.call_ids.insert(id.to_owned());
        }
        new
    }

    /// Notes that a piece of the answer arrived at `at`, Unix milliseconds.
    pub(super) fn note_token(&mut self, at: Option<u64>) {
        self.first_token_at = self.first_token_at.or(at);
    }
}
