//! Interval and timeout.

use crate::config::error::ConfigError;
use crate::config::value::secret::quotable;
use crate::config::value::source::Sourced;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The interval if none is set.
pub(crate) const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);
/// How long an export may take if no timeout is set.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// The milliseconds between two exports that a variable can set.
pub(crate) const INTERVALS: RangeInclusive<u64> = 1_000..=3_600_000;
/// The milliseconds for an export that a variable can set.
pub(crate) const TIMEOUTS: RangeInclusive<u64> = 1..=60_000;

/// The milliseconds of a variable. The variable may be set for another program, so a number out of range
/// is replaced by the nearest limit, with a warning.
pub(crate) fn milliseconds(
    (variable, text): (&'static str, &str),
    range: &RangeInclusive<u64>,
    warnings: &mut Vec<String>,
) -> Result<Sourced<Duration>, ConfigError> {
    let (least, most) = (*range.start(), *range.end());
    let Ok(number) = text.parse::<i128>() else {
        let problem = format!("{} is not a whole number.", quotable(text));
        let cure = format!("Use {least} to {most} (milliseconds).");
        return Err(ConfigError::in_environment(variable, &problem, &cure));
    };
    let within = number.clamp(least.into(), most.into());
    if within != number {
        warnings.push(format!(
            "{variable}: {} is out of range, so {within} is used. Use {least} to {most} \
             (milliseconds).",
            quotable(text)
        ));
    }
    // It is within the range, so it is a `u64`.
    let within = u64::try_from(within).unwrap_or(most);
    Ok(Sourced::of_variable(Duration::from_millis(within), variable))
}
