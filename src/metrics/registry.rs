//! Every metric that can be sent, as one table. The SDK's views, the cardinality limits and
//! `docs/metrics.md` follow it.
//!
//! Prometheus appends a unit to a metric's name. A name that already contains its unit (`_ms`,
//! `usd`) has no unit here, or one in braces, so that the unit does not appear twice.

/// The metric of a probe. It is not in the table, because it says nothing about turns and is only sent on
/// request.
pub const CHECK_METRIC: &str = "ccxray.otel.check";

/// A metric. The order is that of [`METRICS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table below describes each metric")]
pub enum Metric {
    TokensInput,
    TokensOutput,
    TokensCacheRead,
    TokensCacheCreation,
    CostUsd,
    CostUnpriced,
    CacheHitRatio,
    ToolInvocations,
    McpInvocations,
    SkillActivations,
    Sessions,
    AgentTypeInvocations,
    ProviderDistribution,
    Errors,
    StopReason,
    LatencyMs,
    RequestDuration,
    TimeToFirstToken,
    MaxTokensHit,
    ToolFailures,
    QuotaUtilization,
    ContextUtilization,
    AutoCompactTriggered,
    SubagentInvocations,
    ToolsPerTurn,
    PermissionModeUsage,
    DangerousToolInvocations,
    FileWrites,
    Overflow,
    UnknownTool,
    UnknownSkillMarker,
    UnknownMcpFormat,
    FallbackUsed,
    ParserError,
    ReconciliationMismatch,
    ParserMismatch,
    SseTruncated,
    OtelState,
    ExportsDropped,
    EntriesDropped,
    TierDistribution,
}

/// The subject of a metric. The order is that of `docs/metrics.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the subjects")]
pub enum Family {
    Cost,
    Usage,
    Quality,
    Patterns,
    Governance,
    Sentinels,
    Health,
}

/// What a metric does with its measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instrument {
    /// Adds up whole numbers.
    Counter,
    /// Adds up fractions.
    FractionalCounter,
    /// Keeps the newest value.
    Gauge,
    /// Keeps the ratio of two running sums.
    RatioGauge,
    /// Counts values in buckets with these upper bounds.
    Histogram(&'static [f64]),
}

/// An attribute of a data point. The privacy gate decides which values each attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the keys describe the attributes")]
pub enum Attribute {
    Provider,
    Model,
    Ttl,
    Tool,
    Server,
    Skill,
    AgentType,
    Degraded,
    ErrorType,
    StopReason,
    Window,
    Trigger,
    Mode,
    Pattern,
    Metric,
    Attribute,
    Parser,
    FallbackReason,
    ParserErrorType,
    MismatchType,
    State,
    Signal,
    ExportDropReason,
    EntryDropReason,
    Tier,
    Project,
    Team,
}

/// The attributes of [`Family::Cost`] that all data points of a project have alike, if its config asks for
/// them, and the resource attributes with the same values.
pub const PROJECT_LABELS: [(Attribute, &str); 2] =
    [(Attribute::Project, "project.name"), (Attribute::Team, "team")];

impl Attribute {
    /// The key on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Ttl => "ttl",
            Self::Tool => "tool",
            Self::Server => "server",
            Self::Skill => "skill",
            Self::AgentType | Self::ErrorType | Self::MismatchType => "type",
            Self::Degraded => "ccxray.parser.degraded",
            Self::StopReason
            | Self::FallbackReason
            | Self::ExportDropReason
            | Self::EntryDropReason => "reason",
            Self::Window => "window",
            Self::Trigger => "trigger",
            Self::Mode => "mode",
            Self::Pattern => "pattern",
            Self::Metric => "metric",
            Self::Attribute => "attribute",
            Self::Parser => "parser",
            Self::ParserErrorType => "error_type",
            Self::State => "state",
            Self::Signal => "signal",
            Self::Tier => "tier",
            Self::Project => "project",
            Self::Team => "team",
        }
    }

    /// How many different values it may have in one metric. Further values are recorded as
    /// [`OVERFLOW`].
    pub const fn cardinality_limit(self) -> usize {
        match self {
            Self::Tool | Self::Skill => 50,
            Self::Metric => 48,
            Self::Server => 30,
            Self::Model | Self::AgentType | Self::ErrorType => 20,
            Self::StopReason => 24,
            Self::Pattern | Self::Parser => 16,
            Self::Mode | Self::EntryDropReason => 12,
            Self::Provider
            | Self::Attribute
            | Self::FallbackReason
            | Self::ParserErrorType
            | Self::ExportDropReason => 8,
            Self::State => 5,
            Self::Window => 4,
            Self::Ttl | Self::Trigger | Self::Tier | Self::MismatchType => 3,
            Self::Degraded | Self::Signal | Self::Project | Self::Team => 1,
        }
    }
}

/// The value of an attribute beyond its cardinality limit.
pub const OVERFLOW: &str = "_overflow_";

/// The values of `state`.
pub const STATES: &[&str] = &["disabled", "active", "degraded", "circuit_open", "half_open"];

/// The values of `reason` for exports that were dropped.
pub const EXPORT_DROP_REASONS: &[&str] =
    &["rejected", "partial_success", "shutdown", "expired", "store_full"];

/// The values of `reason` for entries that were accepted but not counted.
pub const ENTRY_DROP_REASONS: &[&str] = &[
    "queue_full",
    "queue_bytes",
    "too_large",
    "malformed",
    "panic",
    "shutdown",
    "project_limit",
    "project_off",
    "project_unresolved",
];

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// The metric.
    pub metric: Metric,
    /// The name on the wire.
    pub name: &'static str,
    /// The unit in UCUM; empty if the name contains it.
    pub unit: &'static str,
    /// What the metric does with measurements.
    pub instrument: Instrument,
    /// The attributes, in the order of a measurement's values.
    pub attributes: &'static [Attribute],
    /// How many series it may have, without the overflow series.
    pub max_series: usize,
    /// The subject.
    pub family: Family,
    /// What it counts, as sent on the wire and shown in `docs/metrics.md`.
    pub description: &'static str,
}

impl Metric {
    /// The row of this metric.
    pub const fn definition(self) -> &'static Definition {
        // In bounds: an assertion below checks that the table is in the order of the enum.
        &METRICS[self as usize]
    }
}

/// Milliseconds: from a cached title to a turn of ten minutes.
const MILLISECONDS: &[f64] = &[
    100.0, 250.0, 500.0, 1e3, 2e3, 3e3, 5e3, 7.5e3, 10e3, 15e3, 20e3, 30e3, 45e3, 60e3, 120e3,
    300e3, 600e3,
];
/// The same in seconds.
const SECONDS: &[f64] = &[
    0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0, 300.0,
    600.0,
];
/// Per cent of a context window. Agents compact at about 83.
const PER_CENT: &[f64] =
    &[5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 85.0, 90.0, 95.0, 100.0];
/// Tool calls of one turn.
const CALLS: &[f64] = &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 12.0, 20.0, 40.0];

use Attribute as A;
use Family::{Cost, Governance, Health, Patterns, Quality, Sentinels, Usage};
use Instrument::{Counter, FractionalCounter, Gauge, Histogram, RatioGauge};

const fn row(
    family: Family,
    metric: Metric,
    name: &'static str,
    unit: &'static str,
    instrument: Instrument,
    attributes: &'static [Attribute],
    description: &'static str,
) -> Definition {
    Definition {
        metric,
        name,
        unit,
        instrument,
        attributes,
        max_series: max_series(attributes),
        family,
        description,
    }
}

/// The most series that a metric has, unless a project's config raises a limit.
const MAX_SERIES: usize = 600;

/// The product of the attributes' cardinality limits, at most [`MAX_SERIES`]. Each attribute has
/// one value more than its limit: [`OVERFLOW`].
const fn max_series(attributes: &[Attribute]) -> usize {
    let mut product = 1;
    let mut i = 0;
    while i < attributes.len() {
        product *= attributes[i].cardinality_limit() + 1;
        i += 1;
    }
    if product < MAX_SERIES { product } else { MAX_SERIES }
}

/// All metrics.
#[rustfmt::skip]
pub const METRICS: &[Definition] = &[
    row(Cost, Metric::TokensInput, "ccxray.tokens.input_total", "{token}", Counter, &[A::Provider, A::Model], "Input tokens that were neither read from nor written to a cache."),
    row(Cost, Metric::TokensOutput, "ccxray.tokens.output_total", "{token}", Counter, &[A::Provider, A::Model], "Output tokens, reasoning included."),
    row(Cost, Metric::TokensCacheRead, "ccxray.tokens.cache_read_total", "{token}", Counter, &[A::Provider, A::Model], "Input tokens read from a prompt cache."),
    row(Cost, Metric::TokensCacheCreation, "ccxray.tokens.cache_creation_total", "{token}", Counter, &[A::Provider, A::Model, A::Ttl], "Input tokens written to a prompt cache."),
    row(Cost, Metric::CostUsd, "ccxray.cost.usd_total", "{USD}", FractionalCounter, &[A::Provider, A::Model], "Estimated cost in US dollars at list prices; not an invoice."),
    row(Cost, Metric::CostUnpriced, "ccxray.cost.unpriced_total", "{turn}", Counter, &[A::Provider, A::Model], "Calls that used tokens at an unknown price."),
    row(Cost, Metric::CacheHitRatio, "ccxray.cache.hit_ratio", "1", RatioGauge, &[A::Provider, A::Model], "Share of cache reads in all input tokens since the start of the process."),
    row(Usage, Metric::ToolInvocations, "ccxray.tool.invocations_total", "{call}", Counter, &[A::Tool, A::Provider], "Tool calls made by the model."),
    row(Usage, Metric::McpInvocations, "ccxray.mcp.invocations_total", "{call}", Counter, &[A::Server, A::Tool], "Calls of MCP servers' tools. They also count as tool calls, except those that another call makes."),
    row(Usage, Metric::SkillActivations, "ccxray.skill.activations_total", "{activation}", Counter, &[A::Skill, A::Provider], "Skills activated by the model or by the user."),
    row(Usage, Metric::Sessions, "ccxray.sessions_total", "{session}", Counter, &[A::Provider], "Sessions first seen since the start of the process."),
    row(Usage, Metric::AgentTypeInvocations, "ccxray.agent_type.invocations_total", "{turn}", Counter, &[A::AgentType], "Turns by agent type."),
    row(Usage, Metric::ProviderDistribution, "ccxray.provider.distribution_total", "{turn}", Counter, &[A::Provider, A::Degraded], "Turns. A turn that was not fully understood is marked as degraded."),
    row(Quality, Metric::Errors, "ccxray.errors_total", "{error}", Counter, &[A::ErrorType, A::Provider], "Calls that ended in an error."),
    row(Quality, Metric::StopReason, "ccxray.stop_reason_total", "{turn}", Counter, &[A::StopReason], "Turns by the reason why the model stopped."),
    row(Quality, Metric::LatencyMs, "ccxray.latency_ms", "", Histogram(MILLISECONDS), &[A::Model, A::Provider], "From a request's arrival to its response's end, in milliseconds."),
    row(Quality, Metric::RequestDuration, "ccxray.request.duration", "s", Histogram(SECONDS), &[A::Model, A::Provider], "The same duration in seconds."),
    row(Quality, Metric::TimeToFirstToken, "ccxray.request.time_to_first_token", "s", Histogram(SECONDS), &[A::Model, A::Provider], "From a request's arrival to the first piece of the answer."),
    row(Quality, Metric::MaxTokensHit, "ccxray.max_tokens_hit_total", "{turn}", Counter, &[A::Model], "Turns cut at the output limit."),
    row(Quality, Metric::ToolFailures, "ccxray.tool.failures_total", "{result}", Counter, &[A::Provider], "Failed tool results sent back to the model. For Codex a lower bound: most of its results do not show whether the tool failed."),
    row(Quality, Metric::QuotaUtilization, "ccxray.quota.utilization_ratio", "1", Gauge, &[A::Window, A::Provider], "Used part of a quota, from the upstream's rate-limit headers and events."),
    row(Patterns, Metric::ContextUtilization, "ccxray.context.utilization_pct", "", Histogram(PER_CENT), &[], "How much of the context window a main turn filled, in per cent."),
    row(Patterns, Metric::AutoCompactTriggered, "ccxray.auto_compact.triggered_total", "{compaction}", Counter, &[A::Trigger], "Compactions of a conversation."),
    row(Patterns, Metric::SubagentInvocations, "ccxray.subagent.invocations_total", "{turn}", Counter, &[], "Turns of sub-agents."),
    row(Patterns, Metric::ToolsPerTurn, "ccxray.tools_per_turn", "{call}", Histogram(CALLS), &[], "Tool calls in one turn."),
    row(Governance, Metric::PermissionModeUsage, "ccxray.permission_mode.usage_total", "{turn}", Counter, &[A::Mode], "Turns by permission mode, if the wire shows it."),
    row(Governance, Metric::DangerousToolInvocations, "ccxray.dangerous_tool.invocations_total", "{call}", Counter, &[A::Pattern], "Tool calls whose command matches a class of dangerous commands."),
    row(Governance, Metric::FileWrites, "ccxray.file_writes_total", "{write}", Counter, &[], "Files written by edit tools."),
    row(Sentinels, Metric::Overflow, "ccxray.metrics.overflow_total", "", Counter, &[A::Metric, A::Attribute], "Measurements recorded as _overflow_ because a cardinality limit was reached."),
    row(Sentinels, Metric::UnknownTool, "ccxray.parser.unknown_tool_total", "", Counter, &[A::Provider], "Calls of tools that no catalog contains."),
    row(Sentinels, Metric::UnknownSkillMarker, "ccxray.parser.unknown_skill_marker_total", "", Counter, &[A::Provider], "Skill markers that do not name a skill."),
    row(Sentinels, Metric::UnknownMcpFormat, "ccxray.parser.unknown_mcp_format_total", "", Counter, &[], "Names that begin like an MCP tool's and do not name a server and a tool."),
    row(Sentinels, Metric::FallbackUsed, "ccxray.parser.fallback_used_total", "", Counter, &[A::Parser, A::FallbackReason], "Facts taken from a less exact source."),
    row(Sentinels, Metric::ParserError, "ccxray.parser.error_total", "", Counter, &[A::Parser, A::ParserErrorType], "Entries, requests and responses that are not JSON."),
    row(Sentinels, Metric::ReconciliationMismatch, "ccxray.parser.reconciliation_mismatch_total", "", Counter, &[A::MismatchType], "Two counts of a turn that should be equal and are not."),
    row(Sentinels, Metric::ParserMismatch, "ccxray.invariants.parser_mismatch_total", "", Counter, &[A::MismatchType], "The same mismatches under a second name."),
    row(Sentinels, Metric::SseTruncated, "ccxray.invariants.sse_truncated_total", "", Counter, &[A::Provider], "Streams that ended without their terminal event."),
    row(Health, Metric::OtelState, "ccxray.otel.state", "", Gauge, &[A::State], "1 for the state that the exporter is in, 0 for the others."),
    row(Health, Metric::ExportsDropped, "ccxray.otel.exports_dropped_total", "", Counter, &[A::Signal, A::ExportDropReason], "Exports that were dropped."),
    row(Health, Metric::EntriesDropped, "ccxray.otel.entries_dropped_total", "{entry}", Counter, &[A::EntryDropReason], "Entries that were accepted but not counted."),
    row(Health, Metric::TierDistribution, "ccxray.otel.tier_distribution", "{launch}", Counter, &[A::Tier], "Starts of a project's telemetry, by tier."),
];

const _: () = {
    let mut i = 0;
    while i < METRICS.len() {
        assert!(METRICS[i].metric as usize == i, "METRICS must be in the order of Metric");
        assert!(METRICS[i].attributes.len() <= 3, "a measurement has room for three attributes");
        i += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_begin_with_ccxray() {
        let names: BTreeSet<_> = METRICS.iter().map(|definition| definition.name).collect();
        assert_eq!(names.len(), METRICS.len());
        for name in names {
            assert!(name.starts_with("ccxray."), "{name}");
            assert!(!name.starts_with("ccxray.reconciliation."), "{name}");
        }
    }

    #[test]
    fn prometheus_appends_no_unit_twice() {
        for Definition { name, unit, .. } in METRICS {
            let clean = matches!(*unit, "" | "1" | "s") || unit.starts_with('{');
            assert!(clean, "{name}: {unit}");
            assert!(*unit != "s" || !name.contains("_s"), "{name} contains its unit already");
        }
    }

    #[test]
    fn the_attribute_keys_of_a_metric_differ() {
        for Definition { name, attributes, .. } in METRICS {
            let keys: BTreeSet<_> = attributes.iter().map(|attribute| attribute.key()).collect();
            assert_eq!(keys.len(), attributes.len(), "{name}");
        }
    }

    #[test]
    fn bucket_bounds_rise() {
        for Definition { name, instrument, .. } in METRICS {
            if let Histogram(bounds) = instrument {
                assert!(bounds.is_sorted_by(|a, b| a < b), "{name}");
            }
        }
    }
}
