//! What messages may say about an endpoint.

use crate::config::{Config, Protocol};
use crate::export::{backend_path, credential};
use url::Position;

/// What messages may say about an endpoint and its credentials. It contains no query, no header value
/// and no value of a variable: a URL with variables appears as written in the config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EndpointDescription {
    /// The URL, as in `status`.
    pub(super) url: String,
    /// `host:port`.
    pub(super) authority: String,
    /// The host alone.
    pub(super) host: String,
    /// The path that requests are posted to.
    pub(super) path: String,
    /// What to change if the backend takes no metrics at this URL. Empty if nothing is known.
    pub(super) path_cure: &'static str,
    /// Whether the protocol is gRPC.
    pub(super) is_grpc: bool,
    /// The proxy on the way there, without user and password.
    pub(super) proxy: Option<String>,
    /// The variables or headers that may contain a token, such as `the token in OTLP_TOKEN`. `None` if
    /// no header is configured.
    pub(super) credentials: Option<String>,
    /// What looks wrong in the credentials, as a sentence without any value.
    pub(super) credential_flaw: Option<&'static str>,
    /// The name of the protocol.
    pub(super) protocol: &'static str,
    /// Whether requests are encrypted.
    pub(super) is_https: bool,
    /// Whether the URL contains values of variables.
    pub(super) is_filled_in: bool,
    /// The setting or the variable of the certificate authority.
    pub(super) ca_file: Option<String>,
    /// The setting or the variable of the client certificate.
    pub(super) client_certificate: Option<String>,
}

impl EndpointDescription {
    /// Describes the endpoint of a project.
    pub(super) fn of(config: &Config) -> Self {
        let (shown, url) = (config.endpoint.to_string(), config.endpoint.url());
        let shown_path = shown.strip_prefix(&url[..Position::BeforePath]);
        // The URL of gRPC is shown without the slash at its end.
        let without_slash = |path: &str| path.trim_end_matches('/').to_owned();
        let has_variables = shown_path.map(without_slash) != Some(without_slash(url.path()));
        let (authority, host, path) = if has_variables {
            (shown.clone(), shown.clone(), shown.clone())
        } else {
            let host = url.host_str().unwrap_or_default().to_owned();
            let port = url.port_or_known_default().unwrap_or_default();
            (format!("{host}:{port}"), host, url.path().to_owned())
        };
        let proxy = config.proxy.as_ref();
        let proxy = proxy.map(|proxy| format!("The proxy {proxy} ({})", proxy.variable()));
        Self {
            url: shown,
            authority,
            host,
            path,
            path_cure: backend_path::cure(url),
            is_grpc: config.protocol == Protocol::Grpc,
            proxy,
            credentials: credentials(config),
            credential_flaw: credential::flaw(config),
            protocol: config.protocol.as_str(),
            is_https: url.scheme() == "https",
            is_filled_in: has_variables,
            ca_file: config.tls.ca.as_ref().map(|file| file.named_by().to_owned()),
            client_certificate: config
                .tls
                .client
                .as_ref()
                .map(|(certificate, _)| certificate.named_by().to_owned()),
        }
    }
}

fn credentials(config: &Config) -> Option<String> {
    let variables: Vec<_> = config.headers.variables().collect();
    if !variables.is_empty() {
        return Some(format!("the token in {}", variables.join(" or ")));
    }
    let headers: Vec<_> = config.headers.iter().map(|(name, _)| name.as_str()).collect();
    (!headers.is_empty()).then(|| format!("the header {}", headers.join(" or ")))
}

#[cfg(test)]
impl EndpointDescription {
    /// An endpoint without credentials, of which nothing is known.
    pub(super) fn example() -> Self {
        Self {
            url: "http://otlp.example:4318/v1/metrics".to_owned(),
            authority: "otlp.example:4318".to_owned(),
            host: "otlp.example".to_owned(),
            path: "/v1/metrics".to_owned(),
            path_cure: "",
            is_grpc: false,
            proxy: None,
            credentials: None,
            credential_flaw: None,
            protocol: "http/protobuf",
            is_https: false,
            is_filled_in: false,
            ca_file: None,
            client_certificate: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Outcome, Variables, resolve};
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::{env, fs, process};

    /// Describes the endpoint of a `.ccxray.json` with these settings beside its tier.
    fn describe(settings: &str, variables: &[(&str, &str)]) -> EndpointDescription {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("ccxray-endpoint-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory: PathBuf = env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        let text = format!(r#"{{"otel": {{"tier": 1, {settings}}}}}"#);
        fs::write(directory.join(".ccxray.json"), text).unwrap();
        let variables = variables.iter().chain(&[("CCXRAY_OTEL_TRUST", "1")]);
        let variables: Variables =
            variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let resolution = resolve(&directory, &Environment { variables, ..Environment::default() });
        fs::remove_dir_all(&directory).unwrap();
        let Outcome::On(config) = resolution.unwrap().outcome else { panic!("telemetry is off") };
        EndpointDescription::of(&config)
    }

    #[test]
    fn a_url_is_described_without_its_query() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example/x?token=s3cret");
        let description = describe(r#""project": "shop""#, &[endpoint]);
        let EndpointDescription { url, authority, host, path, credentials, .. } = description;
        assert_eq!(
            [url, authority, host, path],
            [
                "https://otlp.example/x/v1/metrics",
                "otlp.example:443",
                "otlp.example",
                "/x/v1/metrics"
            ]
        );
        assert_eq!(credentials, None);
        let description = describe(r#""endpoint": "http://[::1]:4318""#, &[]);
        assert_eq!(description.authority, "[::1]:4318");
    }

    #[test]
    fn a_url_with_variables_appears_as_written() {
        let variables = [("HOST", "127.0.0.1:4318"), ("PORT", "4318"), ("TENANT", "acme")];
        for written in [
            "http://${HOST}",
            "http://127.0.0.1:${PORT}/v1/metrics",
            "http://127.0.0.1:4318/${TENANT}",
        ] {
            let EndpointDescription { url, authority, host, path, credentials, .. } =
                describe(&format!(r#""endpoint": "{written}""#), &variables);
            assert_eq!([url, authority, host, path], [written; 4]);
            assert_eq!(credentials, None);
        }
    }

    #[test]
    fn credentials_are_named_and_never_shown() {
        let variables = [("OTLP_TOKEN", "s3cret"), ("TENANT", "acme")];
        for (headers, expected) in [
            (r#""authorization": "Bearer ${OTLP_TOKEN}""#, "the token in OTLP_TOKEN"),
            (
                r#""authorization": "${OTLP_TOKEN}", "x-id": "${TENANT}${OTLP_TOKEN}""#,
                "the token in OTLP_TOKEN or TENANT",
            ),
            (r#""x-tenant": "acme""#, "the header x-tenant"),
        ] {
            let settings =
                format!(r#""endpoint": "http://127.0.0.1:4318", "headers": {{{headers}}}"#);
            let description = describe(&settings, &variables);
            assert_eq!(description.credentials.as_deref(), Some(expected));
        }
    }

    #[test]
    fn the_variable_of_the_specification_is_named() {
        let name = "OTEL_EXPORTER_OTLP_HEADERS";
        let description = describe(
            r#""project": "shop""#,
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"), (name, "authorization=x")],
        );
        assert_eq!(description.credentials, Some(format!("the token in {name}")));
    }
}
