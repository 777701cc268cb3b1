//! Where requests are sent.

use crate::catalog;
use crate::config::printable::printable;
use crate::config::value::secret;
use crate::config::value::template::Template;
use crate::config::value::text::Text;
use std::fmt;
use url::{Host, Url};

/// The path that OTLP/HTTP adds to a base endpoint.
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp>
const METRICS_PATH: &str = "/v1/metrics";
/// A longer part of a path may be a token.
const MAX_WORD_BYTES: usize = 15;
/// An endpoint as it should be.
const EXAMPLE: &str = "Write it like \"http://127.0.0.1:4318\".";

/// An OTLP/HTTP endpoint: the exact URL that requests are posted to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    url: Url,
    /// The URL as written, if it contains the value of a variable.
    written: Option<String>,
}

/// Why a string is not an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidEndpoint {
    /// It does not start with a scheme. It is repeated only if it is a host with or without a port: any
    /// other string may contain a secret.
    NoScheme(Option<String>),
    /// It starts with a scheme that is not HTTP.
    OtherScheme,
    /// It names no host.
    NoHost,
    /// It names a user.
    User,
    /// It has a path or a query, and gRPC has neither.
    Path,
    /// It is not a URL for another reason.
    NotUrl,
}

impl InvalidEndpoint {
    /// From a string that is not an endpoint.
    fn of(text: &Text) -> Self {
        let value = text.reveal().trim();
        let url = Url::parse(value);
        if !value.contains("://") {
            let host = Some(value).filter(|host| !text.is_filled_in() && is_host(host));
            return Self::NoScheme(host.map(str::to_owned));
        }
        match url {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => Self::OtherScheme,
            Ok(url) if url.has_host() => Self::User,
            Ok(_) | Err(url::ParseError::EmptyHost) => Self::NoHost,
            Err(_) => Self::NotUrl,
        }
    }

    /// What is wrong, as a sentence.
    pub(crate) fn problem(&self) -> String {
        match self {
            Self::NoScheme(Some(host)) => format!("endpoint \"{host}\" has no http://."),
            Self::NoScheme(None) => "The endpoint has no http:// or https://.".to_owned(),
            Self::OtherScheme => "The endpoint does not start with http:// or https://.".to_owned(),
            Self::NoHost => "The endpoint has no host.".to_owned(),
            Self::User => "The endpoint contains a user name or a password.".to_owned(),
            Self::Path => {
                "The endpoint has a path, which the protocol grpc does not use.".to_owned()
            }
            Self::NotUrl => "The endpoint is not a URL with a host name in ASCII.".to_owned(),
        }
    }

    /// How to correct it, as a sentence.
    pub(crate) fn cure(&self) -> String {
        match self {
            Self::NoScheme(Some(host)) => format!("Write \"http://{host}\"."),
            Self::User => "Remove it, and send it in the header \"authorization\".".to_owned(),
            Self::Path => {
                "Write host and port of the gRPC receiver alone, like \"http://127.0.0.1:4317\". If the \
                 path is needed, set the protocol to http/protobuf."
                    .to_owned()
            }
            Self::NoScheme(None) | Self::OtherScheme | Self::NoHost | Self::NotUrl => {
                EXAMPLE.to_owned()
            }
        }
    }
}

impl Endpoint {
    /// From a base URL. The path of the metrics signal is added, unless the URL ends with it. A slash at the
    /// end is left out: a strict receiver knows no such path.
    pub(crate) fn from_base(text: &Text) -> Result<Self, InvalidEndpoint> {
        let mut endpoint = Self::from_exact(text)?;
        let path = endpoint.url.path().trim_end_matches('/');
        let base = path.strip_suffix(METRICS_PATH).unwrap_or(path).trim_end_matches('/');
        let path = format!("{base}{METRICS_PATH}");
        endpoint.url.set_path(&path);
        Ok(endpoint)
    }

    /// From the URL of the metrics signal itself.
    pub(crate) fn from_exact(text: &Text) -> Result<Self, InvalidEndpoint> {
        let invalid = || InvalidEndpoint::of(text);
        let url = Url::parse(text.reveal().trim()).map_err(|_| invalid())?;
        let anonymous = url.username().is_empty() && url.password().is_none();
        let usable = matches!(url.scheme(), "http" | "https") && url.has_host() && anonymous;
        if !usable {
            return Err(invalid());
        }
        Ok(Self { url, written: text.is_filled_in().then(|| without_query(&text.to_string())) })
    }

    /// The same for gRPC, which has its own path: the one that was added here is taken off.
    pub(crate) fn for_grpc(mut self) -> Result<Self, InvalidEndpoint> {
        let path = self.url.path().trim_end_matches('/');
        if !(path.is_empty() || path == METRICS_PATH) || self.url.query().is_some() {
            return Err(InvalidEndpoint::Path);
        }
        self.url.set_path("");
        let shown = self.written.unwrap_or_else(|| self.url.origin().ascii_serialization());
        let shown = shown.trim_end_matches('/');
        let origin = shown.strip_suffix(METRICS_PATH).unwrap_or(shown).trim_end_matches('/');
        Ok(Self { url: self.url, written: Some(origin.to_owned()) })
    }

    /// The endpoint of a variable of the user. A part of its path that may be a token is not shown.
    pub(crate) fn of_variable(self) -> Self {
        let shown = self.to_string();
        let parts = shown.split('/').map(|part| if may_be_token(part) { "***" } else { part });
        let masked = parts.collect::<Vec<_>>().join("/");
        // The host is shown: it says who gets the numbers.
        let authority = shown.split('/').take(3).collect::<Vec<_>>().join("/");
        let path = masked.splitn(4, '/').nth(3).unwrap_or_default();
        let written = (masked != shown).then(|| format!("{authority}/{path}"));
        Self { written: self.written.or(written), ..self }
    }

    /// Whether a URL in a config file names a user or a password, whatever the values of its variables.
    pub(crate) fn names_user(template: &Template) -> bool {
        let authority = template.written().split_once("://").map_or("", |(_, rest)| rest);
        authority.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
    }

    /// The URL for requests. It may contain a secret: never print it.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether others on the network can read the requests.
    pub(crate) fn is_readable_on_the_way(&self) -> bool {
        self.url.scheme() == "http" && !self.is_loopback()
    }

    /// Whether the receiver is on this machine. It may forward what it gets.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

/// Whether the text is a host, perhaps with a port and a path, and with nothing that may be a secret.
fn is_host(text: &str) -> bool {
    let (authority, path) = text.split_once('/').unwrap_or((text, ""));
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    let is_path = |c: char| c.is_ascii_alphanumeric() || "-./_".contains(c);
    let is_known = host == "localhost" || host.contains('.');
    is_known
        && host.chars().all(is_name)
        && port.chars().all(|c| c.is_ascii_digit())
        && path.chars().all(is_path)
        && !path.split('/').any(may_be_token)
        && secret::in_literal(text).is_none()
}

/// Whether a part of a path is no usual word, version or number of a tenant.
fn may_be_token(part: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let is_version = part.strip_prefix('v').is_some_and(|rest| rest.bytes().all(is_digit));
    let is_mixed = part.bytes().any(is_digit) && !part.bytes().all(is_digit) && !is_version;
    is_mixed || part.len() > MAX_WORD_BYTES || catalog::secret(part).is_some()
}

/// A URL as written, without its query.
fn without_query(written: &str) -> String {
    printable(written.split(['?', '#']).next().unwrap_or_default())
}

/// Scheme, host, port and path, without user, password and query. As written, if it contains the value
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
    use proptest::prelude::*;

    fn base(url: &str) -> Result<Endpoint, InvalidEndpoint> {
        Endpoint::from_base(&Text::literal(url))
    }

    #[test]
    fn a_base_url_gets_the_metrics_path() {
        for (url, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/metrics"),
            ("https://otlp.example/api/v1/otlp", "https://otlp.example/api/v1/otlp/v1/metrics"),
            ("https://otlp.example/v1/metrics", "https://otlp.example/v1/metrics"),
            ("https://otlp.example/v1/metrics/", "https://otlp.example/v1/metrics"),
            ("https://otlp.example/v1/metrics?x=y", "https://otlp.example/v1/metrics?x=y"),
            ("https://otlp.example/otlp?x=/y/", "https://otlp.example/otlp/v1/metrics?x=/y/"),
            ("https://otlp.example?x=y", "https://otlp.example/v1/metrics?x=y"),
            ("https://otlp.example/otlp//", "https://otlp.example/otlp/v1/metrics"),
            (
                "https://otlp.example/otelv1/metrics",
                "https://otlp.example/otelv1/metrics/v1/metrics",
            ),
            ("https://otlp.example/v1/metrics/x", "https://otlp.example/v1/metrics/x/v1/metrics"),
        ] {
            assert_eq!(base(url).unwrap().url().as_str(), expected);
        }
    }

    #[test]
    fn a_url_of_the_signal_is_taken_as_it_is() {
        for url in [
            "https://otlp.example/ingest",
            "https://otlp.example/v1/metrics/",
            "https://otlp.example/?x=y",
        ] {
            let exact = Endpoint::from_exact(&Text::literal(url)).unwrap();
            assert_eq!(exact.url().as_str(), url);
        }
    }

    proptest! {
        #[test]
        fn a_base_url_has_the_metrics_path_once_and_nothing_else_changes(
            words in prop::collection::vec("[a-z0-9]{1,6}", 0..4),
            has_path in any::<bool>(),
            slashes in 0..3_usize,
            query in prop::option::of("[a-z]=[a-z/]{0,6}"),
        ) {
            let prefix = words.iter().fold(String::new(), |path, word| path + "/" + word);
            let path = if has_path { METRICS_PATH } else { "" };
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            let url = format!("https://h:1{prefix}{path}{}{query}", "/".repeat(slashes));
            let endpoint = base(&url).unwrap();
            let expected = format!("https://h:1{prefix}{METRICS_PATH}{query}");
            prop_assert_eq!(endpoint.url().as_str(), &expected);
            // What it makes of a URL is a URL that it leaves alone.
            let again = base(&expected).unwrap();
            prop_assert_eq!(again.url().as_str(), &expected);
        }
    }

    #[test]
    fn an_endpoint_of_grpc_has_no_path() {
        for (url, expected) in [
            ("http://127.0.0.1:4317", Ok("http://127.0.0.1:4317/")),
            ("https://otlp.example/", Ok("https://otlp.example/")),
            ("http://127.0.0.1:4317/v1/metrics", Ok("http://127.0.0.1:4317/")),
            ("https://otlp.example/otlp", Err(InvalidEndpoint::Path)),
            ("https://otlp.example/?token=x", Err(InvalidEndpoint::Path)),
        ] {
            let endpoint = base(url).unwrap().for_grpc();
            if let Ok(endpoint) = &endpoint {
                let origin = url.trim_end_matches("v1/metrics").trim_end_matches('/');
                assert_eq!(endpoint.to_string(), origin);
                assert_eq!(
                    base(url).unwrap().of_variable().for_grpc().unwrap().to_string(),
                    origin
                );
            }
            let read = endpoint.as_ref().map(|it| it.url().as_str()).map_err(Clone::clone);
            assert_eq!(read, expected, "{url}");
        }
    }

    #[test]
    fn a_token_in_the_path_of_a_variable_is_not_shown() {
        for (url, shown) in [
            ("https://otlp.example/api/v1/otlp", "https://otlp.example/api/v1/otlp/v1/metrics"),
            ("https://otlp.example/12345/x", "https://otlp.example/12345/x/v1/metrics"),
            ("https://otlp1234.example:1/hunter2024", "https://otlp1234.example:1/***/v1/metrics"),
            ("https://otlp.example/a/b?key=s3cret#x", "https://otlp.example/a/b/v1/metrics"),
        ] {
            assert_eq!(base(url).unwrap().of_variable().to_string(), shown);
        }
    }

    #[test]
    fn an_invalid_endpoint_says_how_to_write_it() {
        for (wrong, problem, cure) in [
            (
                "localhost:4318",
                "endpoint \"localhost:4318\" has no http://.",
                "Write \"http://localhost:4318\".",
            ),
            (
                "otlp.example/v1",
                "endpoint \"otlp.example/v1\" has no http://.",
                "Write \"http://otlp.example/v1\".",
            ),
            ("", "The endpoint has no http:// or https://.", EXAMPLE),
            ("hunter2", "The endpoint has no http:// or https://.", EXAMPLE),
            ("https//me:pass@otlp.example", "The endpoint has no http:// or https://.", EXAMPLE),
            ("ftp://x", "The endpoint does not start with http:// or https://.", EXAMPLE),
            ("http://", "The endpoint has no host.", EXAMPLE),
            (
                "https://me:pass@otlp.example",
                "The endpoint contains a user name or a password.",
                "Remove it, and send it in the header \"authorization\".",
            ),
            (
                "https://\u{43e}tlp.example",
                "The endpoint is not a URL with a host name in ASCII.",
                EXAMPLE,
            ),
        ] {
            let invalid = base(wrong).unwrap_err();
            assert_eq!((invalid.problem().as_str(), invalid.cure().as_str()), (problem, cure));
        }
    }

    #[test]
    fn an_invalid_endpoint_does_not_repeat_a_variable() {
        let text = Text::filled_in("secret.example".to_owned(), "${HOST}");
        assert_eq!(Endpoint::from_base(&text), Err(InvalidEndpoint::NoScheme(None)));
    }

    #[test]
    fn a_host_name_must_be_ascii() {
        let cyrillic = base("https://\u{43e}tlp.example");
        assert_eq!(cyrillic, Err(InvalidEndpoint::NotUrl), "a Cyrillic o");
        assert!(base("https://xn--tlp-jed.example").is_ok());
    }

    #[test]
    fn a_shown_endpoint_has_no_query() {
        let endpoint = base("https://otlp.example:8443/x?token=abc").unwrap();
        assert_eq!(endpoint.to_string(), "https://otlp.example:8443/x/v1/metrics");
        assert_eq!(format!("{endpoint:?}"), "Endpoint(https://otlp.example:8443/x/v1/metrics)");
    }

    #[test]
    fn only_loopback_hosts_are_this_machine() {
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
