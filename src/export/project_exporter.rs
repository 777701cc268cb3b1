//! One project's way to its backend: what it has been reported, how to report_transition it, and what came of it.

use crate::config::Temporality;
use crate::diagnostics::{Diagnostics, LogContext, LogEvent};
use crate::export::client::{ExportClient, SendOutcome};
use crate::export::failure::Failure;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, Measurement, Value};
use crate::metrics::registry::Metric;
use crate::otlp::backlog::Backlog;
use crate::otlp::circuit_breaker::Permit;
use crate::otlp::request::{AnnouncedSeries, MetricsRequest};
use crate::otlp::retry::Rejection;
use crate::project::Project;
use crate::project::exports::{BacklogSize, ExportDropReason, Exports};
use crate::project::health::{Health, Transition};
use crate::record::queue::EntryQueue;
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use bytes::Bytes;
use futures_util::FutureExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What all exporters of a process have in common.
#[derive(Clone)]
pub(super) struct ExportContext {
    /// For how much waits to be counted.
    pub(super) queue: Arc<EntryQueue>,
    pub(super) diagnostics: Diagnostics,
    /// To be reported when something about a project has changed.
    pub(super) changed: Arc<tokio::sync::Notify>,
}

/// One project's way to its backend.
pub(super) struct ProjectExporter {
    project: Arc<Project>,
    context: ExportContext,
    client: ExportClient,
    announced: AnnouncedSeries,
    /// Intervals that wait for the backend.
    backlog: Backlog,
    /// The last export was given up, and counted as that.
    is_dropped: bool,
    /// How many turns the backend has been reported of, or will be by what is in the backlog.
    exported_turns: u64,
    /// Tells exporters apart in the log.
    number: u64,
    endpoint: String,
}

/// Why an export did not get through.
pub(super) struct ExportError {
    pub(super) failure: Failure,
    /// The backend logged no, and trying again is of no use.
    rejection: Option<Rejection>,
    /// For how long the backend flush_requests to be left alone.
    retry_after: Option<Duration>,
}

impl From<Failure> for ExportError {
    fn from(failure: Failure) -> Self {
        Self { failure, rejection: None, retry_after: None }
    }
}

impl ProjectExporter {
    pub(super) fn new(project: Arc<Project>, number: u64, context: ExportContext) -> Self {
        let endpoint = project.config().endpoint.to_string();
        Self {
            project,
            context,
            client: ExportClient::new(),
            announced: AnnouncedSeries::default(),
            backlog: Backlog::default(),
            is_dropped: false,
            exported_turns: 0,
            number,
            endpoint,
        }
    }

    pub(super) fn project(&self) -> &Arc<Project> {
        &self.project
    }

    /// Whether an export under way may be called off and made again: sums since the start say
    /// everything again, while an interval that has arrived must not be sent a second time.
    pub(super) fn is_cancellable(&self) -> bool {
        self.project.config().temporality == Temporality::Cumulative
    }

    /// Whether no turn was recorded since the last delivery.
    pub(super) fn is_up_to_date(&self) -> bool {
        self.backlog.is_empty() && self.project.turns() == self.exported_turns
    }

    /// Delivers everything recorded so far, with retries, until `deadline`. A panic costs this
    /// export and nothing else.
    pub(super) async fn deliver(&mut self, deadline: Instant) -> Result<(), ExportError> {
        let delivery = AssertUnwindSafe(async {
            failpoint!("export");
            match self.project.config().temporality {
                Temporality::Cumulative => self.deliver_sums(deadline).await,
                Temporality::Delta => self.deliver_intervals(deadline).await,
            }
        });
        match timeout_at(deadline, delivery.catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Failure::Internal("panic").into()),
            Err(_elapsed) => Err(Failure::Deadline.into()),
        }
    }

    async fn deliver_sums(&mut self, deadline: Instant) -> Result<(), ExportError> {
        let turns = self.project.turns();
        let request = self.project.cumulative().map_err(Failure::from)?;
        if let Some(zeros) = self.announced.zeros(&request) {
            self.send_sums(&zeros, deadline).await?;
            self.announced.confirm(&zeros);
        }
        self.send_sums(&request, deadline).await?;
        self.announced.confirm(&request);
        self.exported_turns = turns;
        Ok(())
    }

    async fn send_sums(
        &mut self,
        sums: &MetricsRequest,
        deadline: Instant,
    ) -> Result<(), ExportError> {
        let body = encode(&self.project, sums)?;
        let sent = self.send(&body, deadline).await;
        self.is_dropped = sent.as_ref().is_err_and(|it| it.rejection.is_some());
        if self.is_dropped {
            self.drop_export(ExportDropReason::Rejected, 1);
        }
        sent
    }

    /// The oldest interval first. While the backlog is full the newest one stays open, so that it
    /// grows instead of costing an older one.
    async fn deliver_intervals(&mut self, deadline: Instant) -> Result<(), ExportError> {
        loop {
            let is_all = self.end_interval()?;
            while let Some(body) = self.backlog.oldest() {
                let sent = self.send(&body, deadline).await;
                match &sent {
                    Ok(()) => self.backlog.pop(),
                    Err(ExportError { rejection: Some(Rejection::Body), .. }) => {
                        self.backlog.pop();
                        self.drop_export(ExportDropReason::Rejected, 1);
                    }
                    Err(_) => {}
                }
                self.note_backlog();
                sent?;
            }
            if is_all {
                return Ok(());
            }
        }
    }

    /// What would be reported now has to wait: with delta temporality its interval ends all the same, so
    /// that an outage is not one interval. A panic costs that, and nothing else: the interval goes on.
    pub(super) fn postpone(&mut self) {
        if self.project.config().temporality == Temporality::Delta {
            let _ = catch_unwind(AssertUnwindSafe(|| self.end_interval()));
        }
    }

    /// Ends the interval that is open, if there is room for it.
    fn end_interval(&mut self) -> Result<bool, Failure> {
        if !self.backlog.has_room() {
            return Ok(false);
        }
        let turns = self.project.turns();
        let is_first = self.backlog.is_empty();
        let body = self.project.end_interval(|interval| {
            // What tells nothing new is worth a request of its own, as a sign of life, and no place
            // in a backlog.
            let is_worth_it = is_first || interval.has_increments();
            is_worth_it.then(|| encode(&self.project, interval)).transpose()
        })?;
        self.exported_turns = turns;
        if let Some(body) = body {
            self.backlog.push(body);
            self.note_backlog();
        }
        Ok(true)
    }

    async fn send(&mut self, body: &Bytes, deadline: Instant) -> Result<(), ExportError> {
        match self.client.send(self.project.config(), body, deadline).await {
            SendOutcome::Delivered { rejected_points: 0 } => Ok(()),
            SendOutcome::Delivered { rejected_points } => {
                self.drop_export(ExportDropReason::PartialSuccess, 1);
                self.log(Timestamp::now(), &LogEvent::PartialSuccess { rejected_points });
                Ok(())
            }
            SendOutcome::Failed { failure, rejection, retry_after } => {
                Err(ExportError { failure, rejection, retry_after })
            }
        }
    }

    /// There will be no more exports. Whatever was not delivered is lost.
    pub(super) fn end(&mut self, now: Timestamp, delivered: bool) {
        let lost = match self.project.config().temporality {
            Temporality::Cumulative => usize::from(!self.is_dropped),
            Temporality::Delta => {
                self.backlog.len() + usize::from(self.project.turns() != self.exported_turns)
            }
        };
        if !delivered && lost > 0 {
            self.drop_export(ExportDropReason::Shutdown, lost as u64);
        }
        // Its line in the log tells how much was left.
        self.health(now, |health| health.stopped(now));
        self.backlog = Backlog::default();
        self.note_backlog();
    }

    fn drop_export(&self, reason: ExportDropReason, count: u64) {
        let now = Timestamp::now();
        self.project.update_exports(|exports| exports.drop_export(now, reason, count));
        self.project.record(Measurement {
            metric: Metric::ExportsDropped,
            labels: [
                AttributeValue::constant("metrics"),
                AttributeValue::constant(reason.as_str()),
                ABSENT,
            ],
            value: Value::Count(count),
        });
    }

    fn note_backlog(&self) {
        let (requests, bytes) = (self.backlog.len() as u64, self.backlog.bytes() as u64);
        self.project.update_exports(|exports| {
            exports.counts.backlog = BacklogSize { requests, bytes };
        });
    }

    /// Says that the project has started to export.
    pub(super) fn log_start(&self, now: Timestamp) {
        let exports = self.project.exports();
        self.report_transition(now, exports.health.transitions().next().copied());
    }

    /// Asks to send, perhaps for the last time.
    pub(super) fn permit(&self, now: Timestamp, last: bool) -> Permit {
        let (permit, changed) = self.project.update_exports(|Exports { health, .. }| {
            if last { health.permit_last(now) } else { health.permit(now) }
        });
        self.report_transition(now, changed);
        permit
    }

    /// Tells the project's health something.
    pub(super) fn health(
        &self,
        now: Timestamp,
        event: impl FnOnce(&mut Health) -> Option<Transition>,
    ) {
        let changed = self.project.update_exports(|exports| event(&mut exports.health));
        self.report_transition(now, changed);
    }

    /// Puts the state into the metrics.
    pub(super) fn record_state(&self) {
        self.project.record_state();
    }

    /// Takes note of how an export went.
    pub(super) fn note_result(&self, now: Timestamp, result: &Result<(), ExportError>) {
        let words = result.as_ref().err().map(|it| it.failure.to_string());
        let (failures, changed) = self.project.update_exports(|exports| {
            exports.count(now, words);
            let changed = match result {
                Ok(()) => exports.health.succeeded(now),
                Err(ExportError { retry_after, .. }) => exports.health.failed(now, *retry_after),
            };
            (exports.health.consecutive_failures(), changed)
        });
        if let Err(ExportError { failure, .. }) = result {
            let class = failure.class();
            let error = failure.to_string();
            self.log(now, &LogEvent::ExportFailed { class, error, consecutive_failures: failures });
        }
        self.report_transition(now, changed);
    }

    fn report_transition(&self, now: Timestamp, changed: Option<Transition>) {
        if let Some(Transition { from, to, reason, .. }) = changed {
            self.log(now, &LogEvent::Transition { from: from.as_str(), to: to.as_str(), reason });
            self.record_state();
        }
        self.context.changed.notify_one();
    }

    fn log(&self, now: Timestamp, event: &LogEvent<'_>) {
        if self.project.config().log.enabled {
            let context = LogContext {
                source: self.number,
                endpoint: Some(&self.endpoint),
                queued: self.context.queue.len(),
                backlog: self.backlog.len(),
            };
            self.context.diagnostics.log(now, context, event);
        }
    }
}

fn encode(project: &Project, request: &MetricsRequest) -> Result<Bytes, Failure> {
    let (protocol, compression) = (project.config().protocol, project.config().compression);
    let body = request.encode(protocol, compression);
    body.map(Bytes::from).map_err(|_| Failure::Internal("encoding failed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Outcome, Variables, resolve};
    use std::path::Path;

    /// A exporter whose requests can be read, to a backend that is not there.
    fn exporter() -> ProjectExporter {
        let variables = [
            ("CCXRAY_OTEL_TIER", "1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        ];
        let variables: Variables = variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let environment = Environment { variables, ..Environment::default() };
        let resolution = resolve(Path::new("/nonexistent"), &environment).unwrap();
        let Outcome::On(config) = resolution.outcome else { panic!("telemetry is on") };
        let project = Arc::new(Project::new(*config, "instance", Timestamp::now()));
        let context = ExportContext {
            queue: Arc::default(),
            diagnostics: Diagnostics::default(),
            changed: Arc::default(),
        };
        ProjectExporter::new(project, 1, context)
    }

    fn record(exporter: &ProjectExporter, count: u64) {
        exporter.project.record(Measurement {
            metric: Metric::Sessions,
            labels: [AttributeValue::constant("anthropic"), ABSENT, ABSENT],
            value: Value::Count(count),
        });
    }

    /// How many sessions a request tells of.
    fn sessions(body: &Bytes) -> u64 {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap();
        let metrics = json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
        let sessions = metrics.iter().find(|metric| metric["name"] == "ccxray.sessions_total");
        sessions
            .map_or(0, |it| it["sum"]["dataPoints"][0]["asInt"].as_str().unwrap().parse().unwrap())
    }

    #[test]
    fn an_outage_that_outlasts_the_backlog_costs_no_number() {
        let mut exporter = exporter();
        let mut recorded = 0;
        for number in 0..2100 {
            let count = 1 + number % 7;
            record(&exporter, count);
            recorded += count;
            exporter.postpone();
        }
        assert_eq!(exporter.backlog.len(), 2048, "one interval for each time it was put off");
        let mut reported = 0;
        while let Some(body) = exporter.backlog.oldest() {
            reported += sessions(&body);
            exporter.backlog.pop();
        }
        assert!(reported < recorded, "the newest interval is still open");
        exporter.postpone();
        assert_eq!(reported + sessions(&exporter.backlog.oldest().unwrap()), recorded);
        let counts = exporter.project.exports().counts;
        assert_eq!((counts.backlog.requests, counts.dropped), (1, [0; 3]), "nothing was given up");
    }
}
