//! A probe: one request to the backend of a project, and what happened at each step on the way.
//!
//! It takes the same way as an export: the same route, certificates, headers and messages. It is never
//! repeated, so it says what one request meets.

use crate::config::Config;
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
    let mut steps = Vec::new();
    for is_point in [false, true] {
        if is_point && (!with_point || steps.iter().any(|step: &ProbeStep| !step.ok)) {
            break;
        }
        let request = if is_point {
            MetricsRequest::check(config, instance, Timestamp::now().wall())
        } else {
            MetricsRequest::empty()
        };
        let (protocol, compression) = (config.protocol, config.compression);
        let request = EncodedRequest::new(request.serialize(protocol)?, protocol, compression)?;
        let start = Instant::now();
        let deadline = start + config.timeout;
        let sending = send_once(&connection, config, request.bytes, deadline);
        let outcome: Result<Answer, Failure> = match timeout_at(deadline, sending).await {
            Ok(result) => result.map_err(Failure::Transport),
            Err(_elapsed) => Err(Failure::Deadline),
        };
        let (end, observations) = (Instant::now(), observer.observations());
        let attempt = Attempt { start, end, outcome, observations, is_point };
        if is_point {
            steps.extend(attempt.last_steps(config, &endpoint));
        } else {
            // Some backends refuse a request without data points. Then the data point decides.
            let is_decided_later = with_point && attempt.rejection() == Some(Rejection::Body);
            steps = steps_of(&attempt, config, &endpoint, is_decided_later);
        }
    }
    Ok(steps)
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
