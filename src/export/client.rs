//! Sends one request body, with retries.

use crate::config::{Config, Protocol};
use crate::export::answer::{Answer, PartialSuccess};
use crate::export::connection::BackendConnection;
use crate::export::failure::{ExportError, Failure};
use crate::export::observation::Observer;
use crate::export::transport_error::TransportError;
use crate::export::{grpc, http};
use crate::otlp::retry::{self, MAX_ATTEMPTS, Verdict};
use crate::util::clock::Timestamp;
use bytes::Bytes;
use tokio::time::{Instant, sleep};

/// Sends request bodies to one backend.
#[derive(Default)]
pub(super) struct ExportClient {
    /// Created at the first export, so that a project that never exports reads no certificates.
    connection: Option<BackendConnection>,
    /// Answers instead of a backend.
    #[cfg(test)]
    pub(super) stand_in: Option<StandIn>,
}

/// Takes a request, and answers it.
#[cfg(test)]
pub(super) type StandIn = Box<dyn FnMut(&Bytes) -> Result<PartialSuccess, ExportError>>;

impl ExportClient {
    /// Sends `body`. Temporary failures are retried until `deadline`, at most 4 tries in all.
    pub(super) async fn send(
        &mut self,
        config: &Config,
        body: &Bytes,
        deadline: Instant,
    ) -> Result<PartialSuccess, ExportError> {
        #[cfg(test)]
        if let Some(stand_in) = &mut self.stand_in {
            return stand_in(body);
        }
        let connection = match &self.connection {
            Some(connection) => connection,
            None => self.connection.insert(
                BackendConnection::new(config, &Observer::default()).map_err(Failure::Transport)?,
            ),
        };
        let mut attempt = 1;
        let mut may_have_arrived = false;
        loop {
            let mut error = match send_once(connection, config, body.clone(), deadline).await {
                Ok(Answer { verdict: Verdict::Delivered, partial_success, .. }) => {
                    return Ok(partial_success);
                }
                Ok(Answer { verdict: Verdict::Rejected(rejection), failure, .. }) => {
                    let error = ExportError { rejection: Some(rejection), ..failure.into() };
                    return Err(ExportError { may_have_arrived, ..error });
                }
                Ok(Answer { verdict: Verdict::Retry { retry_after }, failure, .. }) => {
                    ExportError { retry_after, ..failure.into() }
                }
                Err(error) if error.is_transient() => Failure::Transport(error).into(),
                Err(error) => {
                    let error = ExportError::from(Failure::Transport(error));
                    may_have_arrived |= error.may_have_arrived;
                    return Err(ExportError { may_have_arrived, ..error });
                }
            };
            may_have_arrived |= error.may_have_arrived;
            error.may_have_arrived = may_have_arrived;
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

/// Sends `body` once.
///
/// # Errors
/// [`TransportError`] if there is no usable answer. Any status is an answer.
pub(super) async fn send_once(
    connection: &BackendConnection,
    config: &Config,
    body: Bytes,
    deadline: Instant,
) -> Result<Answer, TransportError> {
    let now = Timestamp::now().wall();
    match config.protocol {
        Protocol::HttpProtobuf | Protocol::HttpJson => {
            http::post(connection, config, body, now).await
        }
        Protocol::Grpc => {
            let timeout = deadline.saturating_duration_since(Instant::now());
            grpc::call(connection, config, body, timeout, now).await
        }
    }
}
