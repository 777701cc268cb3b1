//! The per-project exporter: what one project exports, and the result of each export.

use crate::config::{Compression, Config, Protocol, Temporality};
use crate::diagnostics::{Diagnostics, LogEvent};
use crate::export::answer::PartialSuccess;
use crate::export::client::ExportClient;
use crate::export::endpoint_description::EndpointDescription;
use crate::export::failure::{ExportError, Failure};
use crate::export::project_store::ProjectStore;
use crate::metrics::attribute_value::AttributeValue;
use crate::otlp::backlog::Backlog;
use crate::otlp::delivered_series::DeliveredSeries;
use crate::otlp::parts::{Parts, RequestLimit, halves};
use crate::otlp::request::{EncodedRequest, MetricsRequest};
use crate::otlp::retry::Rejection;
use crate::pending::directory::Claimed;
use crate::pending::progress::Mark;
use crate::project::Project;
use crate::project::export_drop_reason::ExportDropReason;
use crate::project::exports::BacklogSize;
use crate::record::queue::EntryQueue;
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use bytes::Bytes;
use futures_util::FutureExt;
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

/// What all per-project exporters of a process share.
#[derive(Clone)]
pub(super) struct ExportContext {
    /// For the number of queued entries in log lines.
    pub(super) queue: Arc<EntryQueue>,
    /// The log and the status file.
    pub(super) diagnostics: Diagnostics,
    /// Notified when the status of a project has changed.
    pub(super) status_changed: Arc<Notify>,
    /// Its holder may use the processor for long: one project at a time.
    pub(super) processor: Arc<Semaphore>,
}

/// Exports one project.
pub(super) struct ProjectExporter {
    pub(super) project: Arc<Project>,
    pub(super) context: ExportContext,
    pub(super) client: ExportClient,
    /// The file for what the backend has not confirmed.
    pub(super) store: ProjectStore,
    /// What ended processes have left, and this one delivers.
    pub(super) claimed: VecDeque<Claimed>,
    /// When to look for more of them. `None` before the first time.
    pub(super) next_claim: Option<Instant>,
    /// With cumulative temporality: the last values that the backend has confirmed, in protobuf.
    pub(super) confirmed: Option<Bytes>,
    /// With cumulative temporality: whether the backend may have newer values than those.
    pub(super) is_unclear: bool,
    /// With cumulative temporality: the series that need no zero point any more.
    delivered_series: DeliveredSeries,
    /// With delta temporality: the intervals that the backend has not taken yet.
    pub(super) backlog: Backlog,
    /// With cumulative temporality: whether the last export was rejected, and so is counted as dropped
    /// already.
    was_rejected: bool,
    /// The most that one request may have. It is halved when the backend finds a request too large.
    pub(super) request_limit: RequestLimit,
    /// The number of turns that are delivered or in the backlog.
    pub(super) exported_turns: u64,
    /// Identifies this exporter in the log's rate limit.
    pub(super) log_source: u64,
    pub(super) endpoint: EndpointDescription,
}

impl ProjectExporter {
    pub(super) fn new(project: Arc<Project>, log_source: u64, context: ExportContext) -> Self {
        let endpoint = EndpointDescription::of(project.config());
        let request_limit = RequestLimit::new(project.config().max_request_bytes);
        let store = ProjectStore::new(&project, &context.diagnostics);
        Self {
            project,
            context,
            client: ExportClient::default(),
            store,
            claimed: VecDeque::new(),
            next_claim: None,
            confirmed: None,
            is_unclear: false,
            delivered_series: DeliveredSeries::default(),
            backlog: Backlog::default(),
            was_rejected: false,
            request_limit,
            exported_turns: 0,
            log_source,
            endpoint,
        }
    }

    pub(super) fn project(&self) -> &Arc<Project> {
        &self.project
    }

    /// Whether a running export may be cancelled and repeated. Cumulative sums may be sent twice. A
    /// delta interval may not: the backend would add it twice.
    pub(super) fn is_cancellable(&self) -> bool {
        self.project.config().temporality == Temporality::Cumulative
    }

    /// Whether everything was delivered: no turn was recorded since then.
    pub(super) fn is_up_to_date(&self) -> bool {
        self.backlog.is_empty() && self.project.turns() == self.exported_turns
    }

    /// Exports everything recorded so far, with retries, until `deadline`. If our own code panics, only
    /// this export fails.
    pub(super) async fn export(&mut self, deadline: Instant) -> Result<(), ExportError> {
        let export = AssertUnwindSafe(async {
            failpoint!("export");
            match self.project.config().temporality {
                Temporality::Cumulative => self.export_cumulative(deadline).await,
                Temporality::Delta => self.export_delta(deadline).await,
            }
        });
        match timeout_at(deadline, export.catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Failure::Internal("panic").into()),
            Err(_elapsed) => Err(Failure::Deadline.into()),
        }
    }

    /// Waits until no other project collects or encodes. Before each of them the export thread looks at
    /// its timers and commands, so that many large projects delay no answer.
    async fn processor(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Failure> {
        let processor = Arc::clone(&self.context.processor).acquire_owned().await;
        let processor =
            processor.map_err(|_: AcquireError| Failure::Internal("the export thread ends"))?;
        yield_now().await;
        if Instant::now() < deadline { Ok(processor) } else { Err(Failure::Deadline) }
    }

    async fn export_cumulative(&mut self, deadline: Instant) -> Result<(), ExportError> {
        let processor = self.processor(deadline).await?;
        let turns = self.project.turns();
        let request = self.project.cumulative().map_err(Failure::from)?;
        let newest = protobuf(&request)?;
        drop(processor);
        self.send_zero_points(&request, deadline).await?;
        self.announce(newest.clone(), turns).await;
        // Until there is an answer.
        let was_unclear = std::mem::replace(&mut self.is_unclear, true);
        let sent = self.send_cumulative(request, deadline).await;
        if let Err(error) = sent {
            self.is_unclear = was_unclear || error.may_have_arrived;
            return Err(error);
        }
        self.is_unclear = false;
        self.exported_turns = turns;
        self.confirmed = Some(newest);
        self.store.clear().await;
        self.deliver_claimed(deadline).await
    }

    /// Sends zeros before the first values of series, so that the backend sees an increase. Values are sent only after that, so
    /// an answer that does not arrive leaves nothing unclear here.
    async fn send_zero_points(
        &mut self,
        request: &MetricsRequest,
        deadline: Instant,
    ) -> Result<(), ExportError> {
        let Some(mut zero_points) = self.delivered_series.zero_points(request) else {
            return Ok(());
        };
        self.project.date_zero_points(&mut zero_points);
        self.send_cumulative(zero_points, deadline).await
    }

    /// Sends a request in as many parts as the backend needs. A part that is malformed for the backend does
    /// not keep it from the others.
    async fn send_cumulative(
        &mut self,
        request: MetricsRequest,
        deadline: Instant,
    ) -> Result<(), ExportError> {
        let mut parts = Parts::new(request);
        let mut result = Ok(());
        self.was_rejected = false;
        loop {
            let processor = self.processor(deadline).await?;
            let next = parts.next(self.encoding(), self.request_limit).map_err(unencodable)?;
            drop(processor);
            let Some((part, body)) = next else { return result };
            let error = match self.send(&body.bytes, deadline).await {
                Ok(()) => {
                    self.delivered_series.add(&part);
                    continue;
                }
                Err(error) => error,
            };
            match error.rejection {
                Some(Rejection::Size) if self.halve_limit(body.size) && parts.put_back(&part) => {}
                Some(rejection) => {
                    if !self.was_rejected {
                        self.count_dropped(ExportDropReason::Rejected, 1);
                    }
                    self.was_rejected = true;
                    result = result.and(Err(error));
                    // Only a body that is malformed says nothing about the next one.
                    if rejection != Rejection::Body {
                        return result;
                    }
                }
                None => return Err(error),
            }
        }
    }

    /// Sends the backlog, the oldest interval first. While the backlog is full, the newest interval stays
    /// open and grows, so that no older one is dropped.
    async fn export_delta(&mut self, deadline: Instant) -> Result<(), ExportError> {
        loop {
            let processor = self.processor(deadline).await?;
            let is_interval_ended = self.end_interval()?;
            drop(processor);
            while let Some(stored) = self.backlog.oldest() {
                let processor = self.processor(deadline).await?;
                let body = self.body_of(&stored).map_err(unencodable)?;
                drop(processor);
                // Its parts are in the backlog now.
                let Some(body) = body else {
                    self.rewrite().await;
                    continue;
                };
                self.store.mark(Mark::Sending).await;
                let result = self.send(&body.bytes, deadline).await;
                match &result {
                    Ok(()) => {
                        self.backlog.pop();
                        self.store.mark(Mark::Done).await;
                    }
                    Err(ExportError { rejection: Some(Rejection::Size), .. })
                        if self.halve_limit(body.size)
                            && self.split_oldest(&stored).map_err(unencodable)? =>
                    {
                        self.rewrite().await;
                        continue;
                    }
                    Err(ExportError {
                        rejection: Some(Rejection::Body | Rejection::Size), ..
                    }) => {
                        self.backlog.pop();
                        self.store.mark(Mark::Done).await;
                        self.count_dropped(ExportDropReason::Rejected, 1);
                    }
                    Err(_) => {}
                }
                self.update_backlog_size();
                result?;
            }
            if is_interval_ended {
                self.store.clear().await;
                return self.deliver_claimed(deadline).await;
            }
        }
    }

    /// The body to send for the oldest request of the backlog. `None` if that is too large: then its parts
    /// are in the backlog in its place.
    fn body_of(&mut self, stored: &EncodedRequest) -> io::Result<Option<EncodedRequest>> {
        let (protocol, compression) = self.encoding();
        let body = if protocol == Protocol::HttpJson {
            let message = stored.request(protocol, compression)?.serialize(protocol)?;
            EncodedRequest::new(message, protocol, compression)?
        } else {
            stored.clone()
        };
        let is_too_large = body.size > self.request_limit.bytes();
        Ok(if is_too_large && self.split_oldest(stored)? { None } else { Some(body) })
    }

    /// Splits the oldest request of the backlog in two. Returns whether that is possible.
    fn split_oldest(&mut self, stored: &EncodedRequest) -> io::Result<bool> {
        let (protocol, compression) = self.encoding();
        let Some((first, second)) = halves(&stored.request(protocol, compression)?) else {
            return Ok(false);
        };
        self.backlog.split_oldest([self.stored(&first)?, self.stored(&second)?]);
        Ok(true)
    }

    /// A request as the backlog has it: in protobuf, so that it can be read again.
    pub(super) fn stored(&self, request: &MetricsRequest) -> io::Result<EncodedRequest> {
        let (protocol, compression) = self.encoding();
        let protocol = if protocol == Protocol::Grpc { protocol } else { Protocol::HttpProtobuf };
        EncodedRequest::new(request.serialize(protocol)?, protocol, compression)
    }

    pub(super) fn encoding(&self) -> (Protocol, Compression) {
        let Config { protocol, compression, .. } = self.project.config();
        (*protocol, *compression)
    }

    /// Halves the limit after a request of `size` bytes was too large for the backend. Returns whether
    /// smaller ones can help.
    fn halve_limit(&mut self, size: usize) -> bool {
        let can_help = self.request_limit.halve(size);
        let (bytes, max_bytes) = (size as u64, self.request_limit.bytes() as u64);
        self.log(Timestamp::now(), &LogEvent::RequestTooLarge { bytes, max_bytes });
        can_help
    }

    /// Called instead of an export while the circuit breaker lets nothing through. With delta temporality
    /// the interval ends nevertheless, so that an outage does not become one long interval. If our own
    /// code panics, the interval goes on.
    pub(super) fn postpone(&mut self) {
        if self.project.config().temporality == Temporality::Delta {
            let _ = catch_unwind(AssertUnwindSafe(|| self.end_interval()));
        }
    }

    /// Ends the current interval, and adds it to the backlog. Returns `false` if the backlog is full; then
    /// the interval goes on.
    fn end_interval(&mut self) -> Result<bool, Failure> {
        if !self.backlog.has_room() {
            return Ok(false);
        }
        let turns = self.project.turns();
        let is_first = self.backlog.is_empty();
        let body = self.project.end_interval(|interval| {
            // An interval without increments is sent, because it shows that the exporter runs. It needs
            // no place in a backlog.
            let is_wanted = is_first || interval.has_increments();
            is_wanted.then(|| self.stored(interval).map_err(unencodable)).transpose()
        })?;
        self.exported_turns = turns;
        if let Some(body) = body {
            self.backlog.push(body);
            self.update_backlog_size();
        }
        Ok(true)
    }

    pub(super) async fn send(
        &mut self,
        body: &Bytes,
        deadline: Instant,
    ) -> Result<(), ExportError> {
        let partial_success = self.client.send(self.project.config(), body, deadline).await?;
        let PartialSuccess { rejected_points, message } = &partial_success;
        let rejected_points = *rejected_points;
        if rejected_points > 0 {
            self.count_dropped(ExportDropReason::PartialSuccess, 1);
        }
        if rejected_points > 0 || !message.is_empty() {
            let message = partial_success.shown(&self.project.config().headers);
            let message = message.as_ref().map(AttributeValue::as_str);
            self.log(Timestamp::now(), &LogEvent::PartialSuccess { rejected_points, message });
        }
        Ok(())
    }

    /// Ends the exports of this project. What is not delivered by now, and not on the disk at `deadline`, is counted as
    /// dropped: later, the process may be gone.
    pub(super) async fn end(&mut self, now: Timestamp, is_delivered: bool, deadline: Instant) {
        // First, because a slow disk takes time. The line has the size of the backlog, which is cleared afterwards.
        self.update_health(now, |health| health.stopped(now));
        let is_safe =
            is_delivered || timeout_at(deadline, self.keep(now, true)).await.unwrap_or(false);
        let lost = match self.project.config().temporality {
            Temporality::Cumulative => usize::from(!self.was_rejected),
            Temporality::Delta => {
                self.backlog.len() + usize::from(self.project.turns() != self.exported_turns)
            }
        };
        if !is_safe && lost > 0 {
            self.count_dropped(ExportDropReason::Shutdown, lost as u64);
        }
        self.backlog = Backlog::default();
        self.update_backlog_size();
    }

    fn update_backlog_size(&self) {
        let (requests, bytes) = (self.backlog.len() as u64, self.backlog.bytes() as u64);
        self.project.update_exports(|exports| {
            exports.counts.backlog = BacklogSize { requests, bytes };
        });
    }
}

/// A request as a file has it.
pub(super) fn protobuf(request: &MetricsRequest) -> Result<Bytes, Failure> {
    let bytes = request.serialize(Protocol::HttpProtobuf).map_err(unencodable)?;
    Ok(bytes.into())
}

pub(super) fn unencodable(_: io::Error) -> Failure {
    Failure::Internal("encoding failed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Outcome, Variables, resolve};
    use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
    use crate::metrics::registry::Metric;
    use std::path::Path;

    /// An exporter with delta temporality that sends JSON to a port that is not open.
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
            status_changed: Arc::default(),
            processor: Arc::new(Semaphore::new(1)),
        };
        ProjectExporter::new(project, 1, context)
    }

    fn record(exporter: &ProjectExporter, count: u64) {
        exporter.project.record(Measurement {
            metric: Metric::Sessions,
            attributes: [AttributeValue::constant("anthropic"), ABSENT, ABSENT],
            value: MeasuredValue::Count(count),
        });
    }

    /// The sessions that a request counts.
    fn sessions(body: &EncodedRequest) -> u64 {
        let request = body.request(Protocol::HttpJson, Compression::None).unwrap();
        let json: serde_json::Value = serde_json::from_str(&request.to_json().unwrap()).unwrap();
        let metrics = json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
        let sessions = metrics.iter().find(|metric| metric["name"] == "ccxray.sessions_total");
        sessions
            .map_or(0, |it| it["sum"]["dataPoints"][0]["asInt"].as_str().unwrap().parse().unwrap())
    }

    #[test]
    fn an_outage_that_fills_the_backlog_costs_no_data() {
        let mut exporter = exporter();
        let mut recorded = 0;
        for number in 0..2100 {
            let count = 1 + number % 7;
            record(&exporter, count);
            recorded += count;
            exporter.postpone();
        }
        assert_eq!(exporter.backlog.len(), 2048, "each postponed export adds one interval");
        let mut in_backlog = 0;
        while let Some(body) = exporter.backlog.oldest() {
            in_backlog += sessions(&body);
            exporter.backlog.pop();
        }
        assert!(in_backlog < recorded, "the newest interval is still open");
        exporter.postpone();
        assert_eq!(in_backlog + sessions(&exporter.backlog.oldest().unwrap()), recorded);
        let counts = exporter.project.exports().counts;
        assert_eq!((counts.backlog.requests, counts.dropped), (1, [0; 5]), "nothing was dropped");
    }
}
