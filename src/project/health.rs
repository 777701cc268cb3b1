//! The health of one project's exports: the circuit breaker, permanent failures, and the last transitions.
//!
//! It reads no clock: every call gets the time.

use crate::otlp::circuit_breaker::{Circuit, CircuitBreaker, Permit};
use crate::project::state::State;
use crate::util::clock::Timestamp;
use serde::Serialize;
use std::collections::VecDeque;
use std::time::Duration;

/// How many transitions are kept.
const MAX_TRANSITIONS: usize = 16;

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// When, in Unix milliseconds.
    pub at_ms: u64,
    /// The state before.
    pub from: State,
    /// The state after.
    pub to: State,
    /// Why.
    pub reason: &'static str,
}

/// The health of one project's exports, with its last transitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    is_running: bool,
    /// Why a part of the work has stopped for good. It stays until the process ends.
    degraded_reason: Option<&'static str>,
    breaker: CircuitBreaker,
    transitions: VecDeque<Transition>,
}

impl Health {
    /// For a project that starts to export now.
    pub fn new(now: Timestamp) -> Self {
        let mut health = Self {
            is_running: false,
            degraded_reason: None,
            breaker: CircuitBreaker::default(),
            transitions: VecDeque::new(),
        };
        let _ = health.change(now, "init", |health| health.is_running = true);
        health
    }

    /// The state of the project.
    pub fn state(&self) -> State {
        match self.breaker.circuit() {
            _ if !self.is_running => State::Disabled,
            _ if self.degraded_reason.is_some() => State::Degraded,
            Circuit::Closed => State::Active,
            Circuit::Open { .. } => State::CircuitOpen,
            Circuit::HalfOpen => State::HalfOpen,
        }
    }

    /// Failures since the last delivery.
    pub fn consecutive_failures(&self) -> u32 {
        self.breaker.consecutive_failures()
    }

    /// Why the project is `degraded`.
    pub fn degraded_reason(&self) -> Option<&'static str> {
        self.degraded_reason
    }

    /// The last transitions, the oldest first.
    pub fn transitions(&self) -> impl ExactSizeIterator<Item = &Transition> {
        self.transitions.iter()
    }

    /// How long nothing will be sent. `None` if an export may be sent now.
    pub fn cooldown_remaining(&self, now: Timestamp) -> Option<Duration> {
        let until = self.breaker.blocked_until().filter(|_| self.is_running)?;
        until.checked_duration_since(now.instant).filter(|left| !left.is_zero())
    }

    /// Asks to send; see [`CircuitBreaker::permit`].
    pub fn permit(&mut self, now: Timestamp) -> (Permit, Option<Transition>) {
        self.request_permit(now, "the cooldown is over", |breaker| breaker.permit(now.instant))
    }

    /// Asks to send for the last time; see [`CircuitBreaker::permit_last`].
    pub fn permit_last(&mut self, now: Timestamp) -> (Permit, Option<Transition>) {
        self.request_permit(now, "the last export", |breaker| breaker.permit_last(now.instant))
    }

    /// Reports a delivered export.
    pub fn succeeded(&mut self, now: Timestamp) -> Option<Transition> {
        self.change(now, "the trial was delivered", |it| it.breaker.succeeded())
    }

    /// Reports a cancelled export.
    pub fn cancelled(&mut self, now: Timestamp) -> Option<Transition> {
        self.change(now, "the trial was cancelled", |it| it.breaker.cancelled(now.instant))
    }

    /// Reports a failed export, with the `Retry-After` of the backend.
    pub fn failed(&mut self, now: Timestamp, retry_after: Option<Duration>) -> Option<Transition> {
        let reason = match self.breaker.circuit() {
            Circuit::HalfOpen => "the trial failed",
            Circuit::Closed | Circuit::Open { .. } => "five exports in a row failed",
        };
        self.change(now, reason, |it| it.breaker.failed(now.instant, retry_after))
    }

    /// Reports that a part of the work has stopped for good.
    pub fn degraded(&mut self, now: Timestamp, reason: &'static str) -> Option<Transition> {
        self.change(now, reason, |it| {
            it.degraded_reason.get_or_insert(reason);
        })
    }

    /// Reports that there will be no more exports.
    pub fn stopped(&mut self, now: Timestamp) -> Option<Transition> {
        self.change(now, "shut down", |it| it.is_running = false)
    }

    fn request_permit(
        &mut self,
        now: Timestamp,
        reason: &'static str,
        request: impl FnOnce(&mut CircuitBreaker) -> Permit,
    ) -> (Permit, Option<Transition>) {
        let mut permit = Permit::Send;
        let transition = self.change(now, reason, |it| permit = request(&mut it.breaker));
        (permit, transition)
    }

    /// Applies a change. If the state differs afterwards, the transition is kept and returned.
    fn change(
        &mut self,
        now: Timestamp,
        reason: &'static str,
        change: impl FnOnce(&mut Self),
    ) -> Option<Transition> {
        let from = self.state();
        change(self);
        let to = self.state();
        if from == to {
            return None;
        }
        if self.transitions.len() == MAX_TRANSITIONS {
            self.transitions.pop_front();
        }
        let transition = Transition { at_ms: now.unix_ms, from, to, reason };
        self.transitions.push_back(transition);
        Some(transition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::circuit_breaker::MIN_COOLDOWN;
    use proptest::prelude::*;

    fn opened(now: Timestamp) -> Health {
        let mut health = Health::new(now);
        for _ in 0..5 {
            health.failed(now, None);
        }
        health
    }

    fn permit(health: &mut Health, now: Timestamp) -> Permit {
        health.permit(now).0
    }

    fn history(health: &Health) -> Vec<(&'static str, &'static str)> {
        health.transitions().map(|it| (it.to.as_str(), it.reason)).collect()
    }

    #[test]
    fn the_fifth_failure_in_a_row_opens_the_circuit() {
        let now = Timestamp::now();
        let mut health = Health::new(now);
        for _ in 0..4 {
            assert_eq!(health.failed(now, None), None);
        }
        assert_eq!(permit(&mut health, now), Permit::Send);
        assert_eq!(health.succeeded(now), None);
        for _ in 0..4 {
            health.failed(now, None);
        }
        assert_eq!(health.state(), State::Active, "a success resets the count");
        let opened = health.failed(now, None).unwrap();
        assert_eq!((opened.from, opened.to), (State::Active, State::CircuitOpen));
        assert_eq!(permit(&mut health, now), Permit::WaitUntil(now.instant + MIN_COOLDOWN));
        assert_eq!(health.cooldown_remaining(now), Some(MIN_COOLDOWN));
    }

    #[test]
    fn exactly_one_trial_follows_the_cooldown() {
        let now = Timestamp::now();
        let mut health = opened(now);
        let later = now + MIN_COOLDOWN;
        assert_eq!(permit(&mut health, later), Permit::Send);
        assert_eq!(health.state(), State::HalfOpen);
        assert!(matches!(permit(&mut health, later), Permit::WaitUntil(_)));
        health.succeeded(later);
        assert_eq!((health.state(), health.consecutive_failures()), (State::Active, 0));
        assert_eq!(
            history(&health),
            [
                ("active", "init"),
                ("circuit_open", "five exports in a row failed"),
                ("half_open", "the cooldown is over"),
                ("active", "the trial was delivered"),
            ]
        );
    }

    #[test]
    fn a_failure_with_retry_after_does_not_open_the_circuit() {
        let now = Timestamp::now();
        let mut health = Health::new(now);
        health.failed(now, Some(Duration::from_secs(30)));
        assert_eq!(health.state(), State::Active);
        let later = now + Duration::from_secs(30);
        assert_eq!(permit(&mut health, later), Permit::Send);
        assert_eq!(health.cooldown_remaining(later), None);
    }

    #[test]
    fn the_last_export_is_a_trial_despite_the_cooldown() {
        let now = Timestamp::now();
        let mut health = opened(now);
        assert_eq!(health.permit_last(now).0, Permit::Send);
        assert_eq!(health.state(), State::HalfOpen);
        health.succeeded(now);
        assert_eq!(health.state(), State::Active);
        health.stopped(now);
        assert_eq!((health.state(), health.cooldown_remaining(now)), (State::Disabled, None));
    }

    #[test]
    fn a_degraded_project_stays_degraded_and_still_sends() {
        let now = Timestamp::now();
        let mut health = Health::new(now);
        assert_eq!(health.degraded(now, "first").unwrap().to, State::Degraded);
        assert_eq!(health.degraded(now, "second"), None);
        assert_eq!((health.state(), health.degraded_reason()), (State::Degraded, Some("first")));
        assert_eq!(permit(&mut health, now), Permit::Send);
        health.succeeded(now);
        assert_eq!(health.state(), State::Degraded);
        health.stopped(now);
        assert_eq!(health.state(), State::Disabled);
    }

    proptest! {
        #[test]
        fn each_change_of_state_is_reported_and_nothing_else(
            steps in prop::collection::vec((0_u8..8, 0_u64..90), 0..200),
        ) {
            let mut now = Timestamp::now();
            let mut health = Health::new(now);
            for (step, seconds) in steps {
                now = now + Duration::from_secs(seconds);
                let before = health.clone();
                let reported = match step {
                    0 => health.permit(now).1,
                    1 => health.permit_last(now).1,
                    2 => health.succeeded(now),
                    3 => health.cancelled(now),
                    4 => health.failed(now, Some(Duration::from_secs(seconds * 20))),
                    5 if seconds == 0 => health.degraded(now, "a thread has failed"),
                    _ => health.failed(now, None),
                };
                let changed = before.state() != health.state();
                prop_assert_eq!(reported.is_some(), changed);
                prop_assert_eq!(reported.as_ref(), health.transitions.back().filter(|_| changed));
                prop_assert!(health.transitions.len() <= MAX_TRANSITIONS);
            }
        }
    }
}
