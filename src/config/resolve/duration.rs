//! Interval and timeout.

use crate::config::error::ConfigError;
use crate::config::value::secret::quotable;
use crate::config::value::source::Sourced;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The interval if none is set.
pub(crate) const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);
/// The milliseconds between two exports that a variable can set.
pub(crate) const INTERVALS: RangeInclusive<u64> = 1_000..=3_600_000;
/// The milliseconds for an export that a variable can set.
pub(crate) const TIMEOUTS: RangeInclusive<u64> = 1..=60_000;

/// The milliseconds of a variable. The variable may be set for another program, so a number out of range
/// is replaced by the nearest limit, with a warning. A timeout of zero means that there is no limit.
///
/// Source: <https://opentelemetry.io/docs/specs/otel/configuration/common/#timeout>
pub(crate) fn milliseconds(
    (variable, text): (&'static str, &str),
    range: &RangeInclusive<u64>,
    warnings: &mut Vec<String>,
) -> Result<Sourced<Duration>, ConfigError> {
    let (least, most) = (*range.start(), *range.end());
    let written = quotable(text);
    let cure = format!("Use {least} to {most} (milliseconds).");
    let number: Option<u64> = text.parse().ok();
    let within = match number {
        Some(0) if *range == TIMEOUTS => most,
        Some(number @ 1..) => number.clamp(least, most),
        Some(0) | None => {
            let problem = format!("{written} is not a number of milliseconds.");
            return Err(ConfigError::in_environment(variable, &problem, &cure));
        }
    };
    if number != Some(within) {
        warnings
            .push(format!("{variable}: {written} is out of range, so {within} is used. {cure}"));
    }
    Ok(Sourced::of_variable(Duration::from_millis(within), variable))
}
