//! Folds a stream of events, on any wire, into the facts of its response.
//!
//! Each event is folded when it is read, and then dropped. The meaning of the events is in the file
//! of their wire, `anthropic` or `responses`.

use crate::entry::event::StreamEvent;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::{anthropic, responses};

/// The facts of the events so far.
pub(super) struct Stream {
    facts: ResponseFacts,
    open_calls: anthropic::OpenCalls,
}

impl Stream {
    /// A stream without events.
    pub(super) fn new() -> Self {
        let facts = ResponseFacts { is_events: true, ..ResponseFacts::default() };
        Self { facts, open_calls: anthropic::OpenCalls::default() }
    }

    /// Folds one event.
    pub(super) fn add(&mut self, event: &StreamEvent<'_>) {
        let at = event.at.count();
        self.note_arrival(at);
        self.add_payload(event.data.0.as_deref().unwrap_or(event), at);
    }

    /// Notes that an event arrived at `at`, Unix milliseconds.
    pub(super) fn note_arrival(&mut self, at: Option<u64>) {
        self.facts.last_event_at = self.facts.last_event_at.max(at);
    }

    /// Whether the next piece of the answer can contain no new fact except its time of arrival.
    pub(super) fn needs_only_arrivals(&self) -> bool {
        self.facts.first_token_at.is_some() && !self.open_calls.need_input()
    }

    /// The facts of all events.
    pub(super) fn finish(mut self) -> ResponseFacts {
        self.facts.calls.extend(self.open_calls.cut_short());
        self.facts
    }

    fn add_payload(&mut self, event: &StreamEvent<'_>, at: Option<u64>) {
        let kind = event.kind.text_or_empty();
        if kind == "error" {
            self.facts.error = Some(event.error_type());
        } else if kind.starts_with("response.") {
            responses::add_event(&mut self.facts, kind, &event.responses(), at);
        } else {
            let parts = event.anthropic();
            anthropic::add_event(&mut self.facts, &mut self.open_calls, kind, &parts, at);
        }
    }
}
