//! A quick way through a long stream: most events bring one more piece of the answer, and say no more
//! than when it came.
//!
//! Such an event is left behind if it is written just as the host writes it, with the time of its
//! arrival, `"_ts":1787205803118`, at its end. Any other one is read as JSON, and if the events do not
//! fit together in the end the whole response is read the ordinary way instead.

use crate::catalog::{self, WireKind};
use crate::entry::event::StreamEvent;
use crate::entry::lenient::Object;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::stream::Stream;
use memchr::memchr2;
use serde_json::Deserializer;

/// Folds an array of events. `None` if it is not written as the host writes it.
pub(super) fn read(text: &str) -> Option<ResponseFacts> {
    let mut stream = Stream::new();
    let mut rest = text.strip_prefix('[')?;
    if rest == "]" {
        return Some(stream.finish());
    }
    let (mut latest, mut head) = ("", "");
    loop {
        let found = if stream.needs_only_arrivals() { piece(rest, &mut head) } else { None };
        let end = match found {
            Some(Piece { end, time }) => {
                // Times are written alike, so the later one comes later in the alphabet, too.
                if (time.len(), time) > (latest.len(), latest) {
                    latest = time;
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

/// Reads the event that `text` begins with; where it ends.
fn read_event(stream: &mut Stream, text: &str) -> Option<usize> {
    let mut events = Deserializer::from_str(text).into_iter::<Object<StreamEvent<'_>>>();
    let Object(event) = events.next()?.ok()?;
    if let Some(event) = event {
        stream.add(&event);
    }
    Some(events.byte_offset())
}

/// An event that is left behind.
struct Piece<'t> {
    /// Where it ends.
    end: usize,
    /// When it arrived, in digits.
    time: &'t str,
}

/// The event that `text` begins with, if it says nothing that is not known already but its time. `head`
/// is how the piece of a block before it began; most begin like it.
fn piece<'t>(text: &'t str, head: &mut &'t str) -> Option<Piece<'t>> {
    let mut cursor = Cursor(text);
    if head.is_empty() || cursor.eat(head).is_none() {
        *head = cursor.block_head().unwrap_or_default();
    }
    let time = if head.is_empty() { None } else { cursor.block_tail() }.or_else(|| {
        cursor = Cursor(text);
        cursor.text_piece()
    })?;
    Some(Piece { end: text.len() - cursor.0.len(), time })
}

/// No time that is written with more digits is one.
const MAX_TIME_DIGITS: usize = 15;

/// What of a text is still to be read. Whatever does not read on leaves it somewhere on the way.
struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    /// How a piece of a block begins on Anthropic's wire, if it is of a type that is known.
    fn block_head(&mut self) -> Option<&'t str> {
        let text = self.0;
        self.eat(r#"{"type":"content_block_delta","index":"#)?;
        self.digits();
        self.eat(r#","delta":{"type":""#)?;
        let kind = self.string()?;
        if !catalog::anthropic_knows(WireKind::Delta, kind) {
            return None;
        }
        self.eat(r#",""#)?;
        self.string()?;
        self.eat(r#":""#)?;
        text.get(..text.len() - self.0.len())
    }

    /// How it goes on. When it arrived.
    fn block_tail(&mut self) -> Option<&'t str> {
        self.string()?;
        self.eat(r#"},"_ts":"#)?;
        self.time()
    }

    /// A piece of the text on the Responses wire, framed or not. When it arrived.
    fn text_piece(&mut self) -> Option<&'t str> {
        if self.eat(r#"{"type":"response.output_text.delta""#).is_none() {
            self.eat(r#"{"event":"response.output_text.delta","type":""#)?;
            self.string()?;
            self.eat(r#","data":{"type":"response.output_text.delta""#)?;
            self.scalars()?;
            self.eat("}")?;
        }
        self.scalars()?;
        self.eat(r#","_ts":"#)?;
        self.time()
    }

    /// Pairs whose values are text, numbers, words or empty lists, up to the time or the end of the
    /// object.
    fn scalars(&mut self) -> Option<()> {
        while !self.0.starts_with('}') && !self.0.starts_with(r#","_ts":"#) {
            self.eat(r#",""#)?;
            self.string()?;
            self.eat(":")?;
            if self.eat("\"").is_some() {
                self.string()?;
            } else if self.eat("[]").is_none() {
                let end = self.0.find([',', '}'])?;
                let word = self.0.get(..end).filter(|word| is_plain(word))?;
                self.0 = &self.0[word.len()..];
            }
        }
        Some(())
    }

    fn time(&mut self) -> Option<&'t str> {
        let time = self.digits();
        let is_time = (1..=MAX_TIME_DIGITS).contains(&time.len()) && !time.starts_with('0');
        self.eat("}").filter(|()| is_time).map(|()| time)
    }

    /// What stands before the quote that ends a string, as it is written. The one that begins it was
    /// eaten.
    fn string(&mut self) -> Option<&'t str> {
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

    fn digits(&mut self) -> &'t str {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits
    }

    fn eat(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }
}

/// Whether `word` can be a number, `true`, `false` or `null`.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_together_is_left_to_the_ordinary_way() {
        for text in
            ["", "[", "[]x", "[,]", "[1 2]", r#"[{"type":"ping"}"#, "{}", r#"[{"type":"ping"}]]"#]
        {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn text_on_the_responses_wire_is_left_behind_in_both_forms() {
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
            let found = piece(&text, &mut "").map(|piece| (piece.end, piece.time));
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
