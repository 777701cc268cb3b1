//! Where the numbers go, and what is sent along.

use crate::config::error::ConfigError;
use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use url::{Host, Url};

/// The path that OTLP/HTTP adds to a base endpoint.
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp>
const METRICS_PATH: &str = "v1/metrics";

/// An OTLP/HTTP endpoint: the exact URL that requests are posted to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint(Url);

/// A string that is no endpoint. The message does not repeat it: it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint is not an http:// or https:// URL without user and password")]
pub struct InvalidEndpoint;

impl Endpoint {
    /// From a base URL, to which the path of the metrics signal is added if it is not there.
    pub(super) fn from_base(text: &str) -> Result<Self, InvalidEndpoint> {
        let Self(mut url) = Self::from_exact(text)?;
        let path = url.path().trim_end_matches('/').to_owned();
        if !path.ends_with(METRICS_PATH) {
            url.set_path(&format!("{path}/{METRICS_PATH}"));
        }
        Ok(Self(url))
    }

    /// From the URL of the metrics signal itself.
    pub(super) fn from_exact(text: &str) -> Result<Self, InvalidEndpoint> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidEndpoint)?;
        let anonymous = url.username().is_empty() && url.password().is_none();
        let usable = matches!(url.scheme(), "http" | "https") && url.has_host() && anonymous;
        if usable { Ok(Self(url)) } else { Err(InvalidEndpoint) }
    }

    /// The URL as requests need it. May hold a secret; never print it.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether what is sent stays on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }
}

/// Scheme, host, port and path: no user, no password, no query.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(url) = self;
        write!(f, "{}://{}", url.scheme(), url.host_str().unwrap_or_default())?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(url.path())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

/// Headers of every request. Their values are secrets and are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// From a config file.
    pub(super) fn from_file(
        path: &Path,
        place: (usize, usize),
        written: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let headers = written.iter().map(|(name, value)| header(name, value).ok_or(name));
        let headers: Result<Vec<_>, _> = headers.collect();
        headers.map(Self).map_err(|name| {
            ConfigError::at(
                path,
                place,
                &format!("otel.headers.{name}"),
                "it is not an HTTP header",
                "use letters, digits and hyphens in its name, and visible ASCII in its value",
            )
        })
    }

    /// From `OTEL_EXPORTER_OTLP_HEADERS`: `name=value` pairs with commas between, percent-encoded.
    /// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables>
    pub(super) fn from_environment(variable: &str, text: &str) -> Result<Self, ConfigError> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let headers: Option<Vec<_>> = pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
                header(name.trim(), &value)
            })
            .collect();
        headers.map(Self).ok_or_else(|| {
            ConfigError::in_environment(
                variable,
                "it is not a list of headers",
                "write it as name=value,name=value with values percent-encoded",
            )
        })
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, _)| (name, "***"))).finish()
    }
}

fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::try_from(name).ok()?, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_gets_the_path_of_the_signal_and_an_exact_url_stays() {
        for (base, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/metrics"),
            ("https://otlp.example/api/v1/otlp", "https://otlp.example/api/v1/otlp/v1/metrics"),
            ("https://otlp.example/v1/metrics", "https://otlp.example/v1/metrics"),
        ] {
            assert_eq!(Endpoint::from_base(base).unwrap().url().as_str(), expected);
        }
        let exact = Endpoint::from_exact("https://otlp.example/ingest").unwrap();
        assert_eq!(exact.url().as_str(), "https://otlp.example/ingest");
        for wrong in ["https://me:pass@otlp.example", "", "otlp.example:4318", "ftp://x", "http://"]
        {
            assert_eq!(Endpoint::from_base(wrong), Err(InvalidEndpoint), "{wrong}");
        }
    }

    #[test]
    fn what_is_shown_of_an_endpoint_holds_no_secret() {
        let endpoint = Endpoint::from_base("https://otlp.example:8443/x?token=abc").unwrap();
        assert_eq!(endpoint.to_string(), "https://otlp.example:8443/x/v1/metrics");
        assert_eq!(format!("{endpoint:?}"), "Endpoint(https://otlp.example:8443/x/v1/metrics)");
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (url, loopback) in [
            ("http://127.0.0.1:1", true),
            ("http://127.8.8.8", true),
            ("http://[::1]:4318", true),
            ("http://localhost:4318", true),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(Endpoint::from_base(url).unwrap().is_loopback(), loopback, "{url}");
        }
    }

    #[test]
    fn header_values_are_decoded_and_never_shown() {
        let headers =
            Headers::from_environment("V", "authorization=Bearer%20s3cret, x-tenant=a").unwrap();
        let values: Vec<_> = headers.iter().map(|(_, value)| value.to_str().unwrap()).collect();
        assert_eq!(values, ["Bearer s3cret", "a"]);
        assert!(!format!("{headers:?}").contains("s3cret"));
        assert!(Headers::from_environment("V", "no pair").is_err());
    }
}
