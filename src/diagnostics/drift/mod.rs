//! Drift: the anomalies of the last 30 days with their names.
//!
//! A metric only counts anomalies. Drift also contains their names: one row for each unknown name, each fallback
//! and each mismatch, with its count and its first and last time. It is written to `parser-drift.log` on this
//! machine and never sent.

mod line;
mod name;
mod table;

pub use line::{parse, text};
pub use table::AnomalyTable;

use crate::entry::{Anomaly, Parser, Provider, Turn};
use serde::Serialize;
use std::borrow::Cow;

/// Identifies an anomaly. Anomalies with the same key are one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnomalyKey {
    /// The category: `tool`, `mcp_format`, `skill_marker`, `wire`, `fallback`, `mismatch`, `unreadable`, or the
    /// fact whose value is unknown (`model`, `stop_reason` …).
    pub category: Cow<'static, str>,
    /// The provider of the call.
    pub provider: Cow<'static, str>,
    /// The unknown name, if it looks like a name. The file calls it `token`.
    pub name: Option<String>,
    /// A hash of the unknown name, if it does not look like a name.
    pub hash: Option<String>,
    /// The agent's version, if the request contains it.
    pub agent_version: Option<String>,
}

/// How often an anomaly occurred, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Occurrences {
    /// The first time, in Unix milliseconds.
    #[serde(rename = "firstSeenAtMs")]
    pub first_ms: u64,
    /// The last time, in Unix milliseconds.
    #[serde(rename = "lastSeenAtMs")]
    pub last_ms: u64,
    /// The number of times.
    pub count: u64,
}

/// One anomaly and its occurrences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnomalyRow {
    /// The anomaly.
    pub key: AnomalyKey,
    /// How often it occurred, and when.
    pub occurrences: Occurrences,
}

impl AnomalyKey {
    /// The key of an anomaly of `turn`.
    pub fn of(anomaly: &Anomaly, turn: &Turn) -> Self {
        let (category, name) = match anomaly {
            Anomaly::UnknownTool(name) => ("tool", Cow::from(name)),
            Anomaly::UnknownSkillMarker => ("skill_marker", "".into()),
            Anomaly::UnknownMcpFormat(name) => ("mcp_format", name.into()),
            Anomaly::UnknownValue(parser, name) => (parser.as_str(), name.into()),
            Anomaly::UnknownKind(name) => ("wire", name.into()),
            Anomaly::Fallback { parser, reason } => {
                ("fallback", format!("{}:{}", parser.as_str(), reason.as_str()).into())
            }
            Anomaly::Error { parser } => ("unreadable", parser.as_str().into()),
            Anomaly::Mismatch(counts) => ("mismatch", counts.as_str().into()),
        };
        Self {
            agent_version: turn.agent_version.clone(),
            ..Self::new(category, turn.provider, &name)
        }
    }

    /// The key of an entry that is not JSON.
    pub fn malformed_entry() -> Self {
        Self::new("unreadable", Provider::Other, Parser::Entry.as_str())
    }

    fn new(category: &'static str, provider: Provider, name: &str) -> Self {
        let (name, hash) = name::name_or_hash(name, category == Parser::Model.as_str());
        let provider = provider.as_str().into();
        Self { category: category.into(), provider, name, hash, agent_version: None }
    }

    /// The key that counts further anomalies of the same category and provider, once the table is full.
    fn overflow(&self) -> Self {
        Self {
            name: Some(table::OVERFLOW.to_owned()),
            hash: None,
            agent_version: None,
            ..self.clone()
        }
    }
}
