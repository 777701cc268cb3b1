//! The family "Patterns": context, compactions, sub-agents and tool calls per turn.

use crate::entry::ToolCall;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::derive::rules::{NONE, Rules, one};
use crate::metrics::registry::Metric;
use crate::metrics::sessions::SessionChange;

impl Rules<'_> {
    /// The turn of a sub-agent counts as such. A main turn shows how full its context window is.
    pub(super) fn context(&mut self) {
        let turn = self.turn;
        if turn.subagent {
            self.count(Metric::SubagentInvocations, NONE, 1);
        } else if let (Some(tokens), Some(window)) = (turn.context_tokens, turn.context_window) {
            #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^53")]
            let per_cent = tokens as f64 / window as f64 * 100.0;
            self.amount(Metric::ContextUtilization, NONE, per_cent);
        }
    }

    pub(super) fn compaction(&mut self, change: &SessionChange) {
        if let Some(trigger) = change.compaction {
            let attributes = one(AttributeValue::constant(trigger.as_str()));
            self.count(Metric::AutoCompactTriggered, attributes, 1);
        }
    }

    pub(super) fn tools_per_turn(&mut self, calls: &[ToolCall]) {
        #[expect(clippy::cast_precision_loss, reason = "one turn has few calls")]
        self.amount(Metric::ToolsPerTurn, NONE, ToolCall::count(calls) as f64);
    }
}
