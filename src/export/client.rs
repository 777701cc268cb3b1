//! Bringing one body to the backend, in several tries if need be.

use crate::config::Config;
use crate::export::failure::Failure;
use crate::export::http::{HttpClient, HttpResponse};
use crate::otlp::retry::{self, MAX_ATTEMPTS, Rejection, Verdict};
use crate::util::clock::Timestamp;
use bytes::Bytes;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What became of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SendOutcome {
    /// The backend has it, but for so many data points that it did not want.
    Delivered {
        /// Data points that it did not take, though it said yes.
        rejected_points: u64,
    },
    /// The backend has not.
    Failed {
        /// Why.
        failure: Failure,
        /// The backend said no, and trying again is of no use.
        rejection: Option<Rejection>,
        /// For how long the backend flush_requests to be left alone.
        retry_after: Option<Duration>,
    },
}

/// One backend, and the way there.
pub(super) struct ExportClient {
    /// Made at the first export, so that a project that never exports reads no certificates.
    http_client: Option<HttpClient>,
    jitter: RandomState,
    sent: u64,
}

impl ExportClient {
    pub(super) fn new() -> Self {
        Self { http_client: None, jitter: RandomState::new(), sent: 0 }
    }

    /// Sends `body`, again and again while that may help and `deadline` allows.
    pub(super) async fn send(
        &mut self,
        config: &Config,
        body: &Bytes,
        deadline: Instant,
    ) -> SendOutcome {
        let http_client = match &self.http_client {
            Some(http_client) => http_client.clone(),
            None => match HttpClient::new(config) {
                Ok(http_client) => self.http_client.insert(http_client).clone(),
                Err(error) => return failed(Failure::HttpClient(error), None),
            },
        };
        for attempt in 1.. {
            let answer = http_client.post(config, body.clone(), Timestamp::now().wall()).await;
            let (failure, retry_after_of) = match answer {
                Ok(HttpResponse { verdict: Verdict::Delivered, rejected_points, .. }) => {
                    return SendOutcome::Delivered { rejected_points };
                }
                Ok(HttpResponse { verdict: Verdict::Rejected(rejection), status, .. }) => {
                    return failed(Failure::Status(status), Some(rejection));
                }
                Ok(HttpResponse { verdict: Verdict::Retry { after }, status, .. }) => {
                    (Failure::Status(status), after)
                }
                Err(error) if error.is_transient() => (Failure::HttpClient(error), None),
                Err(error) => return failed(Failure::HttpClient(error), None),
            };
            let wait =
                retry::wait(attempt, self.random_part()).max(retry_after_of.unwrap_or_default());
            let too_late =
                deadline.checked_duration_since(Instant::now()).is_none_or(|it| it <= wait);
            if attempt >= MAX_ATTEMPTS || too_late {
                return SendOutcome::Failed {
                    failure,
                    rejection: None,
                    retry_after: retry_after_of,
                };
            }
            sleep(wait).await;
        }
        failed(Failure::Deadline, None)
    }

    /// A number within 0 and 1 that differs between processes and attempts.
    #[expect(clippy::cast_precision_loss, reason = "a random part needs no precision")]
    fn random_part(&mut self) -> f64 {
        self.sent = self.sent.wrapping_add(1);
        self.jitter.hash_one(self.sent) as f64 / u64::MAX as f64
    }
}

fn failed(failure: Failure, rejection: Option<Rejection>) -> SendOutcome {
    SendOutcome::Failed { failure, rejection, retry_after: None }
}
