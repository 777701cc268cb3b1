//! One project that exports: its config, its recording, and how its exports are doing.

use crate::config::{Config, Temporality};
use crate::entry::{Anomaly, Turn};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::cardinality::CardinalityLimits;
use crate::metrics::derive::{anomalies, derive};
use crate::metrics::measurement::{ABSENT, Measurement, Value};
use crate::metrics::privacy::PrivacyGate;
use crate::metrics::registry::{Metric, STATES};
use crate::metrics::series::SeriesTable;
use crate::metrics::sessions::Sessions;
use crate::otlp::meter_provider::MeterProvider;
use crate::otlp::request::MetricsRequest;
use crate::otlp::temporality::Baseline;
use crate::project::exports::Exports;
use crate::project::health::Transition;
use crate::util::clock::Timestamp;
use opentelemetry_sdk::error::OTelSdkError;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A project that exports. Shared by the worker, which records, and the exporter, which sends.
#[derive(Debug)]
pub struct Project {
    config: Config,
    gate: PrivacyGate,
    provider: MeterProvider,
    recording: Mutex<Recording>,
    turns: AtomicU64,
    /// What the backend has been told of, or will be, with delta temporality.
    baseline: Mutex<Baseline>,
    exports: Mutex<Exports>,
}

#[derive(Debug)]
struct Recording {
    series: SeriesTable,
    sessions: Sessions,
}

impl Project {
    /// Opens the recording of a project. `instance` is random per launch.
    pub fn new(config: Config, instance: &str, now: Timestamp) -> Self {
        let limits = CardinalityLimits::new(config.cardinality_limits.clone());
        let provider = MeterProvider::new(&config, &limits, instance);
        let series = SeriesTable::new(&provider.meter(), limits);
        Self {
            gate: PrivacyGate::of(&config),
            config,
            provider,
            recording: Mutex::new(Recording { series, sessions: Sessions::default() }),
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
        let Recording { series, sessions } = &mut *self.recording.lock();
        derive(turn, sessions, &self.gate, &mut |measurement| series.record(measurement));
        self.turns.fetch_add(1, Ordering::Release);
    }

    /// What of a turn was not understood, as far as this project does not know better.
    pub fn anomalies<'t>(&'t self, turn: &'t Turn) -> impl Iterator<Item = &'t Anomaly> {
        anomalies(turn, &self.gate)
    }

    /// How many turns were counted so far.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Acquire)
    }

    /// Counts something about the telemetry itself.
    pub fn record(&self, measurement: Measurement) {
        self.recording.lock().series.record(measurement);
    }

    /// Puts the state into the metrics.
    pub fn record_state(&self) {
        let now = self.update_exports(|exports| exports.health.state().as_str());
        for state in STATES {
            self.record(Measurement {
                metric: Metric::OtelState,
                labels: [AttributeValue::constant(state), ABSENT, ABSENT],
                value: Value::Amount(if *state == now { 1.0 } else { 0.0 }),
            });
        }
    }

    /// Everything that was recorded so far, since the start.
    pub fn cumulative(&self) -> Result<MetricsRequest, OTelSdkError> {
        self.provider.collect().map(|metrics| MetricsRequest::new(&metrics))
    }

    /// Ends an interval, with delta temporality. `take` gets everything that was recorded in it, and
    /// if it fails the interval goes on.
    pub fn end_interval<T, E>(
        &self,
        take: impl FnOnce(&MetricsRequest) -> Result<T, E>,
    ) -> Result<T, E>
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
    pub fn mark_degraded(&self, now: Timestamp, why: &'static str) -> Option<Transition> {
        self.update_exports(|exports| exports.health.degraded(now, why))
    }
}
