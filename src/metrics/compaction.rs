//! Detects when an agent compacts its conversation, and who started it. No event reports a
//! compaction.
//!
//! There are several signs: a request asks the model for a summary, a response contains the
//! compacted history, a conversation continues from a summary, Codex begins a new context window,
//! or the history gets shorter while the context gets smaller. One compaction can show all of them.
//! It is counted once: when its trigger is known, at the latest with the turn that continues from
//! it.

use crate::entry::{CompactionTrigger, EntryKind, Turn};
use std::cmp::Ordering;

/// A compaction removes at least this many messages from the history.
const MIN_MESSAGES_DROPPED: u64 = 5;
/// A compaction makes the context smaller by more than this part of the window.
const MIN_WINDOW_PART_DROPPED: f64 = 0.15;
/// Claude Code compacts without a command when this part of the window is filled.
const AUTO_COMPACT_PART: f64 = 0.835;
/// A request with more messages than this is not the first one of its conversation.
const MAX_FIRST_MESSAGES: u64 = 2;

/// What is remembered about the main agent's conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// The number of messages in the last turn, or else in the request for a summary.
    messages: Option<u64>,
    /// The last reported size of the context.
    context: Option<Context>,
    /// The hash of the summary that the conversation continues from.
    continues: Option<u64>,
    /// The number of Codex's context window.
    window: Option<u64>,
    /// Whether a turn, or a request for a summary, was observed before.
    is_known: bool,
    progress: Progress,
}

/// The progress of a compaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    None,
    /// The model was asked for a summary. The next turn shows whether the user has asked for it.
    Requested,
    /// The compaction is counted. The next turn shows its signs again.
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
        if turn.error.is_some() || turn.truncated || !is_main {
            return None;
        }
        let is_first = !std::mem::replace(&mut self.is_known, true);
        if turn.compaction.requested {
            self.observe_summary_request(turn)
        } else {
            let continued = self.observe_turn(turn, is_first);
            let performed = turn.compaction.performed.then(|| self.observe_server(turn));
            // A turn that continues from a compaction and ends in the next one counts for one.
            performed.or(continued)
        }
    }

    /// The request asks the model for a summary. A user who has asked for it shows only in the next
    /// turn, unless the client or the request itself says so.
    fn observe_summary_request(&mut self, turn: &Turn) -> Option<CompactionTrigger> {
        // The request has one message more than the conversation, so its length proves nothing.
        self.messages = self.messages.or(turn.message_count);
        self.window = turn.compaction.window.or(self.window);
        self.context = self.context.or_else(|| Context::of(turn));
        if self.progress == Progress::Counted {
            return None;
        }
        let told =
            turn.compaction.trigger.or(turn.compaction.manual.then_some(CompactionTrigger::Manual));
        // No command of the user follows where the response is the compacted history itself.
        let trigger = told.or_else(|| turn.compaction.performed.then(|| self.trigger(turn)));
        self.progress = if trigger.is_some() { Progress::Counted } else { Progress::Requested };
        trigger
    }

    /// The server has compacted the history on its own, within a turn.
    fn observe_server(&mut self, turn: &Turn) -> CompactionTrigger {
        self.progress = Progress::Counted;
        turn.compaction.trigger.unwrap_or(CompactionTrigger::Auto)
    }

    /// The conversation continues, with its history or with a summary of it.
    fn observe_turn(&mut self, turn: &Turn, is_first: bool) -> Option<CompactionTrigger> {
        let signs = self.signs(turn, is_first);
        let trigger = self.trigger(turn);
        let context = Context::of(turn);
        let is_longer = self.compare_messages(turn).is_some_and(Ordering::is_gt);
        self.continues = turn.compaction.continues.or(self.continues);
        self.messages = turn.message_count.or(self.messages);
        self.window = turn.compaction.window.or(self.window);
        let progress = std::mem::take(&mut self.progress);
        if signs || progress == Progress::Counted {
            // The old size belongs to the history before the compaction.
            self.context = context;
            return (progress != Progress::Counted).then_some(trigger);
        }
        self.context = context.or(self.context);
        if progress == Progress::Requested && !is_longer {
            // Only if the history still grows, no summary has replaced it.
            self.progress = Progress::Requested;
        }
        None
    }

    /// Whether the turn shows that the history before it was replaced by a summary.
    fn signs(&self, turn: &Turn, is_first: bool) -> bool {
        let compaction = &turn.compaction;
        let is_beginning = turn.message_count.is_some_and(|it| it <= MAX_FIRST_MESSAGES);
        // A summary in the first turn that is seen can be an old one.
        let is_new = !is_first || is_beginning || compaction.manual;
        let has_new_summary =
            compaction.continues.is_some() && compaction.continues != self.continues && is_new;
        let has_new_window =
            compaction.window.zip(self.window).is_some_and(|(now, before)| now > before);
        let is_smaller = Context::of(turn)
            .zip(self.context)
            .is_some_and(|(now, before)| now.is_compacted(before));
        let is_shorter = self.compare_messages(turn).is_some_and(Ordering::is_lt);
        let is_asked_for =
            self.progress == Progress::Requested && (is_shorter || compaction.manual);
        has_new_summary || has_new_window || is_smaller || is_asked_for
    }

    /// How the number of messages compares with that of the request before.
    fn compare_messages(&self, turn: &Turn) -> Option<Ordering> {
        turn.message_count.zip(self.messages).map(|(now, before)| now.cmp(&before))
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
