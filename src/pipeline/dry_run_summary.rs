//! The summary of a dry run, as JavaScript sees it; `binding/types.d.ts` declares it.

use crate::config::{Config, printable};
use crate::metrics::name_log::{NameDecision, NameKind, NameLog};
use crate::metrics::registry::{Metric, OVERFLOW};
use crate::otlp::contents::Contents;
use crate::otlp::request::MetricsRequest;
use serde::Serialize;
use std::collections::BTreeMap;

/// What has become of the entries of a dry run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DryRunCounts {
    /// Entries that were recorded.
    pub recorded: u64,
    /// Entries that are not a JSON object.
    pub malformed: u64,
    /// Entries at which this package has failed.
    pub failed: u64,
}

/// What the next export would send.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRunSummary {
    /// Entries that were recorded.
    recorded: u64,
    /// Entries that are not a JSON object.
    malformed: u64,
    /// Entries at which this package has failed.
    failed: u64,
    /// One for each assumption.
    variants: Vec<VariantSummary>,
}

/// What the next export would send under one assumption.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantSummary {
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<String>,
    tier: u8,
    names: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    protocol: &'static str,
    compression: &'static str,
    temporality: &'static str,
    interval_seconds: f64,
    requests: usize,
    points: usize,
    bytes: usize,
    sent_bytes: usize,
    resource: BTreeMap<String, String>,
    attributes: Vec<String>,
    metrics: Vec<String>,
    decisions: Vec<DecisionSummary>,
    decisions_not_kept: u64,
    limits: Vec<LimitSummary>,
}

/// How large an export is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// How many requests it has.
    pub requests: usize,
    /// The bytes of all bodies before compression.
    pub bytes: usize,
    /// The bytes of all bodies as they are sent.
    pub sent_bytes: usize,
}

/// What is sent for one name, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct DecisionSummary {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    sent: String,
    reason: &'static str,
}

/// An attribute that has more values than its cardinality limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct LimitSummary {
    attribute: String,
    metrics: Vec<String>,
}

impl DryRunSummary {
    /// Of a dry run with these counts.
    pub(super) fn new(counts: DryRunCounts, variants: Vec<VariantSummary>) -> Self {
        let DryRunCounts { recorded, malformed, failed } = counts;
        Self { recorded, malformed, failed, variants }
    }

    /// As a JSON object.
    pub fn to_json(&self) -> String {
        // Strings and numbers can always be serialised.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl VariantSummary {
    /// Of `request`, in which secrets are masked. `endpoint` is where it would be sent; `off` is why it is
    /// not.
    pub(super) fn new(
        config: &Config,
        (endpoint, off): (Option<&str>, Option<&str>),
        request: &MetricsRequest,
        size: Size,
        names: &NameLog,
    ) -> Self {
        let Size { requests, bytes, sent_bytes } = size;
        let contents = Contents::of(request);
        let decision = |decision| summary_of(decision, config, &contents);
        let decisions = names.decisions().into_iter().filter_map(decision).collect();
        let limits = contents.attributes().filter_map(|attribute| {
            let metrics: Vec<_> =
                contents.metrics_with(attribute, OVERFLOW).map(str::to_owned).collect();
            let attribute = attribute.to_owned();
            (!metrics.is_empty()).then_some(LimitSummary { attribute, metrics })
        });
        Self {
            off: off.map(printable),
            tier: config.tier.number(),
            names: config.names.as_str(),
            endpoint: endpoint.map(printable),
            protocol: config.protocol.as_str(),
            compression: config.compression.as_str(),
            temporality: config.temporality.as_str(),
            interval_seconds: config.interval.as_secs_f64(),
            requests,
            points: contents.points,
            bytes,
            sent_bytes,
            limits: limits.collect(),
            attributes: contents.attributes().map(str::to_owned).collect(),
            decisions,
            decisions_not_kept: names.not_kept(),
            metrics: contents.metrics.into_iter().collect(),
            resource: contents.resource,
        }
    }
}

/// A decision, if the request contains what it says. An entry that is not counted can have names, too.
fn summary_of(
    decision: NameDecision,
    config: &Config,
    contents: &Contents,
) -> Option<DecisionSummary> {
    let NameDecision { kind, name, sent, reason, .. } = decision;
    let (key, metric) = place_of(kind);
    let is_in = |value| {
        let mut metrics = contents.metrics_with(key, value);
        metrics.any(|it| metric.is_none_or(|metric| metric.definition().name == it))
    };
    let is_masked = |value: &str| config.is_name_filled_in(value);
    let masked = || "***".to_owned();
    let sent = sent.as_str();
    let (sent, reason) = if is_masked(sent) {
        (masked(), reason.as_str())
    } else if is_in(sent) {
        (sent.to_owned(), reason.as_str())
    } else if is_in(OVERFLOW) {
        (OVERFLOW.to_owned(), "limit")
    } else {
        return None;
    };
    let name = name.map(|name| if is_masked(&name) { masked() } else { name });
    Some(DecisionSummary { kind: kind.as_str(), name, sent, reason })
}

/// The attribute with names of this kind, and the metric that has it if another metric's attribute of the same
/// key has names of another kind.
const fn place_of(kind: NameKind) -> (&'static str, Option<Metric>) {
    match kind {
        NameKind::Model => ("model", None),
        NameKind::Tool => ("tool", Some(Metric::ToolInvocations)),
        NameKind::McpServer => ("server", None),
        NameKind::McpTool => ("tool", Some(Metric::McpInvocations)),
        NameKind::Skill => ("skill", None),
        NameKind::AgentType => ("type", Some(Metric::AgentTypeInvocations)),
        NameKind::ErrorType => ("type", Some(Metric::Errors)),
        NameKind::StopReason => ("reason", Some(Metric::StopReason)),
        NameKind::PermissionMode => ("mode", None),
    }
}
