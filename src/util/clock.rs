//! The time, twice: one clock for people, which somebody may set, and one for waiting, which nobody can.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment on both clocks. Whatever is pure is told one, and reads no clock itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// For waiting: never goes back. It stands still while a machine sleeps.
    pub instant: Instant,
    /// For people: Unix milliseconds.
    pub unix_ms: u64,
}

impl Timestamp {
    /// Now.
    #[expect(clippy::disallowed_methods, reason = "the place where clocks are read")]
    pub fn now() -> Self {
        Self { instant: Instant::now(), unix_ms: unix_ms(SystemTime::now()) }
    }

    /// For people: the wall clock.
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

/// Zero for a clock that stands before 1970.
fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
