//! The tokens of one call.

/// A larger number of tokens in one call is an error of its reporter. One such value would make a
/// cumulative sum useless until the process ends.
pub(super) const MAX_TOKENS: u64 = 1_000_000_000;

/// The tokens of one call, each count at most one billion. `input` is the uncached part, for every
/// provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// The tokens that another model than the entry's used within the same call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelUsage {
    /// The model's name, as it is on the wire; `None` for all models beyond a limit.
    pub model: Option<String>,
    /// Its tokens.
    pub usage: Usage,
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
    /// The cache writes that a report contains. A split of another size than the total is not used.
    pub(super) fn reported(total: Option<u64>, split: Option<Self>) -> Option<Self> {
        match (total, split) {
            (Some(total), Some(split)) if split.total() == total => Some(split),
            (Some(total), _) => Some(Self::Total(total)),
            (None, split) => split,
        }
    }

    /// The sum of all cache writes.
    pub const fn total(self) -> u64 {
        match self {
            Self::Split { five_minutes, one_hour } => five_minutes.saturating_add(one_hour),
            Self::Total(total) => total,
        }
    }

    /// The sum of both. It is split if no part of unknown lifetime is larger than zero.
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Total(0), it) | (it @ Self::Split { .. }, Self::Total(0)) => it,
            (
                Self::Split { five_minutes, one_hour },
                Self::Split { five_minutes: other_five, one_hour: other_one },
            ) => Self::Split {
                five_minutes: five_minutes.saturating_add(other_five),
                one_hour: one_hour.saturating_add(other_one),
            },
            _ => Self::Total(self.total().saturating_add(other.total())),
        }
    }
}

impl Usage {
    /// Every count is zero.
    pub(super) const ZERO: Self = Self {
        input: Some(0),
        output: Some(0),
        cache_read: Some(0),
        cache_creation: Some(CacheCreation::Total(0)),
    };

    /// Whether at least one count was reported and all of them are zero.
    pub fn is_zero(&self) -> bool {
        self.reported().reduce(u64::saturating_add) == Some(0)
    }

    /// Whether at least one count is larger than zero.
    pub fn is_used(&self) -> bool {
        self.reported().any(|tokens| tokens > 0)
    }

    /// Whether all counts are those of `other`. A count that is not reported is zero.
    pub(super) fn has_counts_of(&self, other: &Self) -> bool {
        let counts = |it: &Self| {
            [it.input, it.output, it.cache_read, it.written()].map(Option::unwrap_or_default)
        };
        counts(self) == counts(other)
    }

    /// Whether no count was reported.
    pub(super) fn is_empty(&self) -> bool {
        self.reported().next().is_none()
    }

    /// All input tokens, cached or not: the used part of the context window. `None` if the uncached
    /// part is unknown or the sum is zero, because no request is empty.
    pub fn context_tokens(&self) -> Option<u64> {
        let cached = self.cache_read.unwrap_or(0).saturating_add(self.written().unwrap_or(0));
        self.input.map(|input| input.saturating_add(cached)).filter(|tokens| *tokens > 0)
    }

    /// The sum of all cache writes.
    pub(super) fn written(&self) -> Option<u64> {
        self.cache_creation.map(CacheCreation::total)
    }

    /// These counts, and those of `other` that these lack. Cache writes of the same size are split
    /// if either of the two is.
    pub(super) fn or(self, other: Self) -> Self {
        let cache_creation = match (self.cache_creation, other.cache_creation) {
            (Some(CacheCreation::Total(total)), Some(split)) if split.total() == total => {
                Some(split)
            }
            (own, other) => own.or(other),
        };
        Self {
            input: self.input.or(other.input),
            output: self.output.or(other.output),
            cache_read: self.cache_read.or(other.cache_read),
            cache_creation,
        }
    }

    /// The sum of both. A count that one of them does not report is that of the other.
    pub(super) fn plus(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        Self {
            input: sum(self.input, other.input),
            output: sum(self.output, other.output),
            cache_read: sum(self.cache_read, other.cache_read),
            cache_creation: match (self.cache_creation, other.cache_creation) {
                (Some(a), Some(b)) => Some(a.plus(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// The same without the counts that are too large to be true.
    pub(super) fn bounded(self) -> Self {
        let bounded = |count: Option<u64>| count.filter(|tokens| *tokens <= MAX_TOKENS);
        Self {
            input: bounded(self.input),
            output: bounded(self.output),
            cache_read: bounded(self.cache_read),
            cache_creation: self.cache_creation.filter(|it| it.total() <= MAX_TOKENS),
        }
    }

    fn reported(&self) -> impl Iterator<Item = u64> {
        [self.input, self.output, self.cache_read, self.written()].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written() -> impl Strategy<Value = CacheCreation> {
        let count = 0_u64..1000;
        prop_oneof![
            count.clone().prop_map(CacheCreation::Total),
            (count.clone(), count).prop_map(|(five_minutes, one_hour)| CacheCreation::Split {
                five_minutes,
                one_hour
            }),
        ]
    }

    prop_compose! {
        fn usage()(
            input in prop::option::of(0_u64..1000),
            output in prop::option::of(0_u64..1000),
            cache_read in prop::option::of(0_u64..1000),
            cache_creation in prop::option::of(written()),
        ) -> Usage {
            Usage { input, output, cache_read, cache_creation }
        }
    }

    fn counts(usage: Usage) -> [Option<u64>; 4] {
        [usage.input, usage.output, usage.cache_read, usage.written()]
    }

    proptest! {
        #[test]
        fn a_sum_adds_each_count_in_any_order(a in usage(), b in usage()) {
            let sum = counts(a.plus(b));
            for ((a, b), sum) in counts(a).into_iter().zip(counts(b)).zip(sum) {
                let expected = a.is_some() || b.is_some();
                prop_assert_eq!(sum, expected.then(|| a.unwrap_or(0) + b.unwrap_or(0)));
            }
            prop_assert_eq!(sum, counts(b.plus(a)));
        }

        #[test]
        fn a_missing_count_is_taken_from_the_other(a in usage(), b in usage()) {
            for ((own, other), either) in
                counts(a).into_iter().zip(counts(b)).zip(counts(a.or(b)))
            {
                prop_assert_eq!(either, own.or(other));
            }
        }
    }

    #[test]
    fn a_sum_is_split_if_all_its_parts_are() {
        let split = |five_minutes, one_hour| CacheCreation::Split { five_minutes, one_hour };
        for (a, b, sum) in [
            (split(1, 2), split(3, 4), split(4, 6)),
            (split(1, 2), CacheCreation::Total(0), split(1, 2)),
            (CacheCreation::Total(0), split(1, 2), split(1, 2)),
            (split(1, 2), CacheCreation::Total(3), CacheCreation::Total(6)),
            (CacheCreation::Total(1), CacheCreation::Total(2), CacheCreation::Total(3)),
        ] {
            assert_eq!(a.plus(b), sum);
        }
    }
}
