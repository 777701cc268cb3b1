//! The summary of a dry run, as JavaScript sees it; `binding/types.d.ts` declares it.

use crate::config::{Config, printable};
use crate::metrics::name_log::{NameDecision, NameLog};
use serde::Serialize;

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
    resolution: &'static str,
    requests: Vec<String>,
    bytes: usize,
    sent_bytes: usize,
    decisions: Vec<DecisionSummary>,
    decisions_not_kept: u64,
}

/// The bodies of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bodies {
    /// As OTLP/JSON, with the values of variables masked.
    pub shown: Vec<String>,
    /// The bytes of all of them before compression.
    pub bytes: usize,
    /// The bytes of all of them as they are sent.
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
    times: u64,
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
    /// Of a project with this config. `endpoint` is where it would send to; `off` is why it does not.
    pub(super) fn new(
        config: &Config,
        (endpoint, off): (Option<&str>, Option<&str>),
        bodies: Bodies,
        names: &NameLog,
    ) -> Self {
        let decision = |decision| DecisionSummary::of(decision, config);
        Self {
            off: off.map(printable),
            tier: config.tier.number(),
            names: config.names.as_str(),
            endpoint: endpoint.map(printable),
            protocol: config.protocol.as_str(),
            compression: config.compression.as_str(),
            temporality: config.temporality.as_str(),
            interval_seconds: config.interval.as_secs_f64(),
            resolution: config.resolution.as_str(),
            requests: bodies.shown,
            bytes: bodies.bytes,
            sent_bytes: bodies.sent_bytes,
            decisions: names.decisions().into_iter().map(decision).collect(),
            decisions_not_kept: names.not_kept(),
        }
    }
}

impl DecisionSummary {
    /// A decision, in which the values of variables are masked.
    fn of(decision: NameDecision, config: &Config) -> Self {
        let NameDecision { kind, name, sent, reason, times } = decision;
        let masked = |text: String| {
            if config.is_name_filled_in(&text) { "***".to_owned() } else { text }
        };
        Self {
            kind: kind.as_str(),
            name: name.map(masked),
            sent: masked(sent.as_str().to_owned()),
            reason: reason.as_str(),
            times,
        }
    }
}
