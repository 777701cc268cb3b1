//! The state of one project's exports. Pure: it is told the time and the results.
//!
//! ```text
//! disabled ── init ─▶ active ── 5 failures in a row ─▶ open ── cooldown over ─▶ half open ── trial ok ─▶ active
//!     ▲                 │                               ▲                           │
//!     └── shut down     └── a thread ended ─▶ degraded  └── trial fails, cooldown ×2 ┘
//! ```

use crate::util::clock::Timestamp;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Failures in a row that open the circuit.
const THRESHOLD: u32 = 5;
/// The first cooldown.
const MIN_COOLDOWN: Duration = Duration::from_mins(1);
/// The longest cooldown, and the most retry_after that a backend can ask for.
const MAX_COOLDOWN: Duration = Duration::from_mins(10);
/// Transitions that are remembered.
const MAX_TRANSITIONS: usize = 16;

/// Where the exports of a project stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not started, or shut down.
    Disabled,
    /// Exporting.
    Active,
    /// It should do its work, and a part of it cannot.
    Degraded,
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
            Self::Disabled => "disabled",
            Self::Active => "active",
            Self::Degraded => "degraded",
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

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Unix milliseconds.
    pub at_ms: u64,
    /// The state before, in the registry's words.
    pub from: &'static str,
    /// The state since.
    pub to: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// Whether requests get through: the part of the state that results decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breaker {
    Closed,
    Open { until: Instant },
    Trial,
}

/// The state of one project's exports, and how it came to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    running: bool,
    /// Why a part of the work is not done any more. Nothing takes it back.
    broken: Option<&'static str>,
    breaker: Breaker,
    failures: u32,
    cooldown: Duration,
    /// The backend asked to be left alone until then.
    retry_after: Option<Instant>,
    transitions: VecDeque<Transition>,
}

impl Health {
    /// Of a project that starts to export.
    pub fn new(now: Timestamp) -> Self {
        let mut health = Self {
            running: false,
            broken: None,
            breaker: Breaker::Closed,
            failures: 0,
            cooldown: MIN_COOLDOWN,
            retry_after: None,
            transitions: VecDeque::new(),
        };
        let _ = health.change(now, "init", |health| health.running = true);
        health
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        match self.breaker {
            _ if !self.running => State::Disabled,
            _ if self.broken.is_some() => State::Degraded,
            Breaker::Closed => State::Active,
            Breaker::Open { until } => State::CircuitOpen { until },
            Breaker::Trial => State::HalfOpen,
        }
    }

    /// Failures since the last success.
    pub fn consecutive_failures(&self) -> u32 {
        self.failures
    }

    /// Why it is `degraded`.
    pub fn broken(&self) -> Option<&'static str> {
        self.broken
    }

    /// The last changes of state, the oldest first.
    pub fn transitions(&self) -> impl ExactSizeIterator<Item = &Transition> {
        self.transitions.iter()
    }

    /// How long nothing will be sent.
    pub fn cooldown_remaining(&self, now: Timestamp) -> Option<Duration> {
        let until = self.closed_until().filter(|until| *until > now.instant && self.running)?;
        Some(until - now.instant)
    }

    /// Asks to send. After a cooldown the first one to ask is the trial, and no other is let
    /// through until its result is known.
    pub fn permit(&mut self, now: Timestamp) -> (Permit, Option<Transition>) {
        if let Some(until) = self.closed_until().filter(|until| now.instant < *until) {
            return (Permit::WaitUntil(until), None);
        }
        self.retry_after = None;
        match self.breaker {
            Breaker::Closed => (Permit::Send, None),
            Breaker::Open { .. } => {
                let changed =
                    self.change(now, "the cooldown is over", |it| it.breaker = Breaker::Trial);
                (Permit::Send, changed)
            }
            Breaker::Trial => (Permit::WaitUntil(now.instant + MIN_COOLDOWN), None),
        }
    }

    /// Asks to send for the last time: nothing can follow, so our own cooldown is cut short. What the
    /// backend asked for is not.
    pub fn last_chance(&mut self, now: Timestamp) -> (Permit, Option<Transition>) {
        if let Some(until) = self.retry_after.filter(|until| now.instant < *until) {
            return (Permit::WaitUntil(until), None);
        }
        let changed = self.change(now, "the last export", |it| {
            if matches!(it.breaker, Breaker::Open { .. }) {
                it.breaker = Breaker::Trial;
            }
        });
        (Permit::Send, changed)
    }

    /// Reports a delivered export. One that was sent before the circuit opened changes nothing.
    pub fn succeeded(&mut self, now: Timestamp) -> Option<Transition> {
        self.change(now, "the trial was delivered", |it| {
            if !matches!(it.breaker, Breaker::Open { .. }) {
                it.breaker = Breaker::Closed;
                (it.failures, it.cooldown, it.retry_after) = (0, MIN_COOLDOWN, None);
            }
        })
    }

    /// Reports an export that was called off: no result, so a trial may be made again at once.
    pub fn called_off(&mut self, now: Timestamp) -> Option<Transition> {
        self.change(now, "the trial was called off", |it| {
            if it.breaker == Breaker::Trial {
                it.breaker = Breaker::Open { until: now.instant };
            }
        })
    }

    /// Reports a failed export, and for how long the backend asked to be left alone.
    pub fn failed(&mut self, now: Timestamp, retry_after: Option<Duration>) -> Option<Transition> {
        let reason = match self.breaker {
            Breaker::Trial => "the trial failed",
            Breaker::Closed | Breaker::Open { .. } => "five exports in a row failed",
        };
        self.change(now, reason, |it| {
            it.failures = it.failures.saturating_add(1);
            it.retry_after =
                retry_after.map(|retry_after| now.instant + retry_after.min(MAX_COOLDOWN));
            match it.breaker {
                Breaker::Closed if it.failures >= THRESHOLD => {
                    it.breaker = Breaker::Open { until: now.instant + it.cooldown };
                }
                Breaker::Trial => {
                    it.cooldown = (it.cooldown * 2).min(MAX_COOLDOWN);
                    it.breaker = Breaker::Open { until: now.instant + it.cooldown };
                }
                Breaker::Closed | Breaker::Open { .. } => {}
            }
        })
    }

    /// Reports that a part of the work will not be done any more.
    pub fn broke(&mut self, now: Timestamp, why: &'static str) -> Option<Transition> {
        self.change(now, why, |it| {
            it.broken.get_or_insert(why);
        })
    }

    /// Reports that there will be no more exports.
    pub fn ended(&mut self, now: Timestamp) -> Option<Transition> {
        self.change(now, "shut down", |it| it.running = false)
    }

    /// Nothing is sent before then, whether by our own decision or by the backend's wish.
    fn closed_until(&self) -> Option<Instant> {
        let open = match self.breaker {
            Breaker::Open { until } => Some(until),
            Breaker::Closed | Breaker::Trial => None,
        };
        open.max(self.retry_after)
    }

    /// Changes something, and takes note if the state is another one then.
    fn change(
        &mut self,
        now: Timestamp,
        reason: &'static str,
        change: impl FnOnce(&mut Self),
    ) -> Option<Transition> {
        let from = self.state().as_str();
        change(self);
        let to = self.state().as_str();
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
    use proptest::prelude::*;

    fn opened(now: Timestamp) -> Health {
        let mut health = Health::new(now);
        for _ in 0..THRESHOLD {
            health.failed(now, None);
        }
        health
    }

    fn permit(health: &mut Health, now: Timestamp) -> Permit {
        health.permit(now).0
    }

    fn way(health: &Health) -> Vec<(&'static str, &'static str)> {
        health.transitions().map(|it| (it.to, it.reason)).collect()
    }

    #[test]
    fn the_fifth_failure_in_a_row_opens_it() {
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
        assert_eq!(health.state(), State::Active, "a success starts the count afresh");
        let opened = health.failed(now, None).unwrap();
        assert_eq!((opened.from, opened.to), ("active", "circuit_open"));
        assert_eq!(permit(&mut health, now), Permit::WaitUntil(now.instant + MIN_COOLDOWN));
        assert_eq!(health.cooldown_remaining(now), Some(MIN_COOLDOWN));
    }

    #[test]
    fn after_the_cooldown_exactly_one_trial_goes_out() {
        let now = Timestamp::now();
        let mut health = opened(now);
        let later = now + MIN_COOLDOWN;
        assert_eq!(permit(&mut health, later), Permit::Send);
        assert_eq!(health.state(), State::HalfOpen);
        assert!(matches!(permit(&mut health, later), Permit::WaitUntil(_)));
        health.succeeded(later);
        assert_eq!((health.state(), health.consecutive_failures()), (State::Active, 0));
        assert_eq!(
            way(&health),
            [
                ("active", "init"),
                ("circuit_open", "five exports in a row failed"),
                ("half_open", "the cooldown is over"),
                ("active", "the trial was delivered"),
            ]
        );
    }

    #[test]
    fn failed_trials_double_the_cooldown_up_to_its_limit() {
        let mut now = Timestamp::now();
        let mut health = opened(now);
        for seconds in [120, 240, 480, 600, 600] {
            now = now + health.cooldown_remaining(now).unwrap();
            assert_eq!(permit(&mut health, now), Permit::Send);
            health.failed(now, None);
            assert_eq!(health.cooldown_remaining(now), Some(Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn a_trial_that_is_called_off_is_no_result() {
        let now = Timestamp::now();
        let mut health = opened(now);
        let later = now + MIN_COOLDOWN;
        assert_eq!(permit(&mut health, later), Permit::Send);
        health.called_off(later);
        assert_eq!(permit(&mut health, later), Permit::Send);
        health.failed(later, None);
        assert_eq!(health.cooldown, MIN_COOLDOWN * 2);
    }

    #[test]
    fn the_last_export_is_a_trial_whatever_the_cooldown_says() {
        let now = Timestamp::now();
        let mut health = opened(now);
        assert_eq!(health.last_chance(now).0, Permit::Send);
        assert_eq!(health.state(), State::HalfOpen);
        health.succeeded(now);
        assert_eq!(health.state(), State::Active);
        health.ended(now);
        assert_eq!((health.state(), health.cooldown_remaining(now)), (State::Disabled, None));
    }

    #[test]
    fn a_late_success_of_an_old_request_does_not_close_it() {
        let now = Timestamp::now();
        let mut health = opened(now);
        assert_eq!(health.succeeded(now), None);
        assert_eq!(health, opened(now));
        assert_eq!(permit(&mut health, now + MIN_COOLDOWN), Permit::Send, "nor does it wedge it");
    }

    #[test]
    fn a_backend_that_asks_for_patience_is_left_alone_for_ten_minutes_at_most() {
        let now = Timestamp::now();
        for (asked, granted) in [(30, 30), (3600, 600)] {
            let mut health = Health::new(now);
            health.failed(now, Some(Duration::from_secs(asked)));
            assert_eq!(health.state(), State::Active, "one failure opens nothing");
            let until = now + Duration::from_secs(granted);
            let just_before = now + Duration::from_secs(granted - 1);
            assert_eq!(permit(&mut health, just_before), Permit::WaitUntil(until.instant));
            let last = health.last_chance(just_before).0;
            assert_eq!(last, Permit::WaitUntil(until.instant), "not even for the last time");
            assert_eq!(permit(&mut health, until), Permit::Send);
            assert_eq!(health.cooldown_remaining(until), None);
        }
    }

    #[test]
    fn what_is_broken_stays_so_and_what_can_be_sent_is_sent() {
        let now = Timestamp::now();
        let mut health = Health::new(now);
        assert_eq!(health.broke(now, "first").unwrap().to, "degraded");
        assert_eq!(health.broke(now, "second"), None);
        assert_eq!((health.state(), health.broken()), (State::Degraded, Some("first")));
        assert_eq!(permit(&mut health, now), Permit::Send);
        health.succeeded(now);
        assert_eq!(health.state(), State::Degraded);
        health.ended(now);
        assert_eq!(health.state(), State::Disabled);
    }

    #[test]
    fn the_words_are_those_of_the_registry() {
        let states = [
            State::Disabled,
            State::Active,
            State::Degraded,
            State::CircuitOpen { until: Timestamp::now().instant },
            State::HalfOpen,
        ];
        assert_eq!(states.map(State::as_str), crate::metrics::registry::STATES);
    }

    proptest! {
        #[test]
        fn nothing_is_sent_while_it_is_open_and_never_two_trials(
            steps in prop::collection::vec((0_u8..8, 0_u64..90), 0..200),
        ) {
            let mut now = Timestamp::now();
            let mut health = Health::new(now);
            for (step, seconds) in steps {
                now = now + Duration::from_secs(seconds);
                let before = health.clone();
                let told = match step {
                    0 | 1 => {
                        let (permit, told) = health.permit(now);
                        if let Some(until) = before.closed_until() {
                            prop_assert_eq!(permit == Permit::Send, now.instant >= until);
                        }
                        if before.breaker == Breaker::Trial {
                            prop_assert!(permit != Permit::Send);
                        }
                        told
                    }
                    2 => health.succeeded(now),
                    3 => health.called_off(now),
                    4 => health.failed(now, Some(Duration::from_secs(seconds * 20))),
                    5 if seconds == 0 => health.broke(now, "a thread has ended"),
                    _ => health.failed(now, None),
                };
                let changed = before.state().as_str() != health.state().as_str();
                prop_assert_eq!(told.is_some(), changed, "every change is told, and nothing else");
                prop_assert_eq!(told.as_ref(), health.transitions.back().filter(|_| changed));
                prop_assert!(health.transitions.len() <= MAX_TRANSITIONS);
                prop_assert!((MIN_COOLDOWN..=MAX_COOLDOWN).contains(&health.cooldown));
                prop_assert!(health.cooldown_remaining(now).is_none_or(|left| left <= MAX_COOLDOWN));
            }
        }
    }
}
