//! Everything that was read from one entry, before it becomes a turn.

use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::host_entry::HostEntry;
use crate::entry::quota::Quota;
use crate::entry::request::RequestFacts;
use crate::entry::request_headers::HeaderFacts;
use crate::entry::response_facts::ResponseFacts;

/// The type of an error whose real type is unknown.
pub(super) const UNKNOWN_ERROR: &str = "unknown";

/// Everything that was read from one entry.
pub(super) struct ParsedEntry<'a> {
    pub(super) host: HostEntry<'a>,
    pub(super) request: RequestFacts<'a>,
    pub(super) headers: HeaderFacts,
    pub(super) quotas: Vec<Quota>,
    pub(super) anomalies: Vec<Anomaly>,
}

impl ParsedEntry<'_> {
    /// Whether the upstream refused the request. The client sends it again in another entry, so the
    /// facts about the turn before are counted with that one.
    pub(super) fn is_refused(&self) -> bool {
        self.host.status.count().is_some_and(|status| status >= 400) && !self.is_websocket()
    }

    /// Whether the response arrived over a WebSocket.
    pub(super) fn is_websocket(&self) -> bool {
        let metadata = self.host.response_metadata.0.as_ref();
        metadata.is_some_and(|metadata| metadata.transport.text() == Some("websocket"))
    }

    /// The facts of the response, if it was read.
    pub(super) fn facts(&self) -> Option<&ResponseFacts> {
        self.host.res.facts()
    }

    /// Whether usage, cost and stop reason belong to this turn. A WebSocket entry without its own
    /// terminal event contains those of the previous turn.
    pub(super) fn has_own_numbers(&self) -> bool {
        let is_confirmed = |facts: &ResponseFacts| facts.is_events && facts.confirms_usage;
        !self.is_websocket() || self.facts().is_some_and(is_confirmed)
    }

    /// Notes that a less reliable source was used.
    pub(super) fn note_fallback(&mut self, parser: Parser, reason: FallbackReason) {
        self.anomalies.push(Anomaly::Fallback { parser, reason });
    }
}
