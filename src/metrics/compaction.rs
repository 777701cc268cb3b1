//! When a conversation was compacted, and who wanted it. No event says so.
//!
//! Three things give it away: a request that asks the model for a summary, a conversation that goes on
//! from one, and a history that gets short while its context drops. One compaction shows up to all
//! three of them, and is counted once.

use crate::entry::{EntryKind, Turn};

/// A compaction drops at least so many messages from the history …
const MIN_MESSAGES_DROPPED: u64 = 5;
/// … and more than this part of the context window.
const MIN_WINDOW_PART_DROPPED: f64 = 0.15;
/// Claude Code compacts by itself when the window is filled to this part.
const AUTO_COMPACT_PART: f64 = 0.835;
/// A history of so many messages begins with what is seen of it.
const MAX_MESSAGES_OF_A_BEGINNING: u64 = 2;

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

/// What is remembered of the main agent's conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// Messages of the last request.
    messages: Option<u64>,
    /// How full the context was, as far as that was told.
    fill: Option<Fill>,
    /// The hash of the summary that it goes on from.
    continues: Option<u64>,
    /// Something of it was seen.
    is_known: bool,
    progress: Progress,
}

/// How far a compaction has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    None,
    /// The model was asked for a summary. Who wanted it the next turn may tell.
    Asked,
    /// The same, and it is counted.
    Counted,
}

#[derive(Clone, Copy, Debug)]
struct Fill {
    /// Not known where a request has only what is new.
    messages: Option<u64>,
    tokens: u64,
    window: u64,
}

impl History {
    /// Takes note of a turn, or of a request for a summary. A failed call and a sub-agent say nothing.
    pub(super) fn observe(&mut self, turn: &Turn) -> Option<Trigger> {
        let is_ours = turn.kind == EntryKind::SideRequest || !turn.subagent;
        if turn.error.is_some() || !is_ours {
            return None;
        }
        let is_first = !std::mem::replace(&mut self.is_known, true);
        if turn.compaction.requested { self.ask(turn) } else { self.go_on(turn, is_first) }
    }

    /// The model is asked for a summary.
    fn ask(&mut self, turn: &Turn) -> Option<Trigger> {
        if self.progress == Progress::Counted {
            return None;
        }
        let trigger = self.trigger(turn);
        let told = trigger != Trigger::Unknown;
        self.progress = if told { Progress::Counted } else { Progress::Asked };
        told.then_some(trigger)
    }

    /// The conversation goes on, with its history or with a summary of it.
    fn go_on(&mut self, turn: &Turn, is_first: bool) -> Option<Trigger> {
        let continues = turn.compaction.continues;
        let begins = turn.message_count.is_some_and(|it| it <= MAX_MESSAGES_OF_A_BEGINNING);
        let goes_on_from_another =
            continues.is_some() && continues != self.continues && (!is_first || begins);
        let fill = Fill::of(turn);
        let dropped = fill.zip(self.fill).is_some_and(|(now, before)| now.is_compacted(before));
        let trigger = self.trigger(turn);

        let grows = turn.message_count.zip(self.messages).is_some_and(|(now, then)| now > then);
        self.continues = continues.or(self.continues);
        self.messages = turn.message_count.or(self.messages);
        if goes_on_from_another || dropped {
            // How full it was before says nothing about what comes after.
            self.fill = fill;
        } else {
            self.fill = fill.or(self.fill);
            if grows {
                // Nothing came of it.
                self.progress = Progress::None;
            }
            return None;
        }
        let progress = std::mem::take(&mut self.progress);
        (progress != Progress::Counted).then_some(trigger)
    }

    fn trigger(&self, turn: &Turn) -> Trigger {
        if turn.compaction.manual {
            Trigger::Manual
        } else if self.fill.is_some_and(|fill| fill.part() >= AUTO_COMPACT_PART) {
            Trigger::Auto
        } else {
            Trigger::Unknown
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^53")]
impl Fill {
    fn of(turn: &Turn) -> Option<Self> {
        Some(Self {
            messages: turn.message_count,
            tokens: turn.usage?.context_tokens()?,
            window: turn.context_window?,
        })
    }

    fn is_compacted(self, before: Self) -> bool {
        let dropped = before.tokens.saturating_sub(self.tokens) as f64;
        let is_shorter = |(now, then): (u64, u64)| now + MIN_MESSAGES_DROPPED <= then;
        self.messages.zip(before.messages).is_some_and(is_shorter)
            && dropped > before.window as f64 * MIN_WINDOW_PART_DROPPED
    }

    fn part(self) -> f64 {
        self.tokens as f64 / self.window as f64
    }
}
