//! One project's way to its backend: what it has been told, how to tell it, and what came of it.

use crate::export::health::Health;
use crate::export::project::{GivenUp, Project};
use crate::export::request::{Announced, Request};
use crate::export::retry::{self, Verdict};
use crate::export::transport::{Answer, Transport, TransportError};
use crate::metrics::derive::{ABSENT, Measurement, Value};
use crate::metrics::registry::Metric;
use crate::privacy::Label;
use bytes::Bytes;
use futures_util::FutureExt;
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::{Instant, sleep, timeout_at};

/// Tries within one export, the first one included.
const MAX_ATTEMPTS: u32 = 4;

/// Why an export failed. The words hold no secret and no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The backend said no.
    #[error("the backend answered HTTP {0}")]
    Status(u16),
    /// There was no answer.
    #[error("{0}")]
    Transport(#[from] TransportError),
    /// There was no answer in time.
    #[error("no answer in time")]
    Deadline,
    /// Our own code failed.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

/// One project's way to its backend.
pub(super) struct Lane {
    project: Arc<Project>,
    /// Made at the first export, so that a project that never exports reads no certificates.
    transport: Option<Transport>,
    announced: Announced,
    /// How many turns the backend has been told of.
    told_turns: u64,
    jitter: RandomState,
}

impl Lane {
    pub(super) fn new(project: Arc<Project>) -> Self {
        let (announced, jitter) = (Announced::default(), RandomState::new());
        Self { project, transport: None, announced, told_turns: 0, jitter }
    }

    pub(super) fn project(&self) -> Arc<Project> {
        Arc::clone(&self.project)
    }

    /// Whether no turn was recorded since the last delivery.
    pub(super) fn has_told_all(&self) -> bool {
        self.project.turns() == self.told_turns
    }

    /// Delivers everything recorded so far, with retries, until `deadline`. A panic costs this
    /// export and nothing else.
    pub(super) async fn deliver(&mut self, deadline: Instant) -> Result<(), Failure> {
        let delivery = AssertUnwindSafe(self.deliver_all(deadline)).catch_unwind();
        match timeout_at(deadline, delivery).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Failure::Internal("panic")),
            Err(_elapsed) => Err(Failure::Deadline),
        }
    }

    async fn deliver_all(&mut self, deadline: Instant) -> Result<(), Failure> {
        let turns = self.project.turns();
        let request = self.project.request().map_err(|_| Failure::Internal("collection failed"))?;
        if let Some(zeros) = self.announced.zeros(&request) {
            self.send(&zeros, deadline).await?;
            self.announced.confirm(&zeros);
        }
        self.send(&request, deadline).await?;
        self.announced.confirm(&request);
        self.told_turns = turns;
        Ok(())
    }

    async fn send(&mut self, request: &Request, deadline: Instant) -> Result<(), Failure> {
        let config = self.project.config();
        let body = request.encode(config.protocol, config.compression);
        let body = Bytes::from(body.map_err(|_| Failure::Internal("encoding failed"))?);
        let transport = match &self.transport {
            Some(transport) => transport.clone(),
            None => self.transport.insert(Transport::new(config)?).clone(),
        };
        for attempt in 1.. {
            let answer = transport.post(config, body.clone()).await;
            let (failure, wish) = match answer {
                Ok(Answer { verdict: Verdict::Delivered, rejected_points, .. }) => {
                    if rejected_points > 0 {
                        self.give_up(GivenUp::PartialSuccess);
                    }
                    return Ok(());
                }
                Ok(Answer { verdict: Verdict::Rejected, status, .. }) => {
                    self.give_up(GivenUp::Rejected);
                    return Err(Failure::Status(status));
                }
                Ok(Answer { verdict: Verdict::Retry { after }, status, .. }) => {
                    (Failure::Status(status), after)
                }
                Err(error) => (Failure::Transport(error), None),
            };
            let wait = wish.unwrap_or_else(|| retry::wait(attempt, self.random_part(attempt)));
            if attempt >= MAX_ATTEMPTS || Instant::now() + wait >= deadline {
                return Err(failure);
            }
            sleep(wait).await;
        }
        Err(Failure::Deadline)
    }

    /// A number within 0 and 1 that differs between processes and attempts.
    #[expect(clippy::cast_precision_loss, reason = "a random part needs no precision")]
    fn random_part(&self, attempt: u32) -> f64 {
        let attempts = self.project.exports().attempted;
        self.jitter.hash_one((attempt, attempts)) as f64 / u64::MAX as f64
    }

    /// Counts an export that was given up.
    pub(super) fn give_up(&self, reason: GivenUp) {
        self.project.update_exports(|exports| exports.dropped[reason as usize] += 1);
        self.project.record(Measurement {
            metric: Metric::ExportsDropped,
            labels: [Label::constant("metrics"), Label::constant(reason.as_str()), ABSENT],
            value: Value::Count(1),
        });
    }

    /// Puts the breaker's state into `status` and into the metrics.
    pub(super) fn note_state(&self, health: &Health) {
        let now = health.state().as_str();
        self.project.update_exports(|exports| {
            exports.state = now;
            exports.consecutive_failures = health.consecutive_failures();
        });
        self.project.record_state(now);
    }

    /// Puts a result into `status`.
    pub(super) fn note_result(&self, health: &Health, result: &Result<(), Failure>, now_ms: u64) {
        self.note_state(health);
        self.project.update_exports(|exports| {
            exports.attempted += 1;
            match result {
                Ok(()) => {
                    exports.delivered += 1;
                    exports.last_success_at_ms = Some(now_ms);
                }
                Err(failure) => {
                    exports.failed += 1;
                    exports.last_failure_at_ms = Some(now_ms);
                    exports.last_error = Some(failure.to_string());
                }
            }
        });
    }
}
