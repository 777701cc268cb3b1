//! A quick way through a long stream: most events bring one more piece of the answer, and only the
//! first and the last of these say anything.
//!
//! The host ends each event with the time it arrived, `"_ts":1787205803118}`. With an unescaped
//! quote before it, this can only be a key, so an event whose beginning is known is left behind by
//! looking for it. Whatever is not written just so is read as JSON, and if the pieces do not fit
//! together in the end the whole response is read the ordinary way instead.

use crate::catalog::{self, WireKind};
use crate::entry::anthropic;
use crate::entry::lenient::Object;
use crate::entry::response::{Event, Facts};
use memchr::memmem;
use serde_json::Deserializer;

/// How an event that brings a piece of the answer begins, wherever the host writes its keys in the
/// usual order.
const PIECES: &[&str] =
    &[r#"{"event":"response.output_text.delta""#, r#"{"type":"response.output_text.delta""#];
/// The same on Anthropic's wire, where a block's index and the type of the piece follow.
const BLOCK_PIECE: &str = r#"{"type":"content_block_delta","index":"#;

/// Folds an array of events. `None` if it is not written as the host writes it.
pub(super) fn fold(text: &str) -> Option<Facts> {
    let arrived = memmem::Finder::new(r#""_ts":"#);
    let mut facts = Facts { is_events: true, ..Facts::default() };
    let mut rest = text.strip_prefix('[')?;
    if rest == "]" {
        return Some(facts);
    }
    let skipped = loop {
        let piece = piece_end(&facts, rest, &arrived);
        let end = piece.map_or_else(|| read(&mut facts, rest), Some)?;
        match rest.as_bytes().get(end)? {
            b',' => rest = &rest[end + 1..],
            b']' if rest.len() == end + 1 => break piece.map(|end| &rest[..end]),
            _ => return None,
        }
    };
    // A stream that was cut within a run of pieces ended with the last of them.
    if let Some(last) = skipped {
        read(&mut facts, last)?;
    }
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

/// Where the event that `text` begins with ends, if it says nothing that is not known already.
fn piece_end(facts: &Facts, text: &str, arrived: &memmem::Finder<'_>) -> Option<usize> {
    let known = facts.first_token_at.is_some()
        && !facts.open.iter().any(anthropic::OpenCall::wants_input)
        && (is_known_block_piece(text) || PIECES.iter().any(|piece| text.starts_with(piece)));
    if !known {
        return None;
    }
    let digits = arrived.find(text.as_bytes())? + r#""_ts":"#.len();
    let after = text[digits..].find(|c: char| !c.is_ascii_digit())? + digits;
    (after > digits && text[after..].starts_with('}')).then_some(after + 1)
}

/// Whether `text` begins with a piece of a block, of a type that is known.
fn is_known_block_piece(text: &str) -> bool {
    let rest = text
        .strip_prefix(BLOCK_PIECE)
        .map(|it| it.trim_start_matches(|c: char| c.is_ascii_digit()));
    let word = rest.and_then(|rest| rest.strip_prefix(r#","delta":{"type":""#)?.split('"').next());
    word.is_some_and(|word| catalog::anthropic_knows(WireKind::Delta, word))
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
        let lines = include_str!("../../__test__/fixtures/captured-entries.ndjson").lines();
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
        let piece = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}"#;
        let nested =
            &format!(r#"[{piece},"_ts":5}},{piece},"a":[{{"_ts":5}},{{"b":1}}],"_ts":6}}]"#);
        assert!(fold(nested).is_none());
        assert_eq!(ordinary(nested).unwrap().last_event_at, Some(6));
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
