//! What identifies an anomaly.

use crate::diagnostics::drift::name;
use crate::entry::{Anomaly, ModelProvider, Parser, Turn};
use std::borrow::Cow;

/// The name in the row of all anomalies beyond the limit of a table.
pub(super) const OVERFLOW: &str = "_overflow_";

/// Identifies an anomaly. Anomalies with the same key are one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnomalyKey {
    /// The category: `tool`, `mcp_format`, `skill_marker`, `wire`, `fallback`, `mismatch`,
    /// `unreadable`, or the fact whose value is unknown (`model`, `stop_reason` …).
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

impl AnomalyKey {
    /// The key of an anomaly of `turn`.
    pub fn of(anomaly: &Anomaly, turn: &Turn) -> Self {
        let (category, name) = match anomaly {
            Anomaly::UnknownTool { name, .. } => ("tool", Cow::from(name)),
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
        Self::new("unreadable", ModelProvider::Other, Parser::Entry.as_str())
    }

    fn new(category: &'static str, provider: ModelProvider, name: &str) -> Self {
        let (name, hash) = name::name_or_hash(name, category == Parser::Model.as_str());
        let provider = provider.as_str().into();
        Self { category: category.into(), provider, name, hash, agent_version: None }
    }

    /// The key that counts further anomalies of the same category and provider, once the table is
    /// full.
    pub(super) fn overflow(&self) -> Self {
        Self { name: Some(OVERFLOW.to_owned()), hash: None, agent_version: None, ..self.clone() }
    }
}
