//! The readings of a text: what it says if its spelling is undone.
//!
//! A text can say the same with other characters, percent-encoded or in base64. Each reading takes time
//! in proportion to the text.

use crate::metrics::normal_form::normal_form;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How often a text can be encoded.
const MAX_DEPTH: usize = 3;
/// A shorter text in base64 says nothing.
const MIN_BASE64_BYTES: usize = 11;
/// A shorter decoded text is only a coincidence.
const MIN_DECODED_BYTES: usize = 8;
/// If only a part of the decoded bytes is text, a longer one is no coincidence.
const MIN_DECODED_PART_BYTES: usize = 12;
/// The characters of base64 besides letters and digits: none, those of its usual form, and those of
/// its form for URLs.
const BASE64_SIGNS: [&str; 3] = ["", "+/", "-_"];

/// Whether `is_found` is true for a reading of `text`, which is in its normal form.
pub(super) fn any_reading(text: &str, is_found: &impl Fn(&str) -> bool) -> bool {
    any_up_to(MAX_DEPTH, text, is_found)
}

fn any_up_to(depth: usize, text: &str, is_found: &impl Fn(&str) -> bool) -> bool {
    let plain = plainly_written(text);
    if is_found(text) || matches!(&plain, Cow::Owned(plain) if is_found(plain)) {
        return true;
    }
    let Some(below) = depth.checked_sub(1) else { return false };
    let any = |decoded: &str| match normal_form(decoded) {
        Some(normal) => any_up_to(below, &normal, is_found),
        None => true,
    };
    let is_percent_encoded = || {
        let decoded = percent_decode_str(&plain).decode_utf8_lossy();
        decoded != plain && any(&decoded)
    };
    // Base64 within base64 has no use, and each level would multiply the work.
    let from_base64 = |decoded: &str| any_up_to(0, decoded.trim(), is_found);
    is_percent_encoded() || texts_in_base64(&plain).any(|decoded| from_base64(&decoded))
}

/// `text` without accents, and with the punctuation of ASCII in place of what looks like it.
fn plainly_written(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c));
    Cow::Owned(letters.map(plain_punctuation).collect())
}

fn plain_punctuation(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{30fc}' => '-',
        '\u{3002}' | '\u{b7}' | '\u{2219}' | '\u{22c5}' | '\u{30fb}' => '.',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => '/',
        '\u{2216}' | '\u{29f5}' | '\u{29f9}' => '\\',
        '\u{2236}' | '\u{a789}' | '\u{2d0}' => ':',
        '\u{223c}' | '\u{2053}' => '~',
        _ => c,
    }
}

/// The texts that parts of `text` can mean in base64.
fn texts_in_base64(text: &str) -> impl Iterator<Item = String> {
    BASE64_SIGNS.into_iter().flat_map(move |signs| {
        let is_sign = move |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
        let runs = text.split(move |c| !is_sign(c)).filter(|run| run.len() >= MIN_BASE64_BYTES);
        // Without signs, they are runs of the first kind.
        let runs = runs.filter(move |run| signs.is_empty() || run.contains(|c| signs.contains(c)));
        // A word before it may be a part of the run.
        runs.flat_map(|run| (0..4).filter_map(|at| run.get(at..)).flat_map(decoded_parts))
    })
}

/// The parts of decoded base64 that are text.
fn decoded_parts(encoded: &str) -> Vec<String> {
    let bytes = decoded(encoded);
    let is_text = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let parts = bytes.split(|byte| !is_text(byte));
    let is_long = |part: &&[u8]| {
        let is_whole = part.len() == bytes.len();
        part.len() >= if is_whole { MIN_DECODED_BYTES } else { MIN_DECODED_PART_BYTES }
    };
    parts.filter(is_long).map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}

/// The bytes of base64, in any of its forms. It ends where it may.
fn decoded(encoded: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0_u32, Vec::new());
    for byte in encoded.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits).to_le_bytes()[0]);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str, wanted: &str) -> bool {
        any_reading(text, &|reading: &str| reading.contains(wanted))
    }

    #[test]
    fn a_text_is_read_behind_its_spelling() {
        for text in [
            "mika@corp.example",
            "m\u{ed}ka@corp.example",
            "mi\u{335}ka@corp.example",
            "mika@corp\u{3002}example",
            "mika%40corp.example",
            "mika%2540corp.example",
            "%6D%69ka%40corp%2Eexample",
            "bWlrYUBjb3JwLmV4YW1wbGU=",
            "acme-bWlrYUBjb3JwLmV4YW1wbGU",
            "acmebWlrYUBjb3JwLmV4YW1wbGU",
            "acme/bWlrYUBjb3JwLmV4YW1wbGU/x",
            "bWlrYUBjb3JwLmV4YW1wbGU%3D",
        ] {
            assert!(says(text, "mika@corp.example"), "{text}");
        }
        assert!(says("ghp\u{2011}x", "ghp-x") && says("\u{2215}srv", "/srv"));
        assert!(!says("mcp__acme__create_pull_request", "@"));
    }
}
