//! Which conversation an entry belongs to, and what it does to it: its kind, its agent, its session, its
//! permissions.

use crate::catalog::{self, AgentRole};
use crate::entry::host_entry::ToolResult;
use crate::entry::lenient::Object;
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::provider::ModelProvider;
use crate::entry::response::Response;
use crate::entry::turn::{Compaction, EntryKind, PermissionChange};

/// The values that the host writes instead of a session it does not know.
const NO_SESSION: &[&str] = &["direct-api", "codex-raw", "grok-raw", "unknown"];

impl ParsedEntry<'_> {
    pub(super) fn kind(&self, role: Option<AgentRole>) -> EntryKind {
        let host = &self.host;
        let is_empty = host.msg_count.count() == Some(0) && host.model.text().is_none();
        let probe = host.imported.is_true()
            || self.request.single_token
            || host.url.text_or_empty().contains("/count_tokens")
            || (is_empty && !self.is_websocket());
        let is_connection =
            self.request.transport_only || matches!(host.res, Response::TransportOnly);
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
        let session = self.host.session_id.text()?;
        (!NO_SESSION.contains(&session)).then(|| session.to_owned())
    }

    pub(super) fn subagent(
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

    pub(super) fn permission(&mut self, provider: ModelProvider) -> PermissionChange {
        match (self.request.policy.take(), self.request.plan) {
            (Some(mode), _) => PermissionChange::Mode(mode),
            (None, _) if provider == ModelProvider::OpenAi => PermissionChange::Unchanged,
            (None, Some(true)) => PermissionChange::PlanOnly,
            (None, Some(false)) => PermissionChange::NotPlanOnly,
            (None, None) if self.request.is_from_user => PermissionChange::NotPlanOnly,
            (None, None) => PermissionChange::Unchanged,
        }
    }

    pub(super) fn compaction(&self, role: Option<AgentRole>) -> Compaction {
        Compaction {
            requested: self.request.asks_for_summary || role == Some(AgentRole::Summary),
            manual: self.request.manual_compact,
            continues: self.request.continues,
        }
    }

    /// The skills that the user has called. A refused request does not count, because it is sent
    /// again.
    pub(super) fn user_skills(&mut self) -> Vec<String> {
        let skills = std::mem::take(&mut self.request.skills);
        if self.is_refused() { Vec::new() } else { skills }
    }

    pub(super) fn failed_tool_results(&self) -> Option<u64> {
        let results = self.host.turn_tool_results.0.as_ref().filter(|_| !self.is_refused())?;
        let failed = |result: &&Object<ToolResult>| {
            result.0.as_ref().is_some_and(|result| result.tool_fail.is_true())
        };
        Some(results.iter().filter(failed).count() as u64)
    }
}
