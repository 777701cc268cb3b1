//! Validates a catalog and its examples. Shared by `build.rs`, which stops the build if one is
//! invalid, and the tests.

use super::format::{Catalog, Example, Verification};
use super::matching::{Match, Matching};
use std::collections::BTreeSet;

impl Catalog {
    /// Reads a catalog and tests its examples. `classes` are the allowed meanings; none means any.
    ///
    /// # Errors
    /// The text describes the problem: not JSON of this form, an invalid or repeated pattern, or an
    /// example with another result than expected.
    pub(crate) fn read(text: &str, classes: &[&str], matching: Matching) -> Result<Self, String> {
        let catalog: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        catalog.check(classes, matching)?;
        Ok(catalog)
    }

    fn check(&self, classes: &[&str], matching: Matching) -> Result<(), String> {
        let Verification { date, on } = &self.last_verified_against;
        let is_date = date.len() == 10 && date.split('-').map(str::len).eq([4, 2, 2]);
        require(self.schema == "../../schema/catalog.schema.json", || {
            "$schema must be ../../schema/catalog.schema.json".into()
        })?;
        require(self.version > 0, || "version must be 1 or more".into())?;
        require(is_date && !on.is_empty(), || {
            "last_verified_against needs a date (YYYY-MM-DD) and what it was compared with".into()
        })?;
        require(!self.patterns.is_empty(), || "a catalog needs patterns".into())?;
        require(!self.examples.is_empty(), || "a catalog needs examples".into())?;
        let mut seen = BTreeSet::new();
        for pattern in &self.patterns {
            let text = pattern.text()?;
            require(seen.insert(text), || format!("`{text}` is listed twice"))?;
            let is_allowed = classes.contains(&pattern.is()) || classes.is_empty();
            require(is_allowed, || {
                format!("`{text}` has the meaning `{}`; allowed are {classes:?}", pattern.is())
            })?;
            require(pattern.regex.is_some() != pattern.needs.is_empty(), || {
                format!("`{text}`: a regex must list words in `needs`; exact and prefix must not")
            })?;
            require(pattern.exact.is_none() || pattern.name.is_none(), || {
                format!("`{text}`: an exact text is its own name; remove `name`")
            })?;
            pattern.compiled()?;
        }
        self.examples.iter().try_for_each(|example| self.try_example(example, matching))
    }

    fn try_example(&self, example: &Example, matching: Matching) -> Result<(), String> {
        let input = example.input.text();
        let found = self.matches(&input, matching)?;
        let wrong = |what: &str| format!("example `{input}` {what}: {found:?}");
        if !example.matches {
            let says_more = example.is.is_some() || example.name.is_some();
            require(!says_more, || wrong("must not match, so it cannot have a meaning or a name"))?;
            return require(found.is_empty(), || wrong("must not match"));
        }
        if let Some(is_not) = &example.is_not {
            return require(found.iter().all(|it| it.is != *is_not), || {
                wrong("has the meaning that it must not have")
            });
        }
        let fits = |it: &Match| {
            example.is.as_ref().is_none_or(|is| it.is == *is)
                && example.name.as_ref().is_none_or(|name| it.name.as_ref() == Some(name))
                && example.groups.iter().all(|(key, value)| it.groups.get(key) == Some(value))
        };
        require(found.iter().any(fits), || wrong("does not have the expected match"))
    }
}

/// The error of `otherwise` unless `is_met`.
fn require(is_met: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if is_met { Ok(()) } else { Err(otherwise()) }
}
