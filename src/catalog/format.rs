//! A catalog as it is written in its JSON file. Shared by `build.rs`, which embeds the catalogs,
//! and the tests.

use serde::Deserialize;
use std::collections::BTreeMap;

/// One file of `src/catalog`: known names and texts, and what they mean.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "ccxray parser catalog"))]
#[serde(deny_unknown_fields)]
pub(crate) struct Catalog {
    /// The schema of this file, for editors.
    #[serde(rename = "$schema")]
    pub(crate) schema: String,
    /// Increased with every change of the patterns.
    pub(crate) version: u32,
    /// When and against what the catalog was checked last.
    pub(crate) last_verified_against: Verification,
    /// The known names and texts. If several prefixes or regular expressions match, the first one
    /// counts.
    pub(crate) patterns: Vec<Pattern>,
    /// Inputs with their expected results; the build tests each of them.
    pub(crate) examples: Vec<Example>,
}

/// When and against what a catalog was checked.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Verification {
    /// `YYYY-MM-DD`.
    pub(crate) date: String,
    /// The programs, versions and documents that it was compared with.
    pub(crate) on: String,
}

/// One pattern: exactly one of `exact`, `prefix` and `regex`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Pattern {
    /// The whole text.
    pub(crate) exact: Option<String>,
    /// How the text begins.
    pub(crate) prefix: Option<String>,
    /// A regular expression of the `regex-lite` dialect, with named groups.
    pub(crate) regex: Option<String>,
    /// Every text that the regular expression matches contains one of these words. They are
    /// searched first, because most texts contain none and the slow regular expression is not
    /// needed for them.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// What a match means; each catalog has its own set of meanings. Default: the plain meaning.
    pub(crate) is: Option<String>,
    /// The name of a text that has this prefix or matches this regular expression.
    pub(crate) name: Option<String>,
}

/// One input and its expected result.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// The input. In pieces if the whole would look like a real secret to a secret scanner.
    pub(crate) input: ExampleInput,
    /// Whether any pattern matches it. Default: true.
    #[serde(default = "yes")]
    pub(crate) matches: bool,
    /// The meaning that one match must have.
    pub(crate) is: Option<String>,
    /// A meaning that no match may have.
    pub(crate) is_not: Option<String>,
    /// The name that one match must have.
    pub(crate) name: Option<String>,
    /// Named groups of the regular expression, with the text that each must capture.
    #[serde(default)]
    pub(crate) groups: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

/// A text, whole or in pieces.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum ExampleInput {
    /// The text itself.
    Whole(String),
    /// Pieces to be joined.
    Pieces(Vec<String>),
}

impl ExampleInput {
    /// The text.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Pieces(pieces) => pieces.concat(),
        }
    }
}

impl Pattern {
    /// What a match means; empty for the plain meaning.
    pub(crate) fn is(&self) -> &str {
        self.is.as_deref().unwrap_or_default()
    }

    /// The text of `exact`, `prefix` or `regex`.
    ///
    /// # Errors
    /// If it does not have exactly one of them.
    pub(crate) fn text(&self) -> Result<&str, String> {
        match (&self.exact, &self.prefix, &self.regex) {
            (Some(text), None, None) | (None, Some(text), None) | (None, None, Some(text)) => {
                Ok(text)
            }
            _ => Err("a pattern needs exactly one of exact, prefix and regex".into()),
        }
    }
}
