//! How a call ended and how long it took.

use crate::catalog::{self, StopOutcome};
use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::lenient::{Given, Number};
use crate::entry::parsed_entry::{ParsedEntry, UNKNOWN_ERROR};
use crate::entry::provider::ModelProvider;
use crate::entry::turn::EntryKind;
use std::time::Duration;

/// No call takes longer. One such value would make the sum of all durations useless until the
/// process ends.
const MAX_DURATION: Duration = Duration::from_hours(24);

/// How long a call took. Each time is at most a day.
pub(super) struct CallTimes {
    /// From the request's arrival to the end of the response.
    pub(super) duration: Option<Duration>,
    /// From the request's arrival to the first piece of the answer.
    pub(super) time_to_first_token: Option<Duration>,
}

/// When an event came, seen from the arrival of its request.
enum EventTime {
    /// So long after it.
    After(Duration),
    /// One of the two times is missing, or a clock was set back by less than a day between them.
    Unknown,
    /// More than a day before it, so one of the two times is wrong.
    TooEarly,
    /// More than a day after it, so one of the two times is wrong.
    TooLate,
}

impl EventTime {
    fn after(&self) -> Option<Duration> {
        if let Self::After(duration) = self { Some(*duration) } else { None }
    }

    fn is_refused(&self) -> bool {
        matches!(self, Self::TooEarly | Self::TooLate)
    }
}

/// When an event came, from the arrival of its request and its own time, both Unix milliseconds.
fn since_arrival(arrived: Option<u64>, at: Option<u64>) -> EventTime {
    let Some((arrived, at)) = arrived.zip(at) else { return EventTime::Unknown };
    let distance = Duration::from_millis(at.abs_diff(arrived));
    match (at >= arrived, distance <= MAX_DURATION) {
        (true, true) => EventTime::After(distance),
        (true, false) => EventTime::TooLate,
        (false, true) => EventTime::Unknown,
        (false, false) => EventTime::TooEarly,
    }
}

/// The duration that the host has measured.
enum Elapsed {
    Known(Duration),
    Unknown,
    /// It is no duration, or longer than a day.
    Refused,
}

impl Elapsed {
    fn of(field: &Given<Number>) -> Self {
        let seconds = field.number().map(Duration::try_from_secs_f64);
        match seconds {
            Some(Ok(duration)) if duration <= MAX_DURATION => Self::Known(duration),
            None if !field.is_invalid() => Self::Unknown,
            Some(_) | None => Self::Refused,
        }
    }

    fn duration(&self) -> Option<Duration> {
        if let Self::Known(duration) = self { Some(*duration) } else { None }
    }
}

impl ParsedEntry<'_> {
    /// How long the call and the first piece of its answer took. Notes once if a time is refused.
    pub(super) fn times(&mut self) -> CallTimes {
        let arrived = &self.host.received_at;
        let facts = self.facts();
        let since = |at: Option<u64>| since_arrival(arrived.count(), at);
        let whole = since(facts.and_then(|facts| facts.last_event_at));
        let first = since(facts.and_then(|facts| facts.first_token_at));
        let elapsed = if matches!(whole, EventTime::TooLate) {
            Elapsed::Unknown
        } else {
            Elapsed::of(&self.host.elapsed)
        };
        let is_refused = [&whole, &first].into_iter().any(EventTime::is_refused)
            || matches!(elapsed, Elapsed::Refused)
            || arrived.is_invalid();
        let times = CallTimes {
            duration: whole.after().or_else(|| elapsed.duration()),
            time_to_first_token: first.after(),
        };
        if is_refused {
            self.note_fallback(Parser::Time, FallbackReason::OutOfBounds);
        }
        times
    }

    /// The type of the error, `http_<status>` if only the status is known. If no catalog has the
    /// type, a status that says more than "failed" is used instead, and the type is noted.
    pub(super) fn error(&mut self, kind: EntryKind) -> Option<String> {
        if kind == EntryKind::Probe {
            return None;
        }
        let reported = self.facts().and_then(|facts| facts.error.clone());
        // The host's status of a WebSocket turn describes the connection, and not how the turn
        // ended.
        let ended = self.is_websocket() && self.facts().is_some_and(|facts| facts.terminal);
        let status = self.host.status.count().filter(|status| *status >= 400 && !ended);
        let Some(reported) = reported else { return status.map(status_error) };
        let is_known = reported.is_known();
        let status = status.or(reported.status);
        match (reported.word, status) {
            (Some(word), Some(status)) if !is_known && is_telling(status) => {
                self.anomalies.push(Anomaly::UnknownValue(Parser::ErrorType, word));
                Some(status_error(status))
            }
            (Some(word), _) => Some(word),
            (None, Some(status)) => Some(status_error(status)),
            (None, None) => Some(UNKNOWN_ERROR.to_owned()),
        }
    }

    pub(super) fn stop_reason(&self) -> Option<String> {
        let line = self.host.stop_reason.text();
        let reported = if self.is_websocket() {
            let facts = self.facts().filter(|facts| facts.terminal)?;
            facts.stop_reason.as_deref().or(line)
        } else {
            line.or_else(|| self.facts()?.stop_reason.as_deref())
        };
        // The status of a stream that was cut is not a stop reason.
        reported
            .filter(|reason| catalog::stop_outcome(reason) != Some(StopOutcome::Open))
            .map(str::to_owned)
    }

    /// Anthropic reports it as the stop reason, and the Responses wire in a separate field.
    pub(super) fn hit_max_tokens(
        &self,
        provider: ModelProvider,
        stop_reason: Option<&str>,
    ) -> bool {
        let reported = stop_reason.and_then(catalog::stop_outcome) == Some(StopOutcome::MaxTokens);
        let has_own_field = provider != ModelProvider::Anthropic || stop_reason.is_none();
        reported || (has_own_field && self.facts().is_some_and(|facts| facts.hit_max_tokens))
    }

    pub(super) fn truncated(&self, kind: EntryKind) -> bool {
        let Some(facts) = self.facts().filter(|facts| facts.is_events) else { return false };
        let status = self.host.status.count();
        let streamed = self.host.is_sse.is_true() && matches!(status, Some(200..=299));
        let is_call = matches!(kind, EntryKind::Turn | EntryKind::SideRequest);
        is_call && (streamed || self.is_websocket()) && !facts.terminal && facts.error.is_none()
    }
}

fn status_error(status: u64) -> String {
    format!("http_{status}")
}

/// Whether an HTTP status says more about an error than an unknown type does: too many requests, or
/// a server that is overloaded or not there. 500 and the other statuses below it are what a gateway
/// answers to anything.
fn is_telling(status: u64) -> bool {
    status == 429 || (501..600).contains(&status)
}
