//! Warnings about settings that do not fit together.

use crate::config::file::search_path::PERSONAL_FILE;
use crate::config::git::tracking::{Tracking, tracking};
use crate::config::printable::{printable, printable_path};
use crate::config::resolve::config::Config;
use crate::config::resolve::connection::Connection;
use crate::config::value::choice::{Protocol, Temporality};
use crate::config::value::endpoint::Endpoint;
use crate::config::value::secret;
use crate::config::value::source::Source;
use std::path::Path;
use std::time::Duration;
use url::Url;

/// The part of a path at which Prometheus takes OTLP.
const PROMETHEUS_PATH: &str = "/api/v1/otlp";
/// The hosts of Grafana Cloud.
const GRAFANA_CLOUD: &str = "grafana.net";
/// Grafana Cloud bills by the data points of a series in a minute, and usually includes one.
/// Source: <https://grafana.com/docs/grafana-cloud/platform/pricing-and-usage/metrics/>
const GRAFANA_CLOUD_INTERVAL: Duration = Duration::from_mins(1);

/// The warnings about the endpoint and what belongs to it.
pub(crate) fn of_connection(
    endpoint: &Endpoint,
    connection: &Connection,
) -> impl Iterator<Item = String> {
    [
        usual_port(endpoint.url(), connection),
        readable_credential(endpoint, connection),
        refused_delta(endpoint.url(), connection),
    ]
    .into_iter()
    .flatten()
}

/// The warnings about what a project sends, and how often.
pub(crate) fn of_config(
    config: &Config,
    interval: &Source,
    project: &Source,
) -> impl Iterator<Item = String> {
    [frequent(config, interval), address_as_team(config, project)].into_iter().flatten()
}

/// The warning about the user's own file in a project if git tracks it. `warnings` may contain it already,
/// with what is therefore not used.
pub(crate) fn personal_in_git(file: &Path, warnings: &[String]) -> Option<String> {
    let beginning = format!("{} is in git", printable_path(file));
    let is_known = warnings.iter().any(|warning| warning.starts_with(&beginning));
    (!is_known && tracking(file) == Tracking::Yes).then(|| {
        format!(
            "{beginning}, so everyone who clones the repository gets your settings. Take it out of git: \
             git rm --cached {PERSONAL_FILE}"
        )
    })
}

/// The warning about a protocol for which receivers usually open another port.
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options>
fn usual_port(url: &Url, connection: &Connection) -> Option<String> {
    let protocol = connection.protocol.value;
    let source = printable(&connection.source.to_string());
    let name = protocol.as_str();
    match (protocol, url.port()) {
        (Protocol::HttpProtobuf | Protocol::HttpJson, Some(4317)) => Some(format!(
            "{source}: the endpoint has port 4317, which is usually for gRPC, and the protocol is \
             {name}. For {name} use port 4318, for port 4317 the protocol grpc."
        )),
        (Protocol::Grpc, Some(4318)) => Some(format!(
            "{source}: the endpoint has port 4318, which is usually for OTLP over HTTP, and the protocol \
             is grpc. For grpc use port 4317, for port 4318 the protocol http/protobuf."
        )),
        _ => None,
    }
}

/// The warning about a header that everyone on the way to another machine can read.
fn readable_credential(endpoint: &Endpoint, connection: &Connection) -> Option<String> {
    if !endpoint.is_readable_on_the_way() {
        return None;
    }
    let headers = connection.headers.value.iter().map(|(name, _)| name.as_str());
    let secret: Vec<_> = headers.filter(|name| !secret::is_harmless_header(name)).collect();
    if secret.is_empty() {
        return None;
    }
    let source = printable(&connection.headers.source.to_string());
    Some(format!(
        "{source}: {} is sent unencrypted, because the endpoint is http:// on another machine. Use https://.",
        secret.join(" and ")
    ))
}

/// The warning about delta numbers for a backend that takes cumulative ones only.
fn refused_delta(url: &Url, connection: &Connection) -> Option<String> {
    if connection.temporality.value != Temporality::Delta {
        return None;
    }
    let backend = if url.path().contains(PROMETHEUS_PATH) {
        "Prometheus, which does not store delta numbers"
    } else if is_at(url, GRAFANA_CLOUD) {
        "Grafana Cloud, which refuses delta numbers"
    } else {
        return None;
    };
    let source = printable(&connection.temporality.source.to_string());
    Some(format!(
        "{source}: the temporality is delta, and the endpoint looks like {backend}. Use \"temporality\": \
         \"cumulative\"."
    ))
}

/// The warning about an interval that a backend makes expensive.
fn frequent(config: &Config, interval: &Source) -> Option<String> {
    let is_short = config.interval < GRAFANA_CLOUD_INTERVAL;
    if !is_short || !is_at(config.endpoint.url(), GRAFANA_CLOUD) {
        return None;
    }
    let (source, seconds) = (printable(&interval.to_string()), config.interval.as_secs_f64());
    Some(format!(
        "{source}: the interval is {seconds} seconds. Grafana Cloud bills by data points in a minute, so an \
         interval below 60 seconds can cost more."
    ))
}

/// The warning about a team that is an e-mail address. It is not repeated.
fn address_as_team(config: &Config, project: &Source) -> Option<String> {
    let team = config.team.as_ref()?.reveal();
    let has_address = team.split([' ', '<', '>', ',', ';']).any(|word| {
        word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    });
    has_address.then(|| {
        let source = printable(&project.to_string());
        format!(
            "{source}: the team contains an e-mail address, so it is sent as \"redacted\". Write the name of \
             the team."
        )
    })
}

fn is_at(url: &Url, domain: &str) -> bool {
    let rest = url.host_str().and_then(|host| host.strip_suffix(domain));
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use crate::config::environment::Environment;
    use crate::config::resolve::resolver::resolve;
    use crate::config::variables::Variables;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::{env, fs, process};

    /// The warnings about a `.ccxray.json` with these settings beside its tier, without its path.
    fn warnings(settings: &str, variables: &[(&str, &str)]) -> Vec<String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("ccxray-warnings-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        let file = directory.join(".ccxray.json");
        fs::write(&file, format!(r#"{{"otel": {{"tier": 1, {settings}}}}}"#)).unwrap();
        let variables = variables.iter().chain(&[("CCXRAY_OTEL_TRUST", "1")]);
        let variables: Variables =
            variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let resolution = resolve(&directory, &Environment { variables, ..Environment::default() });
        let path = file.display().to_string();
        let warnings = resolution.unwrap().warnings;
        fs::remove_dir_all(&directory).unwrap();
        warnings.into_iter().map(|it| it.replace(&path, "FILE")).collect()
    }

    const REMOTE: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otlp.example");
    const TOKEN: (&str, &str) = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret");
    const UNENCRYPTED: &str = "OTEL_EXPORTER_OTLP_HEADERS: authorization is sent unencrypted, because the \
                               endpoint is http:// on another machine. Use https://.";
    const HTTP_PORT: &str = "FILE: the endpoint has port 4318, which is usually for OTLP over HTTP, and the \
                             protocol is grpc. For grpc use port 4317, for port 4318 the protocol \
                             http/protobuf.";
    const GRPC_PORT: &str = "FILE: the endpoint has port 4317, which is usually for gRPC, and the protocol is \
                             http/json. For http/json use port 4318, for port 4317 the protocol grpc.";
    const PROMETHEUS: &str = "FILE: the temporality is delta, and the endpoint looks like Prometheus, which \
                              does not store delta numbers. Use \"temporality\": \"cumulative\".";
    const GRAFANA: &str = "FILE: the temporality is delta, and the endpoint looks like Grafana Cloud, which \
                           refuses delta numbers. Use \"temporality\": \"cumulative\".";
    const OFTEN: &str = "FILE: the interval is 10 seconds. Grafana Cloud bills by data points in a minute, so \
                         an interval below 60 seconds can cost more.";
    const ADDRESS: &str = "FILE: the team contains an e-mail address, so it is sent as \"redacted\". Write \
                           the name of the team.";

    #[test]
    #[rustfmt::skip]
    fn settings_that_do_not_fit_together_are_warned_about() {
        for (settings, variables, expected) in [
            (r#""endpoint": "http://127.0.0.1:4318""#, &[][..], &[][..]),
            (r#""endpoint": "http://127.0.0.1:4318", "protocol": "grpc""#, &[], &[HTTP_PORT]),
            (r#""endpoint": "http://127.0.0.1:4317", "protocol": "grpc""#, &[], &[]),
            (r#""endpoint": "http://127.0.0.1:4317", "protocol": "http/json""#, &[], &[GRPC_PORT]),
            (r#""project": "shop""#, &[REMOTE], &[]),
            (r#""project": "shop""#, &[REMOTE, TOKEN], &[UNENCRYPTED]),
            (r#""project": "shop""#, &[REMOTE, ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=a")], &[]),
            (r#""project": "shop""#, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1"), TOKEN], &[]),
            (r#""project": "shop""#, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example"), TOKEN], &[]),
            (r#""endpoint": "http://127.0.0.1:9090/api/v1/otlp", "temporality": "delta""#, &[], &[PROMETHEUS]),
            (r#""endpoint": "http://127.0.0.1:9090/api/v1/otlp""#, &[], &[]),
            (r#""endpoint": "http://127.0.0.1:8428/opentelemetry", "temporality": "delta""#, &[], &[]),
            (r#""endpoint": "https://otlp-gateway-a.grafana.net/otlp", "temporality": "delta""#, &[], &[GRAFANA]),
            (r#""endpoint": "https://otlp-gateway-a.grafana.net/otlp", "interval_seconds": 10"#, &[], &[OFTEN]),
            (r#""endpoint": "https://otlp-gateway-a.grafana.net/otlp", "interval_seconds": 60"#, &[], &[]),
            (r#""endpoint": "https://notgrafana.net/otlp", "interval_seconds": 10"#, &[], &[]),
            (r#""endpoint": "http://127.0.0.1:4318", "team": "alice@example.com""#, &[], &[ADDRESS]),
            (r#""endpoint": "http://127.0.0.1:4318", "team": "Alice <alice@example.com>""#, &[], &[ADDRESS]),
            (r#""endpoint": "http://127.0.0.1:4318", "team": "team@work""#, &[], &[]),
        ] {
            assert_eq!(warnings(settings, variables), expected, "{settings} {variables:?}");
        }
    }
}
