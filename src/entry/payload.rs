//! Text as it was copied off the JS thread, and its way to JSON text that Rust can read.
//!
//! The JS thread only copies; whatever costs time (transcoding, checking, mending) happens here,
//! on the worker.

use encoding_rs::mem;
use memchr::memmem;
use std::str::Utf8Chunk;

/// What one `record` call handed over: a JS string's UTF-16 units, or bytes meant as UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A string. UTF-16 because V8's own UTF-8 writer is ten times slower on non-Latin text.
    Utf16(Vec<u16>),
    /// A `Uint8Array`.
    Utf8(Vec<u8>),
}

/// How much memory the worker thread needs to read an entry of `bytes`, beside the entry itself. Text
/// that is not ASCII grows by half, and bytes that are not UTF-8 become three times as many. What is
/// read of it is copied without its escapes, and a command again out of its input.
pub fn memory_for(bytes: usize) -> usize {
    bytes.saturating_mul(5)
}

impl Payload {
    /// How much memory it holds, in bytes.
    pub fn len_bytes(&self) -> usize {
        match self {
            Self::Utf16(units) => units.len() * 2,
            Self::Utf8(bytes) => bytes.len(),
        }
    }

    /// The text, with everything replaced that is legal in a JS string but not in Rust's:
    /// ill-formed UTF-16 or UTF-8, and the JSON escapes of lone surrogates.
    pub fn into_json(self) -> String {
        let text = match self {
            Self::Utf16(units) => utf8_from_utf16(&units),
            Self::Utf8(bytes) => {
                String::from_utf8(bytes).unwrap_or_else(|error| lossy_from_utf8(error.as_bytes()))
            }
        };
        mended(text)
    }
}

/// JSON in which the escapes of lone surrogates are replaced.
pub fn mended(json: String) -> String {
    if memmem::find(json.as_bytes(), br"\u").is_none() {
        return json;
    }
    let mut bytes = json.into_bytes();
    mend_lone_surrogates(&mut bytes);
    // Only ASCII was replaced by ASCII, so this cannot fail.
    String::from_utf8(bytes).unwrap_or_default()
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self::Utf8(text.as_bytes().to_vec())
    }
}

/// The text of bytes that are not all UTF-8, in memory for just that text. It can be three times as
/// large as the bytes.
fn lossy_from_utf8(bytes: &[u8]) -> String {
    let replacement = |chunk: &Utf8Chunk<'_>| !chunk.invalid().is_empty();
    let length = |chunk: Utf8Chunk<'_>| {
        let replaced = if replacement(&chunk) { char::REPLACEMENT_CHARACTER.len_utf8() } else { 0 };
        chunk.valid().len() + replaced
    };
    let mut text = String::with_capacity(bytes.utf8_chunks().map(length).sum());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(replacement(&chunk).then_some(char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Transcodes piece by piece, so that the memory that is touched stays in the processor's cache.
fn utf8_from_utf16(units: &[u16]) -> String {
    const PIECE: usize = 8192;
    let mut text = String::with_capacity(units.len() + units.len() / 8);
    // Three bytes hold any unit; a little more lets the fast path run to the end.
    let mut piece = "\0".repeat(PIECE.min(units.len() * 3 + 16));
    let mut rest = units;
    while !rest.is_empty() {
        let (read, written) = mem::convert_utf16_to_str_partial(rest, &mut piece);
        rest = &rest[read..];
        if text.capacity() - text.len() < written {
            // To double the capacity would take more memory than the largest text needs.
            text.reserve_exact(written + rest.len() * 3);
        }
        text.push_str(&piece[..written]);
    }
    text
}

/// Replaces `\uD83D` and the like by `\uFFFD` where the other half of the pair is missing.
///
/// `JSON.stringify` writes such an escape for a title that was cut inside an emoji. It is valid
/// JSON, and a strict string parser refuses the whole document for it.
fn mend_lone_surrogates(text: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| memmem::find(rest, br"\u")) {
        let escape = at + found;
        let backslashes = text[..escape].iter().rev().take_while(|&&byte| byte == b'\\').count();
        if backslashes % 2 == 1 {
            at = escape + 2; // `\\u`: an escaped backslash before a plain `u`
            continue;
        }
        at = escape + 6;
        match surrogate(text, escape) {
            None => {}
            Some(Half::High) if surrogate(text, at) == Some(Half::Low) => at += 6,
            Some(Half::High | Half::Low) => text[escape + 2..at].copy_from_slice(b"fffd"),
        }
    }
}

#[derive(PartialEq)]
enum Half {
    High,
    Low,
}

/// Which half of a surrogate pair the escape at `at` stands for, if any.
fn surrogate(text: &[u8], at: usize) -> Option<Half> {
    let digits = text.get(at..at + 6)?.strip_prefix(br"\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    match (digits[0] | 0x20, digits[1] | 0x20) {
        (b'd', b'8' | b'9' | b'a' | b'b') => Some(Half::High),
        (b'd', b'c'..=b'f') => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json(text: &str) -> String {
        Payload::from(text).into_json()
    }

    #[test]
    fn lone_halves_are_replaced_and_pairs_are_kept() {
        for (label, input, expected) in [
            ("a pair", r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            ("a lone high half", r#""cut \ud83d""#, r#""cut \ufffd""#),
            ("a lone low half", r#""\uDE00 x""#, r#""\ufffd x""#),
            ("two high halves", r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            ("an escaped backslash", r#""\\ud83d""#, r#""\\ud83d""#),
            ("a backslash and an escape", r#""\\\ud83d""#, r#""\\\ufffd""#),
            ("an ordinary escape", r#""\u00e9""#, r#""\u00e9""#),
            ("an escape cut short", r#""\ud8"#, r#""\ud8"#),
        ] {
            assert_eq!(json(input), expected, "{label}");
        }
    }

    #[test]
    fn both_encodings_say_the_same() {
        let text = "plain, 漢字, 😀";
        let units: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(Payload::Utf16(units).into_json(), text);
        assert_eq!(json(text), text);
    }

    #[test]
    fn a_text_takes_no_more_memory_than_its_characters_need() {
        let broken = lossy_from_utf8(&[0xff; 1000]);
        assert_eq!((broken.len(), broken.capacity()), (3000, 3000));
        let text = utf8_from_utf16(&vec![0x6f22; 100_000]);
        assert_eq!(text.len(), 300_000);
        assert!(text.capacity() <= 301_000, "{}", text.capacity());
    }

    proptest! {
        #[test]
        fn a_string_of_any_utf16_units_parses_once_it_is_quoted(units in prop::collection::vec(any::<u16>(), 0..64)) {
            // What JSON.stringify does to a string: escape what must be, lone halves included.
            let mut quoted: Vec<u16> = vec![u16::from(b'"')];
            for unit in &units {
                match *unit {
                    0x22 | 0x5c => quoted.extend([0x5c, *unit]),
                    0..=0x1f | 0xd800..=0xdfff => quoted.extend(format!("\\u{unit:04x}").encode_utf16()),
                    other => quoted.push(other),
                }
            }
            quoted.push(u16::from(b'"'));
            let text = Payload::Utf16(quoted).into_json();
            let parsed: String = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(parsed, String::from_utf16_lossy(&units));
        }

        #[test]
        fn any_bytes_become_text(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
            let expected = mended(String::from_utf8_lossy(&bytes).into_owned());
            prop_assert_eq!(Payload::Utf8(bytes).into_json(), expected);
        }
    }
}
