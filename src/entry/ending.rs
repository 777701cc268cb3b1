//! How a call ended and how long it took.

use crate::catalog::{self, StopOutcome};
use crate::entry::anomaly::{Anomaly, Parser};
use crate::entry::parsed_entry::{ParsedEntry, UNKNOWN_ERROR};
use crate::entry::provider::ModelProvider;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::turn::EntryKind;
use std::time::Duration;

impl ParsedEntry<'_> {
    pub(super) fn since_arrival(
        &self,
        timestamp: impl Fn(&ResponseFacts) -> Option<u64>,
    ) -> Option<Duration> {
        let arrived = self.host.received_at.count()?;
        let at = timestamp(self.facts()?)?;
        at.checked_sub(arrived).map(Duration::from_millis)
    }

    pub(super) fn duration(&self) -> Option<Duration> {
        let elapsed = || {
            let seconds = self.host.elapsed.number()?;
            Duration::try_from_secs_f64(seconds).ok()
        };
        self.since_arrival(|facts| facts.last_event_at).or_else(elapsed)
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
