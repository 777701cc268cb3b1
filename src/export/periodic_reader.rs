//! Exports one project periodically, and on request.
//!
//! OpenTelemetry calls this a periodic exporting reader:
//! <https://opentelemetry.io/docs/specs/otel/metrics/sdk/#periodic-exporting-metricreader>

use crate::export::dropped_entries::DroppedEntries;
use crate::export::failure::{ExportError, Failure};
use crate::export::flush::{FlushRequest, with_margin};
use crate::export::project_exporter::ProjectExporter;
use crate::export::project_store::LAST_WRITE;
use crate::otlp::circuit_breaker::Permit;
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// The first export comes early, so that `status` soon shows whether the endpoint works.
const FIRST_EXPORT: Duration = Duration::from_secs(2);

/// A flush that leaves the backend less time says nothing about the backend: it opens no circuit.
const SHORT_FLUSH: Duration = Duration::from_millis(100);

/// Exports one project until its last flush request, or until no flush request can arrive any more.
///
/// With cumulative temporality, a flush request cancels a periodic export, and the last flush request
/// cancels any export: the next request contains everything that the cancelled one did. With delta
/// temporality an export is not cancelled, except by the last flush request after half of its time.
/// Other flush requests wait until the running flush is over, so that a slow backend gets a chance.
pub(super) async fn run(
    exporter: ProjectExporter,
    dropped_entries: Rc<DroppedEntries>,
    flush_requests: mpsc::UnboundedReceiver<FlushRequest>,
) {
    let interval = exporter.project().config().interval;
    let mut reader = PeriodicReader {
        exporter,
        dropped_entries,
        flush_requests,
        requests: Vec::new(),
        later_requests: Vec::new(),
        next_export: Instant::now() + interval.min(FIRST_EXPORT),
    };
    while reader.step().await.is_continue() {}
}

struct PeriodicReader {
    exporter: ProjectExporter,
    dropped_entries: Rc<DroppedEntries>,
    flush_requests: mpsc::UnboundedReceiver<FlushRequest>,
    /// The flush requests that the next or running export is for.
    requests: Vec<FlushRequest>,
    /// The flush requests that arrived during the running export.
    later_requests: Vec<FlushRequest>,
    /// When the next periodic export is due.
    next_export: Instant,
}

/// What an export is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trigger {
    Interval,
    Flush,
    Shutdown,
}

/// The end of an export.
enum Completion {
    /// It has a result.
    Finished {
        is_delivered: bool,
        /// The circuit breaker lets nothing through before this instant.
        blocked_until: Option<Instant>,
    },
    /// It was cancelled for a flush request.
    Cancelled,
    /// The export thread has closed the channel of the flush requests.
    Disconnected,
}

impl PeriodicReader {
    /// Waits for the next export, and makes it. Breaks after the last one.
    async fn step(&mut self) -> ControlFlow<()> {
        failpoint!("schedule");
        self.wait().await?;
        let trigger = self.trigger();
        let is_history = self.exporter.project().is_history();
        if trigger == Trigger::Shutdown && (is_history || self.exporter.is_up_to_date()) {
            return self.end(true).await;
        }
        if trigger == Trigger::Interval && is_history {
            // Half of a day would get the time at which the day ended.
            self.schedule_next(trigger, None);
            return ControlFlow::Continue(());
        }
        match self.export(trigger).await {
            Completion::Disconnected => ControlFlow::Break(()),
            Completion::Cancelled => {
                let now = Timestamp::now();
                self.exporter.update_health(now, |health| health.cancelled(now));
                ControlFlow::Continue(())
            }
            Completion::Finished { is_delivered, .. } if trigger == Trigger::Shutdown => {
                self.end(is_delivered).await
            }
            Completion::Finished { is_delivered, blocked_until } => {
                // A caller that learns of the failure can rely on the file.
                if !is_delivered {
                    self.exporter.keep(Timestamp::now(), false).await;
                }
                self.reply(is_delivered);
                self.schedule_next(trigger, blocked_until);
                ControlFlow::Continue(())
            }
        }
    }

    /// Waits for a flush request or for the next periodic export.
    async fn wait(&mut self) -> ControlFlow<()> {
        self.requests.append(&mut self.later_requests);
        // No caller waits for these any more. The last request ends the exports even so.
        self.requests.retain(|request| request.is_last() || !request.reply.is_closed());
        if !self.requests.is_empty() {
            return ControlFlow::Continue(());
        }
        loop {
            let next_write = self.exporter.next_write().filter(|at| *at < self.next_export);
            tokio::select! {
                biased;
                request = self.flush_requests.recv() => match request {
                    Some(request) => self.requests.push(request),
                    None => return ControlFlow::Break(()),
                },
                () = sleep_until(next_write.unwrap_or(self.next_export)) => {
                    if next_write.is_some() {
                        self.exporter.keep(Timestamp::now(), false).await;
                        continue;
                    }
                }
            }
            return ControlFlow::Continue(());
        }
    }

    fn trigger(&self) -> Trigger {
        match self.requests.as_slice() {
            [] => Trigger::Interval,
            requests if requests.iter().any(FlushRequest::is_last) => Trigger::Shutdown,
            _ => Trigger::Flush,
        }
    }

    /// Exports, until a flush request cancels it.
    async fn export(&mut self, trigger: Trigger) -> Completion {
        let now = Instant::now();
        let deadline = match self.requests.iter().map(|request| request.deadline).max() {
            Some(deadline) if trigger == Trigger::Shutdown => {
                let deadline = with_margin(deadline, now);
                // What cannot be delivered is stored in the rest of the time.
                deadline - (deadline.saturating_duration_since(now) / 4).min(LAST_WRITE)
            }
            Some(deadline) => with_margin(deadline, now),
            None => now + self.exporter.project().config().timeout,
        };
        let Self { exporter, dropped_entries, flush_requests, later_requests, .. } = self;
        let is_cancellable = exporter.is_cancellable();
        let mut export = pin!(export(exporter, dropped_entries, trigger, deadline));
        let mut cancel_at = None;
        loop {
            tokio::select! {
                biased;
                urgent = next_urgent_request(flush_requests, later_requests, trigger) => match urgent {
                    None => return Completion::Disconnected,
                    Some(_) if is_cancellable => return Completion::Cancelled,
                    Some(UrgentRequest { is_last: true, deadline }) => {
                        let now = Instant::now();
                        cancel_at = Some(now + deadline.saturating_duration_since(now) / 2);
                    }
                    Some(_) => {}
                },
                // The export itself ends at its deadline.
                completion = &mut export => return completion,
                () = sleep_until(cancel_at.unwrap_or(deadline)), if cancel_at.is_some() => {
                    return Completion::Cancelled;
                }
            }
        }
    }

    fn schedule_next(&mut self, trigger: Trigger, blocked_until: Option<Instant>) {
        let usual = Instant::now() + self.exporter.project().config().interval;
        self.next_export = match blocked_until {
            None => usual,
            Some(until) if trigger == Trigger::Interval => usual.min(until),
            // A flush that the circuit breaker blocked does not delay the periodic export.
            Some(_) => self.next_export,
        };
    }

    async fn end(&mut self, is_delivered: bool) -> ControlFlow<()> {
        let now = Instant::now();
        let deadline = self.requests.iter().map(|request| request.deadline).max().unwrap_or(now);
        self.exporter.end(Timestamp::now(), is_delivered, with_margin(deadline, now)).await;
        self.reply(is_delivered);
        ControlFlow::Break(())
    }

    fn reply(&mut self, is_delivered: bool) {
        for request in self.requests.drain(..) {
            // The caller may have stopped waiting.
            let _ = request.reply.send(is_delivered);
        }
    }
}

/// A flush request that may cancel the running export.
struct UrgentRequest {
    deadline: Instant,
    is_last: bool,
}

/// Collects flush requests in `later_requests` until one of them may cancel the running export. `None`
/// if no flush request can arrive any more.
async fn next_urgent_request(
    flush_requests: &mut mpsc::UnboundedReceiver<FlushRequest>,
    later_requests: &mut Vec<FlushRequest>,
    running: Trigger,
) -> Option<UrgentRequest> {
    loop {
        let request = flush_requests.recv().await?;
        let (deadline, is_last) = (request.deadline, request.is_last());
        later_requests.push(request);
        if running == Trigger::Interval || is_last {
            return Some(UrgentRequest { deadline, is_last });
        }
    }
}

/// Exports, if the circuit breaker allows it.
async fn export(
    exporter: &mut ProjectExporter,
    dropped_entries: &DroppedEntries,
    trigger: Trigger,
    deadline: Instant,
) -> Completion {
    let now = Timestamp::now();
    if let Permit::WaitUntil(until) = exporter.permit(now, trigger == Trigger::Shutdown) {
        // Flushes end no interval while nothing is sent: many of them would fill the backlog.
        if trigger != Trigger::Flush {
            exporter.postpone();
        }
        let blocked_until = Some(Instant::from_std(until));
        return Completion::Finished { is_delivered: false, blocked_until };
    }
    dropped_entries.report(exporter.project(), now);
    exporter.project().record_state();
    let started = Instant::now();
    let result = exporter.export(deadline).await;
    let is_cut_short = deadline < started + SHORT_FLUSH
        && matches!(&result, Err(ExportError { failure: Failure::Deadline, .. }));
    let is_cut_short = is_cut_short && trigger == Trigger::Flush;
    exporter.record_result(Timestamp::now(), &result, is_cut_short);
    Completion::Finished { is_delivered: result.is_ok(), blocked_until: None }
}
