//! One project's exports in time: on the interval, and when somebody asks.

use crate::export::dropped_entries::DroppedEntries;
use crate::export::project_exporter::ProjectExporter;
use crate::project::state::Permit;
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
pub(super) struct Ask {
    pub(super) deadline: Instant,
    /// There will be no other.
    pub(super) last: bool,
    /// Whether everything was delivered.
    pub(super) delivered: oneshot::Sender<bool>,
}

/// Asks all exporters at once; whether each of them delivered.
pub(super) async fn all_delivered(
    exporters: &[mpsc::UnboundedSender<Ask>],
    deadline: Instant,
    last: bool,
) -> bool {
    let answers: Vec<_> = exporters
        .iter()
        .map(|asks| {
            let (delivered, answer) = oneshot::channel();
            // A exporter that is gone drops the sender, which reads as not delivered below.
            let _ = asks.send(Ask { deadline, last, delivered });
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
/// slow backend from ever being told.
pub(super) async fn serve(
    exporter: ProjectExporter,
    drops: Rc<DroppedEntries>,
    asks: mpsc::UnboundedReceiver<Ask>,
) {
    let now = Instant::now();
    let interval = exporter.project().config().interval;
    let (asked, waiting) = (Vec::new(), Vec::new());
    let next = now + interval.min(EARLY);
    let mut schedule = Schedule { exporter, drops, asks, asked, waiting, next };
    while schedule.step().await {}
}

struct Schedule {
    exporter: ProjectExporter,
    drops: Rc<DroppedEntries>,
    asks: mpsc::UnboundedReceiver<Ask>,
    /// Those whom the next export is for.
    asked: Vec<Ask>,
    /// Those who wait for the one after it.
    waiting: Vec<Ask>,
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
        self.asked.append(&mut self.waiting);
        if self.asked.is_empty() {
            tokio::select! {
                biased;
                ask = self.asks.recv() => match ask {
                    Some(ask) => self.asked.push(ask),
                    None => return false,
                },
                () = sleep_until(self.next) => {}
            }
        }
        let last = self.asked.iter().any(|ask| ask.last);
        if last && self.exporter.has_told_all() {
            return self.end(true);
        }
        let asked = self.asked.last().map(|ask| in_time(ask.deadline, Instant::now()));
        let timeout = self.exporter.project().config().timeout;
        let deadline = asked.unwrap_or_else(|| Instant::now() + timeout);
        let scheduled = asked.is_none();
        let exported = {
            let Self { exporter, drops, asks, waiting, .. } = self;
            let can_be_called_off = exporter.can_be_called_off();
            let mut under_way =
                std::pin::pin!(export(exporter, drops, (scheduled, last), deadline));
            // The export itself ends at its deadline.
            let mut until = None;
            loop {
                tokio::select! {
                    biased;
                    urgent = next_urgent(asks, waiting, scheduled) => match urgent {
                        None => return false,
                        Some(_) if can_be_called_off => break None,
                        Some(Urgent { last: true, deadline }) => {
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
            self.exporter.health(now, |health| health.called_off(now));
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
        for ask in self.asked.drain(..) {
            // Whoever asked may have stopped waiting.
            let _ = ask.delivered.send(delivered);
        }
    }
}

/// When an export must be over so that whoever waits until `deadline` is told of it, and finds it in the
/// status.
pub(super) fn in_time(deadline: Instant, now: Instant) -> Instant {
    deadline - (deadline.saturating_duration_since(now) / 10).min(MARGIN)
}

/// When a wish worth calling off what is under way has come in, and until when it wants it.
struct Urgent {
    deadline: Instant,
    last: bool,
}

/// Collects wishes until one of them is worth calling off what is under way. `None` if nobody can
/// wish for anything any more.
async fn next_urgent(
    asks: &mut mpsc::UnboundedReceiver<Ask>,
    waiting: &mut Vec<Ask>,
    scheduled: bool,
) -> Option<Urgent> {
    loop {
        let ask = asks.recv().await?;
        let urgent = Urgent { deadline: ask.deadline, last: ask.last };
        waiting.push(ask);
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
        // As often as there would be a request, and not as often as somebody asks for one.
        if scheduled || last {
            exporter.put_off();
        }
        return Exported { delivered: false, wait_until: Some(Instant::from_std(until)) };
    }
    drops.report(exporter.project(), now);
    exporter.record_state();
    let result = exporter.deliver(deadline).await;
    exporter.note_result(Timestamp::now(), &result);
    Exported { delivered: result.is_ok(), wait_until: None }
}
