//! What is remembered about each session: whether it is new, its permission mode, its unanswered
//! commands and the history that a compaction shortens.

use crate::entry::{CompactionTrigger, EntryKind, ToolCall, Turn};
use crate::metrics::compaction::History;
use crate::metrics::plan_mode::PlanMode;
use lru::LruCache;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;

/// How many sessions are remembered. For one more, the least recently used one is forgotten.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// How many commands of one user message are remembered until the model answers them.
const MAX_COMMANDS: usize = 16;
/// The catalog's name of the permission mode in which the agent only plans.
const PLAN: &str = "plan";

/// What a turn changes in its session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionChange {
    /// This is the session's first turn.
    pub is_new: bool,
    /// The conversation was compacted.
    pub compaction: Option<CompactionTrigger>,
    /// The permission mode, which this turn or an earlier one has set.
    pub permission_mode: Option<&'static str>,
    /// Skills that the model calls in answer to the user's command. The command is already counted.
    pub answered_skills: Vec<String>,
    /// The least recently used session was forgotten to make room for this one. If it comes back,
    /// it counts as a new session. Nothing else is lost.
    pub evicted: bool,
}

/// The sessions of one project. Their ids are stored only as keyed hashes.
#[derive(Debug)]
pub struct Sessions {
    known: LruCache<u64, Session>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Session {
    /// Whether a turn was observed. Side requests alone do not make a session.
    has_turn: bool,
    /// The approval policy that Codex has sent with a turn of the main agent.
    policy: Option<&'static str>,
    /// The same of its sub-agents, which the main agent can give other permissions.
    subagent_policy: Option<&'static str>,
    plan_mode: PlanMode,
    /// Hashes of the skills that the user has called by a command and the model has not called yet.
    commands: Vec<u64>,
    history: History,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { known: LruCache::new(CAPACITY), hasher: RandomState::new() }
    }
}

impl Sessions {
    /// Observes a turn or a side request, and returns what it changes in its session.
    pub fn observe(&mut self, turn: &Turn) -> SessionChange {
        let has_session = turn.kind == EntryKind::Turn || turn.compaction.requested;
        let Some(id) = turn.session.as_ref().filter(|_| has_session) else {
            // There is no session to remember it in, so it starts from an empty one.
            return Session::default().observe(turn, &self.hasher).without_session();
        };
        let key = self.hasher.hash_one(id);
        let evicted = self.known.len() == CAPACITY.get() && !self.known.contains(&key);
        let session = self.known.get_or_insert_mut(key, Session::default);
        SessionChange { evicted, ..session.observe(turn, &self.hasher) }
    }

    /// The number of remembered sessions.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether no session is remembered.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl SessionChange {
    fn without_session(self) -> Self {
        Self { is_new: false, compaction: None, ..self }
    }
}

impl Session {
    fn observe(&mut self, turn: &Turn, hasher: &RandomState) -> SessionChange {
        let compaction = self.history.observe(turn);
        if turn.kind != EntryKind::Turn {
            return SessionChange { compaction, ..SessionChange::default() };
        }
        let is_new = !std::mem::replace(&mut self.has_turn, true);
        let permission_mode = self.permission_mode(turn);
        let answered_skills = self.answered_skills(turn, hasher);
        SessionChange { is_new, compaction, permission_mode, answered_skills, evicted: false }
    }

    /// The permission mode of this turn: plan mode while the main agent only plans, otherwise the
    /// policy. Codex sends its policy once, where a conversation starts. Sub-agents do not change those of
    /// the main agent.
    fn permission_mode(&mut self, turn: &Turn) -> Option<&'static str> {
        let stated = turn.permission.policy;
        if turn.subagent {
            self.subagent_policy = stated.or(self.subagent_policy);
            return self.subagent_policy.or(self.policy);
        }
        self.policy = stated.or(self.policy);
        if self.plan_mode.observe(turn) { Some(PLAN) } else { self.policy }
    }

    /// The model's skill calls that answer a command of the user. Each command is answered once. A
    /// sub-agent answers only the commands in its own request.
    fn answered_skills(&mut self, turn: &Turn, hasher: &RandomState) -> Vec<String> {
        let mut own = Vec::new();
        let commands = if turn.subagent { &mut own } else { &mut self.commands };
        if turn.has_prompt_text {
            commands.clear();
        }
        let hash = |skill: &String| hasher.hash_one(skill);
        commands.extend(turn.user_skills.iter().map(hash).take(MAX_COMMANDS));
        let calls = turn.tool_calls.iter().flatten();
        let skills = calls.filter_map(|ToolCall { skill, .. }| skill.as_ref());
        let answered = skills.filter(|skill| {
            let at = commands.iter().position(|command| *command == hash(skill));
            at.map(|at| commands.swap_remove(at)).is_some()
        });
        answered.cloned().collect()
    }
}
