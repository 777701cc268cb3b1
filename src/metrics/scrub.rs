//! The scrubber: removes from a name or a text what must not be exported.

use crate::catalog;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::normal_form::normal_form;
use crate::metrics::private_text::is_private;
use crate::metrics::readings::any_reading;

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

/// What is sent of a name that may be sent.
pub fn sent_name(name: &str) -> String {
    scrubbed(name).as_str().to_owned()
}

/// Whether `name` contains no secret, no path, no address and no long number. No name needs one.
pub fn is_harmless(name: &str) -> bool {
    let is_found = |text: &str| looks_like_secret(text) || is_private(text);
    normal_form(name).is_some_and(|text| !any_reading(&text, &is_found))
}

/// A text that a project's config contains, such as a team's name, as it may be exported. `None` if
/// nothing is left of it.
pub fn own_text(text: &str) -> Option<AttributeValue> {
    of_normal_form(text, |text| has_secret(text) || is_private(text))
}

/// The name that the user has chosen for tier 2. It may be an e-mail address.
pub fn chosen_name(text: &str) -> Option<AttributeValue> {
    of_normal_form(text, has_secret)
}

/// The normal form of `text` as it may be exported. [`REDACTED`] if `must_not_leave` finds something in
/// a reading of it, or of what would be exported. `None` if nothing is left of it.
fn of_normal_form(text: &str, must_not_leave: impl Fn(&str) -> bool) -> Option<AttributeValue> {
    let redacted = Some(AttributeValue::constant(REDACTED));
    if text.len() > MAX_READ_BYTES {
        return redacted;
    }
    let Some(text) = normal_form(text) else { return redacted };
    if any_reading(&text, &must_not_leave) {
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
    if is_stable && !any_reading(&value, &must_not_leave) {
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
            // To find the end of each word within another one would take the square of the time.
            if text[..at].ends_with(char::is_alphanumeric) {
                return false;
            }
            // A prefix can end in a space, which does not end the word.
            let rest = &text[at + prefix.len()..];
            let length = prefix.len() + rest.find(is_end).unwrap_or(rest.len());
            length >= MIN_SECRET_LENGTH_BYTES
        })
    };
    catalog::secret_prefixes().any(begins_word) || has_secret(text)
}

/// Whether `text` contains a secret. In the middle of a word, only a text with a digit is one: `desk-`
/// ends like the beginning of a key.
fn has_secret(text: &str) -> bool {
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    catalog::secret(text).is_some() || has_digit && catalog::has_inner_secret(text)
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

    #[test]
    fn a_secret_is_found_in_the_middle_of_a_word() {
        let token = format!("ghp_{}", "A1b2C3d4".repeat(5));
        for name in [
            format!("acme{token}"),
            format!("acme_{token}_x"),
            format!("acme%5F{token}"),
            format!("{}{token}", "deploy ".repeat(15)),
            "xAKIAIOSFODNN7EXAMPLEx".replace("EXAMPLE", "EXAMPL8"),
            "acme_rk_prod_abcdefghijkl".to_owned(),
            "run Token abcdefghijklmnop12".to_owned(),
            token.replace('_', "\u{ff3f}"),
            "glpat\u{2011}A1b2C3d4A1b2C3d4A1b2".to_owned(),
        ] {
            assert_eq!(scrubbed(&name).as_str(), REDACTED, "{name}");
        }
    }

    #[test]
    fn usual_names_stay() {
        for name in [
            "task-getAllProjectMembersOfTeam",
            "disk-cleanup",
            "task_test_everything",
            "work_items_of_the_team",
            "createJiraIssueWithAttachmentsAndComments",
            "get_pull_request_review_comments_for_repository",
            "mcp__plugin_acme_server__tool_1",
            "eu.anthropic.claude-opus-4-5-20250929-v1:0",
            "qwen2.5-coder:7b",
            "codestral:22b-v0.1-q5_K_M",
            "vertex_ai/claude-3-7-sonnet@20250219",
            "workers-ai/@cf/meta/llama-3.1-8b-instruct",
            "functions.exec",
            "acme deploy (prod)",
            "\u{90e8}\u{7f72}",
            "d\u{e9}ploiement",
        ] {
            assert_eq!(scrubbed(name).as_str(), name);
        }
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
