//! The two clocks: the wall clock for people, which can be set, and the monotonic clock for
//! waiting.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One point in time, on both clocks. Code without side effects gets it as an argument and reads no
/// clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// For waiting: it never goes back. It stands still while the machine sleeps.
    pub instant: Instant,
    /// For people: Unix milliseconds.
    pub unix_ms: u64,
}

impl Timestamp {
    /// Reads both clocks.
    #[expect(clippy::disallowed_methods, reason = "the place where clocks are read")]
    pub fn now() -> Self {
        Self { instant: Instant::now(), unix_ms: unix_ms(SystemTime::now()) }
    }

    /// The wall clock.
    pub fn wall(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.unix_ms)
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        let more = u64::try_from(later.as_millis()).unwrap_or(u64::MAX);
        Self { instant: self.instant + later, unix_ms: self.unix_ms.saturating_add(more) }
    }
}

/// The end of the year 9999. Later times have no form in RFC 3339.
const MAX_UNIX_MS: u64 = 253_402_300_799_999;

/// A clock can be set to any time: before 1970 counts as its beginning, and after 9999 as its end.
fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX).min(MAX_UNIX_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_time_of_a_clock_can_be_written() {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        for (time, expected) in [
            (UNIX_EPOCH - days(1), 0),
            (UNIX_EPOCH + days(1), 86_400_000),
            (UNIX_EPOCH + days(366 * 20_000), MAX_UNIX_MS),
        ] {
            let instant = Timestamp::now().instant;
            let time = Timestamp { instant, unix_ms: unix_ms(time) };
            assert_eq!(time.unix_ms, expected);
            assert_eq!(humantime::format_rfc3339_millis(time.wall()).to_string().len(), 24);
        }
    }
}
