//! How often the log says the same thing. Pure: it is told the time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The same thing is logged again after so long.
const GAP: Duration = Duration::from_mins(1);
/// Things that are told apart; a backend can make up several hundred answers.
const MAX_THINGS: usize = 1024;

/// What was logged lately, by source and class.
#[derive(Debug, Default)]
pub(super) struct RateLimit {
    logged: HashMap<(u64, String), Logged>,
    /// What there was no room to remember.
    forgotten: u64,
}

#[derive(Debug)]
struct Logged {
    at: Instant,
    suppressed: u64,
}

impl RateLimit {
    /// Whether to say it, and if so how many of the same were left out since the last one.
    pub(super) fn admit(&mut self, now: Instant, source: u64, class: &str) -> Option<u64> {
        if self.logged.len() >= MAX_THINGS {
            let forgotten = &mut self.forgotten;
            self.logged.retain(|_, logged| {
                let is_recent = now.saturating_duration_since(logged.at) < GAP;
                *forgotten += if is_recent { 0 } else { logged.suppressed };
                is_recent
            });
        }
        let full = self.logged.len() >= MAX_THINGS;
        match self.logged.get_mut(&(source, class.to_owned())) {
            Some(logged) if now.saturating_duration_since(logged.at) < GAP => {
                logged.suppressed += 1;
                None
            }
            Some(logged) => {
                logged.at = now;
                Some(std::mem::take(&mut logged.suppressed))
            }
            None if full => {
                self.forgotten += 1;
                None
            }
            None => {
                let logged = Logged { at: now, suppressed: 0 };
                self.logged.insert((source, class.to_owned()), logged);
                Some(0)
            }
        }
    }

    /// How many were left out of what `source` had to say; they are told of now.
    pub(super) fn settle(&mut self, source: u64) -> u64 {
        let of_source = self.logged.iter_mut().filter(|((it, _), _)| *it == source);
        let suppressed = of_source.map(|(_, logged)| std::mem::take(&mut logged.suppressed));
        suppressed.sum::<u64>() + std::mem::take(&mut self.forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::util::clock::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn the_same_is_said_once_a_minute_and_the_rest_is_counted() {
        let now = Timestamp::now().instant;
        let mut rate_limit = RateLimit::default();
        assert_eq!(rate_limit.admit(now, 1, "http_503"), Some(0));
        assert_eq!(rate_limit.admit(now + GAP / 2, 1, "http_503"), None);
        assert_eq!(rate_limit.admit(now + GAP / 2, 1, "tls"), Some(0), "something else");
        assert_eq!(rate_limit.admit(now + GAP / 2, 2, "http_503"), Some(0), "of somebody else");
        assert_eq!(rate_limit.admit(now + GAP, 1, "http_503"), Some(1));
        assert_eq!(rate_limit.admit(now + GAP, 1, "http_503"), None);
        assert_eq!((rate_limit.settle(1), rate_limit.settle(1), rate_limit.settle(2)), (1, 0, 0));
    }

    proptest! {
        #[test]
        fn nothing_is_left_out_uncounted(steps in prop::collection::vec((0_u64..40, 0_u64..3, 0_u8..4), 0..200)) {
            let mut now = Timestamp::now().instant;
            let mut rate_limit = RateLimit::default();
            let (mut happened, mut logged, mut told) = (0, 0, 0);
            for (seconds, source, class) in steps {
                now += Duration::from_secs(seconds);
                happened += 1;
                if let Some(suppressed) = rate_limit.admit(now, source, &class.to_string()) {
                    logged += 1;
                    told += suppressed;
                }
            }
            told += (0..3).map(|source| rate_limit.settle(source)).sum::<u64>();
            prop_assert_eq!(logged + told, happened);
        }

        #[test]
        fn its_memory_is_bounded_and_what_it_forgets_is_counted(
            classes in prop::collection::vec((0_u32..5000, 0_u64..2), 0..3000),
        ) {
            let mut now = Timestamp::now().instant;
            let mut rate_limit = RateLimit::default();
            let (mut accounted, happened) = (0, classes.len() as u64);
            for (class, seconds) in classes {
                now += Duration::from_secs(seconds);
                accounted += rate_limit.admit(now, 0, &class.to_string()).map_or(0, |more| more + 1);
                prop_assert!(rate_limit.logged.len() <= MAX_THINGS);
            }
            prop_assert_eq!(accounted + rate_limit.settle(0), happened);
        }
    }
}
