//! The headers of every request.

use crate::config::error::ConfigError;
use crate::config::value::secret;
use crate::config::value::text::Text;
use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
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

/// A shorter word of a header's value is not a secret.
const MIN_SECRET_BYTES: usize = 8;

/// Headers of every request. Their values are secrets and are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The variables that the values come from.
    variables: BTreeSet<String>,
}

impl Headers {
    /// Headers whose values come from these variables.
    pub(crate) fn new(
        headers: Vec<(HeaderName, HeaderValue)>,
        variables: BTreeSet<String>,
    ) -> Self {
        Self { headers, variables }
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    /// Whether `text` repeats a part of a value, as a backend does that quotes a token it has received.
    pub fn are_repeated_in(&self, text: &str) -> bool {
        let words = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let is_in_text = |word: &str| word.len() >= MIN_SECRET_BYTES && text.contains(word);
        self.iter().any(|(_, value)| words(value).split([' ', ',', ';', '=']).any(is_in_text))
    }

    /// The names of the environment variables that the values come from, each once.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// From `OTEL_EXPORTER_OTLP_HEADERS`: percent-encoded `name=value` pairs, separated by commas. Of a name
    /// that occurs twice, the last value counts. Headers that the exporter sets itself are left out, with a
    /// warning: the variable may be set for another program.
    /// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables>
    pub(crate) fn from_environment(
        variable: &str,
        text: &str,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let mut headers: Vec<(HeaderName, HeaderValue)> = Vec::new();
        for pair in pairs {
            let Some((name, value)) = of_pair(pair) else {
                return Err(ConfigError::in_environment(
                    variable,
                    "This is not a list of headers.",
                    "Write name=value,name=value with percent-encoded values.",
                ));
            };
            if is_reserved(name.as_str()) {
                warnings.push(format!(
                    "{variable}: {name} is not sent, because ccxray sets this header itself."
                ));
                continue;
            }
            headers.retain(|(other, _)| *other != name);
            headers.push((name, value));
        }
        Ok(Self { headers, variables: BTreeSet::from([variable.to_owned()]) })
    }

    /// Each header, with its value masked.
    pub(crate) fn shown(&self) -> impl Iterator<Item = String> {
        self.headers.iter().map(|(name, value)| {
            let value = value.to_str().map_or_else(|_| secret::masked(""), secret::masked);
            format!("{name}: {value}")
        })
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.shown()).finish()
    }
}

/// The header of one pair in a variable; `None` if it is not one.
fn of_pair(pair: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = pair.split_once('=')?;
    let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
    header(name.trim(), &Text::literal(value.trim()))
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

    fn of_variable(text: &str) -> (Vec<String>, Vec<String>) {
        let mut warnings = Vec::new();
        let headers = Headers::from_environment("V", text, &mut warnings).unwrap();
        let pair = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        (headers.iter().map(pair).collect(), warnings)
    }

    #[test]
    fn header_values_are_decoded_and_masked() {
        let text = "authorization=Bearer%20s3cret, x-tenant=a";
        assert_eq!(of_variable(text).0, ["authorization: Bearer s3cret", "x-tenant: a"]);
        let headers = Headers::from_environment("V", text, &mut Vec::new()).unwrap();
        assert!(!format!("{headers:?}").contains("s3cret"));
        for wrong in ["no pair", "=x", "a b=c", "x=%00", "Authorization: Basic x"] {
            assert!(Headers::from_environment("V", wrong, &mut Vec::new()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn headers_of_a_variable_are_read_as_they_are_written_for_other_programs() {
        for (text, sent) in [
            ("Authorization=Basic%20dXNlcjpwdw==", vec!["authorization: Basic dXNlcjpwdw=="]),
            ("Authorization=Basic dXNlcjpwdw==", vec!["authorization: Basic dXNlcjpwdw=="]),
            ("Authorization=Basic%20dXNlcjpwdw%3D%3D", vec!["authorization: Basic dXNlcjpwdw=="]),
            (" a = 1 , b=2%2C3 ,, c=%204%20,", vec!["a: 1", "b: 2,3", "c: 4"]),
            ("a=1,A=2", vec!["a: 2"]),
            ("a=100%", vec!["a: 100%"]),
            ("", vec![]),
            (",", vec![]),
        ] {
            assert_eq!(of_variable(text), (sent.into_iter().map(str::to_owned).collect(), vec![]));
        }
    }

    #[test]
    fn a_text_that_repeats_a_part_of_a_value_is_recognised() {
        let text = "authorization=Bearer%20s3cret-t0ken,x-tenant=acme";
        let headers = Headers::from_environment("V", text, &mut Vec::new()).unwrap();
        for (text, is_repeated) in [
            ("no permission for s3cret-t0ken.", true),
            ("too old for acme", false),
            ("Bearer tokens only", false),
            ("", false),
        ] {
            assert_eq!(headers.are_repeated_in(text), is_repeated, "{text}");
        }
    }

    #[test]
    fn a_variable_cannot_replace_a_header_of_the_exporter() {
        let (sent, warnings) = of_variable("Content-Type=text/plain,host=x,a=1");
        assert_eq!((sent, warnings.len()), (vec!["a: 1".to_owned()], 2));
        assert!(warnings[0].starts_with("V: content-type is not sent"), "{warnings:?}");
    }
}
