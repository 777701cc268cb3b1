//! The scrubber: removes from a name or a text what must not be exported.

use crate::catalog;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::normal_form::normal_form;
use crate::metrics::private_text::is_private;

/// Replaces a text that looks like a secret, a path or an e-mail address.
pub(super) const REDACTED: &str = "redacted";
/// Replaces a name of which nothing is left.
const UNKNOWN: &str = "unknown";
/// The maximum length of an attribute value, in bytes.
pub(super) const MAX_LENGTH_BYTES: usize = 128;
/// A shorter word that begins like a secret may be a name.
const MIN_SECRET_LENGTH_BYTES: usize = 16;

/// No name is longer than this, in bytes.
const MAX_READ_BYTES: usize = 4096;

/// A name as it may be exported: [`REDACTED`], or in its normal form, with characters of names only and
/// cut to the maximum length.
pub(super) fn scrubbed(name: &str) -> AttributeValue {
    let value = of_normal_form(name, |text| looks_like_secret(text) || is_private(text));
    value.unwrap_or(AttributeValue::constant(UNKNOWN))
}

/// Whether `name` contains no secret, no path, no address and no long number. No name needs one.
pub fn is_harmless(name: &str) -> bool {
    let text = normal_form(name);
    text.is_some_and(|text| !looks_like_secret(&text) && !is_private(&text))
}

/// A text that a project's config contains, such as a team's name, as it may be exported. `None` if
/// nothing is left of it.
pub fn own_text(text: &str) -> Option<AttributeValue> {
    of_normal_form(text, |text| catalog::secret(text).is_some() || is_private(text))
}

/// The name that the user has chosen for tier 2. It may be an e-mail address.
pub fn chosen_name(text: &str) -> Option<AttributeValue> {
    of_normal_form(text, |text| catalog::secret(text).is_some())
}

/// The normal form of `text` as it may be exported. [`REDACTED`] if `must_not_leave` finds something in
/// it, or in what would be exported. `None` if nothing is left of it.
fn of_normal_form(text: &str, must_not_leave: impl Fn(&str) -> bool) -> Option<AttributeValue> {
    let redacted = Some(AttributeValue::constant(REDACTED));
    if text.len() > MAX_READ_BYTES {
        return redacted;
    }
    let Some(text) = normal_form(text) else { return redacted };
    if must_not_leave(&text) {
        return redacted;
    }
    let mut value: String = text.chars().map(|c| if is_allowed(c) { c } else { '_' }).collect();
    value.truncate(value.floor_char_boundary(MAX_LENGTH_BYTES));
    value.truncate(value.trim_end().len());
    if value.is_empty() {
        return None;
    }
    // The gate passes its own output unchanged, so what it sends has nothing in it that it would find.
    let is_stable = value == text || normal_form(&value).as_ref() == Some(&value);
    if is_stable && !must_not_leave(&value) {
        Some(AttributeValue::checked(value))
    } else {
        redacted
    }
}

/// Whether a name may contain this character: letters and digits of any script, and the punctuation of
/// names.
fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || " -_.:/@+#&()[],".contains(c)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_disguise_hides_nothing() {
        let token = format!("ghp_{}", "A1b2C3d4".repeat(5));
        let hidden = |at: usize, c: char| format!("{}{c}{}", &token[..at], &token[at..]);
        let names = [
            token.clone(),
            hidden(2, '\u{1}'),
            hidden(6, '\u{200b}'),
            hidden(3, '\u{e0041}'),
            hidden(1, '\u{2066}'),
            "mika\u{ff20}corp.example".to_owned(),
            "mika@corp.\u{200b}example".to_owned(),
            "\u{1d426}\u{1d422}ka@corp.example".to_owned(),
            "\u{ff0f}srv\u{ff0f}acme".to_owned(),
            "x".repeat(MAX_READ_BYTES + 1),
        ];
        for name in names {
            assert_eq!(scrubbed(&name).as_str(), REDACTED, "{name:?}");
        }
        assert_eq!(scrubbed("abc\u{202e}dcba\u{202c}").as_str(), REDACTED);
        assert_eq!(scrubbed("\u{200b}\u{1}").as_str(), UNKNOWN);
        assert_eq!(scrubbed("what? \"x\"").as_str(), "what_ _x_");
    }

    proptest! {
        #[test]
        fn the_gate_passes_its_own_output(name in any::<String>()) {
            let once = scrubbed(&name);
            prop_assert_eq!(scrubbed(once.as_str()), once.clone());
            prop_assert!(once.as_str().len() <= MAX_LENGTH_BYTES);
            prop_assert!(once.as_str().chars().all(is_allowed));
        }

        #[test]
        fn what_must_not_leave_is_found_between_any_words(
            before in "[a-z]{0,9}[ (\"=:]", after in "[ )\":,][a-z]{0,9}", i in 0_usize..6,
        ) {
            let private = ["mika@corp.example", "/srv/acme/x", "https://acme.example/x", "10.0.0.7",
                "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "db.acme.internal"][i];
            prop_assert_eq!(scrubbed(&format!("{before}{private}{after}")).as_str().to_owned(), REDACTED);
        }
    }
}
