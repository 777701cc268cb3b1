//! The hours and days of a coarse resolution: requests contain no time but theirs.

use crate::config::{Temporality, TimeResolution};
use crate::otlp::dating::date_metric;
use crate::otlp::request::MetricsRequest;
use crate::otlp::resource::set_instance;
use crate::otlp::temporality::set_temporality;
use std::time::Duration;

const NANOS: u64 = 1_000_000;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// An hour or a day of UTC, in which sums are collected. UTC, because a local day would tell where a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportingPeriod {
    /// When it begins, in Unix milliseconds.
    pub start_ms: u64,
    /// When the next one begins.
    pub end_ms: u64,
}

impl ReportingPeriod {
    /// The period at a time. `None` if the resolution has no periods.
    pub fn at(resolution: TimeResolution, unix_ms: u64) -> Option<Self> {
        let length_ms = match resolution {
            TimeResolution::Minute => return None,
            TimeResolution::Hour => HOUR_MS,
            TimeResolution::Day => DAY_MS,
        };
        let start_ms = unix_ms - unix_ms % length_ms;
        Some(Self { start_ms, end_ms: start_ms.saturating_add(length_ms) })
    }

    /// Makes the sums of an interval those of this period: with its times, and a stream of its own.
    pub fn stamp(self, interval: &mut MetricsRequest, instance: &str, temporality: Temporality) {
        let [start, end] = [self.start_ms, self.end_ms].map(|ms| ms.saturating_mul(NANOS));
        for resource in &mut interval.0.resource_metrics {
            if let Some(resource) = &mut resource.resource {
                set_instance(resource, instance);
            }
            for metric in resource.scope_metrics.iter_mut().flat_map(|scope| &mut scope.metrics) {
                set_temporality(metric, temporality);
                date_metric(metric, start, end);
            }
        }
    }
}

/// When requests with ended periods may be sent: at some hours of UTC, each a little later by chance.
///
/// A day has four of them, because most machines sleep at one of them. A person who works six hours in a row is at
/// work at one of them, so the time of a request tells a quarter of the day and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// The time between two of them.
    step_ms: u64,
    /// The longest delay.
    max_delay_ms: u64,
}

/// What a timetable says at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// Send now. Requests are dated at this time, in Unix milliseconds.
    Now(u64),
    /// Look again after this long.
    In(Duration),
}

impl Timetable {
    /// How much later than planned a request is still sent. A machine that wakes up later waits for the next time, so that
    /// no request tells when it woke up.
    const MAX_LATE_MS: u64 = 60_000;

    /// Of a resolution. `None` if it has no periods.
    pub const fn of(resolution: TimeResolution) -> Option<Self> {
        const MAX_DELAY_MS: u64 = 600_000;
        let (length_ms, step_ms) = match resolution {
            TimeResolution::Minute => return None,
            TimeResolution::Hour => (HOUR_MS, HOUR_MS),
            TimeResolution::Day => (DAY_MS, DAY_MS / 4),
        };
        let tenth_ms = length_ms / 10;
        Some(Self {
            step_ms,
            max_delay_ms: if tenth_ms < MAX_DELAY_MS { tenth_ms } else { MAX_DELAY_MS },
        })
    }

    /// What to do at `now_ms`. `chance`, from 0 to 1, decides the delay; `last_ms` is the time of the last departure, or that
    /// of the start of the process: none is made up for.
    pub fn departure(self, now_ms: u64, chance: f64, last_ms: u64) -> Departure {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "some minutes"
        )]
        let delay_ms = (self.max_delay_ms as f64 * chance.clamp(0.0, 1.0)) as u64;
        let scheduled_ms = now_ms - now_ms % self.step_ms;
        let departs_ms = scheduled_ms + delay_ms;
        let next_ms = if last_ms >= scheduled_ms && last_ms <= now_ms {
            departs_ms + self.step_ms
        } else if now_ms < departs_ms {
            departs_ms
        } else if now_ms - departs_ms <= Self::MAX_LATE_MS {
            return Departure::Now(scheduled_ms);
        } else {
            departs_ms + self.step_ms
        };
        Departure::In(Duration::from_millis(next_ms - now_ms))
    }

    /// Between which two times the next request may be sent, in Unix milliseconds. They may have begun already.
    pub fn next_window(self, now_ms: u64) -> (u64, u64) {
        let scheduled_ms = now_ms - now_ms % self.step_ms;
        let is_over = now_ms > scheduled_ms + self.max_delay_ms;
        let from_ms = scheduled_ms + if is_over { self.step_ms } else { 0 };
        (from_ms, from_ms + self.max_delay_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE_MS: u64 = 60_000;
    /// Midnight of some day.
    const MIDNIGHT_MS: u64 = 20_000 * DAY_MS;

    fn hour(hours: u64, minutes: u64) -> u64 {
        MIDNIGHT_MS + hours * HOUR_MS + minutes * MINUTE_MS
    }

    #[test]
    fn a_minute_has_no_periods() {
        assert_eq!(ReportingPeriod::at(TimeResolution::Minute, hour(9, 5)), None);
        assert_eq!(Timetable::of(TimeResolution::Minute), None);
    }

    #[test]
    fn periods_are_hours_and_days_of_utc() {
        let at = |resolution| ReportingPeriod::at(resolution, hour(9, 5)).unwrap();
        let of = |start_ms, end_ms| ReportingPeriod { start_ms, end_ms };
        assert_eq!(at(TimeResolution::Hour), of(hour(9, 0), hour(10, 0)));
        assert_eq!(at(TimeResolution::Day), of(hour(0, 0), hour(24, 0)));
    }

    #[test]
    fn requests_depart_a_little_after_the_hour_and_never_when_a_process_starts_or_a_machine_wakes()
    {
        let day = Timetable::of(TimeResolution::Day).unwrap();
        let minutes = |minutes| Departure::In(Duration::from_millis(minutes * MINUTE_MS));
        for (now, chance, last, expected) in [
            // It started at nine: the next time is noon.
            (hour(9, 0), 0.5, hour(9, 0), minutes(185)),
            (hour(12, 0), 0.5, hour(9, 0), minutes(5)),
            (hour(12, 5), 0.5, hour(9, 0), Departure::Now(hour(12, 0))),
            (hour(12, 6), 0.5, hour(9, 0), Departure::Now(hour(12, 0))),
            // It woke up.
            (hour(12, 7), 0.5, hour(9, 0), minutes(358)),
            // It has sent.
            (hour(12, 5), 0.5, hour(12, 5), minutes(360)),
            // It started after noon.
            (hour(12, 1), 0.5, hour(12, 1), minutes(364)),
            // The clock was set back by a day.
            (hour(12, 5), 0.5, hour(36, 5), Departure::Now(hour(12, 0))),
        ] {
            assert_eq!(day.departure(now, chance, last), expected, "{now} {last}");
        }
    }

    #[test]
    fn the_next_request_is_sent_in_the_window_that_is_not_over() {
        let hourly = Timetable::of(TimeResolution::Hour).unwrap();
        for (now, from) in [(hour(9, 0), 9), (hour(9, 6), 9), (hour(9, 7), 10), (hour(9, 59), 10)] {
            assert_eq!(hourly.next_window(now), (hour(from, 0), hour(from, 6)), "{now}");
        }
    }

    proptest! {
        #[test]
        fn a_process_that_runs_on_departs_once_at_each_time_and_within_the_delay(
            is_day: bool, start in MIDNIGHT_MS..MIDNIGHT_MS + 3 * DAY_MS, chances in prop::collection::vec(0.0_f64..1.0, 1..20),
        ) {
            let resolution = if is_day { TimeResolution::Day } else { TimeResolution::Hour };
            let table = Timetable::of(resolution).unwrap();
            let (mut now, mut last) = (start, start);
            let mut departures = Vec::new();
            for chance in chances {
                loop {
                    match table.departure(now, chance, last) {
                        Departure::Now(scheduled) => {
                            prop_assert!(now - scheduled <= table.max_delay_ms, "within the delay");
                            prop_assert_eq!(scheduled % table.step_ms, 0);
                            departures.push(scheduled);
                            last = now;
                            break;
                        }
                        Departure::In(wait) => {
                            prop_assert!(wait > Duration::ZERO, "it does not spin");
                            now += u64::try_from(wait.as_millis()).unwrap();
                        }
                    }
                }
            }
            prop_assert!(departures.windows(2).all(|pair| pair[1] == pair[0] + table.step_ms), "none twice, none left out");
            prop_assert!(departures[0] > start);
        }
    }
}
