//! What one project's exports report: their counts, the state of the project, and lines of the log.

use crate::diagnostics::{LogContext, LogEvent};
use crate::export::failure::ExportError;
use crate::export::project_exporter::ProjectExporter;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use crate::metrics::registry::Metric;
use crate::otlp::circuit_breaker::Permit;
use crate::project::export_drop_reason::ExportDropReason;
use crate::project::exports::Exports;
use crate::project::health::{Health, Transition};
use crate::util::clock::Timestamp;

impl ProjectExporter {
    /// Counts an interval that is sent again, because it is not known whether it has arrived.
    pub(super) fn count_repeated(&self) {
        self.project.update_exports(|exports| exports.counts.repeated += 1);
    }

    /// Counts files that are deleted unsent.
    pub(super) fn count_deleted(&self, count: u64) {
        self.project.update_exports(|exports| exports.counts.deleted += count);
    }

    pub(super) fn count_dropped(&self, reason: ExportDropReason, count: u64) {
        let now = Timestamp::now();
        self.project.update_exports(|exports| exports.count_dropped(now, reason, count));
        self.project.record(Measurement {
            metric: Metric::ExportsDropped,
            attributes: [
                AttributeValue::constant("metrics"),
                AttributeValue::constant(reason.as_str()),
                ABSENT,
            ],
            value: MeasuredValue::Count(count),
        });
    }

    /// Logs that the project has started to export.
    pub(super) fn log_start(&self, now: Timestamp) {
        let exports = self.project.exports();
        self.report(now, exports.health.transitions().next().copied());
    }

    /// Asks the circuit breaker for a permit to send.
    pub(super) fn permit(&self, now: Timestamp, is_last: bool) -> Permit {
        let (permit, transition) = self.project.update_exports(|Exports { health, .. }| {
            if is_last { health.permit_last(now) } else { health.permit(now) }
        });
        self.report(now, transition);
        permit
    }

    /// Updates the project's health, and reports the transition if there is one.
    pub(super) fn update_health(
        &self,
        now: Timestamp,
        update: impl FnOnce(&mut Health) -> Option<Transition>,
    ) {
        let transition = self.project.update_exports(|exports| update(&mut exports.health));
        self.report(now, transition);
    }

    /// Counts and logs the result of an export. If it was `cut_short`, it says nothing about the backend,
    /// and does not count for the circuit breaker.
    pub(super) fn record_result(
        &self,
        now: Timestamp,
        result: &Result<(), ExportError>,
        cut_short: bool,
    ) {
        let error = result.as_ref().err();
        let message = error.map(|error| error.failure.message(&self.endpoint));
        let (consecutive_failures, transition) = self.project.update_exports(|exports| {
            exports.count_attempt(now, message.clone());
            let transition = match error {
                None => exports.health.succeeded(now),
                Some(_) if cut_short => exports.health.cancelled(now),
                Some(ExportError { retry_after, .. }) => exports.health.failed(now, *retry_after),
            };
            (exports.health.consecutive_failures(), transition)
        });
        if let Some((ExportError { failure, .. }, error)) = error.zip(message) {
            let class = failure.class();
            self.log(now, &LogEvent::ExportFailed { class, error, consecutive_failures });
        }
        self.report(now, transition);
    }

    /// Reports a change of the status: a transition to the log and as a metric, and any change to the
    /// status file.
    fn report(&self, now: Timestamp, transition: Option<Transition>) {
        if let Some(Transition { from, to, reason, .. }) = transition {
            self.log(now, &LogEvent::Transition { from: from.as_str(), to: to.as_str(), reason });
            self.project.record_state();
        }
        self.context.status_changed.notify_one();
    }

    /// Has the status file written.
    pub(super) fn notify_status(&self) {
        self.context.status_changed.notify_one();
    }

    pub(super) fn log(&self, now: Timestamp, event: &LogEvent<'_>) {
        if self.project.config().log.enabled {
            let context = LogContext {
                source: self.log_source,
                endpoint: Some(&self.endpoint.url),
                queued: self.context.queue.len(),
                backlog: self.backlog.len(),
            };
            self.context.diagnostics.log(now, context, event);
        }
    }
}
