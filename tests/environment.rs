//! The variables of the specification, one row each, and whom they reach.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use otel_native::config::{
    Compression, Config, HistogramAggregation, Outcome, Protocol, Resolution, Temporality, Text,
};
use std::time::Duration;

#[expect(dead_code, reason = "other tests run git")]
mod disk;
use disk::{Disk, on, reason};

/// What a row expects.
enum Expected {
    /// A config with this property.
    Set(fn(&Config) -> bool),
    /// A config, and this warning.
    Warning(&'static str),
    /// No config, and this reason or error.
    Refused(&'static str),
    /// Telemetry is off, for this reason.
    Off(&'static str),
}
use Expected::{Off, Refused, Set, Warning};

const TIER: (&str, &str) = ("CCXRAY_OTEL_TIER", "1");
const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://own.example:1");

/// All that the environment can set, in variables of which none has its default.
const EVERYTHING: &[(&str, &str)] = &[
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://another.example:4317"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/json"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20another"),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "1234"),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"),
    ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/client.pem"),
    ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/client.key"),
    ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
    (
        "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
        "base2_exponential_bucket_histogram",
    ),
    ("OTEL_METRIC_EXPORT_TIMEOUT", "1200"),
    ("OTEL_METRICS_EXPORTER", "console"),
    ("OTEL_SERVICE_NAME", "another"),
];

fn header(config: &Config) -> Vec<String> {
    let pair =
        |(name, value): (&_, &http::HeaderValue)| format!("{name}: {}", value.to_str().unwrap());
    config.headers.iter().map(pair).collect()
}

#[test]
#[rustfmt::skip]
fn every_variable_of_the_specification_is_supported_or_refused_with_a_reason() {
    const JWT: &str = "OTEL_EXPORTER_OTLP_METRICS_HEADERS";
    let rows: &[(&[(&str, &str)], Expected)] = &[
        (&[], Set(|it| it.endpoint.url().as_str() == "https://own.example:1/v1/metrics")),
        (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://own.example/otlp/?x=y")], Set(|it| it.endpoint.url().as_str() == "https://own.example/otlp/v1/metrics?x=y")),
        (&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://own.example/as/it/is/")], Set(|it| it.endpoint.url().as_str() == "https://own.example/as/it/is/")),
        (&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://own.example")], Set(|it| it.endpoint.url().as_str() == "https://own.example/")),
        (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "own.example:4318")], Refused("endpoint \"own.example:4318\" has no http://. Write \"http://own.example:4318\".")),
        (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")], Warning("OTEL_EXPORTER_OTLP_ENDPOINT: the endpoint has port 4317, which is usually for gRPC, and the protocol is http/protobuf. For http/protobuf use port 4318, for port 4317 the protocol grpc.")),
        (&[("OTEL_EXPORTER_OTLP_INSECURE", "true")], Set(|it| it.endpoint.url().scheme() == "https")),
        (&[], Set(|it| it.protocol == Protocol::HttpProtobuf)),
        (&[("OTEL_EXPORTER_OTLP_PROTOCOL", "HTTP/JSON")], Set(|it| it.protocol == Protocol::HttpJson)),
        (&[("OTEL_EXPORTER_OTLP_PROTOCOL", "thrift")], Refused("OTEL_EXPORTER_OTLP_PROTOCOL: \"thrift\" is not supported. Use ")),
        (&[("OTEL_EXPORTER_OTLP_PROTOCOL", "thrift")], Refused("If another program needs this value, set OTEL_EXPORTER_OTLP_METRICS_PROTOCOL too.")),
        (&[("OTEL_EXPORTER_OTLP_PROTOCOL", "thrift"), ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/json")], Set(|it| it.protocol == Protocol::HttpJson)),
        (&[("OTEL_EXPORTER_OTLP_COMPRESSION", "none")], Set(|it| it.compression == Compression::None)),
        (&[("OTEL_EXPORTER_OTLP_COMPRESSION", "none"), ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip")], Set(|it| it.compression == Compression::Gzip)),
        (&[("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd")], Refused("OTEL_EXPORTER_OTLP_COMPRESSION: \"zstd\" is not supported. Use gzip or none.")),
        (&[("OTEL_EXPORTER_OTLP_TIMEOUT", "2500")], Set(|it| it.timeout == Duration::from_millis(2500))),
        (&[("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"), ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", " 1500 ")], Set(|it| it.timeout == Duration::from_millis(1500))),
        (&[("OTEL_EXPORTER_OTLP_TIMEOUT", "120000")], Set(|it| it.timeout == Duration::from_mins(1))),
        (&[("OTEL_EXPORTER_OTLP_TIMEOUT", "120000")], Warning("OTEL_EXPORTER_OTLP_TIMEOUT: \"120000\" is out of range, so 60000 is used. Use 1 to 60000 (milliseconds).")),
        (&[("OTEL_EXPORTER_OTLP_TIMEOUT", "10s")], Refused("OTEL_EXPORTER_OTLP_TIMEOUT: This value is not a number of milliseconds. Use 1 to 60000 (milliseconds).")),
        (&[("OTEL_EXPORTER_OTLP_TIMEOUT", "0")], Set(|it| it.timeout == Duration::from_mins(1))),
        (&[("OTEL_METRIC_EXPORT_INTERVAL", "0")], Refused("OTEL_METRIC_EXPORT_INTERVAL: \"0\" is not a number of milliseconds. Use 1000 to 3600000 (milliseconds).")),
        (&[("OTEL_METRIC_EXPORT_INTERVAL", "-1")], Refused("OTEL_METRIC_EXPORT_INTERVAL: \"-1\" is not a number of milliseconds.")),
        (&[("OTEL_METRIC_EXPORT_TIMEOUT", "3000")], Set(|it| it.timeout == Duration::from_secs(3))),
        (&[("OTEL_METRIC_EXPORT_TIMEOUT", "30000")], Set(|it| it.timeout == Duration::from_secs(10))),
        (&[("OTEL_METRIC_EXPORT_INTERVAL", "5000")], Set(|it| it.interval == Duration::from_secs(5))),
        (&[("OTEL_METRIC_EXPORT_INTERVAL", "100")], Warning("OTEL_METRIC_EXPORT_INTERVAL: \"100\" is out of range, so 1000 is used. Use 1000 to 3600000 (milliseconds).")),
        (&[("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20dXNlcjpwdw==")], Set(|it| header(it) == ["authorization: Basic dXNlcjpwdw=="])),
        (&[("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic dXNlcjpwdw==")], Set(|it| header(it) == ["authorization: Basic dXNlcjpwdw=="])),
        (&[("OTEL_EXPORTER_OTLP_HEADERS", " Authorization = Basic dXNlcjpwdw== , x-tenant = a , ")], Set(|it| header(it) == ["authorization: Basic dXNlcjpwdw==", "x-tenant: a"])),
        (&[("OTEL_EXPORTER_OTLP_HEADERS", "authorization=general"), (JWT, "authorization=Bearer%20a.b.c=")], Set(|it| header(it) == ["authorization: Bearer a.b.c="])),
        (&[("OTEL_EXPORTER_OTLP_HEADERS", "Authorization: Bearer x")], Refused("OTEL_EXPORTER_OTLP_HEADERS: This is not a list of headers. Write name=value,name=value with percent-encoded values.")),
        (&[("OTEL_EXPORTER_OTLP_HEADERS", "content-type=text/plain")], Warning("OTEL_EXPORTER_OTLP_HEADERS: content-type is not sent, because ccxray sets this header itself.")),
        (&[("OTEL_EXPORTER_OTLP_CERTIFICATE", "~/ca.pem")], Set(|it| it.tls.ca.as_ref().unwrap().path().ends_with("home/ca.pem"))),
        (&[("OTEL_EXPORTER_OTLP_CERTIFICATE", "/a.pem"), ("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "/b.pem")], Set(|it| it.tls.ca.as_ref().unwrap().path().ends_with("b.pem"))),
        (&[("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "~/c.crt"), ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "~/c.key")], Set(|it| it.tls.client.as_ref().unwrap().1.path().ends_with("home/c.key"))),
        (&[("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "~/c.crt")], Refused("OTEL_EXPORTER_OTLP_CLIENT_KEY: A client certificate and its key belong together: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is set, and this is not set. Set both, or neither.")),
        (&[("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "~/c.key")], Refused("OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: A client certificate and its key belong together: OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY is set")),
        (&[("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Delta")], Set(|it| it.temporality == Temporality::Delta)),
        (&[("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "LowMemory")], Set(|it| it.temporality == Temporality::Delta)),
        (&[("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "cumulative")], Set(|it| it.temporality == Temporality::Cumulative)),
        (&[("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "none")], Refused("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: \"none\" is not supported. Use cumulative, delta or lowmemory.")),
        (&[("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram")], Set(|it| it.histograms == HistogramAggregation::Base2Exponential)),
        (&[("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram")], Set(|it| it.histograms == HistogramAggregation::Explicit)),
        (&[("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "drop")], Refused("\"drop\" is not supported. Use explicit_bucket_histogram or base2_exponential_bucket_histogram.")),
        (&[("OTEL_METRICS_EXPORTER", "otlp")], Set(|_| true)),
        (&[("OTEL_METRICS_EXPORTER", "console, otlp")], Set(|_| true)),
        (&[("OTEL_METRICS_EXPORTER", "none")], Off("Telemetry is off: OTEL_METRICS_EXPORTER is none. To allow it: set it to otlp, or unset it")),
        (&[("OTEL_METRICS_EXPORTER", "console")], Refused("OTEL_METRICS_EXPORTER: \"console\" is not an exporter of ccxray. To send metrics, add otlp.")),
        (&[("OTEL_METRICS_EXPORTER", "prometheus")], Refused("OTEL_METRICS_EXPORTER: \"prometheus\" is not an exporter of ccxray. To send metrics, add otlp.")),
        (&[("OTEL_METRICS_EXPORTER", "console,prometheus")], Refused("OTEL_METRICS_EXPORTER: None of these is an exporter of ccxray. To send metrics, add otlp.")),
        (&[("OTEL_SDK_DISABLED", "true")], Off("Telemetry is off: OTEL_SDK_DISABLED is set. To allow it: unset OTEL_SDK_DISABLED")),
        (&[("OTEL_SDK_DISABLED", "false")], Set(|_| true)),
        (&[("OTEL_SERVICE_NAME", "agents")], Set(|it| it.service_name.as_ref().map(Text::reveal) == Some("agents"))),
        (&[], Set(|it| it.service_name.is_none())),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "team=a%2Cb%3Dc,user.email=a@b.invalid,host.name=x,session.id=1")], Set(|it| it.resource_attributes.iter().map(|(key, value)| format!("{key}={}", value.reveal())).eq(["team=a,b=c"]))),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "team=%ff")], Warning("OTEL_RESOURCE_ATTRIBUTES is not used: write key=value,key=value.")),
        (&[("OTEL_METRICS_EXEMPLAR_FILTER", "always_on")], Set(|_| true)),
        (&[("OTEL_CONFIG_FILE", "/otel.yaml")], Set(|_| true)),
    ];
    for (variables, expected) in rows {
        let base = [TIER, ENDPOINT].into_iter().filter(|(name, _)| !variables.iter().any(|it| it.0 == *name));
        let env: Vec<_> = base.chain(variables.iter().copied()).collect();
        let resolution = Disk::new().resolve("project", &env);
        match expected {
            Set(is_set) => assert!(is_set(&on(resolution)), "{variables:?}"),
            Warning(warning) => {
                let Resolution { warnings, outcome, .. } = resolution.unwrap();
                assert!(matches!(outcome, Outcome::On(_)) && warnings == [*warning], "{warnings:?}");
            }
            Refused(message) => {
                let found = resolution.map_or_else(|error| error, |it| reason(Ok(it)));
                assert!(found.starts_with("environment: ") && found.contains(message), "{found}");
            }
            Off(message) => assert_eq!(reason(resolution), *message),
        }
    }
}

#[test]
fn the_environment_does_not_reach_an_endpoint_of_a_file() {
    let of_file = r#"{"otel":{"tier":1,"endpoint":"https://own.example:1"}}"#;
    for place in ["project/.ccxray.json", "home/.ccxray.user.json"] {
        let disk = Disk::new().write(place, of_file);
        let resolve = |env: &[(&str, &str)]| disk.resolve("project", env).unwrap();
        let trust = [("CCXRAY_OTEL_TRUST", "1")];
        let (alone, beside) = (resolve(&trust), resolve(&[&trust, EVERYTHING].concat()));
        assert_eq!(beside, alone, "{place}");
        assert!(beside.warnings.is_empty(), "{:?}", beside.warnings);
    }
}

#[test]
fn every_setting_of_the_environment_names_its_variable() {
    let env: Vec<_> = EVERYTHING
        .iter()
        .filter(|(name, _)| *name != "OTEL_METRICS_EXPORTER")
        .chain([&TIER, &("OTEL_METRIC_EXPORT_INTERVAL", "2000")])
        .copied()
        .collect();
    let settings = Disk::new().resolve("project", &env).unwrap().settings;
    let shown: Vec<_> =
        settings.iter().map(|it| format!("{}={} {}", it.name, it.value, it.source)).collect();
    assert_eq!(
        shown,
        [
            "tier=1 CCXRAY_OTEL_TIER",
            "endpoint=http://another.example:4317/v1/metrics OTEL_EXPORTER_OTLP_ENDPOINT",
            "protocol=http/json OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
            "header=authorization: Bearer *** OTEL_EXPORTER_OTLP_HEADERS",
            "compression=none OTEL_EXPORTER_OTLP_COMPRESSION",
            "tls.ca_file=/ca.pem OTEL_EXPORTER_OTLP_CERTIFICATE",
            "tls.certificate_file=/client.pem OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
            "tls.key_file=/client.key OTEL_EXPORTER_OTLP_CLIENT_KEY",
            "interval_seconds=2 OTEL_METRIC_EXPORT_INTERVAL",
            "resolution=minute default",
            "timeout_seconds=1.2 OTEL_METRIC_EXPORT_TIMEOUT",
            "temporality=delta OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "histograms=base2_exponential_bucket_histogram \
             OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
            "service_name=${OTEL_SERVICE_NAME} OTEL_SERVICE_NAME",
            "names=known default",
        ]
    );
}

#[test]
fn a_personal_file_has_the_settings_of_its_endpoint() {
    let text = r#"{"otel":{"tier":1,"endpoint":"https://own.example","temporality":"delta","timeout_seconds":3,
        "tls":{"ca_file":"~/ca.pem"}}}"#;
    let disk = Disk::new().write("home/.ccxray.user.json", text);
    let config = on(disk.resolve("project", &[]));
    assert_eq!((config.temporality, config.timeout), (Temporality::Delta, Duration::from_secs(3)));
    assert_eq!(config.tls.ca.unwrap().path(), disk.0.join("home/ca.pem"));
}

#[test]
fn a_projects_file_reads_the_home_directory_only_as_a_variable() {
    let text =
        r#"{"otel":{"tier":1,"endpoint":"https://own.example","tls":{"ca_file":"~/ca.pem"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let message = disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]).unwrap_err();
    assert_eq!(
        message,
        "~/project/.ccxray.json:1:69: otel.tls.ca_file: \"~\" is your home directory, and a project's file \
         may read it only as a variable, which you approve. Write \"${HOME}/…\" instead."
    );
    let home = disk.0.join("home");
    let env = [("CCXRAY_OTEL_TRUST", "1"), ("HOME", home.to_str().unwrap())];
    let disk = Disk::new().write("project/.ccxray.json", &text.replace('~', "${HOME}"));
    assert_eq!(on(disk.resolve("project", &env)).tls.ca.unwrap().path(), home.join("ca.pem"));
}

#[test]
fn the_users_interval_counts_before_that_of_the_project() {
    let text = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9","interval_seconds":30}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    for (env, seconds) in [(&[][..], 30), (&[("OTEL_METRIC_EXPORT_INTERVAL", "7000")], 7)] {
        assert_eq!(on(disk.resolve("project", env)).interval, Duration::from_secs(seconds));
    }
}

#[test]
fn further_certificates_of_node_are_trusted_beside_those_of_the_system() {
    let disk = Disk::new()
        .write("home/ca.pem", include_str!("support/authority.pem"))
        .write("home/x", "x");
    let own = |endpoint, value| {
        [TIER, ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("NODE_EXTRA_CA_CERTS", value)]
    };
    for (value, warning) in [
        ("~/ca.pem", None),
        (
            "~/none.pem",
            Some(
                "NODE_EXTRA_CA_CERTS (~/none.pem) does not exist, so its certificates are not used.",
            ),
        ),
        ("~", Some("NODE_EXTRA_CA_CERTS (~) cannot be read, so its certificates are not used.")),
        (
            "~/x",
            Some(
                "NODE_EXTRA_CA_CERTS (~/x) contains no certificate in PEM, so its certificates are not used.",
            ),
        ),
    ] {
        let resolution = disk.resolve("project", &own("https://own.example", value)).unwrap();
        let warnings: Vec<_> = warning.into_iter().map(str::to_owned).collect();
        assert_eq!(resolution.warnings, warnings);
        let extra = on(Ok(resolution)).system_certificates.extra;
        assert_eq!(extra.is_some(), warning.is_none(), "{value}");
        let resolution = disk.resolve("project", &own("http://own.example", value)).unwrap();
        assert!(resolution.warnings.is_empty(), "without TLS it does not matter");
    }
}
