//! Sends one request body, with retries.

use crate::config::Config;
use crate::export::failure::{ExportError, Failure};
use crate::export::http::{HttpClient, HttpResponse};
use crate::otlp::retry::{self, MAX_ATTEMPTS, Verdict};
use crate::util::clock::Timestamp;
use bytes::Bytes;
use tokio::time::{Instant, sleep};

/// A request body that the backend has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delivered {
    /// Data points that the backend rejected although its answer was 2xx.
    pub(super) rejected_points: u64,
}

/// Sends request bodies to one backend.
#[derive(Default)]
pub(super) struct ExportClient {
    /// Created at the first export, so that a project that never exports reads no certificates.
    http_client: Option<HttpClient>,
}

impl ExportClient {
    /// Sends `body`. Temporary failures are retried until `deadline`, at most 4 tries in all.
    pub(super) async fn send(
        &mut self,
        config: &Config,
        body: &Bytes,
        deadline: Instant,
    ) -> Result<Delivered, ExportError> {
        let http_client = match &self.http_client {
            Some(http_client) => http_client,
            None => self.http_client.insert(HttpClient::new(config).map_err(Failure::Transport)?),
        };
        let mut attempt = 1;
        loop {
            let response = http_client.post(config, body.clone(), Timestamp::now().wall()).await;
            let error = match response {
                Ok(HttpResponse { verdict: Verdict::Delivered, rejected_points, .. }) => {
                    return Ok(Delivered { rejected_points });
                }
                Ok(HttpResponse { verdict: Verdict::Rejected(rejection), status, .. }) => {
                    let rejection = Some(rejection);
                    return Err(ExportError { rejection, ..Failure::Status(status).into() });
                }
                Ok(HttpResponse { verdict: Verdict::Retry { retry_after }, status, .. }) => {
                    ExportError { retry_after, ..Failure::Status(status).into() }
                }
                Err(error) if error.is_transient() => Failure::Transport(error).into(),
                Err(error) => return Err(Failure::Transport(error).into()),
            };
            let backoff = retry::backoff(attempt, fastrand::f64());
            let wait = backoff.max(error.retry_after.unwrap_or_default());
            let left = deadline.saturating_duration_since(Instant::now());
            if attempt == MAX_ATTEMPTS || left <= wait {
                return Err(error);
            }
            sleep(wait).await;
            attempt += 1;
        }
    }
}
