//! How a call ended and how long it took.

use crate::catalog::{self, StopOutcome};
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

    /// The type of the error, `http_<status>` if only the status is known.
    pub(super) fn error(&self, kind: EntryKind) -> Option<String> {
        let status = self.host.status.count().filter(|status| *status >= 400);
        let reported = self.facts().and_then(|facts| facts.error.clone());
        // The prefix `http_` is ours, so a type with it in a response is not used.
        let reported = reported
            .map(|reported| if reported.starts_with("http_") { String::new() } else { reported });
        // The host's status of a WebSocket turn describes the connection, and not how the turn
        // ended.
        let ended = self.is_websocket() && self.facts().is_some_and(|facts| facts.terminal);
        match (reported, status) {
            _ if kind == EntryKind::Probe => None,
            (Some(reported), None) if reported.is_empty() => Some(UNKNOWN_ERROR.to_owned()),
            (Some(reported), _) if !reported.is_empty() => Some(reported),
            (_, Some(status)) if !ended => Some(format!("http_{status}")),
            (Some(_), Some(_)) => Some(UNKNOWN_ERROR.to_owned()),
            _ => None,
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
