//! One project's exports in time: on the interval, and when somebody flush_requests.

use crate::export::dropped_entries::DroppedEntries;
use crate::export::project_exporter::ProjectExporter;
use crate::otlp::circuit_breaker::Permit;
use crate::util::clock::Timestamp;
use crate::util::failpoint::failpoint;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};

/// An export ends by so much earlier than the wait for it.
const MARGIN: Duration = Duration::from_millis(20);
/// The first export comes early, so that `status` soon says whether the endpoint is there.
const EARLY: Duration = Duration::from_secs(2);

/// A wish to export now.
pub(super) struct FlushRequest {
    pub(super) deadline: Instant,
    /// There will be no other.
    pub(super) last: bool,
    /// Whether everything was delivered.
    pub(super) delivered: oneshot::Sender<bool>,
}

/// Asks all exporters at once; whether each of them delivered.
pub(super) async fn all_delivered(
    exporters: &[mpsc::UnboundedSender<FlushRequest>],
    deadline: Instant,
    last: bool,
) -> bool {
    let answers: Vec<_> = exporters
        .iter()
        .map(|flush_requests| {
            let (delivered, answer) = oneshot::channel();
            // A exporter that is gone drops the sender, which reads as not delivered below.
            let _ = flush_requests.send(FlushRequest { deadline, last, delivered });
            answer
        })
        .collect();
    let mut all = true;
    for answer in answers {
        let answer = timeout_at(deadline, answer).await;
        all &= matches!(answer, Ok(Ok(true)));
    }
    all
}

/// Exports one project until the last wish. A wish calls off a scheduled export that is under way,
/// and the last wish calls off any: sums are cumulative, so the next request says everything that
/// the one called off would have. Where that is not so, a wish waits, and the last one for no longer
/// than half of its own time. Other wishes wait for each other, so that many of them cannot keep a
/// slow backend from ever being reported.
pub(super) async fn serve(
    exporter: ProjectExporter,
    drops: Rc<DroppedEntries>,
    flush_requests: mpsc::UnboundedReceiver<FlushRequest>,
) {
    let now = Instant::now();
    let interval = exporter.project().config().interval;
    let (current, waiting) = (Vec::new(), Vec::new());
    let next = now + interval.min(EARLY);
    let mut schedule = Schedule { exporter, drops, flush_requests, current, waiting, next };
    while schedule.step().await {}
}

struct Schedule {
    exporter: ProjectExporter,
    drops: Rc<DroppedEntries>,
    flush_requests: mpsc::UnboundedReceiver<FlushRequest>,
    /// Those whom the next export is for.
    current: Vec<FlushRequest>,
    /// Those who wait for the one after it.
    waiting: Vec<FlushRequest>,
    next: Instant,
}

/// How one export went.
struct Exported {
    delivered: bool,
    /// Nothing may be sent before then.
    wait_until: Option<Instant>,
}

impl Schedule {
    /// Waits for the next export, and makes it. Whether there is another one after it.
    async fn step(&mut self) -> bool {
        failpoint!("schedule");
        self.current.append(&mut self.waiting);
        if self.current.is_empty() {
            tokio::select! {
                biased;
                request = self.flush_requests.recv() => match request {
                    Some(request) => self.current.push(request),
                    None => return false,
                },
                () = sleep_until(self.next) => {}
            }
        }
        let last = self.current.iter().any(|request| request.last);
        if last && self.exporter.is_up_to_date() {
            return self.end(true);
        }
        let current =
            self.current.last().map(|request| with_margin(request.deadline, Instant::now()));
        let timeout = self.exporter.project().config().timeout;
        let deadline = current.unwrap_or_else(|| Instant::now() + timeout);
        let scheduled = current.is_none();
        let exported = {
            let Self { exporter, drops, flush_requests, waiting, .. } = self;
            let is_cancellable = exporter.is_cancellable();
            let mut under_way =
                std::pin::pin!(export(exporter, drops, (scheduled, last), deadline));
            // The export itself ends at its deadline.
            let mut until = None;
            loop {
                tokio::select! {
                    biased;
                    urgent = next_urgent_request(flush_requests, waiting, scheduled) => match urgent {
                        None => return false,
                        Some(_) if is_cancellable => break None,
                        Some(UrgentRequest { last: true, deadline }) => {
                            let now = Instant::now();
                            until = Some(now + deadline.saturating_duration_since(now) / 2);
                        }
                        Some(_) => {}
                    },
                    exported = &mut under_way => break Some(exported),
                    () = sleep_until(until.unwrap_or(deadline)), if until.is_some() => break None,
                }
            }
        };
        let Some(Exported { delivered, wait_until }) = exported else {
            let now = Timestamp::now();
            self.exporter.health(now, |health| health.cancelled(now));
            return true;
        };
        if last {
            return self.end(delivered);
        }
        self.answer(delivered);
        let interval = self.exporter.project().config().interval;
        let usual = Instant::now() + interval;
        self.next = match wait_until {
            None => usual,
            Some(until) if scheduled => usual.min(until),
            // Asking in vain puts nothing off.
            Some(_) => self.next,
        };
        true
    }

    /// The last export has come to an end.
    fn end(&mut self, delivered: bool) -> bool {
        self.exporter.end(Timestamp::now(), delivered);
        self.answer(delivered);
        false
    }

    fn answer(&mut self, delivered: bool) {
        for request in self.current.drain(..) {
            // Whoever current may have stopped waiting.
            let _ = request.delivered.send(delivered);
        }
    }
}

/// When an export must be over so that whoever waits until `deadline` is reported of it, and finds it in the
/// status.
pub(super) fn with_margin(deadline: Instant, now: Instant) -> Instant {
    deadline - (deadline.saturating_duration_since(now) / 10).min(MARGIN)
}

/// When a wish worth calling off what is under way has come in, and until when it wants it.
struct UrgentRequest {
    deadline: Instant,
    last: bool,
}

/// Collects wishes until one of them is worth calling off what is under way. `None` if nobody can
/// wish for anything any more.
async fn next_urgent_request(
    flush_requests: &mut mpsc::UnboundedReceiver<FlushRequest>,
    waiting: &mut Vec<FlushRequest>,
    scheduled: bool,
) -> Option<UrgentRequest> {
    loop {
        let request = flush_requests.recv().await?;
        let urgent = UrgentRequest { deadline: request.deadline, last: request.last };
        waiting.push(request);
        if scheduled || urgent.last {
            return Some(urgent);
        }
    }
}

async fn export(
    exporter: &mut ProjectExporter,
    drops: &DroppedEntries,
    (scheduled, last): (bool, bool),
    deadline: Instant,
) -> Exported {
    let now = Timestamp::now();
    if let Permit::WaitUntil(until) = exporter.permit(now, last) {
        // As often as there would be a request, and not as often as somebody flush_requests for one.
        if scheduled || last {
            exporter.postpone();
        }
        return Exported { delivered: false, wait_until: Some(Instant::from_std(until)) };
    }
    drops.report(exporter.project(), now);
    exporter.record_state();
    let result = exporter.deliver(deadline).await;
    exporter.note_result(Timestamp::now(), &result);
    Exported { delivered: result.is_ok(), wait_until: None }
}
