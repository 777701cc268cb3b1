//! From everything that was read of an entry to its turn.

use crate::catalog::{self, AgentRole, Stop};
use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::checks;
use crate::entry::host_entry::{self, ToolResult};
use crate::entry::lenient::{Count, Lenient, Object, Pairs};
use crate::entry::mcp::{self, McpName};
use crate::entry::parsed_entry::{ParsedEntry, UNEXPLAINED};
use crate::entry::provider::Provider;
use crate::entry::response::Response;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::tool_call::ToolCall;
use crate::entry::turn::{Compaction, Cost, Kind, Permission, Turn};
use crate::entry::usage::Usage;
use crate::entry::usage_block::UsageBlock;
use std::time::Duration;

/// More dollars for one call are a defect of whoever reported them; one such value would drown every
/// real one for good.
const MAX_USD: f64 = 1e6;

/// Buckets that the host uses where it knows no session.
const NO_SESSION: &[&str] = &["direct-api", "codex-raw", "grok-raw", "unknown"];

/// The turn that an entry is. What is not understood is noted on the way.
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
        let usage = self.usage().filter(|_| self.entry.numbers_are_its_own());
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
            has_words: self.entry.request.has_words,
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

    fn kind(&self, role: Option<AgentRole>) -> Kind {
        let host = &self.entry.host;
        let is_empty = host.msg_count.count() == Some(0) && host.model.text().is_none();
        let probe = host.imported.is_true()
            || self.entry.request.single_token
            || host.url.text_or_empty().contains("/count_tokens")
            || (is_empty && !self.entry.is_websocket());
        let is_connection =
            self.entry.request.transport_only || matches!(host.res, Response::TransportOnly);
        if probe {
            Kind::Probe
        } else if is_connection || is_empty {
            Kind::TransportOnly
        } else if matches!(role, Some(AgentRole::Side | AgentRole::Summary)) {
            Kind::SideRequest
        } else {
            Kind::Turn
        }
    }

    fn provider(&self) -> Provider {
        let of = |word: Option<&str>| word.and_then(catalog::provider).and_then(Provider::of);
        of(self.entry.host.agent.text())
            .or_else(|| of(self.entry.host.provider.text()))
            .unwrap_or(Provider::Other)
    }

    /// The host's word, or what the system prompt begins with where the host says nothing.
    fn agent_type(&self) -> Option<String> {
        let key = self.entry.host.agent_key.text().map(str::to_owned);
        key.or_else(|| self.entry.request.agent_type().map(str::to_owned))
    }

    fn usage(&self) -> Option<Usage> {
        self.entry.host.usage.0.as_ref().map(UsageBlock::usage)
    }

    fn cost(&self, usage: Option<&Usage>) -> Cost {
        let Some(usage) = usage else { return Cost::NotReported };
        // The host prices what it does not understand at nothing.
        let understood = usage.input.is_some() || usage.output.is_some();
        let is_price = |usd: f64| (0.0..=MAX_USD).contains(&usd) && (understood || usd > 0.0);
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

    fn subagent(&self, provider: Provider, is_named: bool, role: Option<AgentRole>) -> bool {
        let flagged = self.entry.host.is_subagent.is_true();
        match (provider, role) {
            (_, Some(AgentRole::Unknown)) => flagged,
            // An agent of theirs that is not known may well be the main one.
            (Provider::OpenAi | Provider::Xai, _) => flagged || role == Some(AgentRole::Sub),
            (_, None) => flagged || is_named,
            (_, Some(role)) => role != AgentRole::Main,
        }
    }

    fn permission(&mut self, provider: Provider) -> Permission {
        match (self.entry.request.policy.take(), self.entry.request.plan) {
            (Some(mode), _) => Permission::Mode(mode),
            (None, _) if provider == Provider::OpenAi => Permission::Unsaid,
            (None, Some(true)) => Permission::Plan,
            (None, Some(false)) => Permission::NoPlan,
            (None, None) if self.entry.request.typed => Permission::NoPlan,
            (None, None) => Permission::Unsaid,
        }
    }

    fn compaction(&self, role: Option<AgentRole>) -> Compaction {
        Compaction {
            requested: self.entry.request.asks_for_summary || role == Some(AgentRole::Summary),
            manual: self.entry.request.manual_compact,
            continues: self.entry.request.continues,
        }
    }

    /// Skills that the user has called for. A refused attempt is made again.
    fn user_skills(&mut self) -> Vec<String> {
        let skills = std::mem::take(&mut self.entry.request.skills);
        if self.entry.is_refused() { Vec::new() } else { skills }
    }

    fn since_arrival(&self, moment: impl Fn(&ResponseFacts) -> Option<u64>) -> Option<Duration> {
        let arrived = self.entry.host.received_at.count()?;
        let at = moment(self.entry.facts()?)?;
        at.checked_sub(arrived).map(Duration::from_millis)
    }

    fn duration(&self) -> Option<Duration> {
        let elapsed = || {
            let seconds = self.entry.host.elapsed.number()?;
            Duration::try_from_secs_f64(seconds).ok()
        };
        self.since_arrival(|facts| facts.last_event_at).or_else(elapsed)
    }

    /// The type of the error, `http_<status>` where only the status tells.
    fn error(&self, kind: Kind) -> Option<String> {
        let status = self.entry.host.status.count().filter(|status| *status >= 400);
        let told = self.entry.facts().and_then(|facts| facts.error.clone());
        // That word is ours; a body does not get to choose it.
        let told = told.map(|told| if told.starts_with("http_") { String::new() } else { told });
        // The host closes a WebSocket turn with a status of its own, whatever the turn's own end.
        let ended =
            self.entry.is_websocket() && self.entry.facts().is_some_and(|facts| facts.terminal);
        match (told, status) {
            _ if kind == Kind::Probe => None,
            (Some(told), None) if told.is_empty() => Some(UNEXPLAINED.to_owned()),
            (Some(told), _) if !told.is_empty() => Some(told),
            (_, Some(status)) if !ended => Some(format!("http_{status}")),
            (Some(_), Some(_)) => Some(UNEXPLAINED.to_owned()),
            _ => None,
        }
    }

    fn stop_reason(&self) -> Option<String> {
        let line = self.entry.host.stop_reason.text();
        let told = if self.entry.is_websocket() {
            let facts = self.entry.facts().filter(|facts| facts.terminal)?;
            facts.stop_reason.as_deref().or(line)
        } else {
            line.or_else(|| self.entry.facts()?.stop_reason.as_deref())
        };
        // The status of a stream that was cut is no reason to stop.
        told.filter(|reason| catalog::stop(reason) != Some(Stop::Open)).map(str::to_owned)
    }

    /// Anthropic says it in the stop reason, and the Responses wire beside it.
    fn hit_max_tokens(&self, provider: Provider, stop_reason: Option<&str>) -> bool {
        let told = stop_reason.and_then(catalog::stop) == Some(Stop::MaxTokens);
        let is_beside = provider != Provider::Anthropic || stop_reason.is_none();
        told || (is_beside && self.entry.facts().is_some_and(|facts| facts.hit_max_tokens))
    }

    fn truncated(&self, kind: Kind) -> bool {
        let Some(facts) = self.entry.facts().filter(|facts| facts.is_events) else { return false };
        let status = self.entry.host.status.count();
        let streamed = self.entry.host.is_sse.is_true() && matches!(status, Some(200..=299));
        let expected = matches!(kind, Kind::Turn | Kind::SideRequest);
        expected
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

    /// The calls of this turn: from the response where there is one, else from the host's counts.
    fn tool_calls(&mut self, provider: Provider, kind: Kind) -> Option<Vec<ToolCall>> {
        if !matches!(kind, Kind::Turn | Kind::SideRequest) {
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
            self.place(call, provider);
        }
        Some(calls)
    }

    /// Finds out whose tool it is where only its name can tell.
    fn place(&mut self, call: &mut ToolCall, provider: Provider) {
        if call.mcp.is_some() {
            return;
        }
        match mcp::from_name(&call.name) {
            McpName::Tool(mcp) => call.mcp = Some(mcp),
            McpName::Unreadable => {
                self.entry.anomalies.push(Anomaly::UnknownMcpFormat(call.name.clone()));
            }
            McpName::Unmarked if catalog::tool(&call.name).is_some() => {}
            McpName::Unmarked => {
                let may_be_mcp = provider == Provider::Xai;
                call.mcp = mcp::from_grok_name(&call.name).filter(|_| may_be_mcp);
                if call.mcp.is_none() {
                    self.entry.anomalies.push(Anomaly::UnknownTool(call.name.clone()));
                }
            }
        }
    }

    fn calls_from_line(
        &mut self,
        provider: Provider,
        reason: FallbackReason,
    ) -> Option<Vec<ToolCall>> {
        let named = |name: &str, count: u64| {
            // Larger counts are no tool calls of one turn, and must not cost memory.
            let count = usize::try_from(count.min(10_000)).unwrap_or(0);
            std::iter::repeat_n(ToolCall::named(name), count)
        };
        let counted = |pairs: &Pairs<'_, Lenient<Count>>| {
            let pairs = pairs.0.as_ref()?;
            let calls =
                pairs.iter().flat_map(|(name, count)| named(name, count.count().unwrap_or(0)));
            Some(calls.collect())
        };
        if provider == Provider::Anthropic {
            let calls: Option<Vec<ToolCall>> = counted(&self.entry.host.turn_tool_calls);
            // Its counts are as right as the response; a response that tells no more was meant to.
            let has_calls = calls.as_ref().is_some_and(|calls| !calls.is_empty());
            if has_calls && reason == FallbackReason::OpaqueResponse {
                self.entry.fallback(Parser::Tools, reason);
            }
            return calls;
        }
        let by_id = self.entry.host.turn_tool_call_ids.0.as_ref().map(|ids| {
            ids.iter().flat_map(|(_, name)| named(name.text().unwrap_or("unknown"), 1)).collect()
        });
        // Older hosts write an empty map whatever was called.
        let by_name = || counted(&self.entry.host.tool_calls).filter(|calls| !calls.is_empty());
        let calls: Option<Vec<ToolCall>> = by_id.or_else(by_name);
        if calls.is_some() {
            self.entry.fallback(Parser::Tools, reason);
        }
        calls
    }
}
