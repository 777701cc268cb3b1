//! The tool calls of a turn, from the response or else from the counts of the host.

use crate::catalog;
use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::checks;
use crate::entry::collection::OrderedMap;
use crate::entry::lenient::{Count, Given, JsonText, Lenient};
use crate::entry::mcp::{self, McpName};
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::provider::ModelProvider;
use crate::entry::response::Response;
use crate::entry::tool_call::{MAX_CALLS, ToolCall};
use crate::entry::turn::EntryKind;

/// More different tools in one turn are an error of their reporter, too.
const MAX_TOOLS: usize = 256;

impl ParsedEntry<'_> {
    /// The calls of this turn, from the response or else from the host's counts. `None` if they are
    /// unknown or beyond their bound.
    pub(super) fn tool_calls(
        &mut self,
        provider: ModelProvider,
        kind: EntryKind,
    ) -> Option<Vec<ToolCall>> {
        if !matches!(kind, EntryKind::Turn | EntryKind::SideRequest) {
            return None;
        }
        let mut calls = match &mut self.host.res {
            Response::Read(facts) => {
                let calls = std::mem::take(&mut facts.calls);
                if facts.has_unread_calls {
                    self.note_fallback(Parser::Tools, FallbackReason::OutOfBounds);
                    return None;
                }
                checks::check_tool_count(self, provider, calls.len() as u64);
                calls
            }
            Response::TransportOnly => return None,
            Response::Missing => self.calls_from_line(provider, FallbackReason::NoResponse)?,
            Response::Opaque => self.calls_from_line(provider, FallbackReason::OpaqueResponse)?,
        };
        if ToolCall::count(&calls) > MAX_CALLS as u64 {
            self.note_fallback(Parser::Tools, FallbackReason::OutOfBounds);
            return None;
        }
        for call in &mut calls {
            if call.has_unread_input {
                self.anomalies.push(Anomaly::UnknownValue(Parser::ToolInput, call.name.clone()));
            }
            let unreadable = call.unreadable_mcp.iter().cloned();
            self.anomalies.extend(unreadable.map(Anomaly::UnknownMcpFormat));
            self.find_server(call, provider);
        }
        Some(calls)
    }

    /// Sets the MCP server of a call if only the tool's name contains it, and notes unknown tools.
    fn find_server(&mut self, call: &mut ToolCall, provider: ModelProvider) {
        if call.mcp.is_some() {
            return;
        }
        match mcp::from_name(&call.name) {
            McpName::Tool(mcp) => call.mcp = Some(mcp),
            McpName::Unreadable => {
                self.anomalies.push(Anomaly::UnknownMcpFormat(call.name.clone()));
            }
            McpName::Unmarked if catalog::tool_role(&call.name).is_some() => {}
            McpName::Unmarked => {
                let may_be_mcp = provider == ModelProvider::Xai;
                call.mcp = mcp::from_grok_name(&call.name).filter(|_| may_be_mcp);
                if call.mcp.is_none() {
                    self.anomalies
                        .push(Anomaly::UnknownTool { name: call.name.clone(), calls: call.times });
                }
            }
        }
    }

    fn calls_from_line(
        &mut self,
        provider: ModelProvider,
        reason: FallbackReason,
    ) -> Option<Vec<ToolCall>> {
        let line = if provider == ModelProvider::Anthropic {
            counted(&self.host.turn_tool_calls)
        } else {
            let by_id = by_id(&self.host.turn_tool_call_ids);
            // Older hosts always write an empty map.
            by_id.or_else(|| counted(&self.host.tool_calls).filter(|line| !line.is_empty()))
        };
        let LineCalls { calls, has_invalid, is_beyond_bound } = line?;
        if is_beyond_bound {
            self.note_fallback(Parser::Tools, FallbackReason::OutOfBounds);
            return None;
        }
        if has_invalid {
            self.note_fallback(Parser::Tools, FallbackReason::OutOfBounds);
        }
        // Anthropic's counts are as exact as the response. If they are empty, an opaque response
        // lacks nothing.
        let is_exact = provider == ModelProvider::Anthropic
            && (calls.is_empty() || reason != FallbackReason::OpaqueResponse);
        if !is_exact {
            self.note_fallback(Parser::Tools, reason);
        }
        Some(calls)
    }
}

/// The calls that an index line counts.
struct LineCalls {
    calls: Vec<ToolCall>,
    /// A count is not a number of calls.
    has_invalid: bool,
    /// These are more calls than a turn can have, and `calls` is empty.
    is_beyond_bound: bool,
}

impl LineCalls {
    /// Whether the line counts nothing, not even something that is refused.
    fn is_empty(&self) -> bool {
        self.calls.is_empty() && !self.has_invalid && !self.is_beyond_bound
    }
}

/// The calls in a map of names to numbers of calls. `None` if there is no map.
fn counted(pairs: &OrderedMap<'_, Given<Count>>) -> Option<LineCalls> {
    let has_further = pairs.further > 0;
    let pairs = pairs.members.as_ref()?;
    let counts = pairs.iter().filter_map(|(name, count)| Some((name, count.count()?)));
    let calls = counts.filter(|(_, count)| *count > 0);
    let sum = calls.clone().fold(0, |sum: u64, (_, count)| sum.saturating_add(count));
    let is_beyond_bound =
        has_further || sum > MAX_CALLS as u64 || calls.clone().count() > MAX_TOOLS;
    let calls = calls.filter(|_| !is_beyond_bound);
    Some(LineCalls {
        calls: calls.map(|(name, count)| ToolCall::counted(name, count)).collect(),
        has_invalid: pairs.iter().any(|(_, count)| count.is_invalid()),
        is_beyond_bound,
    })
}

/// The calls in a map of ids to names. `None` if there is no map.
fn by_id(ids: &OrderedMap<'_, Lenient<JsonText<'_>>>) -> Option<LineCalls> {
    let is_beyond_bound = ids.len()? > MAX_CALLS as u64;
    let names = ids.members.iter().flatten().map(|(_, name)| name.text().unwrap_or("unknown"));
    let names = names.filter(|_| !is_beyond_bound);
    let calls = names.map(ToolCall::named).collect();
    Some(LineCalls { calls, has_invalid: false, is_beyond_bound })
}
