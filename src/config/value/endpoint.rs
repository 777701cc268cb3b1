//! Where the numbers go.

use crate::config::printable::printable;
use crate::config::value::template::Template;
use crate::config::value::text::Text;
use std::fmt;
use url::{Host, Url};

/// The path that OTLP/HTTP adds to a base endpoint.
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp>
const METRICS_PATH: &str = "v1/metrics";

/// An OTLP/HTTP endpoint: the exact URL that requests are posted to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    url: Url,
    /// The URL as written, where a variable was filled in.
    written: Option<String>,
}

/// A string that is no endpoint. The message does not repeat it: it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint is not an http:// or https:// URL without user and password")]
pub struct InvalidEndpoint;

impl Endpoint {
    /// From a base URL, to which the path of the metrics signal is added if it is not there.
    pub(crate) fn from_base(text: &Text) -> Result<Self, InvalidEndpoint> {
        let mut endpoint = Self::from_exact(text)?;
        let path = endpoint.url.path().trim_end_matches('/').to_owned();
        if !path.ends_with(METRICS_PATH) {
            endpoint.url.set_path(&format!("{path}/{METRICS_PATH}"));
        }
        Ok(endpoint)
    }

    /// From the URL of the metrics signal itself.
    pub(crate) fn from_exact(text: &Text) -> Result<Self, InvalidEndpoint> {
        let url = Url::parse(text.reveal().trim()).map_err(|_| InvalidEndpoint)?;
        let anonymous = url.username().is_empty() && url.password().is_none();
        let usable = matches!(url.scheme(), "http" | "https") && url.has_host() && anonymous;
        if !usable {
            return Err(InvalidEndpoint);
        }
        Ok(Self { url, written: text.is_filled_in().then(|| without_query(&text.to_string())) })
    }

    /// Whether a URL in a config file has a place for a user or a password, whatever the variables hold.
    pub(crate) fn names_user(template: &Template) -> bool {
        let authority = template.written().split_once("://").map_or("", |(_, rest)| rest);
        authority.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
    }

    /// The URL as requests need it. May hold a secret; never print it.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether what is sent stays on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

/// What a person may see of a URL as it was written.
fn without_query(written: &str) -> String {
    printable(written.split(['?', '#']).next().unwrap_or_default())
}

/// Scheme, host, port and path: no user, no password, no query. As written, where it holds the value
/// of a variable.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, written } = self;
        if let Some(written) = written {
            return f.write_str(written);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Result<Endpoint, InvalidEndpoint> {
        Endpoint::from_base(&Text::literal(url))
    }

    #[test]
    fn a_base_gets_the_path_of_the_signal_and_an_exact_url_stays() {
        for (url, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/metrics"),
            ("https://otlp.example/api/v1/otlp", "https://otlp.example/api/v1/otlp/v1/metrics"),
            ("https://otlp.example/v1/metrics", "https://otlp.example/v1/metrics"),
        ] {
            assert_eq!(base(url).unwrap().url().as_str(), expected);
        }
        let exact = Endpoint::from_exact(&Text::literal("https://otlp.example/ingest")).unwrap();
        assert_eq!(exact.url().as_str(), "https://otlp.example/ingest");
        for wrong in ["https://me:pass@otlp.example", "", "otlp.example:4318", "ftp://x", "http://"]
        {
            assert_eq!(base(wrong), Err(InvalidEndpoint), "{wrong}");
        }
    }

    #[test]
    fn a_host_cannot_look_like_another_one() {
        assert_eq!(base("https://\u{43e}tlp.example"), Err(InvalidEndpoint), "a Cyrillic o");
        assert!(base("https://xn--tlp-jed.example").is_ok());
    }

    #[test]
    fn what_is_shown_of_an_endpoint_holds_no_secret() {
        let endpoint = base("https://otlp.example:8443/x?token=abc").unwrap();
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
            ("http://otlp.localhost", false),
            ("http://127.0.0.1.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(base(url).unwrap().is_loopback(), loopback, "{url}");
        }
    }
}
