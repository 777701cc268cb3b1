//! The response of one entry, on any wire: an array of events, a JSON body, or other text.

use crate::entry::collection::Objects;
use crate::entry::error_body::{Code, ErrorField, ReportedError};
use crate::entry::event::StreamEvent;
use crate::entry::lenient::{JsonText, Lenient, Object, not_reported};
use crate::entry::response_facts::ResponseFacts;
use crate::entry::stream::Stream;
use crate::entry::usage_block::UsageBlock;
use crate::entry::{anthropic, responses, stream_scan};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The response, as `res` of the entry or as the text that the host stores in `_res.json`.
#[derive(Debug, Default)]
pub(super) enum Response {
    /// The entry has no response.
    #[default]
    Missing,
    /// The response is not JSON, or not of a known form.
    Opaque,
    /// The response was read.
    Read(Box<ResponseFacts>),
    /// The record of a WebSocket connection that never carried a turn.
    TransportOnly,
}

impl Response {
    /// Reads the text that the host has stored. The host stores a body that is not JSON, such as a
    /// gateway's error page, as it is.
    ///
    /// # Errors
    /// If the text begins like JSON and is malformed.
    pub(super) fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        if let Some(facts) = stream_scan::read(text) {
            return Ok(Self::Read(Box::new(facts)));
        }
        let is_json = text.trim_start().starts_with(['{', '[', '"']);
        if is_json { serde_json::from_str(text) } else { Ok(Self::Opaque) }
    }

    /// The facts of a response that was read.
    pub(super) fn facts(&self) -> Option<&ResponseFacts> {
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
        let mut stream = Stream::new();
        while let Some(Object(event)) = seq.next_element::<Object<StreamEvent<'_>>>()? {
            if let Some(event) = event {
                stream.add(&event);
            }
        }
        Ok(Some(Response::Read(Box::new(stream.finish()))))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let body = Body::deserialize(MapAccessDeserializer::new(map))?;
        if body.capture.text() == Some("transport-only") {
            return Ok(Some(Response::TransportOnly));
        }
        Ok(Some(Response::Read(Box::new(body.facts()))))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Some(Response::Opaque))
    }

    not_reported!(but strings);
}

/// A response that is one JSON object.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body<'a> {
    #[serde(borrow)]
    capture: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    stop_reason: Lenient<JsonText<'a>>,
    usage: Object<UsageBlock>,
    #[serde(borrow)]
    content: Objects<anthropic::Block<'a>>,
    #[serde(borrow)]
    output: Objects<responses::Item<'a>>,
    #[serde(borrow)]
    status: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    incomplete_details: Object<responses::IncompleteDetails<'a>>,
    #[serde(borrow)]
    error: ErrorField<'a>,
    #[serde(rename = "type", borrow)]
    kind: Code<'a>,
    #[serde(borrow)]
    code: Code<'a>,
}

impl Body<'_> {
    /// The facts. Anthropic's message and `OpenAI`'s response object have different fields, so both
    /// are read.
    fn facts(&self) -> ResponseFacts {
        let mut facts = ResponseFacts::default();
        let failure = self.error.body();
        let details = self.incomplete_details.0.as_ref();
        let usage = self.usage.0.as_ref();
        anthropic::read_body(&mut facts, &self.content, usage, self.stop_reason.text());
        responses::read_body(&mut facts, &self.output, self.status.text(), details, failure);
        if let Some(error) = self.error.reported().or_else(|| self.own_error()) {
            facts.note_error(error);
        }
        facts
    }

    /// The error that the body itself says, without a field for it. Only known types count, because
    /// other bodies have such fields, too.
    fn own_error(&self) -> Option<ReportedError> {
        Some(ReportedError::of(&[&self.code, &self.kind])).filter(ReportedError::is_known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn by_serde_json(text: &str) -> Option<Box<ResponseFacts>> {
        match serde_json::from_str(text).ok()? {
            Response::Read(facts) => Some(facts),
            _ => None,
        }
    }

    fn captured() -> Vec<String> {
        let lines = include_str!("../../testkit/fixtures/captured-entries.ndjson").lines();
        let entries = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        entries.map(|line| line["entry"]["res"].to_string()).collect()
    }

    #[test]
    fn the_scan_reads_every_captured_stream_like_serde_json() {
        for text in captured().iter().filter(|text| text.starts_with('[')) {
            let scanned = stream_scan::read(text).unwrap();
            assert_eq!(format!("{scanned:?}"), format!("{:?}", by_serde_json(text).unwrap()));
        }
    }

    #[test]
    fn the_scan_reads_unusual_pieces_like_serde_json() {
        let start = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"_ts":5}"#;
        for (label, event, last) in [
            (
                "the timestamp is not at the end",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"},"_ts":7,"id":1}"#,
                Some(7),
            ),
            (
                "no timestamp",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}"#,
                Some(5),
            ),
            (
                "a timestamp of another type",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"},"_ts":"7"}"#,
                Some(5),
            ),
            (
                "a text that looks like a timestamp",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\"_ts\":9}"},"_ts":7}"#,
                Some(7),
            ),
            (
                "a piece of an unknown type",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"smell_delta"},"_ts":7}"#,
                Some(7),
            ),
            ("keys in another order", r#"{"_ts":7,"type":"content_block_delta"}"#, Some(7)),
        ] {
            let text = format!("[{start},{event},{event}]");
            let scanned = stream_scan::read(&text).unwrap();
            assert_eq!(scanned.last_event_at, last, "{label}");
            assert_eq!(
                format!("{scanned:?}"),
                format!("{:?}", by_serde_json(&text).unwrap()),
                "{label}"
            );
        }
    }

    #[test]
    fn a_piece_without_a_timestamp_hides_no_event() {
        let timed = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"_ts":5}"#;
        let untimed = timed.replace(r#","_ts":5"#, "");
        let stop = r#"{"type":"message_stop","_ts":6}"#;
        let text = format!("[{timed},{untimed},{stop}]");
        assert!(stream_scan::read(&text).unwrap().terminal);
        for data in [r#"[{"_ts":5},{"b":1}]"#, r#"{"_ts":5}"#] {
            let nested =
                format!(r#"[{timed},{{"type":"content_block_delta","a":{data},"_ts":6}}]"#);
            let expected = format!("{:?}", by_serde_json(&nested).unwrap());
            assert_eq!(format!("{:?}", stream_scan::read(&nested).unwrap()), expected);
        }
    }

    proptest! {
        #[test]
        fn the_scan_never_differs_from_serde_json(
            which in 0_usize..28,
            cuts in prop::collection::vec((0.0_f64..1.0, "[\\[\\]{},\":_ts0-9a]{0,6}"), 0..3),
        ) {
            let mut text = captured().swap_remove(which);
            for (at, patch) in cuts {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a position within the text")]
                let at = text.floor_char_boundary((text.len() as f64 * at) as usize);
                let end = text.floor_char_boundary((at + patch.len()).min(text.len()));
                text.replace_range(at..end, &patch);
            }
            if let (Some(scanned), Some(expected)) = (stream_scan::read(&text), by_serde_json(&text)) {
                prop_assert_eq!(format!("{scanned:?}"), format!("{expected:?}"));
            }
        }
    }
}
