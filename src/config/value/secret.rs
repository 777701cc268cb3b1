//! Secrets that stand in a file for everyone to read.
//!
//! Two ways to find them: by what tokens look like, anywhere, and by position, for what looks like
//! nothing: in a project's file the value of a header is a secret unless its name says otherwise.

use crate::catalog;
use crate::config::value::template::Template;

/// What to do about a literal secret.
pub(crate) const CURE: &str = "put it into an environment variable, write \"${NAME_OF_IT}\" here, \
                               and replace the secret: whoever has read this file has it";

/// Headers whose values are no secrets: they say which tenant, dataset or stream the numbers are for.
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

/// What kind of secret stands in a file's string for everyone to read.
pub(crate) fn in_literal(text: &str) -> Option<&'static str> {
    // A string that is no template is refused as such later on; until then every part is readable.
    match Template::parse(text) {
        // Somebody who was told to write `${…}` may have written the token there.
        Ok(it) => {
            catalog::secret(&it.literal_part()).or_else(|| it.variables().find_map(catalog::secret))
        }
        Err(_) => catalog::secret(text),
    }
}

/// Whether the value of a header in a project's file may hold a secret for everyone to read. A word
/// for the scheme, such as `Bearer`, may stand before the variables, and signs between them.
pub(crate) fn may_be_exposed(header: &str, value: &Template) -> bool {
    if HARMLESS_HEADERS.iter().any(|name| header.eq_ignore_ascii_case(name)) {
        return false;
    }
    let readable = value.literal_part();
    let rest = readable.trim_start();
    let rest =
        if value.written().trim_start().starts_with("${") { rest } else { after_scheme(rest) };
    value.is_literal() || rest.chars().any(char::is_alphanumeric)
}

/// Whether a header's value in the engineer's own file is a scheme with its secret.
pub(crate) fn is_credential(value: &Template) -> bool {
    let readable = value.literal_part();
    let rest = after_scheme(&readable);
    rest.len() < readable.len() && rest.trim().len() >= 8
}

/// What stands after a scheme's word, if there is one.
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

/// What may be shown of a header's value: the scheme's word, and that there is something.
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
    fn a_header_in_a_projects_file_carries_its_secret_as_a_variable_whatever_it_looks_like() {
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
    fn a_mask_shows_the_scheme_and_nothing_else() {
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
        fn no_character_of_a_secret_is_shown(secret in "[0-9a-z]{1,40}") {
            prop_assert_eq!(masked(&secret), "***");
            prop_assert_eq!(masked(&format!("Bearer {secret}")), "Bearer ***");
        }
    }
}
