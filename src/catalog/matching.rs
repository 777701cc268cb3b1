//! Matches a text against the patterns of a catalog, without the optimisations of the embedded
//! tables.
//!
//! Shared by `build.rs`, which tests the examples with it, and the tests, which compare the
//! embedded tables with it.

use super::family;
use super::format::{Catalog, Pattern};
use regex_lite::Regex;
use std::collections::BTreeMap;

/// Which of the matching patterns count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    /// The first match: exact texts are tried first, then prefixes, then regular expressions.
    First,
    /// All regular expressions that match.
    Every,
    /// The longest model family, by the rules of [`family`].
    Family,
}

/// One match.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Match {
    /// What it means.
    pub(crate) is: String,
    /// The name of the text, if that is not the text itself.
    pub(crate) name: Option<String>,
    /// The named groups of the regular expression.
    pub(crate) groups: BTreeMap<String, String>,
}

impl Catalog {
    /// The matches of `input`.
    ///
    /// # Errors
    /// If a regular expression is invalid, or matches a text that contains none of its `needs`.
    pub(crate) fn matches(&self, input: &str, matching: Matching) -> Result<Vec<Match>, String> {
        if matching == Matching::Family {
            let families: Vec<&str> =
                self.patterns.iter().filter_map(|pattern| pattern.prefix.as_deref()).collect();
            let family = family::longest(input, |name| {
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
    /// The compiled regular expression; `None` if the pattern is not one.
    ///
    /// # Errors
    /// If the regular expression is invalid.
    pub(crate) fn compiled(&self) -> Result<Option<Regex>, String> {
        let compiled = self.regex.as_deref().map(|regex| {
            Regex::new(regex)
                .map_err(|error| format!("`{regex}` is not a regular expression: {error}"))
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
                    if !self.needs.iter().any(|word| input.contains(word.as_str())) {
                        return Err(format!("`{input}` matches without any of {:?}", self.needs));
                    }
                    true
                }
                None => false,
            },
            _ => false,
        };
        Ok(is_match.then_some(matched))
    }
}
