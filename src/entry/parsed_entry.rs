//! Everything that was read of one entry, before it is a turn.

use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::host_entry::HostEntry;
use crate::entry::quota::Quota;
use crate::entry::request::RequestFacts;
use crate::entry::response_facts::ResponseFacts;

/// The type of an error of which nothing tells the type.
pub(super) const UNEXPLAINED: &str = "unknown";

/// Everything that was read of one entry, about to become a turn.
pub(super) struct ParsedEntry<'a> {
    pub(super) host: HostEntry<'a>,
    pub(super) request: RequestFacts<'a>,
    pub(super) quotas: Vec<Quota>,
    pub(super) anomalies: Vec<Anomaly>,
}

impl ParsedEntry<'_> {
    /// The upstream turned the request away. The client sends it again, as an entry of its own, so
    /// what it says about the turn before is counted then.
    pub(super) fn is_refused(&self) -> bool {
        self.host.status.count().is_some_and(|status| status >= 400) && !self.is_websocket()
    }

    pub(super) fn is_websocket(&self) -> bool {
        let metadata = self.host.response_metadata.0.as_ref();
        metadata.is_some_and(|metadata| metadata.transport.text() == Some("websocket"))
    }

    pub(super) fn facts(&self) -> Option<&ResponseFacts> {
        self.host.res.facts()
    }

    /// A WebSocket entry without a terminal event of its own shows the previous turn's usage,
    /// cost and stop reason.
    pub(super) fn numbers_are_its_own(&self) -> bool {
        let vouched = |facts: &ResponseFacts| facts.is_events && facts.vouches_for_usage;
        !self.is_websocket() || self.facts().is_some_and(vouched)
    }

    pub(super) fn fallback(&mut self, parser: Parser, reason: FallbackReason) {
        self.anomalies.push(Anomaly::Fallback { parser, reason });
    }
}
