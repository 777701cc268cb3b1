//! From everything that was read from an entry to its turn.

use crate::catalog;
use crate::entry::checks;
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::turn::Turn;

/// Makes the turn of an entry, and notes its anomalies.
pub(super) fn assemble(mut entry: ParsedEntry<'_>) -> Turn {
    let agent_type = entry.agent_type();
    let role = agent_type.as_deref().and_then(catalog::agent_role);
    let kind = entry.kind(role);
    let provider = entry.provider();
    let error = entry.error(kind);
    let usage = entry.usage().filter(|_| entry.has_own_numbers());
    let cost = entry.cost(usage.as_ref());
    let stop_reason = entry.stop_reason();
    let tool_calls = entry.tool_calls(provider, kind);
    let permission = entry.permission(provider);
    let context_window = entry.context_window(usage.as_ref());
    let times = entry.times();
    let mut turn = Turn {
        kind,
        provider,
        model: entry.host.model.text().map(str::to_owned),
        session: entry.session(),
        subagent: entry.subagent(provider, agent_type.is_some(), role),
        agent_type,
        agent_version: None,
        message_count: entry.host.msg_count.count().filter(|_| !entry.is_websocket()),
        usage,
        cost,
        context_window,
        duration: times.duration,
        time_to_first_token: times.time_to_first_token,
        truncated: entry.truncated(kind),
        hit_max_tokens: entry.hit_max_tokens(provider, stop_reason.as_deref()),
        error,
        stop_reason,
        tool_calls,
        failed_tool_results: entry.failed_tool_results(),
        user_skills: entry.user_skills(),
        has_prompt_text: entry.request.has_prompt_text,
        permission,
        compaction: entry.compaction(role),
        quotas: std::mem::take(&mut entry.quotas),
        anomalies: Vec::new(),
    };
    checks::check(&mut entry, &turn);
    if !entry.anomalies.is_empty() {
        turn.agent_version = entry.request.agent_version();
    }
    turn.anomalies = entry.anomalies;
    turn
}
