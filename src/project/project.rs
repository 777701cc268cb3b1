//! A project that exports: its config, its instruments, and the results of its exports.

use crate::config::{Config, Temporality};
use crate::entry::{Anomaly, Turn};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::cardinality::CardinalityLimits;
use crate::metrics::derive::{anomalies, derive};
use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use crate::metrics::privacy::PrivacyGate;
use crate::metrics::registry::{Metric, PROJECT_LABELS, STATES};
use crate::metrics::series::{SeriesTable, ValuesInUse};
use crate::metrics::sessions::Sessions;
use crate::otlp::meter_provider::MeterProvider;
use crate::otlp::request::MetricsRequest;
use crate::otlp::temporality::Baseline;
use crate::project::exports::Exports;
use crate::util::clock::Timestamp;
use opentelemetry_sdk::error::OTelSdkError;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A project that exports. The worker thread records into it, and the export thread collects from it.
#[derive(Debug)]
pub struct Project {
    config: Config,
    gate: PrivacyGate,
    provider: MeterProvider,
    recording: Mutex<Recording>,
    turns: AtomicU64,
    /// For delta temporality.
    baseline: Mutex<Baseline>,
    exports: Mutex<Exports>,
}

#[derive(Debug)]
struct Recording {
    series: SeriesTable,
    sessions: Sessions,
}

impl Project {
    /// Opens a project. `instance` is the random id of this launch.
    pub fn new(config: Config, instance: &str, now: Timestamp) -> Self {
        let limits = CardinalityLimits::new(config.cardinality_limits.clone());
        let labels = PrivacyGate::project_labels(&config);
        let provider = MeterProvider::new(&config, &limits, instance);
        let series = SeriesTable::new(&provider.meter(), limits, &labels);
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

    /// The project's config.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Records the measurements of a turn.
    pub fn record_turn(&self, turn: &Turn) {
        let Recording { series, sessions } = &mut *self.recording.lock();
        derive(turn, sessions, &self.gate, &mut |measurement| series.record(measurement));
        self.turns.fetch_add(1, Ordering::Release);
    }

    /// The anomalies of a turn, without those that this project's config explains.
    pub fn anomalies<'t>(&'t self, turn: &'t Turn) -> impl Iterator<Item = &'t Anomaly> {
        anomalies(turn, &self.gate)
    }

    /// The number of recorded turns.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Acquire)
    }

    /// How much of the cardinality limits is in use.
    pub fn values_in_use(&self) -> Vec<ValuesInUse> {
        self.recording.lock().series.values_in_use()
    }

    /// Records one measurement.
    pub fn record(&self, measurement: Measurement) {
        self.recording.lock().series.record(measurement);
    }

    /// Records the state of the project's exports as the metric `ccxray.otel.state`.
    pub fn record_state(&self) {
        let current = self.update_exports(|exports| exports.health.state().as_str());
        for state in STATES {
            self.record(Measurement {
                metric: Metric::OtelState,
                attributes: [AttributeValue::constant(state), ABSENT, ABSENT],
                value: MeasuredValue::Amount(if *state == current { 1.0 } else { 0.0 }),
            });
        }
    }

    /// Collects the cumulative sums.
    ///
    /// # Errors
    /// If the SDK cannot collect.
    pub fn cumulative(&self) -> Result<MetricsRequest, OTelSdkError> {
        self.provider.collect().map(|metrics| MetricsRequest::new(&metrics))
    }

    /// With delta temporality: passes the current interval to `take` and ends it. If `take` fails, the
    /// interval goes on.
    ///
    /// # Errors
    /// If the SDK cannot collect, or if `take` fails.
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

    /// The next request as OTLP/JSON for people: values of environment variables are masked. It does
    /// not change the next export. `None` if the request cannot be rendered.
    pub fn preview(&self) -> Option<String> {
        let cumulative = self.cumulative().ok()?;
        let mut request = match self.config.temporality {
            Temporality::Cumulative => cumulative,
            Temporality::Delta => self.baseline.lock().interval(&cumulative),
        };
        request.mask(|key| self.config.is_filled_in(key));
        let labels =
            PROJECT_LABELS.map(|(label, key)| (label.key(), self.config.is_filled_in(key)));
        request.mask_names(|key, name| {
            labels.contains(&(key, true)) || self.config.is_name_filled_in(name)
        });
        request.to_json().ok()
    }

    /// A copy of the results of this project's exports.
    pub fn exports(&self) -> Exports {
        self.exports.lock().clone()
    }

    /// Updates the results of this project's exports.
    pub fn update_exports<T>(&self, update: impl FnOnce(&mut Exports) -> T) -> T {
        update(&mut self.exports.lock())
    }
}
