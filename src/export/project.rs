//! One project that exports: its config, its books, and how its exports are doing.

use crate::config::Config;
use crate::entry::Turn;
use crate::export::provider::Provider;
use crate::export::request::Request;
use crate::metrics::budgets::Budgets;
use crate::metrics::derive::{ABSENT, Measurement, Value, derive};
use crate::metrics::ledger::Ledger;
use crate::metrics::registry::{Metric, STATES};
use crate::metrics::sessions::Sessions;
use crate::privacy::{Gate, Label};
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

/// How a project's exports have gone so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exports {
    /// The breaker's state, in the registry's words. Empty before the first export.
    pub state: &'static str,
    /// Exports that came to an end, good or bad. One that was called off for a later one did not.
    pub attempted: u64,
    /// Exports that the backend took.
    pub delivered: u64,
    /// Exports that failed.
    pub failed: u64,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// Unix milliseconds.
    pub last_success_at_ms: Option<u64>,
    /// Unix milliseconds.
    pub last_failure_at_ms: Option<u64>,
    /// Why the last one failed. No secret, no address.
    pub last_error: Option<String>,
    /// Exports given up, by [`GivenUp::ALL`].
    pub dropped: [u64; GivenUp::ALL.len()],
}

impl Project {
    /// Opens the books of a project. `instance` is random per launch.
    pub fn new(config: Config, instance: &str) -> Self {
        let budgets = Budgets::new(config.budgets.clone());
        let provider = Provider::new(&config, &budgets, instance);
        let ledger = Ledger::new(&provider.meter(), budgets);
        let exports = Exports { state: "active", ..Exports::default() };
        Self {
            gate: Gate::of(&config),
            config,
            provider,
            books: Mutex::new(Books { ledger, sessions: Sessions::default() }),
            turns: AtomicU64::new(0),
            exports: Mutex::new(exports),
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

    /// How many turns were counted so far.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Acquire)
    }

    /// Counts something about the telemetry itself.
    pub fn record(&self, measurement: Measurement) {
        self.books.lock().ledger.record(measurement);
    }

    /// Puts the breaker's state into the metrics.
    pub fn record_state(&self, now: &str) {
        for state in STATES {
            self.record(Measurement {
                metric: Metric::OtelState,
                labels: [Label::constant(state), ABSENT, ABSENT],
                value: Value::Amount(if *state == now { 1.0 } else { 0.0 }),
            });
        }
    }

    /// The next request's body, with everything that was recorded so far.
    pub fn request(&self) -> Result<Request, opentelemetry_sdk::error::OTelSdkError> {
        self.provider.collect().map(|metrics| Request::new(&metrics))
    }

    /// The same as a person may read it: what came out of a variable is masked.
    pub fn preview(&self) -> Option<String> {
        let mut request = self.request().ok()?;
        request.mask(|key| self.config.is_filled_in(key));
        request.to_json().ok()
    }

    /// How exports have gone so far.
    pub fn exports(&self) -> Exports {
        self.exports.lock().clone()
    }

    /// Takes note of how an export went.
    pub fn update_exports(&self, update: impl FnOnce(&mut Exports)) {
        update(&mut self.exports.lock());
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
