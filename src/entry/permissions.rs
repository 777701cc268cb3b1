//! What a turn says about what the agent may do without asking.

use crate::catalog::{self, ToolRole};
use crate::entry::developer_text::Policy;
use crate::entry::lenient::{JsonText, Lenient};
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::provider::ModelProvider;
use crate::entry::tool_call::ToolCall;
use crate::entry::turn::{PermissionChange, PlanCall, ToolOutcome};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The policy whose name no catalog has.
const OTHER_POLICY: &str = "other";
/// The most calls of one turn that enter or leave plan mode.
const MAX_PLAN_CALLS: usize = 8;

impl ParsedEntry<'_> {
    pub(super) fn permission(
        &self,
        provider: ModelProvider,
        calls: Option<&[ToolCall]>,
    ) -> PermissionChange {
        let policy = match &self.request.policy {
            Some(Policy::Known(name)) => Some(*name),
            Some(Policy::Unknown(_)) => Some(OTHER_POLICY),
            Some(Policy::Unreadable) | None => None,
        };
        // Codex has modes of its own and no reminders, so a text of its user says nothing.
        let plan = if provider == ModelProvider::OpenAi {
            self.request.collaboration_plan
        } else {
            self.request.plan
        };
        PermissionChange {
            policy,
            plan,
            is_refused: self.request.is_refused,
            plan_calls: self.plan_calls(calls.unwrap_or_default()),
        }
    }

    /// The complete calls that enter or leave plan mode, with the ids that the host has of them.
    fn plan_calls(&self, calls: &[ToolCall]) -> Vec<PlanCall> {
        let enters = |name: &str| match catalog::tool_role(name) {
            Some(ToolRole::EnterPlan) => Some(true),
            Some(ToolRole::LeavePlan) => Some(false),
            _ => None,
        };
        let ids = self.host.turn_tool_call_ids.members.iter().flatten();
        let mut ids = ids.filter_map(|(id, name)| Some((hash(id), enters(name.text()?)?)));
        let calls = calls.iter().filter(|call| call.is_complete);
        let calls = calls.filter_map(|call| enters(&call.name)).take(MAX_PLAN_CALLS);
        calls
            .map(|enters| PlanCall { id: ids.find(|it| it.1 == enters).map(|it| it.0), enters })
            .collect()
    }

    /// The tool results in the request. A refused request is sent again, so it has none.
    pub(super) fn tool_outcomes(&self) -> Option<Vec<ToolOutcome>> {
        let results = self.tool_results()?;
        let id = |id: &Lenient<JsonText<'_>>| id.text().map(hash);
        let outcomes = results.iter().map(|result| ToolOutcome {
            id: id(&result.call_id),
            failed: result.tool_fail.is_true(),
        });
        Some(outcomes.collect())
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
