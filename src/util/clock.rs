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

/// Zero if the clock is set to a time before 1970.
fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
