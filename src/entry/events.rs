//! A quick way through a long stream: most events bring one more piece of the answer, and say no more
//! than when it came.
//!
//! Such an event is left behind if it is written just as the host writes it, with the time of its
//! arrival, `"_ts":1787205803118`, at its end. Any other one is read as JSON, and if the events do not
//! fit together in the end the whole response is read the ordinary way instead.

use crate::catalog::{self, WireKind};
use crate::entry::anthropic;
use crate::entry::lenient::Object;
use crate::entry::response::{Event, Facts};
use memchr::memchr2;
use serde_json::Deserializer;

/// Folds an array of events. `None` if it is not written as the host writes it.
pub(super) fn fold(text: &str) -> Option<Facts> {
    let mut facts = Facts { is_events: true, ..Facts::default() };
    let mut rest = text.strip_prefix('[')?;
    if rest == "]" {
        return Some(facts);
    }
    let (mut latest, mut head) = ("", "");
    loop {
        let end = match piece(&facts, rest, &mut head) {
            Some(Piece { end, time }) => {
                // Times are written alike, so the later one comes later in the alphabet, too.
                if (time.len(), time) > (latest.len(), latest) {
                    latest = time;
                }
                end
            }
            None => read(&mut facts, rest)?,
        };
        match rest.as_bytes().get(end)? {
            b',' => rest = &rest[end + 1..],
            b']' if rest.len() == end + 1 => break,
            _ => return None,
        }
    }
    facts.last_event_at = facts.last_event_at.max(latest.parse().ok());
    anthropic::close_open_calls(&mut facts);
    Some(facts)
}

/// Reads the event that `text` begins with; where it ends.
fn read(facts: &mut Facts, text: &str) -> Option<usize> {
    let mut events = Deserializer::from_str(text).into_iter::<Object<Event<'_>>>();
    let Object(event) = events.next()?.ok()?;
    if let Some(event) = event {
        facts.add(&event);
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
fn piece<'t>(facts: &Facts, text: &'t str, head: &mut &'t str) -> Option<Piece<'t>> {
    if facts.first_token_at.is_none() || facts.open.iter().any(anthropic::OpenCall::wants_input) {
        return None;
    }
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
    use crate::entry::response::Response;
    use proptest::prelude::*;
    use serde_json::Value;

    fn ordinary(text: &str) -> Option<Box<Facts>> {
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
    fn it_says_of_every_captured_stream_what_the_ordinary_way_says() {
        for text in captured().iter().filter(|text| text.starts_with('[')) {
            let quick = fold(text).unwrap();
            assert_eq!(format!("{quick:?}"), format!("{:?}", ordinary(text).unwrap()));
        }
    }

    #[test]
    fn pieces_that_are_written_otherwise_are_read() {
        let start = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"_ts":5}"#;
        for (label, event, last) in [
            (
                "time is not at the end",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"},"_ts":7,"id":1}"#,
                Some(7),
            ),
            (
                "no time",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}"#,
                Some(5),
            ),
            (
                "a time of another type",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"},"_ts":"7"}"#,
                Some(5),
            ),
            (
                "a text that looks like a time",
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
            let quick = fold(&text).unwrap();
            assert_eq!(quick.last_event_at, last, "{label}");
            assert_eq!(format!("{quick:?}"), format!("{:?}", ordinary(&text).unwrap()), "{label}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_left_to_the_ordinary_way() {
        for text in
            ["", "[", "[]x", "[,]", "[1 2]", r#"[{"type":"ping"}"#, "{}", r#"[{"type":"ping"}]]"#]
        {
            assert!(fold(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_piece_without_a_time_takes_nothing_along() {
        let timed = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"_ts":5}"#;
        let untimed = timed.replace(r#","_ts":5"#, "");
        let stop = r#"{"type":"message_stop","_ts":6}"#;
        let text = format!("[{timed},{untimed},{stop}]");
        assert!(fold(&text).unwrap().terminal);
        for data in [r#"[{"_ts":5},{"b":1}]"#, r#"{"_ts":5}"#] {
            let nested =
                format!(r#"[{timed},{{"type":"content_block_delta","a":{data},"_ts":6}}]"#);
            let told = format!("{:?}", ordinary(&nested).unwrap());
            assert_eq!(format!("{:?}", fold(&nested).unwrap()), told);
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
            let facts = Facts { first_token_at: Some(1), ..Facts::default() };
            let found = piece(&facts, &text, &mut "").map(|piece| (piece.end, piece.time));
            assert_eq!(found, Some((text.len(), "7")), "{text}");
        }
        let events = format!("[{},{},{},{}]", framed(3), framed(9), flat(5), flat(4));
        let facts = fold(&events).unwrap();
        assert_eq!((facts.first_token_at, facts.last_event_at), (Some(3), Some(9)));
        let other = framed(7).replacen(
            r#""data":{"type":"response.output_text.delta""#,
            r#""data":{"type":"error""#,
            1,
        );
        assert!(fold(&format!("[{},{other}]", framed(3))).unwrap().error.is_some());
    }

    proptest! {
        #[test]
        fn it_never_says_anything_else(
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
            if let (Some(quick), Some(ordinary)) = (fold(&text), ordinary(&text)) {
                prop_assert_eq!(format!("{quick:?}"), format!("{ordinary:?}"));
            }
        }
    }
}
