//! What of an entry was not understood, and which of its counts disagree.
//!
//! What is exported stays as the host tells it; a disagreement is said beside it.

use crate::catalog::{self, Stop};
use crate::entry::assembly::{Assembly, UNEXPLAINED};
use crate::entry::response::Response;
use crate::entry::turn::{
    Anomaly, FallbackReason, Kind, Mismatch, Parser, Permission, Provider, Turn,
};

impl Assembly<'_> {
    /// Notes everything about `turn` that no catalog has, or that does not add up.
    pub(super) fn check(&mut self, turn: &Turn) {
        if turn.kind == Kind::Turn {
            self.check_source();
            self.check_agent_type(turn);
            self.check_provider();
            self.check_stop_reason(turn);
            if self.request.policy_unread && matches!(turn.permission, Permission::Unsaid) {
                self.fallback(Parser::PermissionMode, FallbackReason::NotReported);
            }
            if turn.model.is_none() && turn.error.is_none() {
                self.fallback(Parser::Model, FallbackReason::NotReported);
            }
        }
        self.unknown_value(Parser::Model, turn.model.as_deref(), |model| {
            catalog::model_family(model).is_some()
        });
        self.unknown_value(Parser::ErrorType, turn.error.as_deref(), is_known_error);
        if let Permission::Mode(mode) = &turn.permission {
            self.unknown_value(Parser::PermissionMode, Some(mode), |mode| {
                catalog::permission_mode(mode).is_some()
            });
        }
        // A refused request is made again.
        let markers = if self.is_refused() { 0 } else { self.request.broken_skill_markers };
        for _ in 0..markers {
            self.anomalies.push(Anomaly::UnknownSkillMarker);
        }
        if let Response::Read(facts) = &mut self.line.res {
            let unknown = std::mem::take(&mut facts.unknown_kinds);
            self.anomalies.extend(unknown.into_iter().map(Anomaly::UnknownKind));
        }
        if self.numbers_are_its_own() {
            self.check_usage(turn);
        }
    }

    /// A call that came to a good end has used tokens, and says how many.
    fn check_usage(&mut self, turn: &Turn) {
        if let Some(usage) = &self.line.usage.0 {
            let odd = usage.odd_fields().iter().map(|field| format!("usage:{field}"));
            self.anomalies.extend(odd.map(Anomaly::UnknownKind));
            let told = self.facts().and_then(|facts| facts.usage);
            if usage.disagrees(told, turn.provider) {
                self.anomalies.push(Anomaly::Mismatch(Mismatch::TokenSum));
            }
        }
        let is_call = matches!(turn.kind, Kind::Turn | Kind::SideRequest);
        let stop = turn.stop_reason.as_deref().and_then(catalog::stop);
        let is_good = matches!(stop, Some(Stop::Ended | Stop::MaxTokens));
        let is_told = turn
            .usage
            .as_ref()
            .is_some_and(|usage| usage.output.is_some() && usage.context_tokens().is_some());
        if is_call && is_good && turn.error.is_none() && !turn.truncated && !is_told {
            self.fallback(Parser::Usage, FallbackReason::NotReported);
        }
    }

    /// Who serves and who asks is the host's word.
    fn check_provider(&mut self) {
        let provider = self.line.provider.text().map(str::to_owned);
        if provider.is_none() {
            self.fallback(Parser::Provider, FallbackReason::NotReported);
        }
        let agent = self.line.agent.text().map(str::to_owned);
        for word in [provider, agent].iter().flatten() {
            self.unknown_value(Parser::Provider, Some(word), |word| {
                catalog::provider(word).is_some()
            });
        }
    }

    /// A turn that came to its end has a reason to stop.
    fn check_stop_reason(&mut self, turn: &Turn) {
        let has_ended = self.facts().is_some_and(|facts| facts.is_events && facts.terminal);
        if has_ended && turn.error.is_none() && turn.stop_reason.is_none() {
            self.fallback(Parser::StopReason, FallbackReason::NotReported);
        }
        self.unknown_value(Parser::StopReason, turn.stop_reason.as_deref(), |word| {
            catalog::stop_reason(word).is_some()
        });
    }

    /// Without its response a WebSocket turn's own numbers cannot be told from another's.
    fn check_source(&mut self) {
        if self.is_websocket() && matches!(self.line.res, Response::Missing) {
            self.fallback(Parser::WebSocket, FallbackReason::NoResponse);
        }
    }

    fn check_agent_type(&mut self, turn: &Turn) {
        if self.line.agent_key.text().is_none() && turn.agent_type.is_some() {
            self.fallback(Parser::AgentType, FallbackReason::NotReported);
        }
        self.unknown_value(Parser::AgentType, turn.agent_type.as_deref(), |name| {
            catalog::agent_role(name).is_some()
        });
    }

    fn unknown_value(&mut self, parser: Parser, word: Option<&str>, knows: impl Fn(&str) -> bool) {
        if let Some(word) = word.filter(|word| !knows(word)) {
            self.anomalies.push(Anomaly::UnknownValue(parser, word.to_owned()));
        }
    }

    /// Compares the calls that were `read` with those that the response has, that it says it has, and
    /// that the host has counted.
    pub(super) fn check_tool_count(&mut self, provider: Provider, read: u64) {
        let Some(facts) = self.facts() else { return };
        let host = if provider == Provider::Anthropic {
            let counts = self.line.turn_tool_calls.0.as_ref();
            counts.map(|counts| counts.iter().filter_map(|(_, count)| count.count()).sum())
        } else {
            self.line.turn_tool_call_ids.0.as_ref().map(|ids| ids.len() as u64)
        };
        let disagrees = facts.seen_calls != read
            || facts.told_calls.is_some_and(|told| told != read)
            || host.is_some_and(|host: u64| host != facts.host_countable_calls);
        if disagrees {
            self.anomalies.push(Anomaly::Mismatch(Mismatch::ToolCount));
        }
    }
}

fn is_known_error(error: &str) -> bool {
    error == UNEXPLAINED || catalog::error_type(error).is_some() || catalog::is_status_error(error)
}
