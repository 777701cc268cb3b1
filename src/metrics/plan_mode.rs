//! Whether the agent of a session only plans. It is a state: the client says when it begins and
//! when it ends, and not in between.

use crate::entry::{PlanCall, ToolOutcome, Turn};

/// The plan mode of one session's main agent.
#[derive(Debug, Default)]
pub(super) struct PlanMode {
    is_on: bool,
    /// The calls of the last turn that change it if the user allows them.
    pending: Vec<PlanCall>,
}

impl PlanMode {
    /// Observes a turn of the main agent, and returns whether that turn only plans.
    pub(super) fn observe(&mut self, turn: &Turn) -> bool {
        let change = &turn.permission;
        // The request of a failed turn is sent again, with the same results.
        if turn.error.is_none() {
            for call in std::mem::take(&mut self.pending) {
                if is_allowed(call, turn.tool_outcomes.as_deref(), change.is_refused) {
                    self.is_on = call.enters;
                }
            }
            if !turn.truncated {
                self.pending.clone_from(&change.plan_calls);
            }
        }
        // What the client says counts more than what the model has asked for.
        self.is_on = change.plan.unwrap_or(self.is_on);
        self.is_on
    }
}

/// Whether the user has allowed a call. A call without a result has not run. A host that knows no
/// results, or no ids, only shows whether the user has refused anything.
fn is_allowed(call: PlanCall, outcomes: Option<&[ToolOutcome]>, is_refused: bool) -> bool {
    let (Some(outcomes), Some(id)) = (outcomes, call.id) else {
        return !is_refused && !outcomes.unwrap_or_default().iter().any(|outcome| outcome.failed);
    };
    outcomes.iter().any(|outcome| outcome.id == Some(id) && !outcome.failed)
}
