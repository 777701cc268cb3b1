//! What has to be true of a catalog. Shared by `build.rs`, which refuses to build otherwise, and by the
//! tests.

use super::format::{Catalog, Example, Verified};
use super::matching::{Match, Matching};
use std::collections::BTreeSet;

impl Catalog {
    /// Reads a catalog and tries its examples. The error says what is wrong with it.
    pub(crate) fn read(text: &str, classes: &[&str], matching: Matching) -> Result<Self, String> {
        let catalog: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        catalog.check(classes, matching)?;
        Ok(catalog)
    }

    fn check(&self, classes: &[&str], matching: Matching) -> Result<(), String> {
        let Verified { date, on } = &self.last_verified_against;
        let is_date = date.len() == 10 && date.split('-').map(str::len).eq([4, 2, 2]);
        check(self.schema == "../../schema/catalog.schema.json", || "name the schema".into())?;
        check(self.version > 0, || "version must be 1 or more".into())?;
        check(is_date && !on.is_empty(), || "say when and on what it was verified".into())?;
        check(!self.patterns.is_empty(), || "a catalog needs patterns".into())?;
        check(!self.examples.is_empty(), || "a catalog needs examples".into())?;
        let mut seen = BTreeSet::new();
        for pattern in &self.patterns {
            let text = pattern.text()?;
            check(seen.insert(text), || format!("`{text}` is listed twice"))?;
            let is_allowed = classes.contains(&pattern.is()) || classes.is_empty();
            check(is_allowed, || {
                format!("`{text}` is `{}`, which is none of {classes:?}", pattern.is())
            })?;
            check(pattern.regex.is_some() != pattern.needs.is_empty(), || {
                format!(
                    "`{text}`: a regex needs words without which it cannot match, and nothing else does"
                )
            })?;
            check(pattern.exact.is_none() || pattern.name.is_none(), || {
                format!("`{text}`: a whole text is its own name")
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
            check(!says_more, || wrong("matches nothing, and is something"))?;
            return check(found.is_empty(), || wrong("must not match"));
        }
        if let Some(is_not) = &example.is_not {
            return check(found.iter().all(|it| it.is != *is_not), || wrong("is what it is not"));
        }
        let fits = |it: &Match| {
            example.is.as_ref().is_none_or(|is| it.is == *is)
                && example.name.as_ref().is_none_or(|name| it.name.as_ref() == Some(name))
                && example.groups.iter().all(|(key, value)| it.groups.get(key) == Some(value))
        };
        check(found.iter().any(fits), || wrong("does not match as it should"))
    }
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
