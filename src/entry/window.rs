//! The model's context window, as far as it can be true.

use crate::entry::anomaly::{FallbackReason, Parser};
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::usage::Usage;

/// A larger window, in tokens, is an error of its reporter.
const MAX_WINDOW: u64 = 1_000_000_000;
/// A window that a call fills more than ten times over is not the window of its model.
const MAX_FILL: u64 = 10;

impl ParsedEntry<'_> {
    /// The context window in tokens, from 1 to one billion, of which `usage` fills at most 1,000 %.
    pub(super) fn context_window(&mut self, usage: Option<&Usage>) -> Option<u64> {
        let reported = &self.host.max_context;
        // Hosts write 0 for a window that they do not know.
        let window = reported.count().filter(|window| *window > 0);
        let used = usage.and_then(Usage::context_tokens).unwrap_or(0);
        let is_possible =
            |window: &u64| *window <= MAX_WINDOW && used <= window.saturating_mul(MAX_FILL);
        let possible = window.filter(is_possible);
        if reported.is_invalid() || possible != window {
            self.note_fallback(Parser::Usage, FallbackReason::OutOfBounds);
        }
        possible
    }
}
