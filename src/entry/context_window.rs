//! The size of the model's context window.

use crate::catalog;
use crate::entry::parsed_entry::ParsedEntry;

/// What the host reports for a model that it does not know, in tokens.
const HOST_DEFAULT: u64 = 200_000;

impl ParsedEntry<'_> {
    /// The context window in tokens: the host's, unless that is its default and a catalog knows the
    /// model better.
    pub(super) fn context_window(&self) -> Option<u64> {
        let reported = self.host.max_context.count().filter(|window| *window > 0)?;
        let known = || {
            let family = catalog::model_family(self.host.model.text()?)?;
            catalog::context_window(family)
        };
        let known = if reported == HOST_DEFAULT { known() } else { None };
        Some(known.unwrap_or(reported))
    }
}
