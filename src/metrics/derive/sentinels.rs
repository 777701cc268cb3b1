//! The family "Sentinels": anomalies, truncated streams and forgotten sessions.

use crate::entry::{Anomaly, EntryKind, FallbackReason, Parser, Turn};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::derive::rules::{NONE, Rules, one, two};
use crate::metrics::measurement::{AttributeValues, MeasuredValue, Measurement};
use crate::metrics::privacy::PrivacyGate;
use crate::metrics::registry::Metric;
use crate::metrics::sessions::SessionChange;

/// The value of `error_type`.
const MALFORMED_JSON: &str = "malformed_json";

/// The anomalies of `turn` that count. An unknown name does not count if it is one of the project's
/// `known_names`.
pub fn anomalies<'t>(turn: &'t Turn, gate: &'t PrivacyGate) -> impl Iterator<Item = &'t Anomaly> {
    let is_known = |anomaly: &&Anomaly| match anomaly {
        Anomaly::UnknownTool { name, .. }
        | Anomaly::UnknownValue(Parser::Model | Parser::AgentType, name) => gate.knows(name),
        _ => false,
    };
    let is_counted = matches!(turn.kind, EntryKind::Turn | EntryKind::SideRequest);
    turn.anomalies.iter().filter(move |anomaly| is_counted && !is_known(anomaly))
}

/// The measurement of an entry that is not JSON.
pub fn malformed_entry() -> Measurement {
    let attributes = parser_error(Parser::Entry);
    Measurement { metric: Metric::ParserError, attributes, value: MeasuredValue::Count(1) }
}

impl Rules<'_> {
    pub(super) fn truncated_stream(&mut self) {
        if self.turn.truncated {
            self.count(Metric::SseTruncated, self.by_provider(), 1);
        }
    }

    pub(super) fn evicted_session(&mut self, change: &SessionChange) {
        if change.evicted {
            let attributes = fallback(Parser::Sessions, FallbackReason::Evicted);
            self.count(Metric::FallbackUsed, attributes, 1);
        }
    }

    pub(super) fn anomalies(&mut self) {
        for anomaly in anomalies(self.turn, self.gate) {
            let (metric, attributes) = match *anomaly {
                Anomaly::UnknownTool { calls, .. } => {
                    self.count(Metric::UnknownTool, self.by_provider(), calls);
                    continue;
                }
                Anomaly::UnknownSkillMarker => (Metric::UnknownSkillMarker, self.by_provider()),
                Anomaly::UnknownMcpFormat(_) => (Metric::UnknownMcpFormat, NONE),
                Anomaly::UnknownValue(parser, _) => {
                    (Metric::FallbackUsed, fallback(parser, FallbackReason::UnknownValue))
                }
                Anomaly::UnknownKind(_) => {
                    (Metric::FallbackUsed, fallback(Parser::Response, FallbackReason::UnknownKind))
                }
                Anomaly::Fallback { parser, reason } => {
                    (Metric::FallbackUsed, fallback(parser, reason))
                }
                Anomaly::Error { parser } => (Metric::ParserError, parser_error(parser)),
                Anomaly::Mismatch(counts) => {
                    let attributes = one(AttributeValue::constant(counts.as_str()));
                    // A mismatch has two names on the wire.
                    self.count(Metric::ParserMismatch, attributes.clone(), 1);
                    (Metric::ReconciliationMismatch, attributes)
                }
            };
            self.count(metric, attributes, 1);
        }
    }
}

fn fallback(parser: Parser, reason: FallbackReason) -> AttributeValues {
    let reason = AttributeValue::constant(reason.as_str());
    two(AttributeValue::constant(parser.as_str()), reason)
}

fn parser_error(parser: Parser) -> AttributeValues {
    let error = AttributeValue::constant(MALFORMED_JSON);
    two(AttributeValue::constant(parser.as_str()), error)
}
