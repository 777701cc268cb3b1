//! How much counters have grown in the last hour and the last day. The caller passes the time and
//! the counters.

use crate::util::clock::Timestamp;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The precision of an answer.
const SLOT: Duration = Duration::from_mins(5);
/// How many slots are kept: one day.
const SLOTS: u64 = 288;

/// One hour, for [`Recent::within`].
pub const HOUR: Duration = Duration::from_hours(1);
/// One day, for [`Recent::within`].
pub const DAY: Duration = Duration::from_hours(24);

/// How much each of `N` counters has grown in the last day, in slots of five minutes. Counters
/// never decrease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent<const N: usize> {
    start: Instant,
    totals: [u64; N],
    /// The slots in which a counter has grown, the oldest first.
    slots: VecDeque<(u64, [u64; N])>,
}

impl<const N: usize> Recent<N> {
    /// Starts with all counters at zero.
    pub fn new(now: Timestamp) -> Self {
        Self { start: now.instant, totals: [0; N], slots: VecDeque::new() }
    }

    /// Remembers the current values of the counters.
    pub fn observe(&mut self, now: Timestamp, totals: [u64; N]) {
        let slot = self.slot(now);
        let growth: [u64; N] = std::array::from_fn(|i| totals[i].saturating_sub(self.totals[i]));
        self.totals = totals;
        while self.slots.front().is_some_and(|(oldest, _)| oldest + SLOTS <= slot) {
            self.slots.pop_front();
        }
        if growth.iter().all(|more| *more == 0) {
            return;
        }
        match self.slots.back_mut() {
            Some((newest, counts)) if *newest >= slot => {
                for (count, more) in counts.iter_mut().zip(growth) {
                    *count += more;
                }
            }
            _ => self.slots.push_back((slot, growth)),
        }
    }

    /// How much the counters have grown within `span` before `now`, to five minutes.
    pub fn within(&self, now: Timestamp, span: Duration) -> [u64; N] {
        let newest = self.slot(now);
        let width = (span.as_secs() / SLOT.as_secs()).max(1);
        let recent = self.slots.iter().filter(|(slot, _)| slot + width > newest);
        recent.fold([0; N], |mut sum, (_, counts)| {
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum += count;
            }
            sum
        })
    }

    fn slot(&self, now: Timestamp) -> u64 {
        now.instant.saturating_duration_since(self.start).as_secs() / SLOT.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn growth_older_than_the_span_is_not_counted() {
        let start = Timestamp::now();
        let mut recent = Recent::new(start);
        recent.observe(start, [2]);
        let later = start + Duration::from_mins(61);
        recent.observe(later, [5]);
        assert_eq!((recent.within(later, HOUR), recent.within(later, DAY)), ([3], [5]));
        let tomorrow = start + Duration::from_hours(24) + Duration::from_mins(30);
        assert_eq!((recent.within(tomorrow, HOUR), recent.within(tomorrow, DAY)), ([0], [3]));
    }

    proptest! {
        #[test]
        fn every_growth_within_a_span_is_counted_once(steps in prop::collection::vec((0_u64..7200, 0_u64..5), 1..80)) {
            let mut now = Timestamp::now();
            let mut recent = Recent::new(now);
            let (mut total, mut counted) = (0, Vec::new());
            for (seconds, more) in steps {
                now = now + Duration::from_secs(seconds);
                total += more;
                recent.observe(now, [total]);
                counted.push((now, more));
                prop_assert!(recent.slots.len() <= 288, "memory is bounded");
                for span in [HOUR, DAY] {
                    let since = |at: Timestamp| now.instant - at.instant;
                    let sum = |span| counted.iter().filter(|(at, _)| since(*at) < span).map(|(_, more)| more).sum::<u64>();
                    let [within] = recent.within(now, span);
                    prop_assert!(within <= sum(span));
                    prop_assert!(within >= sum(span.saturating_sub(SLOT)));
                }
            }
        }
    }
}
