//! What is remembered of each session: that it was seen, how full it was, what it may do.

use crate::entry::{Kind, Provider, Turn};
use lru::LruCache;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;

/// Sessions remembered at a time; the least recently used one is forgotten first.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// A compaction drops at least so many messages from the history …
const MIN_MESSAGES_DROPPED: u64 = 5;
/// … and more than this part of the context window.
const MIN_WINDOW_PART_DROPPED: f64 = 0.15;
/// Claude Code compacts by itself when the window is filled to this part.
const AUTO_COMPACT_PART: f64 = 0.835;

/// Who started a compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The agent, because the window was nearly full.
    Auto,
    /// The user.
    Manual,
    /// Nothing tells.
    Unknown,
}

impl Trigger {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
            Self::Unknown => "unknown",
        }
    }
}

/// What a turn means to its session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The session was not known.
    pub first_sight: bool,
    /// The conversation was compacted before this turn.
    pub compaction: Option<Trigger>,
    /// How much the agent may do, now or since an earlier turn.
    pub permission_mode: Option<String>,
}

/// The sessions of one project. Ids are kept as keyed hashes only.
#[derive(Debug)]
pub struct Sessions {
    known: LruCache<u64, Session>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Session {
    permission_mode: Option<String>,
    fill: Option<Fill>,
}

/// How full the context was at the last turn of the main agent.
#[derive(Clone, Copy, Debug)]
struct Fill {
    messages: u64,
    tokens: u64,
    window: u64,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { known: LruCache::new(CAPACITY), hasher: RandomState::new() }
    }
}

impl Sessions {
    /// Takes note of a turn, and says what it means to its session.
    pub fn observe(&mut self, turn: &Turn) -> News {
        let (Kind::Turn, Some(id)) = (turn.kind, &turn.session) else {
            return News { permission_mode: turn.permission_mode.clone(), ..News::default() };
        };
        let key = self.hasher.hash_one(id);
        let first_sight = !self.known.contains(&key);
        let session = self.known.get_or_insert_mut(key, Session::default);
        // Codex says it where a conversation starts; Claude's plan mode is said again each time.
        if turn.permission_mode.is_some() && turn.provider == Provider::OpenAi {
            session.permission_mode.clone_from(&turn.permission_mode);
        }
        News {
            first_sight,
            compaction: session.compaction(turn),
            permission_mode: turn.permission_mode.clone().or(session.permission_mode.clone()),
        }
    }
}

impl Session {
    /// Compares with the main agent's last turn. A failed call and a sub-agent say nothing.
    fn compaction(&mut self, turn: &Turn) -> Option<Trigger> {
        let usage = turn.usage.filter(|_| turn.error.is_none() && !turn.subagent)?;
        let now = Fill {
            messages: turn.message_count?,
            tokens: usage.context_tokens()?,
            window: turn.context_window?,
        };
        let before = self.fill.replace(now)?;
        now.is_compacted(before).then(|| {
            if turn.manual_compact {
                Trigger::Manual
            } else if before.part() >= AUTO_COMPACT_PART {
                Trigger::Auto
            } else {
                Trigger::Unknown
            }
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^53")]
impl Fill {
    fn is_compacted(self, before: Self) -> bool {
        let dropped = before.tokens.saturating_sub(self.tokens) as f64;
        self.messages + MIN_MESSAGES_DROPPED <= before.messages
            && dropped > before.window as f64 * MIN_WINDOW_PART_DROPPED
    }

    fn part(self) -> f64 {
        self.tokens as f64 / self.window as f64
    }
}
