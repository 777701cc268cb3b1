//! The tool calls of a turn, from the response or else from the counts of the host.

use crate::catalog;
use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::checks;
use crate::entry::lenient::{Count, Lenient, OrderedMap};
use crate::entry::mcp::{self, McpName};
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::provider::ModelProvider;
use crate::entry::response::Response;
use crate::entry::tool_call::ToolCall;
use crate::entry::turn::EntryKind;

impl ParsedEntry<'_> {
    /// The calls of this turn, from the response or else from the host's counts.
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
                checks::check_tool_count(self, provider, calls.len() as u64);
                calls
            }
            Response::TransportOnly => return None,
            Response::Missing => self.calls_from_line(provider, FallbackReason::NoResponse)?,
            Response::Opaque => self.calls_from_line(provider, FallbackReason::OpaqueResponse)?,
        };
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
                    self.anomalies.push(Anomaly::UnknownTool(call.name.clone()));
                }
            }
        }
    }

    fn calls_from_line(
        &mut self,
        provider: ModelProvider,
        reason: FallbackReason,
    ) -> Option<Vec<ToolCall>> {
        let named = |name: &str, count: u64| {
            // No turn has more calls, and a larger count must not cost memory.
            let count = usize::try_from(count.min(10_000)).unwrap_or(0);
            std::iter::repeat_n(ToolCall::named(name), count)
        };
        let counted = |pairs: &OrderedMap<'_, Lenient<Count>>| {
            let pairs = pairs.0.as_ref()?;
            let calls =
                pairs.iter().flat_map(|(name, count)| named(name, count.count().unwrap_or(0)));
            Some(calls.collect())
        };
        if provider == ModelProvider::Anthropic {
            let calls: Option<Vec<ToolCall>> = counted(&self.host.turn_tool_calls);
            // These counts are as exact as the response. If they are empty, an opaque response
            // lacks nothing.
            let has_calls = calls.as_ref().is_some_and(|calls| !calls.is_empty());
            if has_calls && reason == FallbackReason::OpaqueResponse {
                self.note_fallback(Parser::Tools, reason);
            }
            return calls;
        }
        let by_id = self.host.turn_tool_call_ids.0.as_ref().map(|ids| {
            ids.iter().flat_map(|(_, name)| named(name.text().unwrap_or("unknown"), 1)).collect()
        });
        // Older hosts always write an empty map.
        let by_name = || counted(&self.host.tool_calls).filter(|calls| !calls.is_empty());
        let calls: Option<Vec<ToolCall>> = by_id.or_else(by_name);
        if calls.is_some() {
            self.note_fallback(Parser::Tools, reason);
        }
        calls
    }
}
