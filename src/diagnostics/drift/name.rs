//! Decides whether an unknown name is written as it is. If it does not look like a name, only its
//! hash is written.

use crate::metrics::scrub;
use ring::digest::{SHA256, digest};
use std::fmt::Write as _;

/// The maximum length of a name in bytes.
const MAX_LENGTH_BYTES: usize = 64;
/// How much of a hash is written, in bytes.
const HASH_BYTES: usize = 6;
const HASH_PREFIX: &str = "sha256:";
/// A longer part of a name is random if it contains digits.
const MAX_WORD_BYTES: usize = 20;
/// A date has eight digits. A part with more is a private number, such as an account number.
const MAX_DIGITS: usize = 8;

/// The name, or its hash if it does not look like a name. Both are `None` if it is empty. The name
/// of a model can contain slashes. In any other name they are the parts of a path.
pub(super) fn name_or_hash(name: &str, is_model: bool) -> (Option<String>, Option<String>) {
    if name.is_empty() {
        (None, None)
    } else if is_name(name) && (is_model || !name.contains('/')) {
        (Some(name.to_owned()), None)
    } else {
        (None, Some(hash(name)))
    }
}

/// Whether `text` looks like the name of a tool, a model and so on, and not like a sentence, a
/// path, an address or a secret.
pub(super) fn is_name(text: &str) -> bool {
    let is_short = (1..=MAX_LENGTH_BYTES).contains(&text.len());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.:/@[]-".contains(c);
    // An event's name is "event:" and its type, so each part is checked as well.
    let is_harmless = || {
        let mut parts = text.split(':');
        scrub::is_harmless(text) && (!text.contains(':') || parts.all(scrub::is_harmless))
    };
    let is_made_of_words = text.contains(|c: char| c.is_ascii_alphabetic())
        && !text.contains("://")
        && !text.contains("..")
        && text.split(|c: char| !c.is_ascii_alphanumeric()).all(is_word);
    is_short && text.chars().all(is_plain) && is_made_of_words && is_harmless()
}

/// Whether a part of a name looks like a word, a version or a date, and not like a long number or a
/// random string.
fn is_word(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let is_random = part.len() > MAX_WORD_BYTES && digits > 2;
    digits <= MAX_DIGITS && !is_random
}

/// Whether `text` is a hash in the form of [`name_or_hash`].
pub(super) fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix(HASH_PREFIX).unwrap_or_default();
    digits.len() == 2 * HASH_BYTES && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn hash(text: &str) -> String {
    let mut hexadecimal = HASH_PREFIX.to_owned();
    for byte in digest(&SHA256, text.as_bytes()).as_ref().iter().take(HASH_BYTES) {
        // Writing to a string cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_looks_like_a_name_is_not_hashed() {
        for name in [
            "acme_deploy",
            "event:response.smell",
            "mcp__acme",
            "a/b:c@1.2[1m]",
            "sk-small",
            "claude-opus-4-20250514",
        ] {
            assert_eq!(name_or_hash(name, true), (Some(name.to_owned()), None), "{name}");
        }
        for (case, text) in [
            ("a sentence", "peer went away"),
            ("a path", "/home/dev/x"),
            ("a path behind a colon", "event:/srv/plan.md"),
            ("a URL", "https://corp.example/orders"),
            ("an e-mail address", "me@corp.example"),
            ("a secret", "sk-ant-api03-0000000000000000EXAMPLE"),
            ("letters outside ASCII", "größe"),
            ("a control character", "a\u{7}b"),
            ("an IP address", "10.0.0.12"),
            ("a path with ..", "models/../../etc"),
            ("an account number", "arn:aws:bedrock:us-east-1:123456789012:acme"),
            ("a card number", "4111-1111-1111-1111"),
            ("a random string", "wJalrXUtnFEMIK7MDENGbPxRfi0Y9"),
        ] {
            let (name, hash) = name_or_hash(text, true);
            assert!(name.is_none() && hash.as_ref().is_some_and(|it| it.len() == 19), "{case}");
        }
        assert_eq!(name_or_hash("no name", false).1.as_deref(), Some("sha256:f208e82414ce"));
        assert_eq!(name_or_hash("", false), (None, None));
        assert_eq!(
            name_or_hash("src/billing/invoice.rs", false).0,
            None,
            "only a model's name can contain a slash"
        );
    }

    proptest! {
        #[test]
        fn any_name_is_written_short_and_in_ascii(name in any::<String>()) {
            let (name, hash) = name_or_hash(&name, true);
            let text = name.or(hash).unwrap_or_default();
            prop_assert!(text.len() <= MAX_LENGTH_BYTES);
            prop_assert!(text.chars().all(|c| c.is_ascii_graphic()));
        }
    }
}
