//! How the patterns of a catalog match, the plain way. Shared by `build.rs` and by the tests, which
//! compare it with the embedded tables.

use super::family;
use super::format::{Catalog, Pattern};
use regex_lite::Regex;
use std::collections::BTreeMap;

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
    /// What matches `input`, the plain way.
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
    pub(crate) fn compiled(&self) -> Result<Option<Regex>, String> {
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
