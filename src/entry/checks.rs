//! Finds the anomalies of an entry: unknown names, missing facts and counts that differ.

use crate::catalog::{self, StopOutcome};
use crate::entry::anomaly::{Anomaly, FallbackReason, Mismatch, Parser};
use crate::entry::developer_text::Policy;
use crate::entry::parsed_entry::{ParsedEntry, UNKNOWN_ERROR};
use crate::entry::provider::ModelProvider;
use crate::entry::response::Response;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::spending::reads_chat_names;
use crate::entry::turn::{EntryKind, Turn};
use crate::entry::usage_block::UsageBlock;

/// Notes every anomaly of `turn`.
pub(super) fn check(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    if turn.kind == EntryKind::Turn {
        check_source(entry);
        check_response(entry);
        check_agent_type(entry, turn);
        check_provider(entry);
        check_stop_reason(entry, turn);
        check_policy(entry);
        if turn.model.is_none() && turn.error.is_none() {
            entry.note_fallback(Parser::Model, FallbackReason::NotReported);
        }
    }
    unknown_value(entry, Parser::Model, turn.model.as_deref(), |model| {
        catalog::model_family(model).is_some()
    });
    for model in turn.other_usage.iter().filter_map(|other| other.model.as_deref()) {
        unknown_value(entry, Parser::Model, Some(model), |model| {
            catalog::model_family(model).is_some()
        });
    }
    unknown_value(entry, Parser::ErrorType, turn.error.as_deref(), is_known_error);
    for word in entry.request.metadata.unknown_words() {
        entry.anomalies.push(Anomaly::UnknownValue(Parser::Request, word.to_owned()));
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

/// Instructions about permissions name a known policy.
fn check_policy(entry: &mut ParsedEntry<'_>) {
    match &entry.request.policy {
        Some(Policy::Unreadable) => {
            entry.note_fallback(Parser::PermissionMode, FallbackReason::NotReported);
        }
        Some(Policy::Unknown(word)) => {
            let word = word.clone();
            entry.anomalies.push(Anomaly::UnknownValue(Parser::PermissionMode, word));
        }
        Some(Policy::Known(_)) | None => {}
    }
}

/// A successful call has used tokens and reports them.
fn check_usage(entry: &mut ParsedEntry<'_>, turn: &Turn) {
    let chat_names = reads_chat_names(turn.provider);
    let host = entry.host.usage.0.as_ref();
    let response = entry.facts().and_then(ResponseFacts::complete_usage);
    let mut fields: Vec<String> = Vec::new();
    let anomalous = host.into_iter().flat_map(|block| block.anomalous_fields(chat_names));
    // The host drops fields of the response that it does not know, and so do we.
    let invalid = response.into_iter().flat_map(UsageBlock::invalid_fields);
    for field in anomalous.chain(invalid) {
        let field = format!("usage:{field}");
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    let is_mismatch = !turn.differences.tokens_only().is_empty()
        || host.into_iter().chain(response).any(UsageBlock::disagrees_with_itself);
    entry.anomalies.extend(fields.into_iter().map(Anomaly::UnknownKind));
    if is_mismatch {
        entry.anomalies.push(Anomaly::Mismatch(Mismatch::TokenSum));
    }
    if !turn.differences.cost_only().is_empty() {
        entry.anomalies.push(Anomaly::Mismatch(Mismatch::Cost));
    }
    let is_call = matches!(turn.kind, EntryKind::Turn | EntryKind::SideRequest);
    let stop = turn.stop_reason.as_deref().and_then(catalog::stop_outcome);
    let is_success = matches!(stop, Some(StopOutcome::Ended | StopOutcome::MaxTokens));
    let is_reported = turn
        .usage
        .as_ref()
        .is_some_and(|usage| usage.output.is_some() && turn.context_tokens.is_some());
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

/// The response of a call that succeeded is not JSON, and the host has read nothing from it either: it is
/// empty, or compressed.
fn check_response(entry: &mut ParsedEntry<'_>) {
    let is_success = matches!(entry.host.status.count(), Some(200..=299));
    let is_unread = match &entry.host.res {
        Response::Opaque => entry.host.usage.0.is_none(),
        // Of a compressed stream the host finds no event.
        Response::Read(facts) => facts.is_events && !facts.has_events,
        Response::Missing | Response::TransportOnly => false,
    };
    let error = Anomaly::Error { parser: Parser::Response };
    if is_success && is_unread && !entry.anomalies.contains(&error) {
        entry.anomalies.push(error);
    }
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
        let counts = entry.host.turn_tool_calls.members.as_ref();
        let counts = counts.map(|counts| counts.iter().filter_map(|(_, count)| count.count()));
        counts.map(|counts| counts.fold(0, u64::saturating_add))
    } else {
        entry.host.turn_tool_call_ids.len()
    };
    let differ = facts.seen_calls != read
        || facts.reported_calls.is_some_and(|reported| reported != read)
        || host.is_some_and(|host: u64| !facts.host_call_range().contains(&host));
    if differ {
        entry.anomalies.push(Anomaly::Mismatch(Mismatch::ToolCount));
    }
}

fn is_known_error(error: &str) -> bool {
    error == UNKNOWN_ERROR
        || catalog::error_type(error).is_some()
        || catalog::is_status_error(error)
}
