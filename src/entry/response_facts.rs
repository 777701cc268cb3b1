//! The facts of a response, in the same form for every wire.

use crate::catalog::{self, CompactionMarker, WireKind};
use crate::entry::error_body::ReportedError;
use crate::entry::quota::Quotas;
use crate::entry::tool_call::{MAX_CALLS, ToolCall};
use crate::entry::usage_block::UsageBlock;
use std::ops::RangeInclusive;

/// Unknown types beyond this number are not reported one by one.
const MAX_UNKNOWN_TYPES: usize = 16;

/// What a response contains about its turn.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(super) struct ResponseFacts {
    /// The response is an array of events, so a missing terminal event has a meaning.
    pub(super) is_events: bool,
    /// It has at least one event.
    pub(super) has_events: bool,
    /// The terminal event of the wire was read.
    pub(super) terminal: bool,
    /// The host's token counts belong to this response: its terminal event reports success or
    /// contains a usage block.
    pub(super) confirms_usage: bool,
    /// The error it reports.
    pub(super) error: Option<ReportedError>,
    /// Why the model stopped, as it is on the wire.
    pub(super) stop_reason: Option<String>,
    /// The output was cut at the token limit.
    pub(super) hit_max_tokens: bool,
    /// The response contains the compacted history.
    pub(super) compacted: bool,
    /// The tool calls, in the order of their completion.
    pub(super) calls: Vec<ToolCall>,
    /// There are more blocks, items or calls than a response has, so not all calls were read.
    pub(super) has_unread_calls: bool,
    /// The number of calls that the host counts, too: it counts plain `tool_use` blocks only.
    pub(super) host_countable_calls: u64,
    /// The number of further calls that the host may have counted: they are not told where it
    /// looks for calls, or share an id with another one.
    pub(super) host_uncertain_calls: u64,
    /// The newest block is a call. If the token limit is reached, the input of that call was cut.
    pub(super) ends_in_call: bool,
    /// The number of blocks or items that look like calls, including those that could not be read.
    pub(super) seen_calls: u64,
    /// The number of calls in the list that the terminal event contains.
    pub(super) reported_calls: Option<u64>,
    /// The token counts of the response, of all its events.
    pub(super) usage: Option<Box<UsageBlock>>,
    /// Types that no catalog has, each once, with the kind in front: `event:<name>`.
    pub(super) unknown_types: Vec<String>,
    /// When the first piece of the answer arrived, Unix milliseconds.
    pub(super) first_token_at: Option<u64>,
    /// When the last event arrived, Unix milliseconds.
    pub(super) last_event_at: Option<u64>,
    /// The quotas in its events.
    pub(super) quotas: Quotas,
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

    /// Adds a tool call.
    pub(super) fn add_call(&mut self, call: ToolCall) {
        if self.calls.len() < MAX_CALLS {
            self.calls.push(call);
        } else {
            self.has_unread_calls = true;
        }
    }

    /// The numbers of calls that the host can have counted.
    pub(super) fn host_call_range(&self) -> RangeInclusive<u64> {
        let sure = self.host_countable_calls;
        sure..=sure.saturating_add(self.host_uncertain_calls)
    }

    /// Notes an error. A response has one error, even if it is told twice: the first one whose type
    /// is known, or else the first one.
    pub(super) fn note_error(&mut self, error: ReportedError) {
        if self.error.as_ref().is_none_or(|noted| !noted.is_known() && error.is_known()) {
            self.error = Some(error);
        }
    }

    /// Adds a usage block to those of earlier events.
    pub(super) fn update_usage(&mut self, later: Option<UsageBlock>) {
        match (&mut self.usage, later) {
            (Some(usage), Some(later)) => usage.update(later),
            (usage @ None, Some(later)) => *usage = Some(Box::new(later)),
            (_, None) => {}
        }
    }

    /// The usage block, if the response is complete. The counts of a stream can still grow until
    /// its terminal event.
    pub(super) fn complete_usage(&self) -> Option<&UsageBlock> {
        self.usage.as_deref().filter(|_| !self.is_events || self.terminal)
    }

    /// Notes a compaction if a block, an item or a stop reason of this name shows one.
    pub(super) fn note_compaction(&mut self, name: &str) {
        self.compacted |= catalog::compaction_item(name) == Some(CompactionMarker::Continuation);
    }

    /// Notes that a piece of the answer arrived at `at`, Unix milliseconds.
    pub(super) fn note_token(&mut self, at: Option<u64>) {
        self.first_token_at = self.first_token_at.or(at);
    }
}
