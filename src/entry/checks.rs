//! What of an entry was not understood, and which of its counts disagree.
//!
//! What is exported stays as the host tells it; a disagreement is said beside it.

use crate::catalog::{self, Stop};
use crate::entry::anomaly::{Anomaly, FallbackReason, Mismatch, Parser};
use crate::entry::parsed_entry::{ParsedEntry, UNEXPLAINED};
use crate::entry::provider::Provider;
use crate::entry::response::Response;
use crate::entry::turn::{Kind, Permission, Turn};

/// Notes everything about `turn` that no catalog has, or that does not add up.
pub(super) fn check(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    if turn.kind == Kind::Turn {
        check_source(entry);
        check_agent_type(entry, turn);
        check_provider(entry);
        check_stop_reason(entry, turn);
        if entry.request.policy_unread && matches!(turn.permission, Permission::Unsaid) {
            entry.fallback(Parser::PermissionMode, FallbackReason::NotReported);
        }
        if turn.model.is_none() && turn.error.is_none() {
            entry.fallback(Parser::Model, FallbackReason::NotReported);
        }
    }
    unknown_value(entry, Parser::Model, turn.model.as_deref(), |model| {
        catalog::model_family(model).is_some()
    });
    unknown_value(entry, Parser::ErrorType, turn.error.as_deref(), is_known_error);
    if let Permission::Mode(mode) = &turn.permission {
        unknown_value(entry, Parser::PermissionMode, Some(mode), |mode| {
            catalog::permission_mode(mode).is_some()
        });
    }
    // A refused request is made again.
    let markers = if entry.is_refused() { 0 } else { entry.request.broken_skill_markers };
    for _ in 0..markers {
        entry.anomalies.push(Anomaly::UnknownSkillMarker);
    }
    if let Response::Read(facts) = &mut entry.host.res {
        let unknown = std::mem::take(&mut facts.unknown_kinds);
        entry.anomalies.extend(unknown.into_iter().map(Anomaly::UnknownKind));
    }
    if entry.numbers_are_its_own() {
        check_usage(entry, turn);
    }
}

/// A call that came to a good end has used tokens, and says how many.
fn check_usage(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    if let Some(usage) = &entry.host.usage.0 {
        let odd = usage.odd_fields().iter().map(|field| format!("usage:{field}"));
        entry.anomalies.extend(odd.map(Anomaly::UnknownKind));
        let told = entry.facts().and_then(|facts| facts.usage);
        if usage.disagrees(told, turn.provider) {
            entry.anomalies.push(Anomaly::Mismatch(Mismatch::TokenSum));
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
        entry.fallback(Parser::Usage, FallbackReason::NotReported);
    }
}

/// Who serves and who asks is the host's word.
fn check_provider(entry: &mut ParsedEntry<'_>) {
    let provider = entry.host.provider.text().map(str::to_owned);
    if provider.is_none() {
        entry.fallback(Parser::Provider, FallbackReason::NotReported);
    }
    let agent = entry.host.agent.text().map(str::to_owned);
    for word in [provider, agent].iter().flatten() {
        unknown_value(entry, Parser::Provider, Some(word), |word| {
            catalog::provider(word).is_some()
        });
    }
}

/// A turn that came to its end has a reason to stop.
fn check_stop_reason(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    let has_ended = entry.facts().is_some_and(|facts| facts.is_events && facts.terminal);
    if has_ended && turn.error.is_none() && turn.stop_reason.is_none() {
        entry.fallback(Parser::StopReason, FallbackReason::NotReported);
    }
    unknown_value(entry, Parser::StopReason, turn.stop_reason.as_deref(), |word| {
        catalog::stop_reason(word).is_some()
    });
}

/// Without its response a WebSocket turn's own numbers cannot be told from another's.
fn check_source(entry: &mut ParsedEntry<'_>) {
    if entry.is_websocket() && matches!(entry.host.res, Response::Missing) {
        entry.fallback(Parser::WebSocket, FallbackReason::NoResponse);
    }
}

fn check_agent_type(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    if entry.host.agent_key.text().is_none() && turn.agent_type.is_some() {
        entry.fallback(Parser::AgentType, FallbackReason::NotReported);
    }
    unknown_value(entry, Parser::AgentType, turn.agent_type.as_deref(), |name| {
        catalog::agent_role(name).is_some()
    });
}

fn unknown_value(
    entry: &mut ParsedEntry<'_>,
    parser: Parser,
    word: Option<&str>,
    knows: impl Fn(&str) -> bool,
) {
    if let Some(word) = word.filter(|word| !knows(word)) {
        entry.anomalies.push(Anomaly::UnknownValue(parser, word.to_owned()));
    }
}

/// Compares the calls that were `read` with those that the response has, that it says it has, and
/// that the host has counted.
pub(super) fn check_tool_count(entry: &mut ParsedEntry<'_>, provider: Provider, read: u64) {
    let Some(facts) = entry.facts() else { return };
    let host = if provider == Provider::Anthropic {
        let counts = entry.host.turn_tool_calls.0.as_ref();
        counts.map(|counts| counts.iter().filter_map(|(_, count)| count.count()).sum())
    } else {
        entry.host.turn_tool_call_ids.0.as_ref().map(|ids| ids.len() as u64)
    };
    let disagrees = facts.seen_calls != read
        || facts.told_calls.is_some_and(|told| told != read)
        || host.is_some_and(|host: u64| host != facts.host_countable_calls);
    if disagrees {
        entry.anomalies.push(Anomaly::Mismatch(Mismatch::ToolCount));
    }
}

fn is_known_error(error: &str) -> bool {
    error == UNEXPLAINED || catalog::error_type(error).is_some() || catalog::is_status_error(error)
}
