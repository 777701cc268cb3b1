//! A fast reader of long streams. Most events contain one more piece of the answer, and no fact
//! except when they arrived.
//!
//! Such an event is skipped without parsing if it has exactly the form in which the host writes it,
//! with its time of arrival, `"_ts":1787205803118`, at the end. Every other event is read as JSON.
//! If the text is not an array of events in this form, [`read`] returns `None`, and the caller
//! reads the whole response with `serde_json`.
//!
//! Measured on a stream of 60 KB (bench `stream scan`): 58 µs, or 9 times as fast as if `serde_json`
//! reads every event (538 µs). Such a turn costs the worker about 97 µs in all.

use crate::catalog::{self, WireKind};
use crate::entry::event::StreamEvent;
use crate::entry::lenient::Object;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::stream::{Stream, StreamWire};
use memchr::memchr2;
use serde_json::Deserializer;

/// Reads an array of events. `None` if the host did not write it in this form.
pub(super) fn read(text: &str) -> Option<ResponseFacts> {
    let mut stream = Stream::new();
    let mut rest = text.strip_prefix('[')?;
    if rest == "]" {
        return Some(stream.finish());
    }
    let (mut latest, mut block_start) = ("", "");
    loop {
        let skipped = stream.skippable().and_then(|wire| skip_piece(wire, rest, &mut block_start));
        let end = match skipped {
            Some(Piece { end, arrival }) => {
                // Without leading zeros, digits in the order of length and alphabet are in numeric
                // order.
                if (arrival.len(), arrival) > (latest.len(), latest) {
                    latest = arrival;
                }
                end
            }
            None => read_event(&mut stream, rest)?,
        };
        match rest.as_bytes().get(end)? {
            b',' => rest = &rest[end + 1..],
            b']' if rest.len() == end + 1 => break,
            _ => return None,
        }
    }
    stream.note_arrival(latest.parse().ok());
    Some(stream.finish())
}

/// Reads the event at the start of `text` as JSON. Returns the position after it.
fn read_event(stream: &mut Stream, text: &str) -> Option<usize> {
    let mut events = Deserializer::from_str(text).into_iter::<Object<StreamEvent<'_>>>();
    let Object(event) = events.next()?.ok()?;
    if let Some(event) = event {
        stream.add(&event);
    }
    Some(events.byte_offset())
}

/// A piece of the answer that was skipped.
struct Piece<'t> {
    /// The position after it.
    end: usize,
    /// When it arrived, Unix milliseconds in digits.
    arrival: &'t str,
}

/// Skips the event at the start of `text` if it is a piece of the answer in the host's form.
/// `block_start` is the start of the previous piece of a block: most pieces start in the same way,
/// and one comparison is enough.
fn skip_piece<'t>(wire: StreamWire, text: &'t str, block_start: &mut &'t str) -> Option<Piece<'t>> {
    let mut cursor = Cursor(text);
    let arrival = match wire {
        StreamWire::Anthropic => {
            if block_start.is_empty() || cursor.skip(block_start).is_none() {
                *block_start = cursor.skip_block_start()?;
            }
            cursor.skip_block_end()?
        }
        StreamWire::Responses => cursor.skip_text_piece()?,
    };
    Some(Piece { end: text.len() - cursor.0.len(), arrival })
}

/// Digits beyond this number are not a timestamp.
const MAX_TIMESTAMP_DIGITS: usize = 15;

/// The rest of a text. A method that returns `None` leaves the cursor at an unspecified position.
struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    /// Skips the start of a piece of a block on Anthropic's wire, if the type of the piece is
    /// known. Returns the skipped text.
    fn skip_block_start(&mut self) -> Option<&'t str> {
        let text = self.0;
        self.skip(r#"{"type":"content_block_delta","index":"#)?;
        self.skip_digits();
        self.skip(r#","delta":{"type":""#)?;
        let kind = self.skip_string()?;
        if !catalog::is_anthropic_name(WireKind::Delta, kind) {
            return None;
        }
        self.skip(r#",""#)?;
        self.skip_string()?;
        self.skip(r#":""#)?;
        text.get(..text.len() - self.0.len())
    }

    /// Skips the rest of such a piece. Returns when it arrived.
    fn skip_block_end(&mut self) -> Option<&'t str> {
        self.skip_string()?;
        self.skip(r#"},"_ts":"#)?;
        self.skip_arrival()
    }

    /// Skips a piece of text on the Responses wire, framed or not. Returns when it arrived.
    fn skip_text_piece(&mut self) -> Option<&'t str> {
        if self.skip(r#"{"type":"response.output_text.delta""#).is_none() {
            self.skip(r#"{"event":"response.output_text.delta","type":""#)?;
            self.skip_string()?;
            self.skip(r#","data":{"type":"response.output_text.delta""#)?;
            self.skip_scalars()?;
            self.skip("}")?;
        }
        self.skip_scalars()?;
        self.skip(r#","_ts":"#)?;
        self.skip_arrival()
    }

    /// Skips fields with scalars or empty lists, up to the timestamp or the end of the object.
    fn skip_scalars(&mut self) -> Option<()> {
        while !self.0.starts_with('}') && !self.0.starts_with(r#","_ts":"#) {
            self.skip(r#",""#)?;
            self.skip_string()?;
            self.skip(":")?;
            if self.skip("\"").is_some() {
                self.skip_string()?;
            } else if self.skip("[]").is_none() {
                let end = self.0.find([',', '}'])?;
                let scalar = self.0.get(..end).filter(|text| is_bare_scalar(text))?;
                self.0 = &self.0[scalar.len()..];
            }
        }
        Some(())
    }

    /// Skips a timestamp and the end of its object. Returns the digits.
    fn skip_arrival(&mut self) -> Option<&'t str> {
        let digits = self.skip_digits();
        let is_timestamp =
            (1..=MAX_TIMESTAMP_DIGITS).contains(&digits.len()) && !digits.starts_with('0');
        self.skip("}").filter(|()| is_timestamp).map(|()| digits)
    }

    /// Skips a string whose opening quote was skipped before. Returns what is between the quotes,
    /// with its escapes.
    fn skip_string(&mut self) -> Option<&'t str> {
        let bytes = self.0.as_bytes();
        let mut at = 0;
        loop {
            at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes[at] == b'"' {
                break;
            }
            at += 2;
        }
        let (string, rest) = self.0.split_at_checked(at)?;
        self.0 = rest.get(1..)?;
        Some(string)
    }

    fn skip_digits(&mut self) -> &'t str {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits
    }

    fn skip(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }
}

/// Whether `text` can be a number, `true`, `false` or `null`.
fn is_bare_scalar(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_forms_are_left_to_serde_json() {
        for text in
            ["", "[", "[]x", "[,]", "[1 2]", r#"[{"type":"ping"}"#, "{}", r#"[{"type":"ping"}]]"#]
        {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn responses_text_is_skipped_framed_and_unframed() {
        let framed = |time: u32| {
            format!(
                r#"{{"event":"response.output_text.delta","type":"response.output_text.delta","data":{{"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"a \"b\"","logprobs":[],"last":true}},"_ts":{time}}}"#
            )
        };
        let flat = |time: u32| {
            format!(
                r#"{{"type":"response.output_text.delta","delta":"}},{{","sequence_number":7,"_ts":{time}}}"#
            )
        };
        for text in [framed(7), flat(7)] {
            let found = skip_piece(StreamWire::Responses, &text, &mut "")
                .map(|piece| (piece.end, piece.arrival));
            assert_eq!(found, Some((text.len(), "7")), "{text}");
        }
        let events = format!("[{},{},{},{}]", framed(3), framed(9), flat(5), flat(4));
        let facts = read(&events).unwrap();
        assert_eq!((facts.first_token_at, facts.last_event_at), (Some(3), Some(9)));
        let other = framed(7).replacen(
            r#""data":{"type":"response.output_text.delta""#,
            r#""data":{"type":"error""#,
            1,
        );
        assert!(read(&format!("[{},{other}]", framed(3))).unwrap().error.is_some());
    }
}
