//! The scrubber: removes from a name or a text what must not be exported.

use crate::catalog;
use crate::config::is_address;
use crate::metrics::attribute_value::AttributeValue;

/// Replaces a text that looks like a secret, a path or an e-mail address.
pub(super) const REDACTED: &str = "redacted";
/// Replaces a name of which nothing is left.
const UNKNOWN: &str = "unknown";
/// The maximum length of an attribute value, in bytes.
pub(super) const MAX_LENGTH_BYTES: usize = 128;
/// A shorter word that begins like a secret may be a name.
const MIN_SECRET_LENGTH_BYTES: usize = 16;

/// A name as it may be exported: [`REDACTED`], or without control characters and cut to the maximum
/// length.
pub(super) fn scrubbed(name: &str) -> AttributeValue {
    if !is_harmless(name) {
        return AttributeValue::constant(REDACTED);
    }
    exportable(name).unwrap_or(AttributeValue::constant(UNKNOWN))
}

/// Whether `name` contains no secret, no path and no e-mail address. No name needs one.
pub fn is_harmless(name: &str) -> bool {
    !(looks_like_secret(name) || is_path(name) || is_address(name))
}

/// A text that a project's config contains, such as a team's name, as it may be exported. `None` if
/// nothing is left of it.
pub fn own_text(text: &str) -> Option<AttributeValue> {
    let text = text.trim();
    if catalog::secret(text).is_some() || is_address(text) {
        return Some(AttributeValue::constant(REDACTED));
    }
    exportable(text)
}

/// The name that the user has chosen for tier 2. It may be an e-mail address.
pub fn chosen_name(text: &str) -> Option<AttributeValue> {
    let text = text.trim();
    if catalog::secret(text).is_some() {
        Some(AttributeValue::constant(REDACTED))
    } else {
        exportable(text)
    }
}

/// `text` without control characters, and cut to the maximum length. `None` if nothing is left of
/// it.
///
/// This is not `config::printable`, which makes a text safe for a terminal: invisible characters
/// and changes of direction are parts of names in many scripts, and a backend does not interpret
/// them.
fn exportable(text: &str) -> Option<AttributeValue> {
    let mut text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.truncate(text.floor_char_boundary(MAX_LENGTH_BYTES));
    if text.is_empty() { None } else { Some(AttributeValue::checked(text)) }
}

/// Whether `text` contains a secret, or a long word that only begins like one. A harmless name that
/// is redacted costs less than a secret that is sent.
fn looks_like_secret(text: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || "/:=\"',;".contains(c);
    let begins_word = |prefix: &str| {
        text.match_indices(prefix).any(|(at, _)| {
            let is_within_word = text[..at].ends_with(char::is_alphanumeric);
            // A prefix can end in a space, which does not end the word.
            let rest = &text[at + prefix.len()..];
            let length = prefix.len() + rest.find(is_end).unwrap_or(rest.len());
            !is_within_word && length >= MIN_SECRET_LENGTH_BYTES
        })
    };
    catalog::secret_prefixes().any(begins_word)
        || catalog::secret(text).is_some()
        // A pattern takes `_` for a letter, so it finds no beginning of a word behind `__`.
        || (text.contains('_') && catalog::secret(&text.replace("__", " ")).is_some())
}

/// Whether `text` is the path of a file. The names of models and of plugins' skills can also
/// contain slashes.
fn is_path(text: &str) -> bool {
    let starts = ["/", "~", "./", "../"];
    let has_home = ["home", "Users"].iter().any(|home| {
        let mut parts = text.split(['/', '\\']);
        parts.any(|part| part == *home) && parts.next().is_some()
    });
    has_home || text.contains('\\') || starts.iter().any(|start| text.starts_with(start))
}
