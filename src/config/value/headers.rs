//! The headers of every request.

use crate::config::error::ConfigError;
use crate::config::value::secret;
use crate::config::value::text::Text;
use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use std::fmt;

/// What is wrong with a header that HTTP does not allow.
pub(crate) const PROBLEM: &str = "This is not an HTTP header.";
/// What a header must look like.
pub(crate) const CURE: &str =
    "Use letters, digits and hyphens in its name, and visible ASCII in its value.";

/// Headers that the exporter sets itself.
const RESERVED_HEADERS: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Headers of every request. Their values are secrets and are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// From `OTEL_EXPORTER_OTLP_HEADERS`: percent-encoded `name=value` pairs, separated by commas.
    /// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables>
    pub(crate) fn from_environment(variable: &str, text: &str) -> Result<Self, ConfigError> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let headers: Option<Vec<_>> = pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
                header(name.trim(), &Text::literal(&value))
            })
            .collect();
        headers.map(Self).ok_or_else(|| {
            ConfigError::in_environment(
                variable,
                "This is not a list of headers.",
                "Write name=value,name=value with percent-encoded values.",
            )
        })
    }

    /// Each header, with its value masked.
    pub(crate) fn shown(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, value)| {
            let value = value.to_str().map_or_else(|_| secret::masked(""), secret::masked);
            format!("{name}: {value}")
        })
    }
}

impl FromIterator<(HeaderName, HeaderValue)> for Headers {
    fn from_iter<I: IntoIterator<Item = (HeaderName, HeaderValue)>>(headers: I) -> Self {
        Self(headers.into_iter().collect())
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.shown()).finish()
    }
}

/// Whether the exporter sets the header itself.
pub(crate) fn is_reserved(header: &str) -> bool {
    RESERVED_HEADERS.iter().any(|name| header.eq_ignore_ascii_case(name))
}

/// A header; `None` if it is not one.
pub(crate) fn header(name: &str, value: &Text) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::try_from(value.reveal()).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::try_from(name).ok()?, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_decoded_and_masked() {
        let headers =
            Headers::from_environment("V", "authorization=Bearer%20s3cret, x-tenant=a").unwrap();
        let values: Vec<_> = headers.iter().map(|(_, value)| value.to_str().unwrap()).collect();
        assert_eq!(values, ["Bearer s3cret", "a"]);
        assert!(!format!("{headers:?}").contains("s3cret"));
        assert!(Headers::from_environment("V", "no pair").is_err());
    }
}
