//! What a probe reports: each step on the way to a backend, and why one failed.

use crate::config::{Config, printable};
use crate::export::answer::Answer;
use crate::export::endpoint_description::EndpointDescription;
use crate::export::failure::Failure;
use crate::export::observation::{Observation, Observations};
use crate::export::route::is_forwarded;
use crate::export::transport_error::TransportError;
use crate::metrics::registry::CHECK_METRIC;
use crate::otlp::retry::{Rejection, Verdict};
use crate::util::certificate::CertificateFacts;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::time::Instant;

/// One step on the way to a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeStep {
    /// `certificates`, `name`, `connection`, `proxy`, `tls`, `answer`, `partial_success` or `point`.
    pub step: &'static str,
    /// Whether it succeeded.
    pub ok: bool,
    /// What happened, and for a failure the cure. It contains no secret.
    pub detail: String,
    /// How long it took, if it was measured.
    pub time: Option<Duration>,
}

impl ProbeStep {
    pub(super) fn failed(step: &'static str, detail: String) -> Self {
        Self { step, ok: false, detail, time: None }
    }
}

/// One request that was sent, and what became of it.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) start: Instant,
    pub(super) end: Instant,
    pub(super) outcome: Result<Answer, Failure>,
    /// What happened before the answer, and when each step ended.
    pub(super) observations: Observations,
    /// Whether the request has a data point.
    pub(super) is_point: bool,
}

/// All steps of the first request. `is_decided_later`: that the backend rejects it says nothing yet.
pub(super) fn steps_of(
    attempt: &Attempt,
    config: &Config,
    endpoint: &EndpointDescription,
    is_decided_later: bool,
) -> Vec<ProbeStep> {
    let mut progress = ProbeProgress::new(config, endpoint, attempt.start);
    for (end, observation) in &attempt.observations {
        progress.add(*end, observation);
    }
    let ProbeProgress { mut steps, last, certificate, .. } = progress;
    let mut rest = attempt.last_steps(config, endpoint);
    if let Some(step) = rest.first_mut() {
        step.time = Some(attempt.end.saturating_duration_since(last));
        if let Some(facts) = certificate.filter(|_| step.step == "tls") {
            let _ = write!(step.detail, " {}", described(&facts, "It"));
        }
        if is_decided_later {
            step.ok = true;
            step.detail
                .push_str(" Some backends refuse an empty request, so the data point decides.");
        }
    }
    steps.append(&mut rest);
    steps
}

impl Attempt {
    /// The steps from the answer on, or the one that failed before.
    pub(super) fn last_steps(
        &self,
        config: &Config,
        endpoint: &EndpointDescription,
    ) -> Vec<ProbeStep> {
        let time = Some(self.end.saturating_duration_since(self.start));
        let answered = if self.is_point { "point" } else { "answer" };
        let (step, detail) = match &self.outcome {
            Ok(answer) if answer.verdict == Verdict::Delivered => {
                let mut steps = vec![ProbeStep {
                    step: answered,
                    ok: true,
                    detail: self.taken(&answer.failure),
                    time,
                }];
                steps.extend(partial_success(answer, config));
                return steps;
            }
            Ok(Answer { verdict, failure, .. }) => (
                answered,
                format!("{}{}", failure.message(endpoint), self.advice(verdict, failure)),
            ),
            Err(Failure::Deadline) => {
                let step = self.unfinished(config, endpoint);
                (if step == "answer" { answered } else { step }, late(step, config, endpoint))
            }
            Err(failure) => {
                let step = failed_step(failure, self.unfinished(config, endpoint));
                (if step == "answer" { answered } else { step }, failure.message(endpoint))
            }
        };
        vec![ProbeStep { step, ok: false, detail, time }]
    }

    /// The first step that has not succeeded.
    fn unfinished(&self, config: &Config, endpoint: &EndpointDescription) -> &'static str {
        // Only the first request opens a connection.
        if self.is_point {
            return "answer";
        }
        let has = |is_it: fn(&Observation) -> bool| {
            self.observations.iter().any(|(_, observation)| is_it(observation))
        };
        let has_name = config.endpoint.url().domain().is_some() && endpoint.proxy.is_none();
        let is_relayed = endpoint.proxy.is_some() && !is_forwarded(config);
        if !has(|it| matches!(it, Observation::Connected(_))) {
            let is_resolved = has(|it| matches!(it, Observation::Resolved { .. }));
            return if has_name && !is_resolved { "name" } else { "connection" };
        }
        if is_relayed && !has(|it| matches!(it, Observation::Relayed)) {
            return "proxy";
        }
        if endpoint.is_https && !has(|it| matches!(it, Observation::Secured(_))) {
            return "tls";
        }
        "answer"
    }

    fn taken(&self, status: &Failure) -> String {
        let status = match status {
            Failure::Status(status) => format!("HTTP {status}"),
            _ => "gRPC status OK".to_owned(),
        };
        if self.is_point {
            format!("{status}: the backend took one data point of {CHECK_METRIC}.")
        } else {
            format!("{status}: the backend took an empty request.")
        }
    }

    /// What a person can do about an answer, beside what the message of an export says.
    fn advice(&self, verdict: &Verdict, failure: &Failure) -> String {
        match verdict {
            Verdict::Retry { retry_after } => {
                let why = match failure {
                    Failure::Status(429) => ": too many requests, or a quota is used up.",
                    Failure::Status(503) => ": it is overloaded, or out of service for now.",
                    Failure::Status(502 | 504) => {
                        ": a gateway before the backend does not reach it."
                    }
                    _ => ".",
                };
                let when = retry_after.map_or_else(
                    || " Try again later.".to_owned(),
                    |pause| format!(" It asks for a pause of {}.", in_words(pause)),
                );
                format!("{why}{when}")
            }
            Verdict::Rejected(Rejection::Body) if !self.is_point => {
                ". Some backends refuse an empty request. To send a data point as well: --point"
                    .to_owned()
            }
            _ => String::new(),
        }
    }
}

/// The steps so far.
struct ProbeProgress<'a> {
    config: &'a Config,
    endpoint: &'a EndpointDescription,
    steps: Vec<ProbeStep>,
    last: Instant,
    certificate: Option<CertificateFacts>,
}

impl<'a> ProbeProgress<'a> {
    fn new(config: &'a Config, endpoint: &'a EndpointDescription, start: Instant) -> Self {
        Self { config, endpoint, steps: Vec::new(), last: start, certificate: None }
    }

    fn add(&mut self, end: Instant, observation: &Observation) {
        let EndpointDescription { authority, proxy, is_filled_in, .. } = self.endpoint;
        // An address can be the value of a variable.
        let is_shown = !is_filled_in || proxy.is_some();
        let (step, detail) = match observation {
            Observation::Resolved { host, addresses } if is_shown => {
                ("name", format!("{host} is {}", listed(addresses)))
            }
            Observation::Resolved { .. } => ("name", "The host name has an address.".to_owned()),
            Observation::Connected(address) => {
                let address = address.filter(|_| is_shown).as_ref().map(SocketAddr::to_string);
                let way = match proxy {
                    Some(proxy) if is_forwarded(self.config) => {
                        format!(". {proxy} forwards the request.")
                    }
                    Some(_) => ", the proxy".to_owned(),
                    None => String::new(),
                };
                let to = address.map(|address| format!(" to {address}")).unwrap_or_default();
                ("connection", format!("connected{to}{way}"))
            }
            Observation::Relayed => {
                let proxy = proxy.as_deref().unwrap_or("The proxy");
                ("proxy", format!("{proxy} connects to {authority}."))
            }
            Observation::Certificate(facts) => {
                self.certificate.clone_from(facts);
                // The name in it can be the value of a variable.
                if let Some(facts) = self.certificate.as_mut().filter(|_| *is_filled_in) {
                    facts.subject = None;
                }
                return;
            }
            Observation::Secured(version) => {
                let facts = self.certificate.take();
                let of_certificate = facts.map(|facts| described(&facts, "The certificate"));
                ("tls", format!("{version}. {}", of_certificate.unwrap_or_default()))
            }
        };
        let time = Some(end.saturating_duration_since(self.last));
        self.steps.push(ProbeStep { step, ok: true, detail: detail.trim_end().to_owned(), time });
        self.last = end;
    }
}

/// The step in which a request failed. `unfinished` is the first one that did not succeed.
fn failed_step(failure: &Failure, unfinished: &'static str) -> &'static str {
    let Failure::Transport(error) = failure else { return "answer" };
    match error {
        TransportError::CertificateFile(_) | TransportError::NoCertificates => "certificates",
        TransportError::UnknownHost => "name",
        TransportError::NoConnection { .. } => "connection",
        TransportError::ProxyAuthorization | TransportError::ProxyRefused => "proxy",
        TransportError::Tls(_) | TransportError::NeedsTls => "tls",
        _ => unfinished,
    }
}

/// The message about a step that was not over in time.
fn late(step: &str, config: &Config, endpoint: &EndpointDescription) -> String {
    let EndpointDescription { authority, host, proxy, .. } = endpoint;
    let within = format!("within {}", in_words(config.timeout));
    match (step, proxy) {
        ("name", _) => format!(
            "No name server says {within} which address {host} has. Check the network of this machine."
        ),
        ("connection", None) => format!(
            "No connection to {authority} {within}. The host is off, or a firewall drops the packets. If a \
             proxy is needed, set HTTPS_PROXY."
        ),
        ("connection", Some(proxy)) => format!("{proxy}: no connection to it {within}."),
        ("proxy", proxy) => format!(
            "{} did not connect to {authority} {within}. If that needs no proxy, add its host to NO_PROXY.",
            proxy.as_deref().unwrap_or("The proxy")
        ),
        ("tls", _) => format!(
            "{authority} did not finish the TLS handshake {within}. If it is for plain HTTP, write http:// in \
             the endpoint."
        ),
        _ => format!(
            "{authority} did not answer {within}. It is overloaded, or it is not a receiver of OTLP. For more \
             time set timeout_seconds."
        ),
    }
}

/// The step about what the backend did not take. `None` if it says nothing.
fn partial_success(answer: &Answer, config: &Config) -> Option<ProbeStep> {
    let partial = &answer.partial_success;
    let reason = partial.shown(&config.headers);
    let said = reason.map_or_else(
        || " It gives no reason that can be shown.".to_owned(),
        |reason| format!(" It says: {}", reason.as_str()),
    );
    let (ok, detail) = match partial.rejected_points {
        0 if partial.message.is_empty() => return None,
        0 => (true, format!("The backend took everything, with a warning.{said}")),
        1 => (false, format!("The backend rejected 1 data point.{said}")),
        many => (false, format!("The backend rejected {many} data points.{said}")),
    };
    Some(ProbeStep { step: "partial_success", ok, detail, time: None })
}

/// Whom a certificate is for, who has issued it, and until when it is valid.
fn described(facts: &CertificateFacts, beginning: &str) -> String {
    let CertificateFacts { subject, issuer, not_before: _, not_after } = facts;
    let part = |words: &str, name: &Option<String>| {
        let name = name.as_deref().map(printable);
        name.map(|name| format!(" {words} {name}")).unwrap_or_default()
    };
    format!(
        "{beginning} is{}{}, until {}.",
        part("for", subject),
        part("by", issuer),
        not_after.day()
    )
}

fn listed(addresses: &[IpAddr]) -> String {
    const MAX_ADDRESSES: usize = 4;
    let shown = addresses.iter().take(MAX_ADDRESSES).map(IpAddr::to_string);
    let shown = shown.collect::<Vec<_>>().join(", ");
    if addresses.len() > MAX_ADDRESSES { format!("{shown}, …") } else { shown }
}

/// A time in seconds.
fn in_words(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests;
