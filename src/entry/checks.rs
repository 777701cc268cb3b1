//! What of an entry was not understood, and which of its counts disagree.
//!
//! What is exported stays as the host tells it; a disagreement is said beside it.

use crate::catalog;
use crate::entry::assembly::{Assembly, UNEXPLAINED, tokens};
use crate::entry::line::CacheCreation;
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
            self.unknown_value(Parser::StopReason, turn.stop_reason.as_deref(), |word| {
                catalog::stop_reason(word).is_some()
            });
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
        if self.numbers_are_its_own() && self.token_sums_disagree(turn.provider) {
            self.anomalies.push(Anomaly::Mismatch(Mismatch::TokenSum));
        }
    }

    /// Without its response a WebSocket turn's own numbers cannot be told from another's.
    fn check_source(&mut self) {
        if self.is_websocket() && matches!(self.line.res, Response::Missing) {
            self.anomalies.push(Anomaly::Fallback {
                parser: Parser::WebSocket,
                reason: FallbackReason::NoResponse,
            });
        }
    }

    fn check_agent_type(&mut self, turn: &Turn) {
        if self.line.agent_key.text().is_none() && turn.agent_type.is_some() {
            self.anomalies.push(Anomaly::Fallback {
                parser: Parser::AgentType,
                reason: FallbackReason::NotReported,
            });
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

    /// Whether the parts of the usage block are not its sums, or the response tells other ones.
    fn token_sums_disagree(&self, provider: Provider) -> bool {
        let Some(usage) = &self.line.usage.0 else { return false };
        let cache_creation = tokens(&usage.cache_creation_input_tokens);
        let split = usage.cache_creation.0.as_ref().and_then(CacheCreation::parts);
        let split = split.map(|(five_minutes, one_hour)| five_minutes.saturating_add(one_hour));
        let split_disagrees = differ(cache_creation, split);

        let cached = tokens(&usage.cache_read_input_tokens);
        let sum = tokens(&usage.input_tokens).zip(tokens(&usage.output_tokens));
        let sum = sum.map(|(input, output)| {
            let cached = cached.unwrap_or(0).saturating_add(cache_creation.unwrap_or(0));
            input.saturating_add(output).saturating_add(cached)
        });
        let total_disagrees = differ(sum, tokens(&usage.total_tokens));

        let own = self.facts().and_then(|facts| facts.usage);
        let own = own.filter(|_| provider == Provider::Anthropic);
        let own_disagrees = own.is_some_and(|own| {
            differ(tokens(&own.input), tokens(&usage.input_tokens))
                || differ(tokens(&own.output), tokens(&usage.output_tokens))
                || differ(tokens(&own.cache_read), cached)
                || differ(tokens(&own.cache_creation), cache_creation)
        });
        split_disagrees || total_disagrees || own_disagrees
    }
}

/// Whether both are known, and are not the same.
fn differ(a: Option<u64>, b: Option<u64>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a != b)
}

fn is_known_error(error: &str) -> bool {
    error == UNEXPLAINED || catalog::error_type(error).is_some() || catalog::is_status_error(error)
}
