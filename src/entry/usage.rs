//! The tokens of one call.

/// Tokens of one call. `input` is the uncached part, for every provider.
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

/// Cache writes, by their time to live where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheCreation {
    /// Both parts are known.
    Split {
        /// Written for five minutes.
        five_minutes: u64,
        /// Written for one hour.
        one_hour: u64,
    },
    /// Only the sum is.
    Total(u64),
}

impl CacheCreation {
    /// All cache writes.
    pub const fn total(self) -> u64 {
        match self {
            Self::Split { five_minutes, one_hour } => five_minutes.saturating_add(one_hour),
            Self::Total(total) => total,
        }
    }
}

impl Usage {
    /// Whether it was reported that no token was used.
    pub fn is_zero(&self) -> bool {
        let written = self.cache_creation.map(CacheCreation::total);
        let reported = [self.input, self.output, self.cache_read, written].into_iter().flatten();
        reported.reduce(u64::saturating_add) == Some(0)
    }

    /// All input tokens: what fills the context window. Not known if the part outside of the cache is
    /// not, and never zero: no request is empty.
    pub fn context_tokens(&self) -> Option<u64> {
        let written = self.cache_creation.map_or(0, CacheCreation::total);
        let cached = self.cache_read.unwrap_or(0).saturating_add(written);
        self.input.map(|input| input.saturating_add(cached)).filter(|tokens| *tokens > 0)
    }
}
