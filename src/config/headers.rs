//! What is sent along with every request.

use crate::config::env::Env;
use crate::config::error::ConfigError;
use crate::config::file::ConfigFile;
use crate::config::secret;
use crate::config::template::Template;
use crate::config::text::Text;
use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a header of a file must look like.
const CURE: &str = "use letters, digits and hyphens in its name, and visible ASCII in its value";

/// Headers of every request. Their values are secrets and are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The variables that their values come from.
    variables: BTreeSet<String>,
}

impl Headers {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    /// The names of the environment variables that the values come from, each once.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// From a config file, with variables filled in.
    pub(super) fn from_file<T>(
        file: &ConfigFile<T>,
        written: &BTreeMap<String, Template>,
        env: &Env,
    ) -> Result<Self, ConfigError> {
        let header = |(name, template): (&String, &Template)| {
            let field = ["headers", name.as_str()];
            let value = file.fill_in(&field, template, env)?;
            header(name, &value).ok_or_else(|| file.error(&field, "it is not an HTTP header", CURE))
        };
        let headers = written.iter().map(header).collect::<Result<_, _>>()?;
        let variables = written.values().flat_map(Template::variables).map(str::to_owned).collect();
        Ok(Self { headers, variables })
    }

    /// From `OTEL_EXPORTER_OTLP_HEADERS`: `name=value` pairs with commas between, percent-encoded.
    /// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables>
    pub(super) fn from_environment(variable: &str, text: &str) -> Result<Self, ConfigError> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let headers: Option<Vec<_>> = pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
                header(name.trim(), &Text::literal(&value))
            })
            .collect();
        let variables = BTreeSet::from([variable.to_owned()]);
        headers.map(|headers| Self { headers, variables }).ok_or_else(|| {
            ConfigError::in_environment(
                variable,
                "it is not a list of headers",
                "write it as name=value,name=value with values percent-encoded",
            )
        })
    }

    /// Each header as it may be shown.
    pub(super) fn shown(&self) -> impl Iterator<Item = String> {
        self.headers.iter().map(|(name, value)| {
            let value = value.to_str().map_or_else(|_| secret::masked(""), secret::masked);
            format!("{name}: {value}")
        })
    }
}

/// Refuses headers that would tell a secret to everyone who can read the file, or that are not for a
/// config to set. A project's file is in git; the engineer's own is not, so a value that looks like
/// nothing may stand there.
pub(super) fn check<T>(
    file: &ConfigFile<T>,
    written: &BTreeMap<String, Template>,
    in_git: bool,
) -> Result<(), ConfigError> {
    let mut names: Vec<String> = Vec::new();
    for (name, value) in written {
        let field = ["headers", name.as_str()];
        let exposed =
            if in_git { secret::may_be_exposed(name, value) } else { secret::is_credential(value) };
        if exposed {
            let problem = "the value of this header stands here for everyone to read";
            return Err(file.error(&field, problem, secret::CURE));
        }
        if HeaderName::try_from(name).is_err() {
            return Err(file.error(&field, "it is not an HTTP header", CURE));
        }
        if secret::is_reserved(name) {
            let problem = "the exporter sets this header itself";
            return Err(file.error(&field, problem, "remove it"));
        }
        if names.contains(&name.to_ascii_lowercase()) {
            let problem = "this header stands here twice, in other letters";
            return Err(file.error(&field, problem, "remove one"));
        }
        names.push(name.to_ascii_lowercase());
    }
    Ok(())
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.shown()).finish()
    }
}

fn header(name: &str, value: &Text) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::try_from(value.reveal()).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::try_from(name).ok()?, value))
}

#[cfg(test)]
mod tests {
    use super::*;

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
