//! The circuit breaker of one exporter. Pure: it is told the time and the results.
//!
//! ```text
//! active ── 5 failures in a row ─▶ open ── cooldown over ─▶ half open ── trial ok ─▶ active
//!                                   ▲                           │
//!                                   └── trial fails, cooldown ×2 ┘
//! ```

use std::time::{Duration, Instant};

/// Failures in a row that open the circuit.
const THRESHOLD: u32 = 5;
/// The first cooldown.
const MIN_COOLDOWN: Duration = Duration::from_mins(1);
/// The longest cooldown.
const MAX_COOLDOWN: Duration = Duration::from_mins(10);

/// Where the breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Exporting.
    Active,
    /// Nothing is sent before `until`.
    CircuitOpen {
        /// When the next trial may go out.
        until: Instant,
    },
    /// One trial is out.
    HalfOpen,
}

impl State {
    /// The word in `status` and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::CircuitOpen { .. } => "circuit_open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// Whether an export may go out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Permit {
    /// It may. Its result must be reported.
    Send,
    /// Not before then.
    WaitUntil(Instant),
}

/// The breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    state: State,
    failures: u32,
    cooldown: Duration,
}

impl Default for Health {
    fn default() -> Self {
        Self { state: State::Active, failures: 0, cooldown: MIN_COOLDOWN }
    }
}

impl Health {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Failures since the last success.
    pub fn consecutive_failures(&self) -> u32 {
        self.failures
    }

    /// Asks to send. After a cooldown the first one to ask is the trial, and no other is let
    /// through until its result is known.
    pub fn permit(&mut self, now: Instant) -> Permit {
        match self.state {
            State::Active => Permit::Send,
            State::CircuitOpen { until } if now < until => Permit::WaitUntil(until),
            State::CircuitOpen { .. } => {
                self.state = State::HalfOpen;
                Permit::Send
            }
            State::HalfOpen => Permit::WaitUntil(now + MIN_COOLDOWN),
        }
    }

    /// Asks to send for the last time: nothing can follow, so there is no point in waiting.
    pub fn last_chance(&mut self) {
        if matches!(self.state, State::CircuitOpen { .. }) {
            self.state = State::HalfOpen;
        }
    }

    /// Reports a delivered export. One that was sent before the circuit opened changes nothing.
    pub fn succeeded(&mut self) {
        if !matches!(self.state, State::CircuitOpen { .. }) {
            *self = Self::default();
        }
    }

    /// Reports an export that was called off: no result, so a trial may be made again at once.
    pub fn called_off(&mut self, now: Instant) {
        if self.state == State::HalfOpen {
            self.state = State::CircuitOpen { until: now };
        }
    }

    /// Reports a failed export.
    pub fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        match self.state {
            State::Active if self.failures >= THRESHOLD => {
                self.state = State::CircuitOpen { until: now + self.cooldown };
            }
            State::HalfOpen => {
                self.cooldown = (self.cooldown * 2).min(MAX_COOLDOWN);
                self.state = State::CircuitOpen { until: now + self.cooldown };
            }
            State::Active | State::CircuitOpen { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[expect(clippy::disallowed_methods, reason = "any instant will do as the start of time")]
    fn start() -> Instant {
        Instant::now()
    }

    fn opened(now: Instant) -> Health {
        let mut health = Health::default();
        (0..THRESHOLD).for_each(|_| health.failed(now));
        health
    }

    #[test]
    fn the_fifth_failure_in_a_row_opens_it() {
        let now = start();
        let mut health = Health::default();
        for _ in 0..4 {
            health.failed(now);
        }
        assert_eq!(health.permit(now), Permit::Send);
        health.succeeded();
        (0..4).for_each(|_| health.failed(now));
        assert_eq!(health.state(), State::Active, "a success starts the count afresh");
        health.failed(now);
        assert_eq!(health.permit(now), Permit::WaitUntil(now + MIN_COOLDOWN));
    }

    #[test]
    fn after_the_cooldown_exactly_one_trial_goes_out() {
        let now = start();
        let mut health = opened(now);
        let later = now + MIN_COOLDOWN;
        assert_eq!(health.permit(later), Permit::Send);
        assert_eq!(health.state(), State::HalfOpen);
        assert!(matches!(health.permit(later), Permit::WaitUntil(_)));
        health.succeeded();
        assert_eq!(health, Health::default());
    }

    #[test]
    fn failed_trials_double_the_cooldown_up_to_its_limit() {
        let mut now = start();
        let mut health = opened(now);
        for seconds in [120, 240, 480, 600, 600] {
            let State::CircuitOpen { until } = health.state() else { panic!("open") };
            now = until;
            assert_eq!(health.permit(now), Permit::Send);
            health.failed(now);
            let expected = now + Duration::from_secs(seconds);
            assert_eq!(health.state(), State::CircuitOpen { until: expected });
        }
    }

    #[test]
    fn a_trial_that_is_called_off_is_no_result() {
        let now = start();
        let mut health = opened(now);
        let later = now + MIN_COOLDOWN;
        assert_eq!(health.permit(later), Permit::Send);
        health.called_off(later);
        assert_eq!(health.permit(later), Permit::Send);
        health.failed(later);
        assert_eq!(health.cooldown, MIN_COOLDOWN * 2);
    }

    #[test]
    fn the_last_export_is_a_trial_whatever_the_cooldown_says() {
        let mut health = opened(start());
        health.last_chance();
        assert_eq!(health.state(), State::HalfOpen);
        health.succeeded();
        assert_eq!(health, Health::default());
    }

    #[test]
    fn a_late_success_of_an_old_request_does_not_close_it() {
        let now = start();
        let mut health = opened(now);
        health.succeeded();
        assert_eq!(health, opened(now));
        assert_eq!(health.permit(now + MIN_COOLDOWN), Permit::Send, "nor does it wedge it");
    }

    proptest! {
        #[test]
        fn nothing_is_sent_while_it_is_open(steps in prop::collection::vec((0_u8..4, 0_u64..90), 0..200)) {
            let mut now = start();
            let mut health = Health::default();
            for (step, seconds) in steps {
                now += Duration::from_secs(seconds);
                let before = health.state();
                match step {
                    0 => {
                        let permit = health.permit(now);
                        if let State::CircuitOpen { until } = before {
                            prop_assert_eq!(permit == Permit::Send, now >= until);
                        }
                        if before == State::HalfOpen {
                            prop_assert!(permit != Permit::Send);
                        }
                    }
                    1 => health.succeeded(),
                    2 => health.called_off(now),
                    _ => health.failed(now),
                }
                prop_assert!((MIN_COOLDOWN..=MAX_COOLDOWN).contains(&health.cooldown));
            }
        }
    }
}
