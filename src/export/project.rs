//! One project that exports: its config, its books, and how its exports are doing.

use crate::clock::Moment;
use crate::config::{Config, Temporality};
use crate::entry::{Anomaly, Turn};
use crate::export::delta::Baseline;
use crate::export::health::{Health, Transition};
use crate::export::provider::Provider;
use crate::export::request::Request;
use crate::metrics::budgets::Budgets;
use crate::metrics::derive::{ABSENT, Measurement, Value, derive, surprises};
use crate::metrics::ledger::Ledger;
use crate::metrics::registry::{Metric, STATES};
use crate::metrics::sessions::Sessions;
use crate::privacy::{Gate, Label};
use crate::recent::Recent;
use opentelemetry_sdk::error::OTelSdkError;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A project that exports. Shared by the worker, which records, and the exporter, which sends.
#[derive(Debug)]
pub struct Project {
    config: Config,
    gate: Gate,
    provider: Provider,
    books: Mutex<Books>,
    turns: AtomicU64,
    /// What the backend has been told of, or will be, with delta temporality.
    baseline: Mutex<Baseline>,
    exports: Mutex<Exports>,
}

#[derive(Debug)]
struct Books {
    ledger: Ledger,
    sessions: Sessions,
}

/// Why an export was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// The backend said no, and will say no again.
    Rejected,
    /// The backend said yes, but not to all data points.
    PartialSuccess,
    /// The last export of a launch failed.
    Shutdown,
}

impl GivenUp {
    /// All reasons, in the order of the counters.
    pub const ALL: [Self; 3] = [Self::Rejected, Self::PartialSuccess, Self::Shutdown];

    /// The word in `status` and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::PartialSuccess => "partial_success",
            Self::Shutdown => "shutdown",
        }
    }
}

/// How a project's exports are doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exports {
    /// The state, and how it came to it.
    pub health: Health,
    /// How they have gone so far.
    pub counts: ExportCounts,
    /// Delivered, failed and dropped ones of the last day.
    pub recent: Recent<3>,
}

/// How a project's exports have gone so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportCounts {
    /// Exports that came to an end, good or bad. One that was called off for a later one did not.
    pub attempted: u64,
    /// Exports that the backend took.
    pub delivered: u64,
    /// Exports that failed.
    pub failed: u64,
    /// Unix milliseconds.
    pub last_success_at_ms: Option<u64>,
    /// Unix milliseconds.
    pub last_failure_at_ms: Option<u64>,
    /// Why the last one failed. No secret, no address.
    pub last_error: Option<String>,
    /// Exports given up, by [`GivenUp::ALL`].
    pub dropped: [u64; GivenUp::ALL.len()],
    /// Requests that wait for the backend. Only delta temporality has any.
    pub backlog_requests: u64,
    /// Bytes that wait for the backend.
    pub backlog_bytes: u64,
}

impl Exports {
    fn new(now: Moment) -> Self {
        let counts = ExportCounts::default();
        Self { health: Health::new(now), counts, recent: Recent::new(now) }
    }

    /// Takes note of an export that came to an end, and why it failed if it did.
    pub fn count(&mut self, now: Moment, error: Option<String>) {
        let counts = &mut self.counts;
        counts.attempted += 1;
        match error {
            None => {
                counts.delivered += 1;
                counts.last_success_at_ms = Some(now.unix_ms);
            }
            Some(error) => {
                counts.failed += 1;
                counts.last_failure_at_ms = Some(now.unix_ms);
                counts.last_error = Some(error);
            }
        }
        self.observe(now);
    }

    /// Takes note of `count` exports that were given up.
    pub fn give_up(&mut self, now: Moment, reason: GivenUp, count: u64) {
        self.counts.dropped[reason as usize] += count;
        self.observe(now);
    }

    fn observe(&mut self, now: Moment) {
        let ExportCounts { delivered, failed, dropped, .. } = &self.counts;
        self.recent.observe(now, [*delivered, *failed, dropped.iter().sum()]);
    }
}

impl Project {
    /// Opens the books of a project. `instance` is random per launch.
    pub fn new(config: Config, instance: &str, now: Moment) -> Self {
        let budgets = Budgets::new(config.cardinality_limits.clone());
        let provider = Provider::new(&config, &budgets, instance);
        let ledger = Ledger::new(&provider.meter(), budgets);
        Self {
            gate: Gate::of(&config),
            config,
            provider,
            books: Mutex::new(Books { ledger, sessions: Sessions::default() }),
            turns: AtomicU64::new(0),
            baseline: Mutex::default(),
            exports: Mutex::new(Exports::new(now)),
        }
    }

    /// The project's settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Counts a turn.
    pub fn record_turn(&self, turn: &Turn) {
        let Books { ledger, sessions } = &mut *self.books.lock();
        derive(turn, sessions, &self.gate, &mut |measurement| ledger.record(measurement));
        self.turns.fetch_add(1, Ordering::Release);
    }

    /// What of a turn was not understood, as far as this project does not know better.
    pub fn surprises<'t>(&'t self, turn: &'t Turn) -> impl Iterator<Item = &'t Anomaly> {
        surprises(turn, &self.gate)
    }

    /// How many turns were counted so far.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Acquire)
    }

    /// Counts something about the telemetry itself.
    pub fn record(&self, measurement: Measurement) {
        self.books.lock().ledger.record(measurement);
    }

    /// Puts the state into the metrics.
    pub fn record_state(&self) {
        let now = self.update_exports(|exports| exports.health.state().as_str());
        for state in STATES {
            self.record(Measurement {
                metric: Metric::OtelState,
                labels: [Label::constant(state), ABSENT, ABSENT],
                value: Value::Amount(if *state == now { 1.0 } else { 0.0 }),
            });
        }
    }

    /// Everything that was recorded so far, since the start.
    pub fn cumulative(&self) -> Result<Request, OTelSdkError> {
        self.provider.collect().map(|metrics| Request::new(&metrics))
    }

    /// Ends an interval, with delta temporality. `take` gets everything that was recorded in it, and
    /// if it fails the interval goes on.
    pub fn end_interval<T, E>(&self, take: impl FnOnce(&Request) -> Result<T, E>) -> Result<T, E>
    where
        E: From<OTelSdkError>,
    {
        let cumulative = self.cumulative()?;
        let mut baseline = self.baseline.lock();
        let taken = take(&baseline.interval(&cumulative))?;
        baseline.advance(&cumulative);
        Ok(taken)
    }

    /// The next request as a person may read it: what came out of a variable is masked. Nothing is
    /// taken away from the next export.
    pub fn preview(&self) -> Option<String> {
        let cumulative = self.cumulative().ok()?;
        let mut request = match self.config.temporality {
            Temporality::Cumulative => cumulative,
            Temporality::Delta => self.baseline.lock().interval(&cumulative),
        };
        request.mask(|key| self.config.is_filled_in(key));
        request.to_json().ok()
    }

    /// How exports are doing.
    pub fn exports(&self) -> Exports {
        self.exports.lock().clone()
    }

    /// Takes note of something about the exports.
    pub fn update_exports<T>(&self, update: impl FnOnce(&mut Exports) -> T) -> T {
        update(&mut self.exports.lock())
    }

    /// A part of the work will not be done any more.
    pub fn break_down(&self, now: Moment, why: &'static str) -> Option<Transition> {
        self.update_exports(|exports| exports.health.broke(now, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_are_those_of_the_registry() {
        let names = GivenUp::ALL.map(GivenUp::as_str);
        assert_eq!(names, crate::metrics::registry::EXPORT_DROP_REASONS);
        for (i, reason) in GivenUp::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, i);
        }
    }
}
