//! A catalog as it is written. Shared by `build.rs`, which embeds the catalogs, and by the tests.

use serde::Deserialize;
use std::collections::BTreeMap;

/// One file of `src/catalog`: names and texts that are known, and what they mean.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "ccxray parser catalog"))]
#[serde(deny_unknown_fields)]
pub(crate) struct Catalog {
    /// The schema of this file, for editors.
    #[serde(rename = "$schema")]
    pub(crate) schema: String,
    /// Raised with every change of the patterns.
    pub(crate) version: u32,
    /// On what it was checked last.
    pub(crate) last_verified_against: Verified,
    /// What is known. Of several prefixes or regular expressions that match, the first one counts.
    pub(crate) patterns: Vec<Pattern>,
    /// Inputs and what has to come out; the build tries each.
    pub(crate) examples: Vec<Example>,
}

/// The check of a catalog against the world.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Verified {
    /// `YYYY-MM-DD`.
    pub(crate) date: String,
    /// Which programs, versions and documents.
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
    /// Words of which one is in every text that the regular expression matches. They are looked for
    /// first; most texts hold none, and are done.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// What it means; each catalog has its own words for that.
    pub(crate) is: Option<String>,
    /// What a text that begins so, or matches, is called.
    pub(crate) name: Option<String>,
}

/// What a catalog promises about one input.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// The input; in pieces where a whole one would alarm those who look for secrets in repositories.
    pub(crate) input: Input,
    /// Whether anything matches it.
    #[serde(default = "yes")]
    pub(crate) matches: bool,
    /// What it has to be.
    pub(crate) is: Option<String>,
    /// What it must not be, whatever else it is.
    pub(crate) is_not: Option<String>,
    /// What it is called.
    pub(crate) name: Option<String>,
    /// The named groups of the regular expression that matches.
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
pub(crate) enum Input {
    /// As it is.
    Whole(String),
    /// To be put together.
    Pieces(Vec<String>),
}

impl Input {
    /// The text.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Pieces(pieces) => pieces.concat(),
        }
    }
}

impl Pattern {
    /// What it means; the plain meaning has no name.
    pub(crate) fn is(&self) -> &str {
        self.is.as_deref().unwrap_or_default()
    }

    /// The pattern itself, of whichever kind it is.
    pub(crate) fn text(&self) -> Result<&str, String> {
        match (&self.exact, &self.prefix, &self.regex) {
            (Some(text), None, None) | (None, Some(text), None) | (None, None, Some(text)) => {
                Ok(text)
            }
            _ => Err("a pattern is exactly one of exact, prefix and regex".into()),
        }
    }
}
