//! The scrubber: what a name or a text may contain when it is exported.

use crate::catalog;
use crate::config::is_address;
use crate::metrics::attribute_value::AttributeValue;

/// Stands for a text that looks like a secret, a path or an address.
pub(super) const REDACTED: &str = "redacted";
/// Stands for a text of which nothing is left.
const UNKNOWN: &str = "unknown";
/// Longest attribute value, in bytes.
pub(super) const MAX_LENGTH_BYTES: usize = 128;

/// A name made fit to leave: no control characters, not too long, and nothing that no name needs.
pub(super) fn scrubbed(name: &str) -> AttributeValue {
    if !is_harmless(name) {
        return AttributeValue::constant(REDACTED);
    }
    clean(name).unwrap_or(AttributeValue::constant(UNKNOWN))
}

/// Whether `name` holds nothing that no name needs: no secret, no path, no address.
pub fn is_harmless(name: &str) -> bool {
    !(looks_secret(name) || is_path(name) || is_address(name))
}

/// A text that a project says of itself, such as a team's name, made fit to leave. `None` if nothing
/// is left.
pub fn own_text(text: &str) -> Option<AttributeValue> {
    let text = text.trim();
    if catalog::secret(text).is_some() || is_address(text) {
        return Some(AttributeValue::constant(REDACTED));
    }
    clean(text)
}

/// The name that an engineer chose for themselves, which may be an address.
pub fn chosen_name(text: &str) -> Option<AttributeValue> {
    let text = text.trim();
    if catalog::secret(text).is_some() {
        Some(AttributeValue::constant(REDACTED))
    } else {
        clean(text)
    }
}

/// Text without control characters, and not too long. `None` if nothing is left.
fn clean(text: &str) -> Option<AttributeValue> {
    let mut clean: String = text.chars().filter(|c| !c.is_control()).collect();
    clean.truncate(clean.floor_char_boundary(MAX_LENGTH_BYTES));
    if clean.is_empty() { None } else { Some(AttributeValue::cleared(clean)) }
}

/// How the tokens of widely used services begin.
const SECRET_PREFIXES: &[&str] = &[
    "sk-",
    "sk_",
    "rk_live",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xox",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "xai-",
    "glc_",
    "glsa_",
    "dt0c01.",
    "NRAK-",
    "npm_",
    "hf_",
    "pplx-",
    "Bearer ",
    "Basic ",
    "-----BEGIN",
];

/// Whether a token stands in `text`, or something that merely begins like one: a name too much
/// withheld does no harm. The parts of a name may be joined by `_`, which is a letter to patterns.
fn looks_secret(text: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || "/:=\"',;".contains(c);
    let begins_like_one = |prefix: &&str| {
        text.match_indices(prefix).any(|(at, _)| {
            let within_word = text[..at].ends_with(char::is_alphanumeric);
            // A prefix may itself end in a space.
            let rest = &text[at + prefix.len()..];
            let length = prefix.len() + rest.find(is_end).unwrap_or(rest.len());
            !within_word && length >= 16
        })
    };
    SECRET_PREFIXES.iter().any(begins_like_one)
        || catalog::secret(text).is_some()
        || (text.contains('_') && catalog::secret(&text.replace("__", " ")).is_some())
}

/// Whether `text` is the way to a file. Routes to models and skills of plugins hold slashes too.
fn is_path(text: &str) -> bool {
    let starts = ["/", "~", "./", "../"];
    let has_home = ["home", "Users"].iter().any(|home| {
        let mut parts = text.split(['/', '\\']);
        parts.any(|part| part == *home) && parts.next().is_some()
    });
    has_home || text.contains('\\') || starts.iter().any(|start| text.starts_with(start))
}
