//! What a call used and cost.

use crate::entry::host_entry;
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::turn::Cost;
use crate::entry::usage::Usage;
use crate::entry::usage_block::UsageBlock;

/// A higher price of one call, in US dollars, is an error of its reporter. One such value would
/// make a cumulative sum useless until the process ends.
const MAX_USD: f64 = 1e6;

impl ParsedEntry<'_> {
    pub(super) fn usage(&self) -> Option<Usage> {
        self.host.usage.0.as_ref().map(UsageBlock::usage)
    }

    pub(super) fn cost(&self, usage: Option<&Usage>) -> Cost {
        let Some(usage) = usage else { return Cost::NotReported };
        // The host prices what it cannot read at zero.
        let is_readable = usage.input.is_some() || usage.output.is_some();
        let is_price = |usd: f64| (0.0..=MAX_USD).contains(&usd) && (is_readable || usd > 0.0);
        match self.host.cost.and_then(host_entry::usd) {
            Some(usd) if is_price(usd) => Cost::Usd(usd),
            _ if usage.is_zero() => Cost::NotReported,
            _ => Cost::Unpriced,
        }
    }
}
