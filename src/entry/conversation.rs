//! Which conversation an entry belongs to, and what it does to it: its kind, its agent, its session, its
//! compaction.
//!
//! What the client says about its own request counts first: a header, the line at the beginning of
//! Claude Code's system prompt, or Codex's turn metadata. The host's guess counts last.

use crate::catalog::{self, AgentRole, CompactionMarker};
use crate::entry::collection::Objects;
use crate::entry::host_entry::ToolResult;
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::provider::ModelProvider;
use crate::entry::response::Response;
use crate::entry::turn::{Compaction, EntryKind};
use crate::entry::turn_metadata::RequestOrigin;

/// The values that the host writes instead of a session it does not know.
const NO_SESSION: &[&str] = &["direct-api", "codex-raw", "grok-raw", "unknown"];
/// The HTTP status of a connection whose upgrade to a WebSocket was refused. The client tries it
/// again several times, and then sends its request in another way.
const UPGRADE_REFUSED: u64 = 426;

impl ParsedEntry<'_> {
    /// Adds what the headers say to what the request says.
    pub(super) fn join_headers(&mut self) {
        let is_websocket = self.is_websocket();
        let metadata = std::mem::take(&mut self.headers.metadata);
        // The headers of a WebSocket are those of the first request of its connection.
        let metadata = if is_websocket { metadata.of_connection() } else { metadata };
        self.request.metadata = std::mem::take(&mut self.request.metadata).or(metadata);
        self.request.asks_for_summary |= self.request.metadata.asks_for_summary()
            || (self.headers.asks_for_summary && !is_websocket);
    }

    /// Who makes the request, by the client's own statement.
    fn origin(&self) -> Option<RequestOrigin> {
        let subagent = self.request.billing_line().and_then(|line| line.subagent);
        let line = subagent.map(|it| if it { RequestOrigin::Sub } else { RequestOrigin::Main });
        let statements = [line, self.headers.origin, self.request.metadata.origin()];
        [RequestOrigin::Side, RequestOrigin::Sub, RequestOrigin::Main]
            .into_iter()
            .find(|origin| statements.contains(&Some(*origin)))
    }

    /// The kind of the entry, and whether its client says that a sub-agent made it.
    pub(super) fn kind(&self, role: Option<AgentRole>) -> (EntryKind, Option<bool>) {
        let origin = self.origin();
        let subagent = match origin {
            Some(RequestOrigin::Main) => Some(false),
            Some(RequestOrigin::Sub) => Some(true),
            Some(RequestOrigin::Side) | None => None,
        };
        (self.kind_of(role, origin), subagent)
    }

    fn kind_of(&self, role: Option<AgentRole>, origin: Option<RequestOrigin>) -> EntryKind {
        let host = &self.host;
        let is_empty = host.msg_count.count() == Some(0) && host.model.text().is_none();
        let probe = host.imported.is_true()
            || self.request.single_token
            || host.url.text_or_empty().contains("/count_tokens")
            || (is_empty && !self.is_websocket());
        let is_refused = host.status.count() == Some(UPGRADE_REFUSED);
        let is_connection = self.request.transport_only
            || is_refused
            || matches!(host.res, Response::TransportOnly);
        let is_side = matches!(role, Some(AgentRole::Side | AgentRole::Summary))
            || origin == Some(RequestOrigin::Side);
        if probe && !(is_refused && is_empty) {
            EntryKind::Probe
        } else if is_connection || is_empty {
            EntryKind::TransportOnly
        } else if is_side {
            EntryKind::SideRequest
        } else {
            EntryKind::Turn
        }
    }

    pub(super) fn provider(&self) -> ModelProvider {
        let of = |name: Option<&str>| name.and_then(catalog::provider).and_then(ModelProvider::of);
        of(self.host.agent.text())
            .or_else(|| of(self.host.provider.text()))
            .unwrap_or(ModelProvider::Other)
    }

    /// The host's value, or else the agent type that the system prompt belongs to.
    pub(super) fn agent_type(&self) -> Option<String> {
        let key = self.host.agent_key.text().map(str::to_owned);
        key.or_else(|| self.request.agent_type().map(str::to_owned))
    }

    pub(super) fn session(&self) -> Option<String> {
        let session = self.host.session_id.text().filter(|id| !NO_SESSION.contains(id));
        session.map(str::to_owned).or_else(|| self.headers.session.clone())
    }

    /// Whether a sub-agent made the call, by the host's flag and the agent type.
    pub(super) fn guessed_subagent(
        &self,
        provider: ModelProvider,
        is_named: bool,
        role: Option<AgentRole>,
    ) -> bool {
        let flagged = self.host.is_subagent.is_true();
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

    pub(super) fn compaction(&self, role: Option<AgentRole>) -> Compaction {
        // A thread beside the conversation has a history of its own.
        let is_detached = self.origin() == Some(RequestOrigin::Side);
        let is_requested = self.request.asks_for_summary && !is_detached;
        // Where the response is missing, the host has its stop reason.
        let stopped_by = self.host.stop_reason.text().and_then(catalog::compaction_item);
        let is_performed = self.facts().is_some_and(|facts| facts.compacted)
            || stopped_by == Some(CompactionMarker::Continuation);
        Compaction {
            requested: is_requested || role == Some(AgentRole::Summary),
            performed: is_performed,
            manual: self.request.manual_compact,
            trigger: self.request.metadata.trigger,
            continues: self.request.continues,
            window: self.request.metadata.window,
        }
    }

    /// The skills that the user has called. A refused request does not count, because it is sent
    /// again.
    pub(super) fn user_skills(&mut self) -> Vec<String> {
        let skills = std::mem::take(&mut self.request.skills);
        if self.is_refused() { Vec::new() } else { skills }
    }

    pub(super) fn failed_tool_results(&self) -> Option<u64> {
        let failed = |result: &&ToolResult<'_>| result.tool_fail.is_true();
        Some(self.tool_results()?.iter().filter(failed).count() as u64)
    }

    /// The tool results in the request. A refused request is sent again, so it has none.
    pub(super) fn tool_results(&self) -> Option<&Objects<ToolResult<'_>>> {
        let results = &self.host.turn_tool_results;
        (results.is_reported() && !self.is_refused()).then_some(results)
    }
}
