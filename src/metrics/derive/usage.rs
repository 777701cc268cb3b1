//! The family "Usage": turns, sessions, agents, tools and skills.

use crate::entry::{Anomaly, ToolCall};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::derive::rules::{Rules, one, two};
use crate::metrics::derive::sentinels::anomalies;
use crate::metrics::registry::Metric;
use crate::metrics::sessions::SessionChange;

impl Rules<'_> {
    /// The turn itself. It is marked if a part of it was not understood.
    pub(super) fn turn(&mut self) {
        let is_degraded = anomalies(self.turn, self.gate).any(Anomaly::is_degrading);
        let degraded = AttributeValue::constant(if is_degraded { "true" } else { "" });
        self.count(Metric::ProviderDistribution, two(self.provider.clone(), degraded), 1);
    }

    pub(super) fn new_session(&mut self, change: &SessionChange) {
        if change.is_new {
            self.count(Metric::Sessions, self.by_provider(), 1);
        }
    }

    pub(super) fn agent_type(&mut self) {
        let agent_type = self.gate.agent_type(self.turn.agent_type.as_deref());
        self.count(Metric::AgentTypeInvocations, one(agent_type), 1);
    }

    pub(super) fn tool_call(&mut self, call: &ToolCall) {
        let attributes = two(self.gate.tool(call), self.provider.clone());
        self.count(Metric::ToolInvocations, attributes, call.times);
        for mcp in call.mcp.iter().chain(&call.inner_mcp) {
            let attributes = two(self.gate.mcp_server(mcp), self.gate.mcp_tool(mcp));
            self.count(Metric::McpInvocations, attributes, call.times);
        }
    }

    /// Skills that the user has called, and those that the model has called. `answered` contains
    /// the model's calls that answer a command of the user: the command and its answer count once.
    pub(super) fn skills(&mut self, mut answered: Vec<String>) {
        let calls = self.turn.tool_calls.iter().flatten();
        let called = calls.filter_map(|call| call.skill.as_ref());
        let by_model: Vec<&String> = called
            .filter(|skill| match answered.iter().position(|it| it == *skill) {
                Some(at) => {
                    answered.swap_remove(at);
                    false
                }
                None => true,
            })
            .collect();
        for skill in by_model.into_iter().chain(&self.turn.user_skills) {
            let attributes = two(self.gate.skill(skill), self.provider.clone());
            self.count(Metric::SkillActivations, attributes, 1);
        }
    }
}
