//! Merges the flushes that callers ask for.
//!
//! A flush waits for the worker thread, and then for an export of each project. Flushes that are asked
//! for meanwhile share the next round of that. So any number of callers costs a few rounds, and each of
//! them has its answer within its own time.

use crate::export::flush::{FlushKind, FlushRequest, flush_all};
use crate::project::messages::ExportCommand;
use crate::record::worker_control::WorkerControl;
use crate::util::reply::Reply;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};

/// Rounds that run at the same time. A round can be slow because one backend is, so others go on
/// meanwhile.
const MAX_ROUNDS: usize = 8;
/// Callers that wait for a round. Further ones are answered at once: not delivered.
const MAX_WAITING: usize = 16_384;

/// The flushes of a process, on the export thread.
pub(super) struct Flushes {
    worker: WorkerControl,
    /// Weak, so that this thread does not keep itself running.
    own_sender: mpsc::WeakUnboundedSender<ExportCommand>,
    exporters: SharedExporters,
    waiting: RefCell<Callers>,
    rounds: RefCell<usize>,
    changed: Notify,
}

/// Where the flush requests of the open projects are sent.
pub(super) type SharedExporters = Rc<RefCell<Vec<mpsc::UnboundedSender<FlushRequest>>>>;

/// Callers, by the time at which they stop waiting.
#[derive(Default)]
struct Callers {
    by_deadline: BTreeMap<(Instant, u64), Reply>,
    next: u64,
}

impl Callers {
    fn add(&mut self, deadline: Instant, reply: Reply) {
        self.by_deadline.insert((deadline, self.next), reply);
        self.next += 1;
    }

    fn first_deadline(&self) -> Option<Instant> {
        self.by_deadline.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    fn last_deadline(&self) -> Option<Instant> {
        self.by_deadline.last_key_value().map(|((deadline, _), _)| *deadline)
    }

    /// Takes out those whose time is over.
    fn take_overdue(&mut self, now: Instant) -> Vec<Reply> {
        let mut overdue = Vec::new();
        while self.first_deadline().is_some_and(|deadline| deadline <= now) {
            overdue.extend(self.by_deadline.pop_first().map(|(_, reply)| reply));
        }
        overdue
    }
}

impl Flushes {
    pub(super) fn new(
        worker: WorkerControl,
        own_sender: mpsc::WeakUnboundedSender<ExportCommand>,
        exporters: SharedExporters,
    ) -> Self {
        Self {
            worker,
            own_sender,
            exporters,
            waiting: RefCell::default(),
            rounds: RefCell::new(0),
            changed: Notify::new(),
        }
    }

    /// Exports everything that was recorded so far, within `timeout`.
    pub(super) fn add(self: &Rc<Self>, timeout: Duration, reply: Reply) {
        if self.waiting.borrow().by_deadline.len() >= MAX_WAITING {
            return reply.send(false);
        }
        self.waiting.borrow_mut().add(Instant::now() + timeout, reply);
        if *self.rounds.borrow() < MAX_ROUNDS {
            *self.rounds.borrow_mut() += 1;
            tokio::task::spawn_local(Rc::clone(self).run_rounds());
        } else {
            self.changed.notify_one();
        }
    }

    /// Answers the callers that have waited too long for a round.
    pub(super) async fn expire(self: Rc<Self>) {
        loop {
            let first = self.waiting.borrow().first_deadline();
            match first {
                None => self.changed.notified().await,
                Some(deadline) => tokio::select! {
                    () = self.changed.notified() => {}
                    () = sleep_until(deadline) => {
                        let overdue = self.waiting.borrow_mut().take_overdue(Instant::now());
                        answer(overdue, false);
                    }
                },
            }
        }
    }

    /// Runs rounds until no caller waits for one.
    async fn run_rounds(self: Rc<Self>) {
        loop {
            let callers = std::mem::take(&mut self.waiting.borrow_mut().by_deadline);
            let callers = Callers { by_deadline: callers, next: 0 };
            let Some(deadline) = callers.last_deadline() else { break };
            self.run_round(callers, deadline).await;
        }
        *self.rounds.borrow_mut() -= 1;
    }

    /// One round. It is cancelled when no caller waits for it any more.
    async fn run_round(&self, mut callers: Callers, deadline: Instant) {
        let mut round = std::pin::pin!(self.export(deadline));
        while let Some(first) = callers.first_deadline() {
            tokio::select! {
                biased;
                all_delivered = &mut round => {
                    let waiting = std::mem::take(&mut callers.by_deadline);
                    answer(waiting.into_values(), all_delivered);
                }
                () = sleep_until(first) => {
                    let overdue = callers.take_overdue(Instant::now());
                    answer(overdue, false);
                }
            }
        }
    }

    /// Returns whether everything was delivered by `deadline`.
    async fn export(&self, deadline: Instant) -> bool {
        // The worker thread gets half of the time. It can be kept by one project, and the others are
        // exported nevertheless.
        let now = Instant::now();
        let worker_deadline = now + deadline.saturating_duration_since(now) / 2;
        let barrier = timeout_at(worker_deadline, self.worker.barrier()).await;
        let is_queue_processed = matches!(barrier, Ok(Ok(())));
        // The worker thread may have opened projects. Its commands are handled before this one.
        let (done, handled) = oneshot::channel();
        let Some(own_sender) = self.own_sender.upgrade() else { return false };
        if own_sender.send(ExportCommand::Barrier(done)).is_err() || handled.await.is_err() {
            return false;
        }
        let exporters = self.exporters.borrow().clone();
        flush_all(&exporters, deadline, FlushKind::Usual).await && is_queue_processed
    }
}

fn answer(replies: impl IntoIterator<Item = Reply>, delivered: bool) {
    for reply in replies {
        reply.send(delivered);
    }
}
