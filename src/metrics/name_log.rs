//! The names that the privacy gate has seen, and what it has decided about each. Only a dry run keeps them.

use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::scrub::{is_harmless, sent_name};
use parking_lot::Mutex;
use std::collections::HashMap;

/// So many names of each kind are kept. Any further one is only counted.
const MAX_NAMES: usize = 2000;

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the kinds")]
pub enum NameKind {
    Model,
    Tool,
    McpServer,
    McpTool,
    Skill,
    AgentType,
    ErrorType,
    StopReason,
    PermissionMode,
}

impl NameKind {
    /// All kinds, in the order of their lists.
    const ALL: [Self; 9] = [
        Self::Model,
        Self::Tool,
        Self::McpServer,
        Self::McpTool,
        Self::Skill,
        Self::AgentType,
        Self::ErrorType,
        Self::StopReason,
        Self::PermissionMode,
    ];

    /// The name in a preview.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Tool => "tool",
            Self::McpServer => "mcp_server",
            Self::McpTool => "mcp_tool",
            Self::Skill => "skill",
            Self::AgentType => "agent_type",
            Self::ErrorType => "error_type",
            Self::StopReason => "stop_reason",
            Self::PermissionMode => "permission_mode",
        }
    }
}

/// Why a name is sent, or why something else is sent in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameReason {
    /// A catalog contains it.
    Catalog,
    /// It is one of the project's `known_names`.
    KnownName,
    /// All names are sent.
    AllNames,
    /// No catalog contains it, and not all names are sent.
    NotInCatalog,
    /// It looks like a secret, a path or an address.
    Private,
    /// It is too long for a name.
    TooLong,
}

impl NameReason {
    /// The name in a preview.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::KnownName => "known_name",
            Self::AllNames => "all_names",
            Self::NotInCatalog => "not_in_catalog",
            Self::Private => "private",
            Self::TooLong => "too_long",
        }
    }
}

/// What the gate has decided about one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameDecision {
    /// What it is the name of.
    pub kind: NameKind,
    /// The name. `None` if it looks like a secret, a path or an address, or is too long: it does not belong on a
    /// screen.
    pub name: Option<String>,
    /// What is sent.
    pub sent: AttributeValue,
    /// Why.
    pub reason: NameReason,
    /// How often the gate has decided it. A turn can ask more than once.
    pub times: u64,
}

/// The names that a privacy gate has seen.
#[derive(Debug, Default)]
pub struct NameLog(Mutex<[NamesOfKind; NameKind::ALL.len()]>);

/// The names of one kind.
#[derive(Debug, Default)]
struct NamesOfKind {
    seen: HashMap<Box<str>, Decided>,
    /// Decisions about names that are not kept.
    not_kept: u64,
}

#[derive(Debug)]
struct Decided {
    sent: AttributeValue,
    reason: NameReason,
    times: u64,
}

impl NameLog {
    /// Adds a decision of the gate.
    pub(super) fn add(
        &self,
        kind: NameKind,
        name: &str,
        sent: &AttributeValue,
        reason: NameReason,
    ) {
        let names = &mut self.0.lock()[kind as usize];
        // A text of any length can stand where a name should be.
        let key = if reason == NameReason::TooLong { "" } else { name };
        if let Some(decided) = names.seen.get_mut(key) {
            decided.times += 1;
        } else if names.seen.len() < MAX_NAMES {
            let decided = Decided { sent: sent.clone(), reason, times: 1 };
            names.seen.insert(key.into(), decided);
        } else {
            names.not_kept += 1;
        }
    }

    /// All decisions, in no order.
    pub fn decisions(&self) -> Vec<NameDecision> {
        let all = self.0.lock();
        let mut decisions = Vec::new();
        for (kind, NamesOfKind { seen, .. }) in NameKind::ALL.into_iter().zip(all.iter()) {
            decisions.extend(seen.iter().map(|(name, decided)| {
                let Decided { sent, reason, times } = decided;
                let is_shown = *reason != NameReason::TooLong && is_harmless(name);
                NameDecision {
                    kind,
                    name: is_shown.then(|| sent_name(name)),
                    sent: sent.clone(),
                    reason: *reason,
                    times: *times,
                }
            }));
        }
        decisions
    }

    /// How many decisions were about names that are not kept.
    pub fn not_kept(&self) -> u64 {
        self.0.lock().iter().map(|names| names.not_kept).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(log: &NameLog) -> Vec<(Option<String>, String, NameReason, u64)> {
        let decisions = log.decisions().into_iter();
        let row = |it: NameDecision| (it.name, it.sent.as_str().to_owned(), it.reason, it.times);
        let mut rows: Vec<_> = decisions.map(row).collect();
        rows.sort_by_key(|(name, _, reason, _)| (name.clone(), reason.as_str()));
        rows
    }

    #[test]
    fn the_kinds_are_in_their_order() {
        for (index, kind) in NameKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index, "{}", kind.as_str());
        }
    }

    #[test]
    fn private_names_are_counted_and_not_shown() {
        let log = NameLog::default();
        let custom = AttributeValue::constant("custom");
        let secret = format!("ghp_{}", "A1b2C3d4".repeat(5));
        for name in ["acme", "ship", "ship", &secret] {
            log.add(NameKind::Tool, name, &custom, NameReason::NotInCatalog);
        }
        log.add(NameKind::Tool, &"x".repeat(999), &custom, NameReason::TooLong);
        let custom = || "custom".to_owned();
        assert_eq!(
            shown(&log),
            [
                (None, custom(), NameReason::NotInCatalog, 1),
                (None, custom(), NameReason::TooLong, 1),
                (Some("acme".to_owned()), custom(), NameReason::NotInCatalog, 1),
                (Some("ship".to_owned()), custom(), NameReason::NotInCatalog, 2),
            ]
        );
    }

    #[test]
    fn names_beyond_the_limit_are_counted() {
        let log = NameLog::default();
        let custom = AttributeValue::constant("custom");
        for i in 0..MAX_NAMES + 3 {
            log.add(NameKind::Skill, &format!("s{i}"), &custom, NameReason::NotInCatalog);
        }
        log.add(NameKind::Skill, "s0", &custom, NameReason::NotInCatalog);
        assert_eq!((log.decisions().len(), log.not_kept()), (MAX_NAMES, 3));
    }
}
