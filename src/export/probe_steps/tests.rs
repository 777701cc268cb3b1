use super::*;
use crate::config::{Environment, Outcome, Variables, resolve};
use crate::export::answer::PartialSuccess;
use std::path::Path;

const NAME: &str = "otlp.example";

fn config(endpoint: &str, more: &[(&str, &str)]) -> Config {
    let variables = [
        ("CCXRAY_OTEL_TIER", "1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret-t0ken"),
    ];
    let variables: Variables = variables
        .iter()
        .chain(more)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let environment = Environment { variables, ..Environment::default() };
    let resolution = resolve(Path::new("/nonexistent"), &environment).unwrap();
    let Outcome::On(config) = resolution.outcome else { panic!("telemetry is on") };
    *config
}

fn resolved() -> Observation {
    Observation::Resolved {
        host: NAME.to_owned(),
        addresses: (1..=5).map(|last| IpAddr::from([10, 0, 0, last])).collect(),
    }
}

fn connected() -> Observation {
    Observation::Connected(Some(SocketAddr::from(([10, 0, 0, 1], 443))))
}

fn answer(verdict: Verdict, status: u16, partial_success: PartialSuccess) -> Answer {
    Answer { verdict, failure: Failure::Status(status), partial_success }
}

/// The last step after these observations, which took a millisecond each.
fn last_step(
    config: &Config,
    observations: Vec<Observation>,
    outcome: Result<Answer, Failure>,
) -> (&'static str, bool, String) {
    let start = Instant::now();
    let millis = (1..).map(Duration::from_millis);
    let observations: Vec<_> =
        millis.zip(observations).map(|(after, it)| (start + after, it)).collect();
    let steps = observations.len();
    let end = start + Duration::from_millis(100);
    let attempt = Attempt { start, end, outcome, observations, is_point: false };
    let all = steps_of(&attempt, config, &EndpointDescription::of(config), false);
    for step in all.iter().take(steps.min(all.len() - 1)) {
        assert_eq!((step.ok, step.time), (true, Some(Duration::from_millis(1))), "{step:?}");
    }
    let ProbeStep { step, ok, detail, .. } = all.into_iter().last().unwrap();
    (step, ok, detail)
}

#[test]
fn a_step_that_takes_too_long_is_the_first_without_success() {
    let direct = config("https://otlp.example", &[]);
    let behind = config("https://otlp.example", &[("HTTPS_PROXY", "http://proxy.example:1")]);
    let forwarded = config("http://otlp.example", &[("HTTP_PROXY", "http://proxy.example:1")]);
    for (config, observations, expected, words) in [
        (&direct, vec![], "name", "No name server says within 10 s"),
        (&direct, vec![resolved()], "connection", "No connection to otlp.example:443 within 10 s."),
        (&direct, vec![resolved(), connected()], "tls", "did not finish the TLS handshake"),
        (
            &direct,
            vec![resolved(), connected(), Observation::Secured("TLS 1.3")],
            "answer",
            "otlp.example:443 did not answer within 10 s.",
        ),
        (&behind, vec![], "connection", "no connection to it within 10 s."),
        (&behind, vec![connected()], "proxy", "did not connect to otlp.example:443 within 10 s."),
        (&behind, vec![connected(), Observation::Relayed], "tls", "handshake within 10 s"),
        (&forwarded, vec![connected()], "answer", "did not answer within 10 s."),
    ] {
        let (step, ok, detail) = last_step(config, observations, Err(Failure::Deadline));
        assert_eq!((step, ok), (expected, false), "{detail}");
        assert!(detail.contains(words), "{detail}");
    }
}

#[test]
fn each_failure_belongs_to_its_step() {
    let config = config("https://otlp.example", &[]);
    let opened = || vec![resolved(), connected()];
    for (error, observations, expected) in [
        (TransportError::NoCertificates, vec![], "certificates"),
        (TransportError::UnknownHost, vec![], "name"),
        (TransportError::NoConnection { os_error: None }, vec![resolved()], "connection"),
        (TransportError::ProxyRefused, opened(), "proxy"),
        (TransportError::NeedsTls, opened(), "tls"),
        (TransportError::Broken, opened(), "tls"),
        (
            TransportError::Broken,
            [opened(), vec![Observation::Secured("TLS 1.2")]].concat(),
            "answer",
        ),
    ] {
        let (step, ok, _) = last_step(&config, observations, Err(Failure::Transport(error)));
        assert_eq!((step, ok), (expected, false));
    }
}

#[test]
fn an_answer_is_explained_with_what_the_backend_says() {
    let config = config("http://127.0.0.1:4318", &[]);
    let nothing = PartialSuccess::default;
    let partial = |rejected_points, message: &str| PartialSuccess {
        rejected_points,
        message: message.to_owned(),
    };
    let pause = |seconds| Verdict::Retry { retry_after: Some(Duration::from_secs(seconds)) };
    for (answer, expected) in [
        (
            answer(Verdict::Delivered, 200, nothing()),
            ("answer", true, "HTTP 200: the backend took an empty request."),
        ),
        (
            answer(Verdict::Delivered, 200, partial(0, "old version")),
            (
                "partial_success",
                true,
                "The backend took everything, with a warning. It says: old version",
            ),
        ),
        (
            answer(Verdict::Delivered, 200, partial(2, "bad token s3cret-t0ken")),
            (
                "partial_success",
                false,
                "The backend rejected 2 data points. It gives no reason that can be shown.",
            ),
        ),
        (
            answer(pause(5400), 429, nothing()),
            (
                "answer",
                false,
                "the backend answered HTTP 429: too many requests, or a quota is used up. It asks for a \
                 pause of 5400 s.",
            ),
        ),
        (
            answer(Verdict::Retry { retry_after: None }, 503, nothing()),
            (
                "answer",
                false,
                "the backend answered HTTP 503: it is overloaded, or out of service for now. Try again \
                 later.",
            ),
        ),
    ] {
        let (step, ok, detail) = last_step(&config, Vec::new(), Ok(answer));
        assert_eq!((step, ok, detail.as_str()), expected);
    }
}

#[test]
fn a_certificate_is_described_without_harmful_characters() {
    let time = crate::util::certificate::CertificateTime::of(std::time::SystemTime::UNIX_EPOCH);
    let facts = CertificateFacts {
        subject: Some("a\u{1b}[2Jb".to_owned()),
        issuer: None,
        not_before: time.clone(),
        not_after: time,
    };
    let expected = "The certificate is for a\u{fffd}[2Jb, until 1970-01-01.";
    assert_eq!(described(&facts, "The certificate"), expected);
}
