//! Finds the anomalies of an entry: unknown names, missing facts and counts that differ.
//!
//! The exported numbers remain those of the host; a difference is only reported in addition.

use crate::catalog::{self, StopOutcome};
use crate::entry::anomaly::{Anomaly, FallbackReason, Mismatch, Parser};
use crate::entry::parsed_entry::{ParsedEntry, UNKNOWN_ERROR};
use crate::entry::provider::ModelProvider;
use crate::entry::response::Response;
use crate::entry::turn::{EntryKind, PermissionChange, Turn};

/// Notes every anomaly of `turn`.
pub(super) fn check(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    if turn.kind == EntryKind::Turn {
        check_source(entry);
        check_agent_type(entry, turn);
        check_provider(entry);
        check_stop_reason(entry, turn);
        if entry.request.is_policy_unknown && matches!(turn.permission, PermissionChange::Unchanged)
        {
            entry.note_fallback(Parser::PermissionMode, FallbackReason::NotReported);
        }
        if turn.model.is_none() && turn.error.is_none() {
            entry.note_fallback(Parser::Model, FallbackReason::NotReported);
        }
    }
    unknown_value(entry, Parser::Model, turn.model.as_deref(), |model| {
        catalog::model_family(model).is_some()
    });
    unknown_value(entry, Parser::ErrorType, turn.error.as_deref(), is_known_error);
    if let PermissionChange::Mode(mode) = &turn.permission {
        unknown_value(entry, Parser::PermissionMode, Some(mode), |mode| {
            catalog::permission_mode(mode).is_some()
        });
    }
    // The client sends a refused request again.
    let markers = if entry.is_refused() { 0 } else { entry.request.broken_skill_markers };
    for _ in 0..markers {
        entry.anomalies.push(Anomaly::UnknownSkillMarker);
    }
    if let Response::Read(facts) = &mut entry.host.res {
        let unknown = std::mem::take(&mut facts.unknown_types);
        entry.anomalies.extend(unknown.into_iter().map(Anomaly::UnknownKind));
    }
    if entry.has_own_numbers() {
        check_usage(entry, turn);
    }
}

/// A successful call has used tokens and reports them.
fn check_usage(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    if let Some(usage) = &entry.host.usage.0 {
        let fields = usage.anomalous_fields().iter().map(|field| format!("usage:{field}"));
        entry.anomalies.extend(fields.map(Anomaly::UnknownKind));
        let response = entry.facts().and_then(|facts| facts.usage);
        if usage.disagrees(response, turn.provider) {
            entry.anomalies.push(Anomaly::Mismatch(Mismatch::TokenSum));
        }
    }
    let is_call = matches!(turn.kind, EntryKind::Turn | EntryKind::SideRequest);
    let stop = turn.stop_reason.as_deref().and_then(catalog::stop_outcome);
    let is_success = matches!(stop, Some(StopOutcome::Ended | StopOutcome::MaxTokens));
    let is_reported = turn
        .usage
        .as_ref()
        .is_some_and(|usage| usage.output.is_some() && usage.context_tokens().is_some());
    if is_call && is_success && turn.error.is_none() && !turn.truncated && !is_reported {
        entry.note_fallback(Parser::Usage, FallbackReason::NotReported);
    }
}

/// Only the host reports who serves a call and which agent makes it.
fn check_provider(entry: &mut ParsedEntry<'_>) {
    let provider = entry.host.provider.text().map(str::to_owned);
    if provider.is_none() {
        entry.note_fallback(Parser::Provider, FallbackReason::NotReported);
    }
    let agent = entry.host.agent.text().map(str::to_owned);
    for name in [provider, agent].iter().flatten() {
        unknown_value(entry, Parser::Provider, Some(name), |name| {
            catalog::provider(name).is_some()
        });
    }
}

/// A turn with a terminal event has a stop reason.
fn check_stop_reason(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    let has_ended = entry.facts().is_some_and(|facts| facts.is_events && facts.terminal);
    if has_ended && turn.error.is_none() && turn.stop_reason.is_none() {
        entry.note_fallback(Parser::StopReason, FallbackReason::NotReported);
    }
    unknown_value(entry, Parser::StopReason, turn.stop_reason.as_deref(), |name| {
        catalog::stop_reason(name).is_some()
    });
}

/// Without its response, the numbers of a WebSocket turn can be those of another turn.
fn check_source(entry: &mut ParsedEntry<'_>) {
    if entry.is_websocket() && matches!(entry.host.res, Response::Missing) {
        entry.note_fallback(Parser::WebSocket, FallbackReason::NoResponse);
    }
}

fn check_agent_type(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    if entry.host.agent_key.text().is_none() && turn.agent_type.is_some() {
        entry.note_fallback(Parser::AgentType, FallbackReason::NotReported);
    }
    unknown_value(entry, Parser::AgentType, turn.agent_type.as_deref(), |name| {
        catalog::agent_role(name).is_some()
    });
}

/// Notes `name` if it is unknown.
fn unknown_value(
    entry: &mut ParsedEntry<'_>,
    parser: Parser,
    name: Option<&str>,
    is_known: impl Fn(&str) -> bool,
) {
    if let Some(name) = name.filter(|name| !is_known(name)) {
        entry.anomalies.push(Anomaly::UnknownValue(parser, name.to_owned()));
    }
}

/// Compares the number of calls that were `read` with the number of calls in the response, in the
/// list of its terminal event, and in the host's own count.
pub(super) fn check_tool_count(entry: &mut ParsedEntry<'_>, provider: ModelProvider, read: u64) {
    let Some(facts) = entry.facts() else { return };
    let host = if provider == ModelProvider::Anthropic {
        let counts = entry.host.turn_tool_calls.0.as_ref();
        let counts = counts.map(|counts| counts.iter().filter_map(|(_, count)| count.count()));
        counts.map(|counts| counts.fold(0, u64::saturating_add))
    } else {
        entry.host.turn_tool_call_ids.0.as_ref().map(|ids| ids.len() as u64)
    };
    let differ = facts.seen_calls != read
        || facts.reported_calls.is_some_and(|reported| reported != read)
        || host.is_some_and(|host: u64| host != facts.host_countable_calls);
    if differ {
        entry.anomalies.push(Anomaly::Mismatch(Mismatch::ToolCount));
    }
}

fn is_known_error(error: &str) -> bool {
    error == UNKNOWN_ERROR
        || catalog::error_type(error).is_some()
        || catalog::is_status_error(error)
}
