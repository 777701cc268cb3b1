//! What the environment sets for the endpoint that it names itself.
//!
//! Each setting has one variable for all signals and one for metrics alone, which wins.
//! Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options>

use crate::config::error::ConfigError;
use crate::config::resolve::connection::{Connection, MAX_REQUEST_BYTES, OfProject};
use crate::config::resolve::duration::{TIMEOUTS, milliseconds};
use crate::config::value::choice::{Compression, HistogramAggregation, Protocol, Temporality};
use crate::config::value::headers::Headers;
use crate::config::value::secret::quotable;
use crate::config::value::source::{Source, Sourced};
use crate::config::value::text::Text;
use crate::config::value::tls::{PemFile, Tls};
use crate::config::variable_names::{
    CERTIFICATE, CLIENT_CERTIFICATE, CLIENT_KEY, COMPRESSION, EXPORT_TIMEOUT, HEADERS, HISTOGRAMS,
    PROTOCOL, SERVICE_NAME, TEMPORALITY, TIMEOUT,
};
use crate::config::variables::Variables;
use std::path::Path;
use std::time::Duration;

const TEMPORALITIES: &str = "Use cumulative, delta or lowmemory.";

/// The settings for the endpoint of `variable`. The project may set what the environment does not.
pub(crate) fn of_environment(
    variable: &'static str,
    of_project: OfProject,
    env: &Variables,
    home: Option<&Path>,
    warnings: &mut Vec<String>,
) -> Result<Connection, ConfigError> {
    let (headers, service_name) = (set(env, &HEADERS), set(env, &[SERVICE_NAME]));
    let headers = headers.map(|(name, text)| {
        let headers = Headers::from_environment(name, text, warnings)?;
        Ok(Sourced::of_variable(headers, name))
    });
    let compressions = format!("Use {}.", Compression::names());
    let aggregations = format!("Use {}.", HistogramAggregation::names());
    Ok(Connection {
        source: Source::Environment(variable),
        protocol: protocol(env)?,
        headers: headers.transpose()?.unwrap_or(Sourced::default_of(Headers::default())),
        compression: choice(env, &COMPRESSION, Compression::from_name, &compressions)?
            .unwrap_or(Sourced::default_of(Compression::default())),
        max_request_bytes: Sourced::default_of(MAX_REQUEST_BYTES),
        temporality: choice(env, &[TEMPORALITY], Temporality::from_preference, TEMPORALITIES)?
            .unwrap_or(of_project.temporality),
        timeout: timeout(env, of_project.timeout, warnings)?,
        histograms: choice(env, &[HISTOGRAMS], HistogramAggregation::from_name, &aggregations)?
            .unwrap_or(Sourced::default_of(HistogramAggregation::default())),
        service_name: service_name
            .map(|(name, value)| Sourced::of_variable(Text::from_variable(value, name), name)),
        tls: tls(env, home)?,
    })
}

/// The first of the variables that is set.
fn set<'e>(env: &'e Variables, names: &[&'static str]) -> Option<(&'static str, &'e str)> {
    let mut values = names.iter().filter_map(|name| Some((*name, env.get(name)?.trim())));
    values.find(|(_, value)| !value.is_empty())
}

/// A setting with a few values that have names; `None` if it is not set.
fn choice<T>(
    env: &Variables,
    names: &[&'static str],
    parse: impl Fn(&str) -> Option<T>,
    cure: &str,
) -> Result<Option<Sourced<T>>, ConfigError> {
    let Some((name, value)) = set(env, names) else { return Ok(None) };
    let Some(value) = parse(value) else {
        let problem = format!("{} is not supported.", quotable(value));
        return Err(ConfigError::in_environment(name, &problem, cure));
    };
    Ok(Some(Sourced::of_variable(value, name)))
}

fn protocol(env: &Variables) -> Result<Sourced<Protocol>, ConfigError> {
    let [of_metrics, general] = PROTOCOL;
    let is_general = set(env, &PROTOCOL).is_some_and(|(name, _)| name == general);
    let names = Protocol::names();
    // It may be set for another program that shares this environment.
    let cure = if is_general {
        format!("Use {names}. If another program needs this value, set {of_metrics} too.")
    } else {
        format!("Use {names}.")
    };
    let protocol = choice(env, &PROTOCOL, Protocol::from_name, &cure)?;
    Ok(protocol.unwrap_or(Sourced::default_of(Protocol::default())))
}

fn timeout(
    env: &Variables,
    of_project: Sourced<Duration>,
    warnings: &mut Vec<String>,
) -> Result<Sourced<Duration>, ConfigError> {
    let mut of_variable = |names: &[&'static str]| {
        set(env, names).map(|it| milliseconds(it, &TIMEOUTS, warnings)).transpose()
    };
    let of_request = of_variable(&TIMEOUT)?.unwrap_or(of_project);
    let of_export = of_variable(&[EXPORT_TIMEOUT])?.filter(|it| it.value < of_request.value);
    Ok(of_export.unwrap_or(of_request))
}

fn tls(env: &Variables, home: Option<&Path>) -> Result<Tls, ConfigError> {
    let file = |(name, value)| (name, PemFile::of_variable(name, value, home));
    let of = |names: &[&'static str; 2]| set(env, names).map(file);
    let client = match (of(&CLIENT_CERTIFICATE), of(&CLIENT_KEY)) {
        (Some((_, certificate)), Some((_, key))) => Some((certificate, key)),
        (None, None) => None,
        (Some((set, _)), None) => return Err(half(set, &CLIENT_CERTIFICATE, &CLIENT_KEY)),
        (None, Some((set, _))) => return Err(half(set, &CLIENT_KEY, &CLIENT_CERTIFICATE)),
    };
    Ok(Tls { ca: of(&CERTIFICATE).map(|(_, file)| file), client })
}

/// The error about the half of a pair that is missing. It has the same form as the half that is there.
fn half(set: &str, of_set: &[&str; 2], of_missing: &[&'static str; 2]) -> ConfigError {
    let is_of_metrics = of_set.first() == Some(&set);
    let [of_metrics, general] = of_missing;
    let missing = if is_of_metrics { of_metrics } else { general };
    let problem = format!(
        "A client certificate and its key belong together: {set} is set, and this is not set."
    );
    ConfigError::in_environment(missing, &problem, "Set both, or neither.")
}
