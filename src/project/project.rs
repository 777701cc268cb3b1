//! A project that exports: its config, its instruments, and the results of its exports.

use crate::config::{Config, Temporality};
use crate::entry::{Anomaly, Turn};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::cardinality::CardinalityLimits;
use crate::metrics::derive::{anomalies, derive};
use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use crate::metrics::name_log::NameLog;
use crate::metrics::privacy::PrivacyGate;
use crate::metrics::registry::{Metric, PROJECT_LABELS, STATES};
use crate::metrics::series::{SeriesTable, ValuesInUse};
use crate::metrics::sessions::Sessions;
use crate::otlp::dating::Period;
use crate::otlp::meter_provider::MeterProvider;
use crate::otlp::reporting_period::ReportingPeriod;
use crate::otlp::request::MetricsRequest;
use crate::otlp::temporality::Baseline;
use crate::project::exports::Exports;
use crate::util::clock::Timestamp;
use crate::util::instance_id::random_id;
use opentelemetry_sdk::error::OTelSdkError;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// A project that exports. The worker thread records into it, and the export thread collects from it.
#[derive(Debug)]
pub struct Project {
    config: Config,
    /// `service.instance.id`.
    instance: String,
    /// The directory of the config file, if there is one.
    directory: Option<PathBuf>,
    gate: PrivacyGate,
    provider: MeterProvider,
    recording: Mutex<Recording>,
    turns: AtomicU64,
    /// At a coarse resolution: notified of each turn.
    turn_recorded: Notify,
    /// For delta temporality, and for periods.
    baseline: Mutex<Baseline>,
    exports: Mutex<Exports>,
    /// Set while history is sent: when it happened.
    period: Mutex<Option<Period>>,
    /// At a coarse resolution: the stream of the period in which is recorded.
    stream: Option<Mutex<PeriodStream>>,
}

/// The sums of one period.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PeriodStream {
    period: ReportingPeriod,
    /// `service.instance.id`: new for each period, so that nothing tells two launches from one.
    instance: String,
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
        let stream = ReportingPeriod::at(config.resolution, now.unix_ms);
        let stream = stream.map(|period| PeriodStream { period, instance: instance.to_owned() });
        Self {
            gate: PrivacyGate::of(&config),
            config,
            instance: instance.to_owned(),
            directory: None,
            provider,
            recording: Mutex::new(Recording { series, sessions: Sessions::default() }),
            turns: AtomicU64::new(0),
            turn_recorded: Notify::new(),
            baseline: Mutex::default(),
            exports: Mutex::new(Exports::new(now)),
            period: Mutex::default(),
            stream: stream.map(Mutex::new),
        }
    }

    /// With a config file in this directory.
    #[must_use]
    pub fn in_directory(mut self, directory: Option<PathBuf>) -> Self {
        self.directory = directory;
        self
    }

    /// Notes from now on what the privacy gate decides about each name.
    pub fn note_names(&mut self) -> Arc<NameLog> {
        self.gate.note_names()
    }

    /// Records the project's tier, once for each start of its telemetry.
    pub fn record_start(&self) {
        let tier = if self.config.tier.number() == 2 { "2" } else { "1" };
        self.record(Measurement {
            metric: Metric::TierDistribution,
            attributes: [AttributeValue::constant(tier), ABSENT, ABSENT],
            value: MeasuredValue::Count(1),
        });
    }

    /// The project's config.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A random id of this launch, and `service.instance.id` of its first stream.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The directory of the config file, if there is one.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Records the measurements of a turn.
    pub fn record_turn(&self, turn: &Turn) {
        let Recording { series, sessions } = &mut *self.recording.lock();
        derive(turn, sessions, &self.gate, &mut |measurement| series.record(measurement));
        self.count_turn();
    }

    /// Counts a turn, so that there is something to export.
    pub fn count_turn(&self) {
        self.turns.fetch_add(1, Ordering::Release);
        if self.stream.is_some() {
            self.turn_recorded.notify_one();
        }
    }

    /// Waits for a turn, at a coarse resolution.
    pub async fn turn_recorded(&self) {
        self.turn_recorded.notified().await;
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

    /// Dates the data points of all exports from now on. They are history: an export contains no state of
    /// the exporter, and is made on request only.
    pub fn set_period(&self, period: Period) {
        *self.period.lock() = Some(period);
    }

    /// Whether exports are dated.
    pub fn is_history(&self) -> bool {
        self.period.lock().is_some()
    }

    /// Dates the zero points of new series, if exports are dated.
    pub fn date_zero_points(&self, zero_points: &mut MetricsRequest) {
        if let Some(period) = *self.period.lock() {
            period.date_zero_points(zero_points);
        }
    }

    /// Collects the cumulative sums.
    ///
    /// # Errors
    /// If the SDK cannot collect.
    pub fn cumulative(&self) -> Result<MetricsRequest, OTelSdkError> {
        let mut request = MetricsRequest::new(&self.provider.collect()?);
        match (*self.period.lock(), self.config.temporality) {
            (None, _) => {}
            (Some(period), Temporality::Cumulative) => period.date_cumulative(&mut request),
            (Some(period), Temporality::Delta) => period.date_delta(&mut request),
        }
        Ok(request)
    }

    /// With delta temporality or a coarse resolution: passes the current interval to `take` and ends it. If `take` fails, the
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
        let taken = take(&self.interval(&baseline, &cumulative))?;
        baseline.advance(&cumulative);
        Ok(taken)
    }

    /// The interval since a baseline. At a coarse resolution it is that of the current period, with its times and its stream.
    fn interval(&self, baseline: &Baseline, cumulative: &MetricsRequest) -> MetricsRequest {
        let Some(stream) = &self.stream else { return baseline.interval(cumulative) };
        let mut interval = match self.config.temporality {
            Temporality::Cumulative => baseline.interval_with_zeros(cumulative),
            Temporality::Delta => baseline.interval(cumulative),
        };
        let PeriodStream { period, instance } = &*stream.lock();
        period.stamp(&mut interval, instance, self.config.temporality);
        interval
    }

    /// The period in which is recorded. `None` at the resolution of a minute.
    pub fn reporting_period(&self) -> Option<ReportingPeriod> {
        self.stream.as_ref().map(|stream| stream.lock().period)
    }

    /// Records into another period from now on, and into another stream.
    pub fn begin_period(&self, period: ReportingPeriod) {
        if let Some(stream) = &self.stream {
            *stream.lock() = PeriodStream { period, instance: random_id() };
        }
    }

    /// The next request. It does not change the next export.
    ///
    /// # Errors
    /// If the SDK cannot collect.
    pub fn next_request(&self) -> Result<MetricsRequest, OTelSdkError> {
        let cumulative = self.cumulative()?;
        Ok(match self.config.temporality {
            Temporality::Cumulative if self.stream.is_none() => cumulative,
            Temporality::Cumulative | Temporality::Delta => {
                self.interval(&self.baseline.lock(), &cumulative)
            }
        })
    }

    /// Masks the values of environment variables in a request of this project, for people.
    pub fn mask(&self, request: &mut MetricsRequest) {
        request.mask(|key| self.config.is_filled_in(key));
        let labels =
            PROJECT_LABELS.map(|(label, key)| (label.key(), self.config.is_filled_in(key)));
        request.mask_names(|key, name| {
            labels.contains(&(key, true)) || self.config.is_name_filled_in(name)
        });
    }

    /// The next request as OTLP/JSON for people. `None` if the request cannot be rendered.
    pub fn preview(&self) -> Option<String> {
        let mut request = self.next_request().ok()?;
        self.mask(&mut request);
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
