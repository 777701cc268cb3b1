//! What the parsers did not understand, for the engineer's own eyes.
//!
//! A metric can only say that something was not understood. Here it is said what: one row for each
//! word that no catalog has, for each fallback and each disagreement, with how often and since when. It
//! is written to `parser-drift.log`, and never sent.

mod line;
mod name;
mod table;

pub use line::{parse, text};
pub use table::AnomalyTable;

use crate::entry::{Anomaly, ModelProvider, Parser, Turn};
use serde::Serialize;
use std::borrow::Cow;

/// What it is that was not understood. Two of the same are one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnomalyKey {
    /// What sort of thing: `tool`, `mcp_format`, `skill_marker`, `wire`, `fallback`, `mismatch`,
    /// `unreadable`, or what an unknown value should have been (`model`, `stop_reason` …).
    pub category: Cow<'static, str>,
    /// Who served the call.
    pub provider: Cow<'static, str>,
    /// The word itself, where it looks like a name and like nothing that no name needs.
    pub token: Option<String>,
    /// A hash of it, where it does not.
    pub hash: Option<String>,
    /// The agent's version, if the request tells.
    pub agent_version: Option<String>,
}

/// How often, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Occurrences {
    /// Unix milliseconds.
    #[serde(rename = "firstSeenAtMs")]
    pub first_ms: u64,
    /// Unix milliseconds.
    #[serde(rename = "lastSeenAtMs")]
    pub last_ms: u64,
    /// How often.
    pub count: u64,
}

/// One kind and how it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnomalyRow {
    /// What it is.
    pub kind: AnomalyKey,
    /// How it was seen.
    pub seen: Occurrences,
}

impl AnomalyKey {
    /// What `anomaly` of `turn` is.
    pub fn of(anomaly: &Anomaly, turn: &Turn) -> Self {
        let (category, word) = match anomaly {
            Anomaly::UnknownTool(name) => ("tool", Cow::from(name)),
            Anomaly::UnknownSkillMarker => ("skill_marker", "".into()),
            Anomaly::UnknownMcpFormat(name) => ("mcp_format", name.into()),
            Anomaly::UnknownValue(parser, word) => (parser.as_str(), word.into()),
            Anomaly::UnknownKind(word) => ("wire", word.into()),
            Anomaly::Fallback { parser, reason } => {
                ("fallback", format!("{}:{}", parser.as_str(), reason.as_str()).into())
            }
            Anomaly::Error { parser } => ("unreadable", parser.as_str().into()),
            Anomaly::Mismatch(counts) => ("mismatch", counts.as_str().into()),
        };
        Self {
            agent_version: turn.agent_version.clone(),
            ..Self::new(category, turn.provider, &word)
        }
    }

    /// An entry that could not be read at all.
    pub fn malformed_entry() -> Self {
        Self::new("unreadable", ModelProvider::Other, Parser::Entry.as_str())
    }

    fn new(category: &'static str, provider: ModelProvider, word: &str) -> Self {
        let (token, hash) = name::written(word, category == Parser::Model.as_str());
        let provider = provider.as_str().into();
        Self { category: category.into(), provider, token, hash, agent_version: None }
    }

    /// What stands for kinds of this sort once there is no room for more.
    fn overflow(&self) -> Self {
        Self {
            token: Some(table::OVERFLOW.to_owned()),
            hash: None,
            agent_version: None,
            ..self.clone()
        }
    }
}
