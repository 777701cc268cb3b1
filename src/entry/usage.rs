//! The tokens of one call.

/// The tokens of one call, each count at most one billion. `input` is the uncached part, for every
/// provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Input tokens that were neither read from nor written to a cache.
    pub input: Option<u64>,
    /// Output tokens, reasoning included.
    pub output: Option<u64>,
    /// Input tokens read from a cache.
    pub cache_read: Option<u64>,
    /// Input tokens written to a cache.
    pub cache_creation: Option<CacheCreation>,
}

/// The tokens written to a cache, by their time to live if it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheCreation {
    /// Both parts are known.
    Split {
        /// Written for five minutes.
        five_minutes: u64,
        /// Written for one hour.
        one_hour: u64,
    },
    /// Only the sum is known.
    Total(u64),
}

impl CacheCreation {
    /// The sum of all cache writes.
    pub const fn total(self) -> u64 {
        match self {
            Self::Split { five_minutes, one_hour } => five_minutes.saturating_add(one_hour),
            Self::Total(total) => total,
        }
    }
}

impl Usage {
    /// Whether at least one count was reported and all of them are zero.
    pub fn is_zero(&self) -> bool {
        let written = self.cache_creation.map(CacheCreation::total);
        let reported = [self.input, self.output, self.cache_read, written].into_iter().flatten();
        reported.reduce(u64::saturating_add) == Some(0)
    }

    /// All input tokens, cached or not: the used part of the context window. `None` if the uncached
    /// part is unknown or the sum is zero, because no request is empty.
    pub fn context_tokens(&self) -> Option<u64> {
        let written = self.cache_creation.map_or(0, CacheCreation::total);
        let cached = self.cache_read.unwrap_or(0).saturating_add(written);
        self.input.map(|input| input.saturating_add(cached)).filter(|tokens| *tokens > 0)
    }
}
