//! The response of one entry, on any wire: an array of events, a JSON body, or text.
//!
//! Events are folded into [`Facts`] one by one as they are read; none is kept. What an event
//! means is told by the wire's own file, `anthropic` or `responses`.

use crate::catalog::{self, WireKind};
use crate::entry::lenient::{Count, Lenient, Object, Text, not_reported};
use crate::entry::tool::ToolCall;
use crate::entry::{anthropic, events, responses};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// More unknown types in one response are not told apart.
const MAX_UNKNOWN_KINDS: usize = 16;

/// What a response says about its turn.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(super) struct Facts {
    /// It is an array of events, so their absence means something.
    pub(super) is_events: bool,
    /// The wire's terminal event was seen.
    pub(super) terminal: bool,
    /// The host's token counts are this response's own: its ending was a good one, or brought a
    /// usage block along.
    pub(super) vouches_for_usage: bool,
    /// The type of the error it reports.
    pub(super) error: Option<String>,
    /// Why the model stopped, in the wire's words.
    pub(super) stop_reason: Option<String>,
    /// The output was cut at the token limit.
    pub(super) hit_max_tokens: bool,
    /// The tool calls, in the order of their completion.
    pub(super) calls: Vec<ToolCall>,
    /// How many of the calls the host's own per-turn count should have: plain `tool_use` blocks.
    pub(super) host_countable_calls: u64,
    /// The newest block is a call. At the token limit it is one whose input was cut.
    pub(super) ends_in_call: bool,
    /// How many things look like calls, whether they could be read as such or not.
    pub(super) seen_calls: u64,
    /// How many calls the response itself says that it has.
    pub(super) told_calls: Option<u64>,
    /// The response's own token counts. On the Responses wire the input contains the cached part.
    pub(super) usage: Option<anthropic::TokenCounts>,
    /// Types that no catalog has, each once.
    pub(super) unknown_kinds: Vec<String>,
    /// When the first piece of the answer arrived, Unix milliseconds.
    pub(super) first_token_at: Option<u64>,
    /// When the last event arrived, Unix milliseconds.
    pub(super) last_event_at: Option<u64>,
    /// Ids of the calls that were counted; an item can be told twice.
    pub(super) call_ids: Vec<String>,
    /// Tool calls of which only the first part has been seen.
    pub(super) open: Vec<anthropic::OpenCall>,
}

/// What `res`, or the `_res.json` text, turned out to be.
#[derive(Debug, Default)]
pub(super) enum Response {
    /// No response was handed over.
    #[default]
    Missing,
    /// A response in a form that is not JSON, or not of a known shape.
    Opaque,
    /// A response that was read.
    Read(Box<Facts>),
    /// The record of a WebSocket connection that never carried a turn.
    TransportOnly,
}

impl Response {
    /// Reads what the host has stored. A body that is no JSON, such as a gateway's page, it stores
    /// as it is.
    pub(super) fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        if let Some(facts) = events::fold(text) {
            return Ok(Self::Read(Box::new(facts)));
        }
        let is_json = text.trim_start().starts_with(['{', '[', '"']);
        if is_json { serde_json::from_str(text) } else { Ok(Self::Opaque) }
    }

    pub(super) fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Read(facts) => Some(facts),
            Self::Missing | Self::Opaque | Self::TransportOnly => None,
        }
    }
}

impl<'de> Deserialize<'de> for Response {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ResponseVisitor).map(Option::unwrap_or_default)
    }
}

struct ResponseVisitor;

impl<'de> Visitor<'de> for ResponseVisitor {
    type Value = Option<Response>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut facts = Facts { is_events: true, ..Facts::default() };
        while let Some(Object(event)) = seq.next_element::<Object<Event<'_>>>()? {
            if let Some(event) = event {
                facts.add(&event);
            }
        }
        anthropic::close_open_calls(&mut facts);
        Ok(Some(Response::Read(Box::new(facts))))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let body = Body::deserialize(MapAccessDeserializer::new(map))?;
        if body.capture.text() == Some("transport-only") {
            return Ok(Some(Response::TransportOnly));
        }
        let mut facts = Facts::default();
        anthropic::read_body(&mut facts, &body);
        responses::read_body(&mut facts, &body);
        facts.error = facts.error.or_else(|| body.error.0.as_ref().and_then(ErrorBody::kind));
        Ok(Some(Response::Read(Box::new(facts))))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Some(Response::Opaque))
    }

    not_reported!(but strings);
}

impl Facts {
    /// Takes note of one event.
    pub(super) fn add(&mut self, event: &Event<'_>) {
        if let Some(at) = event.at.count() {
            self.last_event_at = self.last_event_at.max(Some(at));
        }
        // Over HTTP the Responses wire is recorded as frames, with the event itself in `data`.
        match &event.data.0 {
            Some(data) => self.add_payload(data, event.at.count()),
            None => self.add_payload(event, event.at.count()),
        }
    }

    fn add_payload(&mut self, event: &Event<'_>, at: Option<u64>) {
        let kind = event.kind.text_or_empty();
        if kind == "error" {
            let nested = event.error.0.as_ref().and_then(|error| error.kind());
            let code = || event.code.text().map(str::to_owned);
            self.error = nested.or_else(code).or_else(|| Some(String::new()));
        } else if kind.starts_with("response.") {
            responses::add(self, kind, event, at);
        } else {
            anthropic::add(self, kind, event, at);
        }
    }

    /// Takes note of a type that no catalog has.
    pub(super) fn note_unknown(&mut self, kind: WireKind, word: &str) {
        let is_noted = |noted: &String| {
            let rest = noted.strip_prefix(kind.as_str()).and_then(|rest| rest.strip_prefix(':'));
            rest == Some(word)
        };
        if self.unknown_kinds.len() < MAX_UNKNOWN_KINDS && !self.unknown_kinds.iter().any(is_noted)
        {
            self.unknown_kinds.push(format!("{}:{word}", kind.as_str()));
        }
    }

    /// Whether the call with this id has not been counted yet. One without an id always is.
    pub(super) fn is_new_call(&mut self, id: Option<&str>) -> bool {
        let Some(id) = id else { return true };
        let new = !self.call_ids.iter().any(|counted| counted == id);
        if new {
            self.call_ids.push(id.to_owned());
        }
        new
    }

    /// Notes that a piece of the answer arrived.
    pub(super) fn token_at(&mut self, at: Option<u64>) {
        self.first_token_at = self.first_token_at.or(at);
    }
}

/// One event of any wire. The parts that are rare are boxed, for most events are tiny.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Lenient<Text<'a>>,
    #[serde(rename = "_ts")]
    pub(super) at: Lenient<Count>,
    pub(super) index: Lenient<Count>,
    #[serde(borrow)]
    pub(super) delta: Object<anthropic::Delta<'a>>,
    pub(super) message: Object<Box<anthropic::Start>>,
    pub(super) usage: Object<anthropic::TokenCounts>,
    #[serde(borrow)]
    pub(super) content_block: Object<Box<anthropic::Block<'a>>>,
    #[serde(borrow)]
    pub(super) item: Object<Box<responses::Item<'a>>>,
    #[serde(borrow)]
    pub(super) response: Object<Box<responses::Envelope<'a>>>,
    #[serde(borrow)]
    pub(super) error: Object<Box<ErrorBody<'a>>>,
    #[serde(borrow)]
    pub(super) code: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) data: Object<Box<Event<'a>>>,
}

/// A response that is one JSON object.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub(super) capture: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) stop_reason: Lenient<Text<'a>>,
    pub(super) usage: Object<anthropic::TokenCounts>,
    #[serde(borrow)]
    pub(super) content: super::lenient::List<Object<anthropic::Block<'a>>>,
    #[serde(borrow)]
    pub(super) output: super::lenient::List<Object<responses::Item<'a>>>,
    #[serde(borrow)]
    pub(super) status: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) incomplete_details: Object<responses::IncompleteDetails<'a>>,
    #[serde(borrow)]
    pub(super) error: Object<ErrorBody<'a>>,
}

/// An error as both vendors write it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<Text<'a>>,
    #[serde(borrow)]
    code: Lenient<Text<'a>>,
}

impl ErrorBody<'_> {
    /// The type or the code, whichever is a known word; the type if neither is.
    pub(super) fn kind(&self) -> Option<String> {
        let words = [self.kind.text(), self.code.text()];
        let mut words = words.into_iter().flatten();
        let known = words.clone().find(|word| catalog::error_type(word).is_some());
        known.or_else(|| words.next()).map(str::to_owned)
    }
}
