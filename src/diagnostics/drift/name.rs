//! What of a word may be written down: itself if it looks like a name, else a hash of it.

use crate::metrics::scrub;
use ring::digest::{SHA256, digest};
use std::fmt::Write as _;

/// No name is longer.
const MAX_LENGTH: usize = 64;
/// How many bytes of a hash tell words apart.
const HASH_BYTES: usize = 6;
const HASH_MARK: &str = "sha256:";
/// Longer ones with digits in them are drawn.
const LONGEST_WORD: usize = 20;
/// More digits in a row are the number of something private.
const DIGITS_OF_A_DATE: usize = 8;

/// The token or the hash of a word; neither if there is no word. Routes to models hold slashes; in any
/// other word they are the parts of a path.
pub(super) fn written(word: &str, is_model: bool) -> (Option<String>, Option<String>) {
    if word.is_empty() {
        (None, None)
    } else if is_name(word) && (is_model || !word.contains('/')) {
        (Some(word.to_owned()), None)
    } else {
        (None, Some(hash(word)))
    }
}

/// Whether `word` looks like something that a program calls something: no sentence, no path, no
/// address, no secret.
pub(super) fn is_name(word: &str) -> bool {
    let is_short = (1..=MAX_LENGTH).contains(&word.len());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.:/@[]-".contains(c);
    // What stands behind a colon is looked at by itself, too: the type of an event does.
    let is_harmless = || {
        let mut parts = word.split(':');
        scrub::is_harmless(word) && parts.all(scrub::is_harmless)
    };
    let is_made_of_words = word.contains(|c: char| c.is_ascii_alphabetic())
        && !word.contains("://")
        && !word.contains("..")
        && word.split(|c: char| !c.is_ascii_alphanumeric()).all(is_word);
    is_short && word.chars().all(is_plain) && is_made_of_words && is_harmless()
}

/// Whether `part` of a name looks like a word, a version or a date, and not like what a machine has
/// drawn: the number of an instrument, or a token of no known form.
fn is_word(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let is_drawn = part.len() > LONGEST_WORD && digits > 2;
    digits <= DIGITS_OF_A_DATE && !is_drawn
}

/// Whether `text` is a hash as written here.
pub(super) fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix(HASH_MARK).unwrap_or_default();
    digits.len() == 2 * HASH_BYTES && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn hash(word: &str) -> String {
    let mut hexadecimal = HASH_MARK.to_owned();
    for byte in digest(&SHA256, word.as_bytes()).as_ref().iter().take(HASH_BYTES) {
        // A string takes whatever is written to it.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_written_as_they_are_and_anything_else_as_a_hash() {
        for name in [
            "acme_deploy",
            "event:response.smell",
            "mcp__acme",
            "a/b:c@1.2[1m]",
            "sk-small",
            "claude-opus-4-20250514",
        ] {
            assert_eq!(written(name, true), (Some(name.to_owned()), None), "{name}");
        }
        for (label, word) in [
            ("a sentence", "peer went away"),
            ("a path", "/home/dev/x"),
            ("a path behind a colon", "event:/srv/plan.md"),
            ("an address of the web", "https://corp.example/orders"),
            ("an address", "me@corp.example"),
            ("a secret", "sk-ant-api03-0000000000000000EXAMPLE"),
            ("letters of all kinds", "größe"),
            ("a control character", "a\u{7}b"),
            ("an address of a machine", "10.0.0.12"),
            ("a way up", "models/../../etc"),
            ("the number of an instrument", "arn:aws:bedrock:us-east-1:123456789012:acme"),
            ("a number of four times four", "4111-1111-1111-1111"),
            ("what a machine has drawn", "wJalrXUtnFEMIK7MDENGbPxRfi0Y9"),
        ] {
            let (token, hash) = written(word, true);
            assert!(token.is_none() && hash.as_ref().is_some_and(|it| it.len() == 19), "{label}");
        }
        assert_eq!(written("no name", false).1.as_deref(), Some("sha256:f208e82414ce"));
        assert_eq!(written("", false), (None, None));
        assert_eq!(
            written("src/billing/invoice.rs", false).0,
            None,
            "only a model's name is a route"
        );
    }

    proptest! {
        #[test]
        fn whatever_the_word_is_a_line_of_the_log_stays_short_and_plain(word in any::<String>()) {
            let (token, hash) = written(&word, true);
            let text = token.or(hash).unwrap_or_default();
            prop_assert!(text.len() <= MAX_LENGTH);
            prop_assert!(text.chars().all(|c| c.is_ascii_graphic()));
        }
    }
}
