//! From everything that was read from an entry to its turn.

use crate::catalog;
use crate::entry::billing_line::BillingLine;
use crate::entry::checks;
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::turn::Turn;

/// Makes the turn of an entry, and notes its anomalies.
pub(super) fn assemble(mut entry: ParsedEntry<'_>) -> Turn {
    entry.join_headers();
    let agent_type = entry.agent_type();
    let role = agent_type.as_deref().and_then(catalog::agent_role);
    let (kind, subagent) = entry.kind(role);
    let provider = entry.provider();
    let error = entry.error(kind);
    let spending = entry.spending(provider);
    let stop_reason = entry.stop_reason();
    let tool_calls = entry.tool_calls(provider, kind);
    let permission = entry.permission(provider, tool_calls.as_deref());
    let context_window = entry.context_window(spending.context_tokens);
    let times = entry.times();
    let mut turn = Turn {
        kind,
        provider,
        model: entry.host.model.text().map(str::to_owned),
        session: entry.session(),
        subagent: subagent
            .unwrap_or_else(|| entry.guessed_subagent(provider, agent_type.is_some(), role)),
        agent_type,
        agent_version: None,
        message_count: entry.host.msg_count.count().filter(|_| !entry.is_websocket()),
        usage: spending.usage,
        other_usage: spending.other_usage,
        context_tokens: spending.context_tokens,
        cost: spending.cost,
        differences: spending.differences,
        context_window,
        duration: times.duration,
        time_to_first_token: times.time_to_first_token,
        truncated: entry.truncated(kind),
        hit_max_tokens: entry.hit_max_tokens(provider, stop_reason.as_deref()),
        error,
        stop_reason,
        tool_calls,
        failed_tool_results: entry.failed_tool_results(),
        tool_outcomes: entry.tool_outcomes(),
        user_skills: entry.user_skills(),
        has_prompt_text: entry.request.has_prompt_text,
        permission,
        compaction: entry.compaction(role),
        quotas: std::mem::take(&mut entry.quotas),
        anomalies: Vec::new(),
    };
    checks::check(&mut entry, &turn);
    if !entry.anomalies.is_empty() {
        turn.agent_version = entry.request.billing_line().and_then(BillingLine::version);
    }
    turn.anomalies = entry.anomalies;
    turn
}
