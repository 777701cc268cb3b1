//! Interval, timeout and temporality, from the project's file or the environment.

use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::settings::ProjectSettings;
use crate::config::value::choice::Temporality;
use crate::config::value::secret::quotable;
use crate::config::value::source::Source;
use crate::config::variable_names;
use crate::config::variables::Variables;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

/// The interval if none is set.
const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);

pub(crate) fn interval(
    file: Option<&ConfigFile<ProjectSettings>>,
    env: &Variables,
) -> Result<(Duration, Source), ConfigError> {
    let written = file.and_then(|file| Some((file.otel.interval_seconds?.0, file.path.as_path())));
    let variables = ["OTEL_METRIC_EXPORT_INTERVAL"];
    duration(written, env, &variables, 1_000..=3_600_000, DEFAULT_INTERVAL)
}

pub(crate) fn timeout(
    file: Option<&ConfigFile<ProjectSettings>>,
    env: &Variables,
) -> Result<(Duration, Source), ConfigError> {
    let written = file.and_then(|file| Some((file.otel.timeout_seconds?.0, file.path.as_path())));
    duration(written, env, &variable_names::TIMEOUT, 1..=60_000, variable_names::DEFAULT_TIMEOUT)
}

pub(crate) fn temporality(
    file: Option<&ConfigFile<ProjectSettings>>,
    env: &Variables,
) -> Result<(Temporality, Source), ConfigError> {
    let written = file.and_then(|file| Some((file.otel.temporality?, file.path.clone())));
    if let Some((temporality, path)) = written {
        return Ok((temporality, Source::File(path)));
    }
    let variable = variable_names::TEMPORALITY;
    let Some(text) = env.get(variable) else {
        return Ok((Temporality::default(), Source::Default));
    };
    let temporality = match text.trim().to_ascii_lowercase().as_str() {
        "cumulative" => Temporality::Cumulative,
        "delta" => Temporality::Delta,
        _ => {
            let problem = format!("{} is not supported.", quotable(text.trim()));
            let cure = "Use cumulative or delta.";
            return Err(ConfigError::in_environment(variable, &problem, cure));
        }
    };
    Ok((temporality, Source::Environment(variable)))
}

/// A duration in seconds from a file, else in milliseconds from a variable.
fn duration(
    written: Option<(f64, &Path)>,
    env: &Variables,
    variables: &[&'static str],
    range: RangeInclusive<u64>,
    default: Duration,
) -> Result<(Duration, Source), ConfigError> {
    if let Some((seconds, path)) = written {
        return Ok((Duration::from_secs_f64(seconds), Source::File(path.to_owned())));
    }
    let set = variables.iter().find_map(|variable| Some((*variable, env.get(variable)?)));
    let Some((variable, text)) = set else { return Ok((default, Source::Default)) };
    match text.trim().parse() {
        Ok(milliseconds) if range.contains(&milliseconds) => {
            Ok((Duration::from_millis(milliseconds), Source::Environment(variable)))
        }
        _ => {
            let problem = format!("{} is not in range.", quotable(text.trim()));
            let cure = format!("Use {} to {} (milliseconds).", range.start(), range.end());
            Err(ConfigError::in_environment(variable, &problem, &cure))
        }
    }
}
