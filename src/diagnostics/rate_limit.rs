//! How often the log says the same thing. Pure: it is told the time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The same thing is said again after so long.
const GAP: Duration = Duration::from_mins(1);
/// Things that are told apart; a backend can make up several hundred answers.
const MAX_THINGS: usize = 1024;

/// What was said lately, by source and class.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    said: HashMap<(u64, String), Said>,
    /// What there was no room to remember.
    forgotten: u64,
}

#[derive(Debug)]
struct Said {
    at: Instant,
    suppressed: u64,
}

impl Limiter {
    /// Whether to say it, and if so how many of the same were left out since the last one.
    pub(super) fn admit(&mut self, now: Instant, source: u64, class: &str) -> Option<u64> {
        if self.said.len() >= MAX_THINGS {
            let forgotten = &mut self.forgotten;
            self.said.retain(|_, said| {
                let is_recent = now.saturating_duration_since(said.at) < GAP;
                *forgotten += if is_recent { 0 } else { said.suppressed };
                is_recent
            });
        }
        let full = self.said.len() >= MAX_THINGS;
        match self.said.get_mut(&(source, class.to_owned())) {
            Some(said) if now.saturating_duration_since(said.at) < GAP => {
                said.suppressed += 1;
                None
            }
            Some(said) => {
                said.at = now;
                Some(std::mem::take(&mut said.suppressed))
            }
            None if full => {
                self.forgotten += 1;
                None
            }
            None => {
                let said = Said { at: now, suppressed: 0 };
                self.said.insert((source, class.to_owned()), said);
                Some(0)
            }
        }
    }

    /// How many were left out of what `source` had to say; they are told of now.
    pub(super) fn settle(&mut self, source: u64) -> u64 {
        let of_source = self.said.iter_mut().filter(|((it, _), _)| *it == source);
        let suppressed = of_source.map(|(_, said)| std::mem::take(&mut said.suppressed));
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
        let mut limiter = Limiter::default();
        assert_eq!(limiter.admit(now, 1, "http_503"), Some(0));
        assert_eq!(limiter.admit(now + GAP / 2, 1, "http_503"), None);
        assert_eq!(limiter.admit(now + GAP / 2, 1, "tls"), Some(0), "something else");
        assert_eq!(limiter.admit(now + GAP / 2, 2, "http_503"), Some(0), "of somebody else");
        assert_eq!(limiter.admit(now + GAP, 1, "http_503"), Some(1));
        assert_eq!(limiter.admit(now + GAP, 1, "http_503"), None);
        assert_eq!((limiter.settle(1), limiter.settle(1), limiter.settle(2)), (1, 0, 0));
    }

    proptest! {
        #[test]
        fn nothing_is_left_out_uncounted(steps in prop::collection::vec((0_u64..40, 0_u64..3, 0_u8..4), 0..200)) {
            let mut now = Timestamp::now().instant;
            let mut limiter = Limiter::default();
            let (mut happened, mut said, mut told) = (0, 0, 0);
            for (seconds, source, class) in steps {
                now += Duration::from_secs(seconds);
                happened += 1;
                if let Some(suppressed) = limiter.admit(now, source, &class.to_string()) {
                    said += 1;
                    told += suppressed;
                }
            }
            told += (0..3).map(|source| limiter.settle(source)).sum::<u64>();
            prop_assert_eq!(said + told, happened);
        }

        #[test]
        fn its_memory_is_bounded_and_what_it_forgets_is_counted(
            classes in prop::collection::vec((0_u32..5000, 0_u64..2), 0..3000),
        ) {
            let mut now = Timestamp::now().instant;
            let mut limiter = Limiter::default();
            let (mut accounted, happened) = (0, classes.len() as u64);
            for (class, seconds) in classes {
                now += Duration::from_secs(seconds);
                accounted += limiter.admit(now, 0, &class.to_string()).map_or(0, |more| more + 1);
                prop_assert!(limiter.said.len() <= MAX_THINGS);
            }
            prop_assert_eq!(accounted + limiter.settle(0), happened);
        }
    }
}
