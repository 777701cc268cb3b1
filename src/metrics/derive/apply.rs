//! Applies the rules of all families to a turn. Which rules apply depends on the kind of the entry.

use crate::entry::{EntryKind, Turn};
use crate::metrics::derive::rules::Rules;
use crate::metrics::measurement::Measurement;
use crate::metrics::privacy::PrivacyGate;
use crate::metrics::sessions::{SessionChange, Sessions};

/// Calls `record` with each measurement of `turn`.
pub fn derive(
    turn: &Turn,
    sessions: &mut Sessions,
    gate: &PrivacyGate,
    record: &mut dyn FnMut(Measurement),
) {
    let mut rules = Rules::new(turn, gate, record);
    match turn.kind {
        EntryKind::Probe => {}
        EntryKind::TransportOnly => rules.errors(),
        EntryKind::SideRequest => {
            rules.every_call();
            rules.session(&sessions.observe(turn));
            rules.anomalies();
        }
        EntryKind::Turn => {
            rules.every_call();
            rules.every_turn(sessions.observe(turn));
            rules.anomalies();
        }
    }
}

impl Rules<'_> {
    /// The rules for turns and side requests.
    fn every_call(&mut self) {
        self.tokens();
        self.cost();
        self.durations();
        self.quotas();
        self.truncated_stream();
        self.errors();
    }

    /// The rules for turns only.
    fn every_turn(&mut self, change: SessionChange) {
        self.turn();
        self.new_session(&change);
        self.session(&change);
        self.agent_type();
        self.stop_reason();
        self.tool_failures();
        self.context();
        self.permission_mode(&change);
        self.tool_calls();
        self.skills(change.answered_skills);
    }

    /// The rules for turns and for requests for a summary.
    fn session(&mut self, change: &SessionChange) {
        self.compaction(change);
        self.evicted_session(change);
    }

    /// The rules for tool calls, if they are known.
    fn tool_calls(&mut self) {
        let Some(calls) = &self.turn.tool_calls else { return };
        self.tools_per_turn(calls);
        for call in calls {
            self.tool_call(call);
            self.dangerous_commands(call);
        }
        self.file_writes(calls);
    }
}
