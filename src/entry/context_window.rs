//! The size of the model's context window, as far as it can be true.

use crate::catalog;
use crate::entry::anomaly::{FallbackReason, Parser};
use crate::entry::parsed_entry::ParsedEntry;

/// What the host reports for a model that it does not know, in tokens.
const HOST_DEFAULT: u64 = 200_000;
/// A larger window, in tokens, is an error of its reporter.
const MAX_WINDOW: u64 = 1_000_000_000;
/// A window that a call fills more than ten times over is not the window of its model.
const MAX_FILL: u64 = 10;

impl ParsedEntry<'_> {
    /// The context window in tokens: the host's, unless that is its default and a catalog knows the
    /// model better. It is from 1 to one billion, and `used` tokens fill at most 1,000 % of it.
    pub(super) fn context_window(&mut self, used: Option<u64>) -> Option<u64> {
        // Hosts write 0 for a window that they do not know.
        let reported = self.host.max_context.count().filter(|window| *window > 0);
        let window = reported.map(|reported| match self.known_window() {
            Some(known) if reported == HOST_DEFAULT => known,
            _ => reported,
        });
        let used = used.unwrap_or(0);
        let is_possible =
            |window: &u64| *window <= MAX_WINDOW && used <= window.saturating_mul(MAX_FILL);
        let possible = window.filter(is_possible);
        if self.host.max_context.is_invalid() || possible != window {
            self.note_fallback(Parser::Usage, FallbackReason::OutOfBounds);
        }
        possible
    }

    /// The window that a catalog knows for the model.
    fn known_window(&self) -> Option<u64> {
        let family = catalog::model_family(self.host.model.text()?)?;
        catalog::context_window(family)
    }
}
