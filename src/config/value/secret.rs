//! Secrets that are written into a file, where everyone can read them.
//!
//! They are detected in two ways. Anywhere: by the form of known tokens. In the headers of a project's
//! file: every value is a secret, unless the header is known to be harmless.

use crate::catalog;
use crate::config::value::template::Template;

/// What to do about a literal secret.
pub(crate) const CURE: &str = "Move it to an environment variable and write \"${NAME}\" here. Then \
                               revoke it: anyone with this file has it.";

/// Headers whose values are not secrets: they select a tenant, a dataset or a stream.
const HARMLESS_HEADERS: &[&str] = &[
    "x-axiom-dataset",
    "x-dataset",
    "x-environment",
    "x-greptime-db-name",
    "x-honeycomb-dataset",
    "x-org-id",
    "x-organization",
    "x-region",
    "x-scope-orgid",
    "x-tenant",
    "x-tenant-id",
    "organization",
    "stream-name",
    "tenant",
];

/// The kind of secret that is written into a file's string.
pub(crate) fn in_literal(text: &str) -> Option<&'static str> {
    // A string that is not a template is refused later; until then all of it is readable.
    match Template::parse(text) {
        // A user who was asked to write `${…}` may have put the token between the braces.
        Ok(it) => {
            catalog::secret(&it.literal_part()).or_else(|| it.variables().find_map(catalog::secret))
        }
        Err(_) => catalog::secret(text),
    }
}

/// Whether the value of a header in a project's file may contain a readable secret. Allowed are
/// variables, the name of a scheme before them, such as `Bearer`, and punctuation between them.
pub(crate) fn may_be_exposed(header: &str, value: &Template) -> bool {
    if is_harmless_header(header) {
        return false;
    }
    let readable = value.literal_part();
    let rest = readable.trim_start();
    let rest =
        if value.written().trim_start().starts_with("${") { rest } else { after_scheme(rest) };
    value.is_literal() || rest.chars().any(char::is_alphanumeric)
}

/// Whether the value of this header is not a secret.
pub(crate) fn is_harmless_header(header: &str) -> bool {
    HARMLESS_HEADERS.iter().any(|name| header.eq_ignore_ascii_case(name))
}

/// Whether a header's value in the user's own file is the name of a scheme with a secret.
pub(crate) fn is_credential(value: &Template) -> bool {
    let readable = value.literal_part();
    let rest = after_scheme(&readable);
    rest.len() < readable.len() && rest.trim().len() >= 8
}

/// The text after the name of a scheme, if there is one.
fn after_scheme(text: &str) -> &str {
    match text.split_once(' ') {
        Some((word, rest)) if is_scheme(word) => rest,
        _ => text,
    }
}

fn is_scheme(word: &str) -> bool {
    let known = ["basic", "bearer", "token", "api-token", "apikey", "api-key", "key", "splunk"];
    known.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// A value in quotes, for an error message. A word or a number is quoted. A value that is longer, or that
/// mixes letters and digits, may be a secret in the wrong place: it is not repeated.
pub fn quotable(text: &str) -> String {
    let is_word = text.chars().all(|c| c.is_ascii_alphabetic() || " -_./".contains(c));
    let is_number = text.chars().all(|c| c.is_ascii_digit() || "+-.e".contains(c));
    let is_short = text.len() <= 12;
    if is_short && (is_word || is_number) { format!("\"{text}\"") } else { "This value".to_owned() }
}

/// A header's value with the secret masked: only the name of the scheme is shown.
pub(crate) fn masked(value: &str) -> String {
    match value.split_once(' ') {
        Some((word, _)) if is_scheme(word) => format!("{word} ***"),
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn template(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    #[test]
    fn only_words_and_numbers_are_quoted() {
        for text in ["banana", "grpc", "http/thrift", "5", "-1", "1e+300", "2.5", ""] {
            assert_eq!(quotable(text), format!("\"{text}\""));
        }
        for text in ["hunter2", "a-long-password", "0123456789012", "s3cret", "\u{1b}[2J", "é"] {
            assert_eq!(quotable(text), "This value");
        }
    }

    #[test]
    fn a_header_of_a_project_needs_a_variable() {
        for (header, value, exposed) in [
            ("authorization", "${AUTH}", false),
            ("authorization", "Bearer ${TOKEN}", false),
            ("authorization", "Api-Token ${TOKEN}", false),
            ("authorization", "Basic ${USER}:${PASSWORD}", false),
            ("authorization", "Bearer hunter2", true),
            ("authorization", "Bearer ab${TOKEN}", true),
            ("authorization", "hunter ${TOKEN}", true),
            ("authorization", "${TOKEN}hunter2", true),
            ("x-api-key", "correct horse", true),
            ("x-anything", "a", true),
            ("x-anything", "", true),
            ("x-anything", "$${TOKEN}", true),
            ("X-Scope-OrgID", "17", false),
            ("x-tenant", "shop", false),
        ] {
            assert_eq!(may_be_exposed(header, &template(value)), exposed, "{header}: {value}");
        }
    }

    #[test]
    fn a_mask_shows_only_the_scheme() {
        for (value, shown) in [
            ("Bearer abcdefghijklmnopqrstuvwxyz", "Bearer ***"),
            ("Api-Token x", "Api-Token ***"),
            ("hunter2 secret", "***"),
            ("", "***"),
        ] {
            assert_eq!(masked(value), shown);
        }
    }

    proptest! {
        #[test]
        fn a_mask_shows_no_character_of_a_secret(secret in "[0-9a-z]{1,40}") {
            prop_assert_eq!(masked(&secret), "***");
            prop_assert_eq!(masked(&format!("Bearer {secret}")), "Bearer ***");
        }
    }
}
