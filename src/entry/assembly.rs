//! From everything that was read from an entry to its turn.

use crate::catalog::{self, AgentRole, StopOutcome};
use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::checks;
use crate::entry::host_entry::{self, ToolResult};
use crate::entry::lenient::{Count, Lenient, Object, OrderedMap};
use crate::entry::mcp::{self, McpName};
use crate::entry::parsed_entry::{ParsedEntry, UNKNOWN_ERROR};
use crate::entry::provider::ModelProvider;
use crate::entry::response::Response;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::tool_call::ToolCall;
use crate::entry::turn::{Compaction, Cost, EntryKind, PermissionChange, Turn};
use crate::entry::usage::Usage;
use crate::entry::usage_block::UsageBlock;
use std::time::Duration;

/// A higher price of one call, in US dollars, is an error of its reporter. One such value would
/// make a cumulative sum useless until the process ends.
const MAX_USD: f64 = 1e6;

/// The values that the host writes instead of a session it does not know.
const NO_SESSION: &[&str] = &["direct-api", "codex-raw", "grok-raw", "unknown"];

/// Makes the turn of an entry, and notes its anomalies.
pub(super) fn assemble(entry: ParsedEntry<'_>) -> Turn {
    Assembly { entry }.finish()
}

/// An entry that is about to become a turn.
struct Assembly<'a> {
    entry: ParsedEntry<'a>,
}

impl Assembly<'_> {
    fn finish(mut self) -> Turn {
        let agent_type = self.agent_type();
        let role = agent_type.as_deref().and_then(catalog::agent_role);
        let kind = self.kind(role);
        let provider = self.provider();
        let error = self.error(kind);
        let usage = self.usage().filter(|_| self.entry.has_own_numbers());
        let cost = self.cost(usage.as_ref());
        let stop_reason = self.stop_reason();
        let tool_calls = self.tool_calls(provider, kind);
        let permission = self.permission(provider);
        let mut turn = Turn {
            kind,
            provider,
            model: self.entry.host.model.text().map(str::to_owned),
            session: self.session(),
            subagent: self.subagent(provider, agent_type.is_some(), role),
            agent_type,
            agent_version: None,
            message_count: self.entry.host.msg_count.count().filter(|_| !self.entry.is_websocket()),
            usage,
            cost,
            context_window: self.entry.host.max_context.count().filter(|window| *window > 0),
            duration: self.duration(),
            time_to_first_token: self.since_arrival(|facts| facts.first_token_at),
            truncated: self.truncated(kind),
            hit_max_tokens: self.hit_max_tokens(provider, stop_reason.as_deref()),
            error,
            stop_reason,
            tool_calls,
            failed_tool_results: self.failed_tool_results(),
            user_skills: self.user_skills(),
            has_prompt_text: self.entry.request.has_prompt_text,
            permission,
            compaction: self.compaction(role),
            quotas: std::mem::take(&mut self.entry.quotas),
            anomalies: Vec::new(),
        };
        checks::check(&mut self.entry, &turn);
        if !self.entry.anomalies.is_empty() {
            turn.agent_version = self.entry.request.agent_version();
        }
        turn.anomalies = self.entry.anomalies;
        turn
    }

    fn kind(&self, role: Option<AgentRole>) -> EntryKind {
        let host = &self.entry.host;
        let is_empty = host.msg_count.count() == Some(0) && host.model.text().is_none();
        let probe = host.imported.is_true()
            || self.entry.request.single_token
            || host.url.text_or_empty().contains("/count_tokens")
            || (is_empty && !self.entry.is_websocket());
        let is_connection =
            self.entry.request.transport_only || matches!(host.res, Response::TransportOnly);
        if probe {
            EntryKind::Probe
        } else if is_connection || is_empty {
            EntryKind::TransportOnly
        } else if matches!(role, Some(AgentRole::Side | AgentRole::Summary)) {
            EntryKind::SideRequest
        } else {
            EntryKind::Turn
        }
    }

    fn provider(&self) -> ModelProvider {
        let of = |name: Option<&str>| name.and_then(catalog::provider).and_then(ModelProvider::of);
        of(self.entry.host.agent.text())
            .or_else(|| of(self.entry.host.provider.text()))
            .unwrap_or(ModelProvider::Other)
    }

    /// The host's value, or else the agent type that the system prompt belongs to.
    fn agent_type(&self) -> Option<String> {
        let key = self.entry.host.agent_key.text().map(str::to_owned);
        key.or_else(|| self.entry.request.agent_type().map(str::to_owned))
    }

    fn usage(&self) -> Option<Usage> {
        self.entry.host.usage.0.as_ref().map(UsageBlock::usage)
    }

    fn cost(&self, usage: Option<&Usage>) -> Cost {
        let Some(usage) = usage else { return Cost::NotReported };
        // The host prices what it cannot read at zero.
        let is_readable = usage.input.is_some() || usage.output.is_some();
        let is_price = |usd: f64| (0.0..=MAX_USD).contains(&usd) && (is_readable || usd > 0.0);
        match self.entry.host.cost.and_then(host_entry::usd) {
            Some(usd) if is_price(usd) => Cost::Usd(usd),
            _ if usage.is_zero() => Cost::NotReported,
            _ => Cost::Unpriced,
        }
    }

    fn session(&self) -> Option<String> {
        let session = self.entry.host.session_id.text()?;
        (!NO_SESSION.contains(&session)).then(|| session.to_owned())
    }

    fn subagent(&self, provider: ModelProvider, is_named: bool, role: Option<AgentRole>) -> bool {
        let flagged = self.entry.host.is_subagent.is_true();
        match (provider, role) {
            (_, Some(AgentRole::Unknown)) => flagged,
            // An unknown agent of these providers can be the main one.
            (ModelProvider::OpenAi | ModelProvider::Xai, _) => {
                flagged || role == Some(AgentRole::Sub)
            }
            (_, None) => flagged || is_named,
            (_, Some(role)) => role != AgentRole::Main,
        }
    }

    fn permission(&mut self, provider: ModelProvider) -> PermissionChange {
        match (self.entry.request.policy.take(), self.entry.request.plan) {
            (Some(mode), _) => PermissionChange::Mode(mode),
            (None, _) if provider == ModelProvider::OpenAi => PermissionChange::Unchanged,
            (None, Some(true)) => PermissionChange::PlanOnly,
            (None, Some(false)) => PermissionChange::NotPlanOnly,
            (None, None) if self.entry.request.is_from_user => PermissionChange::NotPlanOnly,
            (None, None) => PermissionChange::Unchanged,
        }
    }

    fn compaction(&self, role: Option<AgentRole>) -> Compaction {
        Compaction {
            requested: self.entry.request.asks_for_summary || role == Some(AgentRole::Summary),
            manual: self.entry.request.manual_compact,
            continues: self.entry.request.continues,
        }
    }

    /// The skills that the user has called. A refused request does not count, because it is sent
    /// again.
    fn user_skills(&mut self) -> Vec<String> {
        let skills = std::mem::take(&mut self.entry.request.skills);
        if self.entry.is_refused() { Vec::new() } else { skills }
    }

    fn since_arrival(&self, timestamp: impl Fn(&ResponseFacts) -> Option<u64>) -> Option<Duration> {
        let arrived = self.entry.host.received_at.count()?;
        let at = timestamp(self.entry.facts()?)?;
        at.checked_sub(arrived).map(Duration::from_millis)
    }

    fn duration(&self) -> Option<Duration> {
        let elapsed = || {
            let seconds = self.entry.host.elapsed.number()?;
            Duration::try_from_secs_f64(seconds).ok()
        };
        self.since_arrival(|facts| facts.last_event_at).or_else(elapsed)
    }

    /// The type of the error, `http_<status>` if only the status is known.
    fn error(&self, kind: EntryKind) -> Option<String> {
        let status = self.entry.host.status.count().filter(|status| *status >= 400);
        let reported = self.entry.facts().and_then(|facts| facts.error.clone());
        // The prefix `http_` is ours, so a type with it in a response is not used.
        let reported = reported
            .map(|reported| if reported.starts_with("http_") { String::new() } else { reported });
        // The host's status of a WebSocket turn describes the connection, and not how the turn
        // ended.
        let ended =
            self.entry.is_websocket() && self.entry.facts().is_some_and(|facts| facts.terminal);
        match (reported, status) {
            _ if kind == EntryKind::Probe => None,
            (Some(reported), None) if reported.is_empty() => Some(UNKNOWN_ERROR.to_owned()),
            (Some(reported), _) if !reported.is_empty() => Some(reported),
            (_, Some(status)) if !ended => Some(format!("http_{status}")),
            (Some(_), Some(_)) => Some(UNKNOWN_ERROR.to_owned()),
            _ => None,
        }
    }

    fn stop_reason(&self) -> Option<String> {
        let line = self.entry.host.stop_reason.text();
        let reported = if self.entry.is_websocket() {
            let facts = self.entry.facts().filter(|facts| facts.terminal)?;
            facts.stop_reason.as_deref().or(line)
        } else {
            line.or_else(|| self.entry.facts()?.stop_reason.as_deref())
        };
        // The status of a stream that was cut is not a stop reason.
        reported
            .filter(|reason| catalog::stop_outcome(reason) != Some(StopOutcome::Open))
            .map(str::to_owned)
    }

    /// Anthropic reports it as the stop reason, and the Responses wire in a separate field.
    fn hit_max_tokens(&self, provider: ModelProvider, stop_reason: Option<&str>) -> bool {
        let reported = stop_reason.and_then(catalog::stop_outcome) == Some(StopOutcome::MaxTokens);
        let has_own_field = provider != ModelProvider::Anthropic || stop_reason.is_none();
        reported || (has_own_field && self.entry.facts().is_some_and(|facts| facts.hit_max_tokens))
    }

    fn truncated(&self, kind: EntryKind) -> bool {
        let Some(facts) = self.entry.facts().filter(|facts| facts.is_events) else { return false };
        let status = self.entry.host.status.count();
        let streamed = self.entry.host.is_sse.is_true() && matches!(status, Some(200..=299));
        let is_call = matches!(kind, EntryKind::Turn | EntryKind::SideRequest);
        is_call
            && (streamed || self.entry.is_websocket())
            && !facts.terminal
            && facts.error.is_none()
    }

    fn failed_tool_results(&self) -> Option<u64> {
        let results =
            self.entry.host.turn_tool_results.0.as_ref().filter(|_| !self.entry.is_refused())?;
        let failed = |result: &&Object<ToolResult>| {
            result.0.as_ref().is_some_and(|result| result.tool_fail.is_true())
        };
        Some(results.iter().filter(failed).count() as u64)
    }

    /// The calls of this turn, from the response or else from the host's counts.
    fn tool_calls(&mut self, provider: ModelProvider, kind: EntryKind) -> Option<Vec<ToolCall>> {
        if !matches!(kind, EntryKind::Turn | EntryKind::SideRequest) {
            return None;
        }
        let mut calls = match &mut self.entry.host.res {
            Response::Read(facts) => {
                let calls = std::mem::take(&mut facts.calls);
                checks::check_tool_count(&mut self.entry, provider, calls.len() as u64);
                calls
            }
            Response::TransportOnly => return None,
            Response::Missing => self.calls_from_line(provider, FallbackReason::NoResponse)?,
            Response::Opaque => self.calls_from_line(provider, FallbackReason::OpaqueResponse)?,
        };
        for call in &mut calls {
            if call.has_unread_input {
                self.entry
                    .anomalies
                    .push(Anomaly::UnknownValue(Parser::ToolInput, call.name.clone()));
            }
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
                self.entry.anomalies.push(Anomaly::UnknownMcpFormat(call.name.clone()));
            }
            McpName::Unmarked if catalog::tool_role(&call.name).is_some() => {}
            McpName::Unmarked => {
                let may_be_mcp = provider == ModelProvider::Xai;
                call.mcp = mcp::from_grok_name(&call.name).filter(|_| may_be_mcp);
                if call.mcp.is_none() {
                    self.entry.anomalies.push(Anomaly::UnknownTool(call.name.clone()));
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
            let calls: Option<Vec<ToolCall>> = counted(&self.entry.host.turn_tool_calls);
            // These counts are as exact as the response. If they are empty, an opaque response
            // lacks nothing.
            let has_calls = calls.as_ref().is_some_and(|calls| !calls.is_empty());
            if has_calls && reason == FallbackReason::OpaqueResponse {
                self.entry.note_fallback(Parser::Tools, reason);
            }
            return calls;
        }
        let by_id = self.entry.host.turn_tool_call_ids.0.as_ref().map(|ids| {
            ids.iter().flat_map(|(_, name)| named(name.text().unwrap_or("unknown"), 1)).collect()
        });
        // Older hosts always write an empty map.
        let by_name = || counted(&self.entry.host.tool_calls).filter(|calls| !calls.is_empty());
        let calls: Option<Vec<ToolCall>> = by_id.or_else(by_name);
        if calls.is_some() {
            self.entry.note_fallback(Parser::Tools, reason);
        }
        calls
    }
}
