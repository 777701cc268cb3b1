//! What is remembered of each session: that it was seen, how full it was, what it may do.

use crate::catalog::{self, ToolRole};
use crate::entry::{EntryKind, ModelProvider, PermissionChange, ToolCall, Turn};
use crate::metrics::compaction::{History, Trigger};
use lru::LruCache;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;

/// Sessions remembered at a time; the least recently used one is forgotten first.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// Commands of one user message that may still be answered by the model.
const MAX_COMMANDS: usize = 16;
/// The mode in which the agent only plans, as the catalog calls it.
const PLAN: &str = "plan";

/// What a turn means to its session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionChange {
    /// The session was not known.
    pub is_new: bool,
    /// The conversation was compacted.
    pub compaction: Option<Trigger>,
    /// How much the agent may do, now or since an earlier turn.
    pub permission_mode: Option<String>,
    /// Skills of this turn's calls that the user had called for, and that are counted already.
    pub answered_skills: Vec<String>,
    /// The session that was used least had to be forgotten for this one. If it comes back it is taken
    /// for a new one; nothing else is lost.
    pub evicted: bool,
}

/// The sessions of one project. Ids are kept as keyed hashes only.
#[derive(Debug)]
pub struct Sessions {
    known: LruCache<u64, Session>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Session {
    /// A turn of it was seen, and not only what goes beside its turns.
    seen: bool,
    /// Codex's approval policy.
    policy: Option<String>,
    /// The agent only plans.
    plans: bool,
    /// Hashes of the skills that the user has called for and the model has not.
    commands: Vec<u64>,
    history: History,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { known: LruCache::new(CAPACITY), hasher: RandomState::new() }
    }
}

impl Sessions {
    /// Takes note of a turn, or of a request beside the turns, and says what it means to its session.
    pub fn observe(&mut self, turn: &Turn) -> SessionChange {
        let counts = turn.kind == EntryKind::Turn || turn.compaction.requested;
        let Some(id) = turn.session.as_ref().filter(|_| counts) else {
            // What is not of any session is compared with itself only.
            return Session::default().observe(turn, &self.hasher).without_session();
        };
        let key = self.hasher.hash_one(id);
        let evicted = self.known.len() == CAPACITY.get() && !self.known.contains(&key);
        let session = self.known.get_or_insert_mut(key, Session::default);
        SessionChange { evicted, ..session.observe(turn, &self.hasher) }
    }

    /// How many sessions are remembered.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
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
        let is_new = !std::mem::replace(&mut self.seen, true);
        let permission_mode = self.permission_mode(turn);
        let answered_skills = self.answered_skills(turn, hasher);
        SessionChange { is_new, compaction, permission_mode, answered_skills, evicted: false }
    }

    /// Codex says what it may do where a conversation starts. Plan mode is said, entered and left, by
    /// the user or the model; sub-agents have no part in it.
    fn permission_mode(&mut self, turn: &Turn) -> Option<String> {
        let is_main = !turn.subagent;
        match &turn.permission {
            PermissionChange::Mode(mode) => {
                if turn.provider == ModelProvider::OpenAi {
                    self.policy = Some(mode.clone());
                }
                return Some(mode.clone());
            }
            PermissionChange::PlanOnly if is_main => self.plans = true,
            PermissionChange::NotPlanOnly if is_main => self.plans = false,
            PermissionChange::PlanOnly
            | PermissionChange::NotPlanOnly
            | PermissionChange::Unchanged => {}
        }
        let plans = is_main && self.plans;
        if is_main && turn.error.is_none() && !turn.truncated {
            for call in turn.tool_calls.iter().flatten().filter(|call| call.is_complete) {
                match catalog::tool_role(&call.name) {
                    Some(ToolRole::EnterPlan) => self.plans = true,
                    Some(ToolRole::LeavePlan) => self.plans = false,
                    _ => {}
                }
            }
        }
        self.policy.clone().or_else(|| plans.then(|| PLAN.to_owned()))
    }

    /// Which of the model's skill calls answer a command of the user's, each once. A sub-agent answers
    /// its own only.
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
