//! A catalog as it is written, and what has to be true of it. Shared by `build.rs`, which embeds the
//! catalogs, and by the tests.

use regex_lite::Regex;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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

/// How the patterns of a catalog are tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    /// Exact ones first, then prefixes, then regular expressions; the first match counts.
    First,
    /// Regular expressions, of which several may match.
    Every,
    /// The longest family that a model's name belongs to.
    Family,
}

/// One match.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Match {
    /// What it means.
    pub(crate) is: String,
    /// What it is called, where that is not the text itself.
    pub(crate) name: Option<String>,
    /// The named groups.
    pub(crate) groups: BTreeMap<String, String>,
}

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

    /// What matches `input`, the plain way.
    pub(crate) fn matches(&self, input: &str, matching: Matching) -> Result<Vec<Match>, String> {
        if matching == Matching::Family {
            let families: Vec<&str> =
                self.patterns.iter().filter_map(|pattern| pattern.prefix.as_deref()).collect();
            let family = super::family::longest(input, |name| {
                families.iter().find(|family| **family == name).copied()
            });
            let found =
                family.map(|family| Match { name: Some(family.into()), ..Match::default() });
            return Ok(found.into_iter().collect());
        }
        let mut found = Vec::new();
        let order: [fn(&Pattern) -> bool; 3] =
            [|it| it.exact.is_some(), |it| it.prefix.is_some(), |it| it.regex.is_some()];
        for kind in order {
            for pattern in self.patterns.iter().filter(|pattern| kind(pattern)) {
                found.extend(pattern.matched(input)?);
            }
        }
        if matching == Matching::First {
            found.truncate(1);
        }
        Ok(found)
    }
}

impl Pattern {
    /// What it means; the plain meaning has no name.
    pub(crate) fn is(&self) -> &str {
        self.is.as_deref().unwrap_or_default()
    }

    fn text(&self) -> Result<&str, String> {
        match (&self.exact, &self.prefix, &self.regex) {
            (Some(text), None, None) | (None, Some(text), None) | (None, None, Some(text)) => {
                Ok(text)
            }
            _ => Err("a pattern is exactly one of exact, prefix and regex".into()),
        }
    }

    fn compiled(&self) -> Result<Option<Regex>, String> {
        let compiled = self.regex.as_deref().map(|regex| {
            Regex::new(regex)
                .map_err(|error| format!("`{regex}` is no regular expression: {error}"))
        });
        compiled.transpose()
    }

    fn matched(&self, input: &str) -> Result<Option<Match>, String> {
        let mut matched =
            Match { is: self.is().into(), name: self.name.clone(), ..Match::default() };
        let is_match = match (&self.exact, &self.prefix, self.compiled()?) {
            (Some(exact), ..) => input == exact,
            (_, Some(prefix), _) => input.starts_with(prefix.as_str()),
            (.., Some(regex)) => match regex.captures(input) {
                Some(captures) => {
                    let names = regex.capture_names().flatten();
                    let groups = names.filter_map(|name| {
                        Some((name.to_owned(), captures.name(name)?.as_str().to_owned()))
                    });
                    matched.groups = groups.collect();
                    check(self.needs.iter().any(|word| input.contains(word.as_str())), || {
                        format!("`{input}` matches without any of {:?}", self.needs)
                    })?;
                    true
                }
                None => false,
            },
            _ => false,
        };
        Ok(is_match.then_some(matched))
    }
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
