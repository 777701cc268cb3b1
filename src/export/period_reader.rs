//! Exports one project at a coarse resolution: at most once in each period, by the timetable, and not when a process starts,
//! flushes or ends.

use crate::config::TimeResolution;
use crate::export::dropped_entries::DroppedEntries;
use crate::export::flush::{FlushKind, FlushRequest, with_margin};
use crate::export::project_exporter::ProjectExporter;
use crate::otlp::circuit_breaker::Permit;
use crate::otlp::reporting_period::{Departure, ReportingPeriod, Timetable};
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// How often the clock is read again. The timers stand still while a machine sleeps, and the clock can be set.
const MAX_SLEEP: Duration = Duration::from_secs(30);
/// A period that cannot be closed is tried again after this, so that a fault of ours keeps no processor busy.
const MIN_SLEEP: Duration = Duration::from_secs(1);

/// Exports one project until its last flush request, or until no flush request can arrive any more.
pub(super) async fn run(
    exporter: ProjectExporter,
    dropped_entries: Rc<DroppedEntries>,
    flush_requests: mpsc::UnboundedReceiver<FlushRequest>,
    timetable: Timetable,
) {
    let start = (Timestamp::now(), fastrand::f64());
    let mut reader = PeriodReader::new(exporter, dropped_entries, flush_requests, timetable, start);
    while reader.step().await.is_continue() {}
}

pub(super) struct PeriodReader {
    pub(super) exporter: ProjectExporter,
    dropped_entries: Rc<DroppedEntries>,
    flush_requests: mpsc::UnboundedReceiver<FlushRequest>,
    timetable: Timetable,
    /// Decides the delay of the next request.
    chance: f64,
    /// When the last request departed, or this process started, in Unix milliseconds.
    last_departure_ms: u64,
    /// Those that wait for an answer.
    requests: Vec<FlushRequest>,
}

impl PeriodReader {
    /// A reader that starts at a time, with a chance that decides its first delay.
    pub(super) fn new(
        exporter: ProjectExporter,
        dropped_entries: Rc<DroppedEntries>,
        flush_requests: mpsc::UnboundedReceiver<FlushRequest>,
        timetable: Timetable,
        (now, chance): (Timestamp, f64),
    ) -> Self {
        // So that every request has the state, whether the process runs on at the end of the period or not.
        exporter.project().record_state();
        Self {
            exporter,
            dropped_entries,
            flush_requests,
            timetable,
            chance,
            last_departure_ms: now.unix_ms,
            requests: Vec::new(),
        }
    }

    /// Waits for what comes next, and does it. Breaks after the last flush request.
    async fn step(&mut self) -> ControlFlow<()> {
        failpoint!("schedule");
        self.wait().await?;
        self.act(Timestamp::now()).await
    }

    /// What is due at `now`.
    pub(super) async fn act(&mut self, now: Timestamp) -> ControlFlow<()> {
        if self.exporter.is_period_over(now) {
            self.dropped_entries.report(self.exporter.project(), now);
            self.exporter.project().record_state();
            self.exporter.next_period(now).await;
        }
        if let Departure::Now(scheduled_ms) = self.departure(now) {
            (self.chance, self.last_departure_ms) = (fastrand::f64(), now.unix_ms);
            let deadline = Instant::now() + self.exporter.project().config().timeout;
            self.send(now, scheduled_ms, deadline).await?;
        }
        self.answer(now).await
    }

    /// Takes the flush requests that have arrived, without waiting for one.
    #[cfg(test)]
    pub(super) fn receive(&mut self) {
        while let Ok(request) = self.flush_requests.try_recv() {
            self.requests.push(request);
        }
    }

    fn departure(&self, now: Timestamp) -> Departure {
        self.timetable.departure(now.unix_ms, self.chance, self.last_departure_ms)
    }

    /// Waits for a flush request, the next departure, the end of the period or the next write.
    async fn wait(&mut self) -> ControlFlow<()> {
        if !self.requests.is_empty() {
            return ControlFlow::Continue(());
        }
        let (now, instant) = (Timestamp::now(), Instant::now());
        let departure = match self.departure(now) {
            Departure::Now(_) => Duration::ZERO,
            Departure::In(wait) => wait,
        };
        let period = self.exporter.project().reporting_period();
        let period = period.map_or(MAX_SLEEP, |period| {
            Duration::from_millis(period.end_ms.saturating_sub(now.unix_ms))
        });
        let wake = instant + departure.min(period).min(MAX_SLEEP).max(MIN_SLEEP);
        let next_write = self.exporter.next_write().filter(|at| *at < wake);
        let project = Arc::clone(self.exporter.project());
        // The first turn is stored at once: only what is in a file is forgotten when an approval is revoked.
        let is_stored = self.exporter.store.may_be_on_disk();
        tokio::select! {
            biased;
            request = self.flush_requests.recv() => match request {
                Some(request) => self.requests.push(request),
                None => return ControlFlow::Break(()),
            },
            () = project.turn_recorded(), if !is_stored => {}
            () = sleep_until(next_write.unwrap_or(wake)) => {}
        }
        ControlFlow::Continue(())
    }

    /// Sends what has ended, if the circuit breaker allows it. The last flush request cancels it.
    async fn send(
        &mut self,
        now: Timestamp,
        scheduled_ms: u64,
        deadline: Instant,
    ) -> ControlFlow<()> {
        if !self.exporter.claim_periods(now).await
            || matches!(self.exporter.permit(now, false), Permit::WaitUntil(_))
        {
            return ControlFlow::Continue(());
        }
        let is_cancellable = self.exporter.is_cancellable();
        let Self { exporter, flush_requests, requests, .. } = self;
        let result = {
            let mut sending = pin!(exporter.send_periods(scheduled_ms, deadline));
            let mut cancel_at = deadline;
            loop {
                tokio::select! {
                    biased;
                    request = flush_requests.recv() => {
                        let Some(request) = request else { return ControlFlow::Break(()) };
                        if request.is_last() {
                            let now = Instant::now();
                            let left = request.deadline.saturating_duration_since(now);
                            // A repeated delta would be added twice, so it gets a chance.
                            cancel_at = if is_cancellable { now } else { now + left / 2 };
                        }
                        requests.push(request);
                    }
                    result = &mut sending => break Some(result),
                    () = sleep_until(cancel_at) => break None,
                }
            }
        };
        let now = Timestamp::now();
        match result {
            Some(result) => exporter.record_result(now, &result, false),
            None => exporter.update_health(now, |health| health.cancelled(now)),
        }
        ControlFlow::Continue(())
    }

    /// Answers flush requests: what they are for is on the disk. Breaks after the last one.
    async fn answer(&mut self, now: Timestamp) -> ControlFlow<()> {
        self.requests.retain(|request| request.is_last() || !request.reply.is_closed());
        let pending = self.requests.iter().filter(|it| it.kind == FlushKind::Pending);
        if let Some(deadline) = pending.map(|it| it.deadline).max() {
            let deadline = with_margin(deadline, Instant::now());
            // Everyone can see when it is sent, and some backends refuse data points that are older than an hour.
            let hour = ReportingPeriod::at(TimeResolution::Hour, now.unix_ms);
            let scheduled_ms = hour.map_or(now.unix_ms, |hour| hour.start_ms);
            self.send(now, scheduled_ms, deadline).await?;
        }
        let last = self.requests.iter().find(|request| request.is_last());
        let deadline = last.map(|request| with_margin(request.deadline, Instant::now()));
        let is_safe = if let Some(deadline) = deadline {
            self.exporter.end_periods(now, deadline).await
        } else {
            self.exporter.keep_period(now, !self.requests.is_empty()).await
        };
        // Now and then, for `status`.
        self.exporter.notify_status();
        let is_sent = self.exporter.claimed.is_empty();
        for request in self.requests.drain(..) {
            let is_done = is_safe && (is_sent || request.kind != FlushKind::Pending);
            // The caller may have stopped waiting.
            let _ = request.reply.send(is_done);
        }
        if deadline.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
