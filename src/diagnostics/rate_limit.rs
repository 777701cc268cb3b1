//! The rate limit of `otel.log`: the same event is logged at most once a minute. Pure: the time is
//! an argument.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The time between two lines of the same source and class.
const MIN_INTERVAL: Duration = Duration::from_mins(1);
/// The maximum number of remembered classes. A backend can cause several hundred, one for each HTTP
/// status.
const MAX_CLASSES: usize = 1024;

/// The events that were logged in the last minute, by source and class.
#[derive(Debug, Default)]
pub(super) struct RateLimit {
    logged: HashMap<(u64, String), Logged>,
    /// Suppressed events of classes that are not remembered.
    forgotten: u64,
}

#[derive(Debug)]
struct Logged {
    at: Instant,
    /// Events of the same class since then.
    suppressed: u64,
}

impl RateLimit {
    /// `None` if the event must not be logged now. Otherwise the number of events of the same class
    /// that were suppressed since the last one.
    pub(super) fn admit(&mut self, now: Instant, source: u64, class: &str) -> Option<u64> {
        if self.logged.len() >= MAX_CLASSES {
            let forgotten = &mut self.forgotten;
            self.logged.retain(|_, logged| {
                let is_recent = now.saturating_duration_since(logged.at) < MIN_INTERVAL;
                *forgotten += if is_recent { 0 } else { logged.suppressed };
                is_recent
            });
        }
        let is_full = self.logged.len() >= MAX_CLASSES;
        match self.logged.get_mut(&(source, class.to_owned())) {
            Some(logged) if now.saturating_duration_since(logged.at) < MIN_INTERVAL => {
                logged.suppressed += 1;
                None
            }
            Some(logged) => {
                logged.at = now;
                Some(std::mem::take(&mut logged.suppressed))
            }
            None if is_full => {
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

    /// The number of suppressed events of `source`. The caller logs it, so counting starts again at
    /// zero.
    pub(super) fn take_suppressed(&mut self, source: u64) -> u64 {
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
    fn the_same_event_is_logged_once_a_minute_and_the_rest_counted() {
        let now = Timestamp::now().instant;
        let mut rate_limit = RateLimit::default();
        assert_eq!(rate_limit.admit(now, 1, "http_503"), Some(0));
        assert_eq!(rate_limit.admit(now + MIN_INTERVAL / 2, 1, "http_503"), None);
        assert_eq!(rate_limit.admit(now + MIN_INTERVAL / 2, 1, "tls"), Some(0), "another class");
        assert_eq!(
            rate_limit.admit(now + MIN_INTERVAL / 2, 2, "http_503"),
            Some(0),
            "another source"
        );
        assert_eq!(rate_limit.admit(now + MIN_INTERVAL, 1, "http_503"), Some(1));
        assert_eq!(rate_limit.admit(now + MIN_INTERVAL, 1, "http_503"), None);
        assert_eq!(
            (
                rate_limit.take_suppressed(1),
                rate_limit.take_suppressed(1),
                rate_limit.take_suppressed(2)
            ),
            (1, 0, 0)
        );
    }

    proptest! {
        #[test]
        fn every_suppressed_event_is_counted(steps in prop::collection::vec((0_u64..40, 0_u64..3, 0_u8..4), 0..200)) {
            let mut now = Timestamp::now().instant;
            let mut rate_limit = RateLimit::default();
            let (mut happened, mut logged, mut counted) = (0, 0, 0);
            for (seconds, source, class) in steps {
                now += Duration::from_secs(seconds);
                happened += 1;
                if let Some(suppressed) = rate_limit.admit(now, source, &class.to_string()) {
                    logged += 1;
                    counted += suppressed;
                }
            }
            counted += (0..3).map(|source| rate_limit.take_suppressed(source)).sum::<u64>();
            prop_assert_eq!(logged + counted, happened);
        }

        #[test]
        fn memory_is_bounded_and_forgotten_events_are_counted(
            classes in prop::collection::vec((0_u32..5000, 0_u64..2), 0..3000),
        ) {
            let mut now = Timestamp::now().instant;
            let mut rate_limit = RateLimit::default();
            let (mut counted, happened) = (0, classes.len() as u64);
            for (class, seconds) in classes {
                now += Duration::from_secs(seconds);
                counted += rate_limit.admit(now, 0, &class.to_string()).map_or(0, |more| more + 1);
                prop_assert!(rate_limit.logged.len() <= MAX_CLASSES);
            }
            prop_assert_eq!(counted + rate_limit.take_suppressed(0), happened);
        }
    }
}
