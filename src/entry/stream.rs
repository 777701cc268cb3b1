//! Folds a stream of events, on any wire, into the facts of its response.
//!
//! Each event is folded when it is read, and then dropped. The meaning of the events is in the file
//! of their wire, `anthropic` or `responses`.

use crate::catalog::{self, WireKind};
use crate::entry::event::StreamEvent;
use crate::entry::output_items::OutputItems;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::{anthropic, responses};

/// The type of an event that reports an error, on both wires.
const ERROR: &str = "error";
/// The type that the standard for server-sent events gives to a line without one.
const UNNAMED: &str = "message";
/// Unknown events beyond this number, before the wire is known, are not reported one by one.
const MAX_EARLY_EVENTS: usize = 16;

/// The wire that a stream came on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamWire {
    /// Anthropic Messages.
    Anthropic,
    /// `OpenAI` Responses.
    Responses,
}

/// The facts of the events so far.
pub(super) struct Stream {
    facts: ResponseFacts,
    /// The wire, by the first event that only one wire has.
    wire: Option<StreamWire>,
    /// The types of the events before that one.
    early_events: Vec<String>,
    is_framed: bool,
    open_calls: anthropic::OpenCalls,
    items: OutputItems,
}

impl Stream {
    /// A stream without events.
    pub(super) fn new() -> Self {
        Self {
            facts: ResponseFacts { is_events: true, ..ResponseFacts::default() },
            wire: None,
            early_events: Vec::new(),
            is_framed: false,
            open_calls: anthropic::OpenCalls::default(),
            items: OutputItems::default(),
        }
    }

    /// Folds one event.
    pub(super) fn add(&mut self, event: &StreamEvent<'_>) {
        let at = event.at.count();
        self.facts.has_events = true;
        self.note_arrival(at);
        self.is_framed |= event.data.0.is_some();
        match event.data.0.as_deref() {
            Some(payload) => {
                let is_error = event.kind.text() == Some(ERROR) && payload.kind.text().is_none();
                let kind = if is_error { ERROR } else { payload.kind.text_or_empty() };
                self.add_payload(payload, kind, at);
            }
            // A line without a type of its own has this name, and here no content.
            None if event.kind.text() == Some(UNNAMED) => {}
            None => self.add_payload(event, event.kind.text_or_empty(), at),
        }
    }

    /// Notes that an event arrived at `at`, Unix milliseconds.
    pub(super) fn note_arrival(&mut self, at: Option<u64>) {
        self.facts.last_event_at = self.facts.last_event_at.max(at);
    }

    /// The wire of which the next piece of the answer can contain no new fact except its time of
    /// arrival; `None` if every event must be read.
    pub(super) fn skippable(&self) -> Option<StreamWire> {
        let is_skippable = self.facts.first_token_at.is_some() && !self.open_calls.need_input();
        self.wire.filter(|_| is_skippable)
    }

    /// The facts of all events.
    pub(super) fn finish(mut self) -> ResponseFacts {
        match self.wire.or_else(|| self.is_framed.then_some(StreamWire::Responses)) {
            Some(wire) => self.note_early_events(wire),
            // A stream of such events alone can be of any wire.
            None => {
                for kind in std::mem::take(&mut self.early_events) {
                    if !is_known(StreamWire::Anthropic, &kind) {
                        note_event(&mut self.facts, StreamWire::Responses, &kind);
                    }
                }
            }
        }
        anthropic::finish(&mut self.facts, self.open_calls);
        responses::finish(&mut self.facts, self.items);
        self.facts
    }

    fn add_payload(&mut self, event: &StreamEvent<'_>, kind: &str, at: Option<u64>) {
        if event.has_limits() {
            self.facts.quotas.add_newer(event.quotas());
        }
        if kind.is_empty() || kind == ERROR {
            return self.add_untyped(event, kind == ERROR);
        }
        let wire = self.wire.or_else(|| wire_of(kind));
        if let Some(wire) = wire.filter(|_| self.wire.is_none()) {
            self.wire = Some(wire);
            self.note_early_events(wire);
        }
        match wire {
            Some(StreamWire::Anthropic) => {
                let parts = event.anthropic();
                anthropic::add_event(&mut self.facts, &mut self.open_calls, kind, &parts, at);
            }
            Some(StreamWire::Responses) => {
                let parts = event.responses();
                responses::add_event(&mut self.facts, &mut self.items, kind, &parts, at);
            }
            None if self.early_events.len() < MAX_EARLY_EVENTS => {
                self.early_events.push(kind.to_owned());
            }
            None => {}
        }
    }

    /// Folds an event without a type, or of the type `error`, which both wires have. One that
    /// contains nothing is a comment, an end mark or a heartbeat.
    fn add_untyped(&mut self, event: &StreamEvent<'_>, is_error: bool) {
        if let Some(error) = event.error(is_error) {
            self.facts.note_error(error);
        } else if let Some(object) = event.object.text() {
            self.facts.note_unknown(WireKind::Event, object);
        }
    }

    fn note_early_events(&mut self, wire: StreamWire) {
        for kind in std::mem::take(&mut self.early_events) {
            note_event(&mut self.facts, wire, &kind);
        }
    }
}

/// The wire that alone has events of this type; `None` if the type does not say.
fn wire_of(kind: &str) -> Option<StreamWire> {
    if kind.starts_with("response.") {
        return Some(StreamWire::Responses);
    }
    let is_anthropic = kind.starts_with("message_") || kind.starts_with("content_block_");
    is_anthropic.then_some(StreamWire::Anthropic)
}

/// Notes an event that has no facts, if the catalog of its wire does not have it.
fn note_event(facts: &mut ResponseFacts, wire: StreamWire, kind: &str) {
    if !is_known(wire, kind) {
        facts.note_unknown(WireKind::Event, kind);
    }
}

fn is_known(wire: StreamWire, kind: &str) -> bool {
    match wire {
        StreamWire::Anthropic => catalog::is_anthropic_name(WireKind::Event, kind),
        StreamWire::Responses => catalog::is_responses_name(WireKind::Event, kind),
    }
}
