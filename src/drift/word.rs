//! What of a word may be written down: itself if it looks like a name, else a hash of it.

use crate::privacy;
use ring::digest::{SHA256, digest};
use std::fmt::Write as _;

/// No name is longer.
const MAX_LENGTH: usize = 64;
/// How many bytes of a hash tell words apart.
const HASH_BYTES: usize = 6;

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
fn is_name(word: &str) -> bool {
    let is_short = word.len() <= MAX_LENGTH;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.:/@[]-".contains(c);
    // What stands behind a colon is looked at by itself, too: the type of an event does.
    let is_harmless = || {
        let mut parts = word.split(':');
        privacy::is_harmless(word) && parts.all(privacy::is_harmless)
    };
    is_short && word.chars().all(is_plain) && !word.contains("://") && is_harmless()
}

fn hash(word: &str) -> String {
    let mut hexadecimal = "sha256:".to_owned();
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
        for name in
            ["acme_deploy", "event:response.smell", "mcp__acme", "a/b:c@1.2[1m]", "sk-small"]
        {
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
