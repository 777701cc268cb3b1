//! The circuit breaker of one project's exports. It reads no clock: every call gets the time.
//!
//! ```text
//! closed ── 5 failures in a row ─▶ open ── cooldown over ─▶ half-open ── trial delivered ─▶ closed
//!                                   ▲                          │
//!                                   └── trial failed, cooldown ×2 ┘
//! ```

use std::time::{Duration, Instant};

/// Failures in a row that open the circuit.
const FAILURE_THRESHOLD: u32 = 5;
/// The first cooldown.
pub const MIN_COOLDOWN: Duration = Duration::from_mins(1);
/// The longest cooldown. A longer `Retry-After` is cut to this.
pub const MAX_COOLDOWN: Duration = Duration::from_mins(10);

/// Whether an export may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Permit {
    /// Yes. Its result must be reported.
    Send,
    /// No, not before this instant.
    WaitUntil(Instant),
}

/// The state of the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circuit {
    /// Exports are sent.
    Closed,
    /// Nothing is sent before `until`.
    Open {
        /// When the next trial may be sent.
        until: Instant,
    },
    /// One trial is under way.
    HalfOpen,
}

/// Decides whether an export may be sent, from the results of earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    circuit: Circuit,
    failures: u32,
    cooldown: Duration,
    /// From `Retry-After`: the backend wants no request before this instant.
    retry_after: Option<Instant>,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self { circuit: Circuit::Closed, failures: 0, cooldown: MIN_COOLDOWN, retry_after: None }
    }
}

impl CircuitBreaker {
    /// The state of the circuit.
    pub fn circuit(&self) -> Circuit {
        self.circuit
    }

    /// Failures since the last delivery.
    pub fn consecutive_failures(&self) -> u32 {
        self.failures
    }

    /// Nothing is sent before this instant, because the circuit is open or because the backend has
    /// sent `Retry-After`.
    pub fn blocked_until(&self) -> Option<Instant> {
        let open = match self.circuit {
            Circuit::Open { until } => Some(until),
            Circuit::Closed | Circuit::HalfOpen => None,
        };
        open.max(self.retry_after)
    }

    /// Asks to send. The first export after a cooldown is the trial. No other export is sent until
    /// the trial has a result.
    pub fn permit(&mut self, now: Instant) -> Permit {
        if let Some(until) = self.blocked_until().filter(|until| now < *until) {
            return Permit::WaitUntil(until);
        }
        self.retry_after = None;
        match self.circuit {
            Circuit::Closed => Permit::Send,
            Circuit::Open { .. } => {
                self.circuit = Circuit::HalfOpen;
                Permit::Send
            }
            Circuit::HalfOpen => Permit::WaitUntil(now + MIN_COOLDOWN),
        }
    }

    /// Asks to send for the last time. This ends a cooldown early, because no later export can deliver
    /// the data. A `Retry-After` is still respected.
    pub fn permit_last(&mut self, now: Instant) -> Permit {
        if let Some(until) = self.retry_after.filter(|until| now < *until) {
            return Permit::WaitUntil(until);
        }
        if matches!(self.circuit, Circuit::Open { .. }) {
            self.circuit = Circuit::HalfOpen;
        }
        Permit::Send
    }

    /// Reports a delivered export. While the circuit is open this changes nothing: the export was
    /// sent before the circuit opened.
    pub fn succeeded(&mut self) {
        if !matches!(self.circuit, Circuit::Open { .. }) {
            *self = Self::default();
        }
    }

    /// Reports a cancelled export. It has no result, so a trial may be repeated at once.
    pub fn cancelled(&mut self, now: Instant) {
        if self.circuit == Circuit::HalfOpen {
            self.circuit = Circuit::Open { until: now };
        }
    }

    /// Reports a failed export, with the `Retry-After` of the backend.
    pub fn failed(&mut self, now: Instant, retry_after: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        self.retry_after = retry_after.map(|wait| now + wait.min(MAX_COOLDOWN));
        match self.circuit {
            Circuit::Closed if self.failures >= FAILURE_THRESHOLD => {
                self.circuit = Circuit::Open { until: now + self.cooldown };
            }
            Circuit::HalfOpen => {
                self.cooldown = (self.cooldown * 2).min(MAX_COOLDOWN);
                self.circuit = Circuit::Open { until: now + self.cooldown };
            }
            Circuit::Closed | Circuit::Open { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::util::clock::Timestamp;
    use proptest::prelude::*;

    fn opened(now: Instant) -> CircuitBreaker {
        let mut breaker = CircuitBreaker::default();
        for _ in 0..FAILURE_THRESHOLD {
            breaker.failed(now, None);
        }
        breaker
    }

    #[test]
    fn failed_trials_double_the_cooldown_up_to_its_limit() {
        let mut now = Timestamp::now().instant;
        let mut breaker = opened(now);
        for seconds in [120, 240, 480, 600, 600] {
            now = breaker.blocked_until().unwrap();
            assert_eq!(breaker.permit(now), Permit::Send);
            breaker.failed(now, None);
            assert_eq!(breaker.blocked_until(), Some(now + Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn a_cancelled_trial_may_be_repeated_at_once() {
        let now = Timestamp::now().instant;
        let mut breaker = opened(now);
        let later = now + MIN_COOLDOWN;
        assert_eq!(breaker.permit(later), Permit::Send);
        breaker.cancelled(later);
        assert_eq!(breaker.permit(later), Permit::Send);
        breaker.failed(later, None);
        assert_eq!(breaker.cooldown, MIN_COOLDOWN * 2);
    }

    #[test]
    fn a_success_from_before_it_opened_does_not_close_it() {
        let now = Timestamp::now().instant;
        let mut breaker = opened(now);
        breaker.succeeded();
        assert_eq!(breaker, opened(now));
        assert_eq!(breaker.permit(now + MIN_COOLDOWN), Permit::Send, "the trial is still possible");
    }

    #[test]
    fn retry_after_is_respected_for_at_most_ten_minutes() {
        let now = Timestamp::now().instant;
        for (requested, granted) in [(30, 30), (3600, 600)] {
            let mut breaker = CircuitBreaker::default();
            breaker.failed(now, Some(Duration::from_secs(requested)));
            assert_eq!(breaker.circuit(), Circuit::Closed, "one failure does not open the circuit");
            let until = now + Duration::from_secs(granted);
            let just_before = now + Duration::from_secs(granted - 1);
            assert_eq!(breaker.permit(just_before), Permit::WaitUntil(until));
            let last = breaker.permit_last(just_before);
            assert_eq!(last, Permit::WaitUntil(until), "not even for the last export");
            assert_eq!(breaker.permit(until), Permit::Send);
            assert_eq!(breaker.blocked_until(), None);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_sent_while_it_is_open_and_one_trial_at_a_time(
            steps in prop::collection::vec((0_u8..8, 0_u64..90), 0..200),
        ) {
            let mut now = Timestamp::now().instant;
            let mut breaker = CircuitBreaker::default();
            for (step, seconds) in steps {
                now += Duration::from_secs(seconds);
                let before = breaker.clone();
                match step {
                    0 | 1 => {
                        let permit = breaker.permit(now);
                        if let Some(until) = before.blocked_until() {
                            prop_assert_eq!(permit == Permit::Send, now >= until);
                        }
                        if before.circuit == Circuit::HalfOpen {
                            prop_assert!(permit != Permit::Send);
                        }
                    }
                    2 => breaker.succeeded(),
                    3 => breaker.cancelled(now),
                    4 => breaker.failed(now, Some(Duration::from_secs(seconds * 20))),
                    _ => breaker.failed(now, None),
                }
                prop_assert!((MIN_COOLDOWN..=MAX_COOLDOWN).contains(&breaker.cooldown));
                let left = breaker.blocked_until().map(|until| until.saturating_duration_since(now));
                prop_assert!(left.is_none_or(|left| left <= MAX_COOLDOWN));
            }
        }
    }
}
