//! The rules: which measurements a turn makes.
//!
//! A value that was not reported makes none; zero is only recorded where zero was reported. Side
//! requests count for money, tokens, time and errors, and not as turns.

use crate::entry::{
    Anomaly, CacheCreation, Cost, EntryKind, FallbackReason, Parser, ToolCall, Turn, Usage,
};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, AttributeValues, Measurement, Value};
use crate::metrics::privacy::PrivacyGate;
use crate::metrics::registry::Metric;
use crate::metrics::sessions::{SessionChange, Sessions};

/// Tells `record` every measurement of `turn`.
pub fn derive(
    turn: &Turn,
    sessions: &mut Sessions,
    gate: &PrivacyGate,
    record: &mut dyn FnMut(Measurement),
) {
    let rules = Rules {
        turn,
        gate,
        provider: AttributeValue::constant(turn.provider.as_str()),
        model: gate.model(turn.model.as_deref()),
    };
    let mut out = Out(record);
    match turn.kind {
        EntryKind::Probe => {}
        EntryKind::TransportOnly => rules.errors(&mut out),
        EntryKind::SideRequest => {
            rules.every_call(&mut out);
            session(&mut out, &sessions.observe(turn));
            rules.anomalies(&mut out);
        }
        EntryKind::Turn => {
            rules.every_call(&mut out);
            rules.every_turn(&mut out, sessions.observe(turn));
            rules.anomalies(&mut out);
        }
    }
}

/// What of `turn` was not understood. What the project calls its own is known well enough.
pub fn anomalies<'t>(turn: &'t Turn, gate: &'t PrivacyGate) -> impl Iterator<Item = &'t Anomaly> {
    let is_own = |anomaly: &&Anomaly| match anomaly {
        Anomaly::UnknownTool(name)
        | Anomaly::UnknownValue(Parser::Model | Parser::AgentType, name) => gate.knows(name),
        _ => false,
    };
    let counts = matches!(turn.kind, EntryKind::Turn | EntryKind::SideRequest);
    turn.anomalies.iter().filter(move |anomaly| counts && !is_own(anomaly))
}

/// Where measurements go.
struct Out<'a>(&'a mut dyn FnMut(Measurement));

impl Out<'_> {
    fn count(&mut self, metric: Metric, labels: AttributeValues, count: u64) {
        (self.0)(Measurement { metric, labels, value: Value::Count(count) });
    }

    fn amount(&mut self, metric: Metric, labels: AttributeValues, amount: f64) {
        (self.0)(Measurement { metric, labels, value: Value::Amount(amount) });
    }
}

fn one(label: AttributeValue) -> AttributeValues {
    [label, ABSENT, ABSENT]
}

fn two(first: AttributeValue, second: AttributeValue) -> AttributeValues {
    [first, second, ABSENT]
}

const NONE: AttributeValues = [ABSENT, ABSENT, ABSENT];

struct Rules<'a> {
    turn: &'a Turn,
    gate: &'a PrivacyGate,
    provider: AttributeValue,
    model: AttributeValue,
}

impl Rules<'_> {
    fn by_model(&self) -> AttributeValues {
        two(self.provider.clone(), self.model.clone())
    }

    fn by_provider(&self) -> AttributeValues {
        one(self.provider.clone())
    }

    /// What holds for a side request as well as for a turn.
    fn every_call(&self, out: &mut Out<'_>) {
        if let Some(usage) = &self.turn.usage {
            self.tokens(out, usage);
        }
        match self.turn.cost {
            Cost::Usd(usd) => out.amount(Metric::CostUsd, self.by_model(), usd),
            Cost::Unpriced => out.count(Metric::CostUnpriced, self.by_model(), 1),
            Cost::NotReported => {}
        }
        let timed = || two(self.model.clone(), self.provider.clone());
        if let Some(duration) = self.turn.duration {
            out.amount(Metric::LatencyMs, timed(), duration.as_secs_f64() * 1e3);
            out.amount(Metric::RequestDuration, timed(), duration.as_secs_f64());
        }
        if let Some(time) = self.turn.time_to_first_token {
            out.amount(Metric::TimeToFirstToken, timed(), time.as_secs_f64());
        }
        for quota in &self.turn.quotas {
            let labels =
                two(AttributeValue::constant(quota.window.as_str()), self.provider.clone());
            out.amount(Metric::QuotaUtilization, labels, quota.utilization);
        }
        if self.turn.truncated {
            out.count(Metric::SseTruncated, self.by_provider(), 1);
        }
        self.errors(out);
    }

    fn errors(&self, out: &mut Out<'_>) {
        if let Some(error) = &self.turn.error {
            let labels = two(PrivacyGate::error_type(error), self.provider.clone());
            out.count(Metric::Errors, labels, 1);
        }
    }

    fn tokens(&self, out: &mut Out<'_>, usage: &Usage) {
        let Usage { input, output, cache_read, cache_creation } = *usage;
        for (metric, tokens) in [
            (Metric::TokensInput, input),
            (Metric::TokensOutput, output),
            (Metric::TokensCacheRead, cache_read),
        ] {
            if let Some(tokens) = tokens {
                out.count(metric, self.by_model(), tokens);
            }
        }
        let mut written = |ttl, tokens| {
            let labels = [self.provider.clone(), self.model.clone(), AttributeValue::constant(ttl)];
            out.count(Metric::TokensCacheCreation, labels, tokens);
        };
        match cache_creation {
            Some(CacheCreation::Split { five_minutes, one_hour }) => {
                written("5m", five_minutes);
                written("1h", one_hour);
            }
            Some(CacheCreation::Total(tokens)) => written("unknown", tokens),
            None => {}
        }
        if let (Some(part), Some(whole @ 1..)) = (cache_read, usage.context_tokens()) {
            let value = Value::Part { part, whole };
            (out.0)(Measurement { metric: Metric::CacheHitRatio, labels: self.by_model(), value });
        }
    }

    /// What holds for turns only.
    fn every_turn(&self, out: &mut Out<'_>, change: SessionChange) {
        let turn = self.turn;
        let is_degraded = anomalies(turn, self.gate).next().is_some();
        let degraded = AttributeValue::constant(if is_degraded { "true" } else { "" });
        out.count(Metric::ProviderDistribution, two(self.provider.clone(), degraded), 1);
        if change.is_new {
            out.count(Metric::Sessions, self.by_provider(), 1);
        }
        session(out, &change);
        let agent_type = self.gate.agent_type(turn.agent_type.as_deref());
        out.count(Metric::AgentTypeInvocations, one(agent_type), 1);
        if let Some(reason) = &turn.stop_reason {
            out.count(Metric::StopReason, one(PrivacyGate::stop_reason(reason)), 1);
        }
        if turn.hit_max_tokens {
            out.count(Metric::MaxTokensHit, one(self.model.clone()), 1);
        }
        if let Some(failed @ 1..) = turn.failed_tool_results {
            out.count(Metric::ToolFailures, self.by_provider(), failed);
        }
        if turn.subagent {
            out.count(Metric::SubagentInvocations, NONE, 1);
        } else if let (Some(tokens), Some(window)) =
            (turn.usage.and_then(|usage| usage.context_tokens()), turn.context_window)
        {
            #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^53")]
            let per_cent = tokens as f64 / window as f64 * 100.0;
            out.amount(Metric::ContextUtilization, NONE, per_cent);
        }
        if let Some(mode) = &change.permission_mode {
            out.count(Metric::PermissionModeUsage, one(PrivacyGate::permission_mode(mode)), 1);
        }
        if let Some(calls) = &turn.tool_calls {
            self.tools(out, calls);
        }
        self.skills(out, change.answered_skills);
    }

    fn tools(&self, out: &mut Out<'_>, calls: &[ToolCall]) {
        #[expect(clippy::cast_precision_loss, reason = "calls of one turn")]
        out.amount(Metric::ToolsPerTurn, NONE, calls.len() as f64);
        for call in calls {
            let labels = two(self.gate.tool(call), self.provider.clone());
            out.count(Metric::ToolInvocations, labels, 1);
            if let Some(mcp) = &call.mcp {
                let labels = two(self.gate.mcp_server(mcp), self.gate.mcp_tool(mcp));
                out.count(Metric::McpInvocations, labels, 1);
            }
            for class in &call.dangers {
                let labels = one(AttributeValue::constant(class));
                out.count(Metric::DangerousToolInvocations, labels, 1);
            }
        }
        let written: u64 = calls.iter().map(|call| call.files_written).sum();
        if written > 0 {
            out.count(Metric::FileWrites, NONE, written);
        }
    }

    /// A skill that the model activates in answer to the user's command is one activation. `answered`
    /// has those of this turn's calls that answer a command.
    fn skills(&self, out: &mut Out<'_>, mut answered: Vec<String>) {
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
            let labels = two(self.gate.skill(skill), self.provider.clone());
            out.count(Metric::SkillActivations, labels, 1);
        }
    }

    fn anomalies(&self, out: &mut Out<'_>) {
        let fallback = |parser: Parser, reason: FallbackReason| {
            let (parser, reason) = (parser.as_str(), reason.as_str());
            (
                Metric::FallbackUsed,
                two(AttributeValue::constant(parser), AttributeValue::constant(reason)),
            )
        };
        for anomaly in anomalies(self.turn, self.gate) {
            let (metric, labels) = match *anomaly {
                Anomaly::UnknownTool(_) => (Metric::UnknownTool, self.by_provider()),
                Anomaly::UnknownSkillMarker => (Metric::UnknownSkillMarker, self.by_provider()),
                Anomaly::UnknownMcpFormat(_) => (Metric::UnknownMcpFormat, NONE),
                Anomaly::UnknownValue(parser, _) => fallback(parser, FallbackReason::UnknownValue),
                Anomaly::UnknownKind(_) => fallback(Parser::Response, FallbackReason::UnknownKind),
                Anomaly::Fallback { parser, reason } => fallback(parser, reason),
                Anomaly::Error { parser } => {
                    let parser = AttributeValue::constant(parser.as_str());
                    (Metric::ParserError, two(parser, AttributeValue::constant("malformed_json")))
                }
                Anomaly::Mismatch(counts) => mismatch(out, counts.as_str()),
            };
            out.count(metric, labels, 1);
        }
    }
}

/// What a turn or a side request means to its session.
fn session(out: &mut Out<'_>, change: &SessionChange) {
    if let Some(trigger) = change.compaction {
        let labels = one(AttributeValue::constant(trigger.as_str()));
        out.count(Metric::AutoCompactTriggered, labels, 1);
    }
    if change.evicted {
        let (parser, reason) = (Parser::Sessions.as_str(), FallbackReason::Evicted.as_str());
        let labels = two(AttributeValue::constant(parser), AttributeValue::constant(reason));
        out.count(Metric::FallbackUsed, labels, 1);
    }
}

/// One event under two names: the second one is counted here, the first by the caller.
fn mismatch(out: &mut Out<'_>, kind: &'static str) -> (Metric, AttributeValues) {
    out.count(Metric::ParserMismatch, one(AttributeValue::constant(kind)), 1);
    (Metric::ReconciliationMismatch, one(AttributeValue::constant(kind)))
}

/// The measurement of an entry that could not be read at all.
pub fn malformed_entry() -> Measurement {
    let parser = AttributeValue::constant(Parser::Entry.as_str());
    Measurement {
        metric: Metric::ParserError,
        labels: two(parser, AttributeValue::constant("malformed_json")),
        value: Value::Count(1),
    }
}
