//! Detects when an agent compacts its conversation, and who started it. No event reports a
//! compaction.
//!
//! There are three signs: a request asks the model for a summary, a conversation continues from a
//! summary, or the history gets shorter while the context gets smaller. One compaction can show all
//! three signs. It is counted once.

use crate::entry::{EntryKind, Turn};

/// A compaction removes at least this many messages from the history.
const MIN_MESSAGES_DROPPED: u64 = 5;
/// A compaction makes the context smaller by more than this part of the window.
const MIN_WINDOW_PART_DROPPED: f64 = 0.15;
/// Claude Code compacts without a command when this part of the window is filled.
const AUTO_COMPACT_PART: f64 = 0.835;
/// A request with more messages than this is not the first one of its conversation.
const MAX_FIRST_MESSAGES: u64 = 2;

/// Who started a compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompactionTrigger {
    /// The agent, because the window was nearly full.
    Auto,
    /// The user.
    Manual,
    /// Not known.
    Unknown,
}

impl CompactionTrigger {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
            Self::Unknown => "unknown",
        }
    }
}

/// What is remembered about the main agent's conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// The number of messages in the last request.
    messages: Option<u64>,
    /// The last reported size of the context.
    context: Option<Context>,
    /// The hash of the summary that the conversation continues from.
    continues: Option<u64>,
    /// Whether a turn, or a request for a summary, was observed before.
    is_known: bool,
    progress: Progress,
}

/// The progress of a compaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    None,
    /// The model was asked for a summary. The trigger is not known yet; the next turn may show it.
    Requested,
    /// The model was asked for a summary, and the compaction is counted.
    Counted,
}

#[derive(Clone, Copy, Debug)]
struct Context {
    /// `None` if the request contains only the new messages.
    messages: Option<u64>,
    tokens: u64,
    window: u64,
}

impl History {
    /// Observes a turn or a request for a summary. Returns the trigger of a compaction that is to
    /// be counted. Failed calls and sub-agents are ignored.
    pub(super) fn observe(&mut self, turn: &Turn) -> Option<CompactionTrigger> {
        let is_main = turn.kind == EntryKind::SideRequest || !turn.subagent;
        if turn.error.is_some() || !is_main {
            return None;
        }
        let is_first = !std::mem::replace(&mut self.is_known, true);
        if turn.compaction.requested {
            self.observe_summary_request(turn)
        } else {
            self.observe_turn(turn, is_first)
        }
    }

    /// The request asks the model for a summary.
    fn observe_summary_request(&mut self, turn: &Turn) -> Option<CompactionTrigger> {
        if self.progress == Progress::Counted {
            return None;
        }
        let trigger = self.trigger(turn);
        let is_decided = trigger != CompactionTrigger::Unknown;
        self.progress = if is_decided { Progress::Counted } else { Progress::Requested };
        is_decided.then_some(trigger)
    }

    /// The conversation continues, with its history or with a summary of it.
    fn observe_turn(&mut self, turn: &Turn, is_first: bool) -> Option<CompactionTrigger> {
        let continues = turn.compaction.continues;
        let is_beginning = turn.message_count.is_some_and(|it| it <= MAX_FIRST_MESSAGES);
        let has_new_summary =
            continues.is_some() && continues != self.continues && (!is_first || is_beginning);
        let context = Context::of(turn);
        let is_smaller =
            context.zip(self.context).is_some_and(|(now, before)| now.is_compacted(before));
        let trigger = self.trigger(turn);

        let is_longer = turn.message_count.zip(self.messages).is_some_and(|(now, then)| now > then);
        self.continues = continues.or(self.continues);
        self.messages = turn.message_count.or(self.messages);
        if has_new_summary || is_smaller {
            // The old size belongs to the history before the compaction.
            self.context = context;
        } else {
            self.context = context.or(self.context);
            if is_longer {
                // The history still grows, so no summary has replaced it.
                self.progress = Progress::None;
            }
            return None;
        }
        let progress = std::mem::take(&mut self.progress);
        (progress != Progress::Counted).then_some(trigger)
    }

    fn trigger(&self, turn: &Turn) -> CompactionTrigger {
        if turn.compaction.manual {
            CompactionTrigger::Manual
        } else if self.context.is_some_and(|context| context.filled_part() >= AUTO_COMPACT_PART) {
            CompactionTrigger::Auto
        } else {
            CompactionTrigger::Unknown
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^53")]
impl Context {
    fn of(turn: &Turn) -> Option<Self> {
        Some(Self {
            messages: turn.message_count,
            tokens: turn.context_tokens?,
            window: turn.context_window?,
        })
    }

    fn is_compacted(self, before: Self) -> bool {
        let dropped = before.tokens.saturating_sub(self.tokens) as f64;
        let is_shorter = |(now, then): (u64, u64)| now + MIN_MESSAGES_DROPPED <= then;
        self.messages.zip(before.messages).is_some_and(is_shorter)
            && dropped > before.window as f64 * MIN_WINDOW_PART_DROPPED
    }

    fn filled_part(self) -> f64 {
        self.tokens as f64 / self.window as f64
    }
}
