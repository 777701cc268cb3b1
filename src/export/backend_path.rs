//! The path that a backend takes metrics at, for the message about an answer that says that there is none.
//!
//! A backend is recognised by the URL alone: by a path of another signal or protocol, by the host's name, by
//! the port, or by the path itself.

use url::Url;

/// The path that OTLP/HTTP adds to a base URL.
const METRICS_PATH: &str = "/v1/metrics";

/// What a URL is recognised by.
enum Sign {
    /// A part of the path, before what OTLP/HTTP adds.
    PathPart(&'static str),
    /// The end of the host's name.
    HostEnd(&'static str),
    /// A part of the first word of the host's name, as people call their own servers.
    HostWord(&'static str),
    /// The port.
    Port(u16),
}
use Sign::{HostEnd, HostWord, PathPart, Port};

/// A row of the table.
struct Backend {
    sign: Sign,
    /// The path of the right base URL; `None` if there is none for metrics.
    base: Option<&'static str>,
    /// The right base URL, as the end of a sentence.
    cure: &'static str,
    /// What else may be wrong if the base URL is right.
    otherwise: &'static str,
}

const fn row(
    sign: Sign,
    base: Option<&'static str>,
    cure: &'static str,
    otherwise: &'static str,
) -> Backend {
    Backend { sign, base, cure, otherwise }
}

const LOGS: &str = "This is a path for logs. Metrics have another one: Grafana Cloud and Mimir /otlp, \
                    Prometheus /api/v1/otlp";
const TRACES: &str = "This is a path for traces. The base URL is the part before /v1/traces";
const REMOTE_WRITE: &str = "This is a path for remote write. OTLP has another one: Prometheus \
                            /api/v1/otlp, VictoriaMetrics /opentelemetry, Mimir /otlp";
const PROMETHEUS: &str = "The base URL of Prometheus ends with /api/v1/otlp";
const PROMETHEUS_FLAG: &str = "Prometheus takes OTLP only with --web.enable-otlp-receiver";
const VICTORIA_METRICS: &str = "The base URL of VictoriaMetrics ends with /opentelemetry";
const VICTORIA_METRICS_CLUSTER: &str =
    "The base URL of vminsert ends with /insert/<account>/opentelemetry";
const MIMIR: &str = "The base URL of Mimir ends with /otlp";
const GRAFANA_CLOUD: &str =
    "The base URL of Grafana Cloud is https://otlp-gateway-<zone>.grafana.net/otlp";
const DATADOG: &str = "The base URL of Datadog is https://otlp.<site>, without a path";
const DATADOG_TEMPORALITY: &str = "Datadog takes sums with \"temporality\": \"delta\" only";
const HONEYCOMB: &str = "The base URL of Honeycomb is https://api.honeycomb.io, without a path";
const NEW_RELIC: &str = "The base URL of New Relic is https://otlp.nr-data.net, without a path";
const DYNATRACE: &str =
    "The base URL of Dynatrace is https://<environment>.live.dynatrace.com/api/v2/otlp";
const DYNATRACE_PROTOCOL: &str = "Dynatrace takes \"protocol\": \"http/protobuf\" with \
                                  \"temporality\": \"delta\" only";
const ACTIVE_GATE: &str = "The base URL of an ActiveGate ends with /e/<environment>/api/v2/otlp";
const CLOUD_WATCH: &str = "The base URL of CloudWatch is https://monitoring.<region>.amazonaws.com, \
                           without a path";
const CLOUD_WATCH_SIGNATURE: &str =
    "CloudWatch wants signed requests: send to a collector that signs them";
const SIGNOZ: &str =
    "The base URL of SigNoz is https://ingest.<region>.signoz.cloud, without a path";
const GRPC: &str = "Port 4317 is usually for gRPC. For HTTP use port 4318";
const NOTHING: &str = "";

/// The first row whose sign fits counts.
#[rustfmt::skip]
const BACKENDS: &[Backend] = &[
    row(PathPart("/loki/api/v1/push"), None, LOGS, NOTHING),
    row(PathPart("/v1/logs"), None, LOGS, NOTHING),
    row(PathPart("/v1/traces"), None, TRACES, NOTHING),
    row(PathPart("/api/v1/write"), None, REMOTE_WRITE, NOTHING),
    row(PathPart("/api/v1/push"), None, REMOTE_WRITE, NOTHING),
    row(PathPart("/api/prom/push"), None, REMOTE_WRITE, NOTHING),
    row(HostEnd("grafana.net"), Some("/otlp"), GRAFANA_CLOUD, NOTHING),
    row(HostEnd("datadoghq.com"), Some(""), DATADOG, DATADOG_TEMPORALITY),
    row(HostEnd("datadoghq.eu"), Some(""), DATADOG, DATADOG_TEMPORALITY),
    row(HostEnd("ddog-gov.com"), Some(""), DATADOG, DATADOG_TEMPORALITY),
    row(HostEnd("honeycomb.io"), Some(""), HONEYCOMB, NOTHING),
    row(HostEnd("nr-data.net"), Some(""), NEW_RELIC, NOTHING),
    row(HostEnd("newrelic.com"), Some(""), NEW_RELIC, NOTHING),
    row(HostEnd("dynatrace.com"), Some("/api/v2/otlp"), DYNATRACE, DYNATRACE_PROTOCOL),
    row(HostEnd("amazonaws.com"), Some(""), CLOUD_WATCH, CLOUD_WATCH_SIGNATURE),
    row(HostEnd("amazonaws.com.cn"), Some(""), CLOUD_WATCH, CLOUD_WATCH_SIGNATURE),
    row(HostEnd("signoz.cloud"), Some(""), SIGNOZ, NOTHING),
    row(HostWord("vminsert"), Some("/opentelemetry"), VICTORIA_METRICS_CLUSTER, NOTHING),
    row(HostWord("victoria"), Some("/opentelemetry"), VICTORIA_METRICS, NOTHING),
    row(HostWord("vmsingle"), Some("/opentelemetry"), VICTORIA_METRICS, NOTHING),
    row(HostWord("vmagent"), Some("/opentelemetry"), VICTORIA_METRICS, NOTHING),
    row(HostWord("mimir"), Some("/otlp"), MIMIR, NOTHING),
    row(HostWord("loki"), None, LOGS, NOTHING),
    row(HostWord("prometheus"), Some("/api/v1/otlp"), PROMETHEUS, PROMETHEUS_FLAG),
    row(Port(4317), None, GRPC, NOTHING),
    row(Port(8428), Some("/opentelemetry"), VICTORIA_METRICS, NOTHING),
    row(Port(8429), Some("/opentelemetry"), VICTORIA_METRICS, NOTHING),
    row(Port(8480), Some("/opentelemetry"), VICTORIA_METRICS_CLUSTER, NOTHING),
    row(Port(9009), Some("/otlp"), MIMIR, NOTHING),
    row(Port(3100), None, LOGS, NOTHING),
    row(Port(9090), Some("/api/v1/otlp"), PROMETHEUS, PROMETHEUS_FLAG),
    row(Port(9999), Some("/api/v2/otlp"), ACTIVE_GATE, DYNATRACE_PROTOCOL),
    row(PathPart("/api/v1/otlp"), Some("/api/v1/otlp"), PROMETHEUS, PROMETHEUS_FLAG),
    row(PathPart("/api/v2/otlp"), Some("/api/v2/otlp"), DYNATRACE, DYNATRACE_PROTOCOL),
];

/// For a backend that is not recognised.
const UNKNOWN: &str = "The base URL is probably wrong: Prometheus /api/v1/otlp, VictoriaMetrics \
                       /opentelemetry, Grafana Cloud /otlp";

/// What to change if the backend says that it takes no metrics at this URL. Empty if the URL is right and
/// nothing else is known. It contains nothing of the URL.
pub(super) fn cure(url: &Url) -> &'static str {
    let path = url.path();
    let base = path.strip_suffix(METRICS_PATH).unwrap_or(path);
    let is_at = |sign: &Sign| match sign {
        PathPart(part) => base.contains(part),
        HostEnd(end) => url.host_str().is_some_and(|host| {
            host.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }),
        HostWord(word) => {
            let first = url.host_str().and_then(|host| host.split('.').next());
            first.is_some_and(|first| first.contains(word))
        }
        Port(port) => url.port() == Some(*port),
    };
    let Some(backend) = BACKENDS.iter().find(|backend| is_at(&backend.sign)) else {
        return UNKNOWN;
    };
    match backend.base {
        // Before such a path there may be a prefix, and an empty one means that there is none.
        Some(right) if base == right || (!right.is_empty() && base.ends_with(right)) => {
            backend.otherwise
        }
        _ => backend.cure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn a_url_is_corrected_by_the_backend_that_it_looks_like() {
        for (url, expected) in [
            ("http://127.0.0.1:4318/v1/metrics", UNKNOWN),
            ("https://otlp.example/a/v1/metrics", UNKNOWN),
            ("http://127.0.0.1:9090/v1/metrics", PROMETHEUS),
            ("http://127.0.0.1:9090/otlp/v1/metrics", PROMETHEUS),
            ("http://127.0.0.1:9090/api/v1/otlp/v1/metrics", PROMETHEUS_FLAG),
            ("https://own.example/prefix/api/v1/otlp/v1/metrics", PROMETHEUS_FLAG),
            ("http://prometheus.monitoring:80/v1/metrics", PROMETHEUS),
            ("http://127.0.0.1:8428/v1/metrics", VICTORIA_METRICS),
            ("http://127.0.0.1:8428/opentelemetry/v1/metrics", NOTHING),
            ("http://victoriametrics/v1/metrics", VICTORIA_METRICS),
            ("http://vminsert:8480/v1/metrics", VICTORIA_METRICS_CLUSTER),
            ("http://vminsert:8480/insert/0/opentelemetry/v1/metrics", NOTHING),
            ("http://127.0.0.1:9009/v1/metrics", MIMIR),
            ("https://mimir.example/v1/metrics", MIMIR),
            ("https://otlp-gateway-prod-eu-west-0.grafana.net/v1/metrics", GRAFANA_CLOUD),
            ("https://otlp-gateway-prod-eu-west-0.grafana.net/otlp/v1/metrics", NOTHING),
            ("https://prometheus-prod-01.grafana.net/api/prom/push/v1/metrics", REMOTE_WRITE),
            ("https://logs-prod-01.grafana.net/loki/api/v1/push/v1/metrics", LOGS),
            ("http://127.0.0.1:3100/otlp/v1/metrics", LOGS),
            ("http://127.0.0.1:3100/otlp/v1/logs/v1/metrics", LOGS),
            ("https://loki.example/otlp/v1/metrics", LOGS),
            ("http://127.0.0.1:4318/v1/traces/v1/metrics", TRACES),
            ("https://own.example/api/v1/write/v1/metrics", REMOTE_WRITE),
            ("https://own.example/api/v1/push/v1/metrics", REMOTE_WRITE),
            ("https://api.datadoghq.com/api/v2/series/v1/metrics", DATADOG),
            ("https://otlp.datadoghq.eu/v1/metrics", DATADOG_TEMPORALITY),
            ("https://api.honeycomb.io/1/events/v1/metrics", HONEYCOMB),
            ("https://api.honeycomb.io/v1/metrics", NOTHING),
            ("https://api.eu1.honeycomb.io/otlp/v1/metrics", HONEYCOMB),
            ("https://metric-api.newrelic.com/metric/v1/v1/metrics", NEW_RELIC),
            ("https://otlp.eu01.nr-data.net/otlp/v1/metrics", NEW_RELIC),
            ("https://abc12345.live.dynatrace.com/v1/metrics", DYNATRACE),
            ("https://abc12345.live.dynatrace.com/api/v2/otlp/v1/metrics", DYNATRACE_PROTOCOL),
            ("https://gate.example:9999/v1/metrics", ACTIVE_GATE),
            ("https://gate.example:9999/e/abc/api/v2/otlp/v1/metrics", DYNATRACE_PROTOCOL),
            ("https://monitoring.eu-west-1.amazonaws.com/otlp/v1/metrics", CLOUD_WATCH),
            ("https://monitoring.eu-west-1.amazonaws.com/v1/metrics", CLOUD_WATCH_SIGNATURE),
            ("https://ingest.eu.signoz.cloud/otlp/v1/metrics", SIGNOZ),
            ("http://127.0.0.1:4317/v1/metrics", GRPC),
            ("https://nothoneycomb.io/v1/metrics", UNKNOWN),
            ("https://honeycomb.io.example/v1/metrics", UNKNOWN),
        ] {
            assert_eq!(cure(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
