//! A probe: one request to the backend of a project, and what happened at each step on the way.
//!
//! It takes the same way as an export: the same route, certificates, headers and messages. It is never
//! repeated, so it says what one request meets.

use crate::config::{Compression, Config, Protocol};
use crate::export::answer::Answer;
use crate::export::client::send_once;
use crate::export::connection::BackendConnection;
use crate::export::endpoint_description::EndpointDescription;
use crate::export::failure::Failure;
use crate::export::observation::Observer;
use crate::export::probe_steps::{Attempt, steps_of};
use crate::export::runtime::runtime;
use crate::otlp::request::{EncodedRequest, MetricsRequest};
use crate::otlp::retry::{Rejection, Verdict};
use crate::util::clock::Timestamp;
use std::io;
use tokio::time::{Instant, timeout_at};

pub use crate::export::probe_steps::ProbeStep;

/// Sends an empty request to the backend of a project, and then, if `with_point`, one data point of the
/// metric `ccxray.otel.check`. `instance` is the random id of this launch. Blocks for the timeout of one
/// export for each of them, at most.
///
/// # Errors
/// If the asynchronous runtime cannot be created, or a request cannot be encoded.
pub fn run(config: &Config, instance: &str, with_point: bool) -> io::Result<Vec<ProbeStep>> {
    let runtime = runtime()?;
    let steps = runtime.block_on(probe(config, instance, with_point));
    // A name look-up may hang in a thread of the runtime. This does not wait for it.
    runtime.shutdown_background();
    steps
}

async fn probe(config: &Config, instance: &str, with_point: bool) -> io::Result<Vec<ProbeStep>> {
    let endpoint = EndpointDescription::of(config);
    let observer = Observer::attentive();
    let connection = match BackendConnection::new(config, &observer) {
        Ok(connection) => connection,
        Err(error) => {
            let failure = Failure::Transport(error).message(&endpoint);
            return Ok(vec![ProbeStep::failed("certificates", failure)]);
        }
    };
    let empty = encoded(&MetricsRequest::empty(), config)?;
    let mut attempt = send(&connection, config, &empty, Instant::now()).await;
    attempt.observations = observer.observations();
    // Some backends refuse a request without data points. Then the data point decides.
    let is_decided_later = with_point && attempt.rejection() == Some(Rejection::Body);
    let mut steps = steps_of(&attempt, config, &endpoint, is_decided_later);
    if with_point && steps.iter().all(|step| step.ok) {
        let request = MetricsRequest::check(config, instance, Timestamp::now().wall());
        let point = encoded(&request, config)?;
        let attempt = send(&connection, config, &point, Instant::now()).await;
        steps.extend(Attempt { is_point: true, ..attempt }.last_steps(config, &endpoint));
    }
    Ok(steps)
}

/// Sends a request once, within the timeout of an export.
async fn send(
    connection: &BackendConnection,
    config: &Config,
    request: &EncodedRequest,
    start: Instant,
) -> Attempt {
    let deadline = start + config.timeout;
    let sending = send_once(connection, config, request.bytes.clone(), deadline);
    let outcome: Result<Answer, Failure> = match timeout_at(deadline, sending).await {
        Ok(result) => result.map_err(Failure::Transport),
        Err(_elapsed) => Err(Failure::Deadline),
    };
    Attempt { start, end: Instant::now(), outcome, observations: Vec::new(), is_point: false }
}

fn encoded(request: &MetricsRequest, config: &Config) -> io::Result<EncodedRequest> {
    let (protocol, compression): (Protocol, Compression) = (config.protocol, config.compression);
    EncodedRequest::new(request.serialize(protocol)?, protocol, compression)
}

impl Attempt {
    /// What the backend rejects; `None` if it did not answer that it rejects anything.
    fn rejection(&self) -> Option<Rejection> {
        match &self.outcome {
            Ok(Answer { verdict: Verdict::Rejected(rejection), .. }) => Some(*rejection),
            _ => None,
        }
    }
}
