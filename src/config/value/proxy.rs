//! The HTTP proxy that the environment names for an endpoint.

use crate::config::error::ConfigError;
use crate::config::value::endpoint::Endpoint;
use crate::config::variables::{Variables, WITHHELD, WITHHELD_CURE};
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use std::fmt;

/// The variables for https. The first that is set counts.
const HTTPS: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
/// The variables for http.
const HTTP: [&str; 2] = ["http_proxy", "HTTP_PROXY"];
/// The hosts that are reached without a proxy.
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// A CGI program has this variable. There a client can set `HTTP_PROXY`, with a header `Proxy`.
/// Source: <https://httpoxy.org>
const CGI: &str = "REQUEST_METHOD";

/// The HTTP proxy of an endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    url: Uri,
    authorization: Option<HeaderValue>,
    variable: &'static str,
}

impl Proxy {
    /// The proxy of the user's environment, for endpoints of projects, too. Not for a receiver on this machine.
    pub(crate) fn of(endpoint: &Endpoint, env: &Variables) -> Result<Option<Self>, ConfigError> {
        if endpoint.is_loopback() {
            return Ok(None);
        }
        let names: &[&'static str] = match endpoint.url().scheme() {
            "https" => &HTTPS,
            _ if env.get(CGI).is_some() => &HTTP[..1],
            _ => &HTTP,
        };
        known(names, env)?;
        let Some((variable, text)) = first(names, env) else { return Ok(None) };
        known(&NO_PROXY, env)?;
        let list = first(&NO_PROXY, env).map_or("", |(_, list)| list);
        let Ok(target) = endpoint.url().as_str().parse::<Uri>() else { return Ok(None) };
        let is_excluded = |list: &str| {
            // It takes any proxy, to find out whether the list excludes the endpoint from it.
            let matcher = Matcher::builder().all("http://proxy.invalid").no(list).build();
            matcher.intercept(&target).is_none()
        };
        let hosts = hosts(list, endpoint.url().port_or_known_default());
        // The matcher has an asterisk for names only.
        if hosts.split(',').any(|host| host == "*") || is_excluded(&hosts) {
            return Ok(None);
        }
        let proxy = Matcher::builder().all(text.trim()).build().intercept(&target);
        let proxy = proxy.filter(|proxy| is_http_server(proxy.uri()));
        let proxy = proxy.ok_or_else(|| {
            let problem = "This is not the URL of an HTTP proxy.";
            let cure = "Write it like http://proxy.example:3128, or unset it.";
            ConfigError::in_environment(variable, problem, cure)
        })?;
        let authorization = proxy.basic_auth().cloned();
        Ok(Some(Self { url: proxy.uri().clone(), authorization, variable }))
    }

    /// Its URL, without user and password.
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// The value of `Proxy-Authorization`. It is a secret: never print it.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// The variable that names it.
    pub fn variable(&self) -> &'static str {
        self.variable
    }
}

/// Whether the URL has http, a host and perhaps a port. What stands for a port may be a password.
fn is_http_server(url: &Uri) -> bool {
    let Some(authority) = url.authority() else { return false };
    let host = authority.host();
    let is_alone = match authority.as_str().strip_prefix(host) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok()),
        None => false,
    };
    url.scheme_str() == Some("http") && !host.is_empty() && is_alone
}

/// An error if one of the variables is set, but only a client of the hub knows to which value.
fn known(names: &[&'static str], env: &Variables) -> Result<(), ConfigError> {
    match env.withheld(names) {
        Some(name) => {
            Err(ConfigError::in_environment(name, &format!("{name} {WITHHELD}"), WITHHELD_CURE))
        }
        None => Ok(()),
    }
}

fn first<'a>(names: &[&'static str], env: &'a Variables) -> Option<(&'static str, &'a str)> {
    names.iter().find_map(|name| Some((*name, env.get(name)?)))
}

/// The hosts of a list for `port`, in the form that the matcher understands: separated by commas, without
/// a port, and without an asterisk before a domain.
fn hosts(list: &str, port: Option<u16>) -> String {
    let entries = list.split(|c: char| c == ',' || c.is_ascii_whitespace());
    let hosts: Vec<_> = entries
        .filter_map(|entry| {
            let entry = entry.strip_prefix('*').filter(|it| it.starts_with('.')).unwrap_or(entry);
            match entry.rsplit_once(':') {
                // An IPv6 address without brackets has colons, but no port.
                Some((host, of)) if !host.contains(':') || host.ends_with(']') => {
                    let host = host.trim_start_matches('[').trim_end_matches(']');
                    (of.parse().ok() == port).then_some(host)
                }
                _ => Some(entry.trim_start_matches('[').trim_end_matches(']')),
            }
        })
        .filter(|host| !host.is_empty())
        .collect();
    hosts.join(",")
}

/// Scheme, host and port. User and password are masked.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mask = if self.authorization.is_some() { "***@" } else { "" };
        let authority = self.url.authority().map_or("", |it| it.as_str());
        write!(f, "http://{mask}{authority}")
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::value::text::Text;
    use proptest::prelude::*;

    fn of(endpoint: &str, variables: &[(&str, &str)]) -> Result<Option<Proxy>, ConfigError> {
        let endpoint = Endpoint::from_base(&Text::literal(endpoint)).unwrap();
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Proxy::of(&endpoint, &variables.collect())
    }

    fn shown(endpoint: &str, variables: &[(&str, &str)]) -> Option<String> {
        let proxy = of(endpoint, variables).unwrap()?;
        Some(format!("{proxy} {}", proxy.variable()))
    }

    #[test]
    fn the_variable_of_the_scheme_names_the_proxy() {
        let both = [("HTTPS_PROXY", "http://a:1"), ("HTTP_PROXY", "b:2")];
        let (https, http) = ("https://otlp.example", "http://otlp.example:4318");
        for (endpoint, variables, expected) in [
            (https, &both[..], Some("http://a:1 HTTPS_PROXY")),
            (http, &both, Some("http://b:2 HTTP_PROXY")),
            (https, &both[1..], None),
            (http, &both[..1], None),
            (
                https,
                &[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://c:3")],
                Some("http://c:3 https_proxy"),
            ),
            (https, &[("HTTPS_PROXY", "")], None),
            (
                https,
                &[("HTTPS_PROXY", "http://me:s3cret@a:1/x")],
                Some("http://***@a:1 HTTPS_PROXY"),
            ),
            (https, &[("https_proxy", " http://a ")], Some("http://a https_proxy")),
            (https, &[("ALL_PROXY", "http://a:1")], None),
            // Clients of a CGI program can set one of them, but not the other.
            (http, &[("HTTP_PROXY", "http://a:1"), ("REQUEST_METHOD", "GET")], None),
            (
                http,
                &[("http_proxy", "http://a:1"), ("REQUEST_METHOD", "GET")],
                Some("http://a:1 http_proxy"),
            ),
            // This machine is never reached through another one.
            ("http://localhost:4318", &both, None),
            ("https://127.0.0.1:4318", &both, None),
            ("https://[::1]:4318", &both, None),
        ] {
            assert_eq!(shown(endpoint, variables).as_deref(), expected, "{endpoint} {variables:?}");
        }
    }

    #[test]
    fn a_list_names_hosts_without_a_proxy() {
        for (endpoint, list, is_direct) in [
            ("https://otlp.example", "otlp.example", true),
            ("https://otlp.example", "OTLP.example", true),
            ("https://otlp.example", "example", true),
            ("https://otlp.example", ".example", true),
            ("https://otlp.example", "*.example", true),
            ("https://otlp.example", "x.example, otlp.example", true),
            ("https://otlp.example", "x.example otlp.example", true),
            ("https://otlp.example", "*", true),
            ("https://otlp.example", "otlp.example:443", true),
            ("https://otlp.example", "otlp.example:80", false),
            ("https://otlp.example", "lp.example", false),
            ("https://otlp.example", "", false),
            ("https://otlp.example", ",", false),
            ("https://10.1.2.3", "*", true),
            ("https://10.1.2.3", "10.0.0.0/8", true),
            ("https://10.1.2.3", "10.1.2.3", true),
            ("https://11.1.2.3", "10.0.0.0/8", false),
            ("https://[fd00::1]:4318", "fd00::1", true),
            ("https://[fd00::1]:4318", "[fd00::1]", true),
            ("https://[fd00::1]:4318", "[fd00::1]:4318", true),
            ("https://[fd00::1]:4318", "fd00::/8", true),
        ] {
            let proxy = of(endpoint, &[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", list)]).unwrap();
            assert_eq!(proxy.is_none(), is_direct, "{endpoint} {list:?}");
        }
    }

    #[test]
    fn a_proxy_of_another_kind_is_an_error_that_repeats_nothing() {
        for wrong in [
            "socks5://a:1",
            "https://a:1",
            "http://",
            "me:s3cret",
            "http://me:s3 cret@a:1",
            "@a@a:1",
            "http://me:s3cret@a@a:1",
        ] {
            let error = of("https://otlp.example", &[("HTTPS_PROXY", wrong)]).unwrap_err();
            assert_eq!(
                error.to_string(),
                "environment: HTTPS_PROXY: This is not the URL of an HTTP proxy. Write it like \
                 http://proxy.example:3128, or unset it."
            );
        }
        assert!(
            of("https://otlp.example", &[("HTTPS_PROXY", "socks5://a:1"), ("NO_PROXY", "*")])
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn credentials_are_sent_decoded() {
        let proxy =
            of("https://otlp.example", &[("HTTPS_PROXY", "http://me:a%40b@a:1")]).unwrap().unwrap();
        assert_eq!(proxy.authorization().unwrap(), "Basic bWU6YUBi");
        assert!(!format!("{proxy:?}").contains("a%40b"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_proxy_or_an_error(proxy in "\\PC{0,40}", list in "\\PC{0,40}") {
            let variables = [("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", list.as_str())];
            let _ = of("https://otlp.example", &variables);
            prop_assert_eq!(shown("https://127.0.0.1", &variables), None);
        }
    }
}
