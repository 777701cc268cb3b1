//! A catalog as it is embedded: sorted names, heads of texts, and patterns that are compiled when the
//! first text needs one.

use memchr::memmem;
use regex_lite::{Captures, Regex};
use std::cmp::Ordering;
use std::sync::OnceLock;

/// A pattern, the words of which a text must hold one to match it, what it means, and what such a text
/// is called.
pub(super) type Row<R> = (&'static str, &'static [&'static str], R, &'static str);

/// What one or more catalogs know. `R` is what a match means.
pub(super) struct Table<R: 'static> {
    /// Sorted by [`order`].
    exact: &'static [(&'static str, R)],
    /// In the order of the catalog, each with the name of what begins so.
    prefixes: &'static [(&'static str, R, &'static str)],
    rows: &'static [Row<R>],
    compiled: OnceLock<Vec<Option<Regex>>>,
}

impl<R: Copy + PartialEq> Table<R> {
    pub(super) const fn new(
        exact: &'static [(&'static str, R)],
        prefixes: &'static [(&'static str, R, &'static str)],
        rows: &'static [Row<R>],
    ) -> Self {
        Self { exact, prefixes, rows, compiled: OnceLock::new() }
    }

    /// The catalog's own copy of a name, and what it means.
    pub(super) fn exact(&self, name: &str) -> Option<(&'static str, R)> {
        let found = self.exact.binary_search_by(|(key, _)| order(key, name));
        found.ok().and_then(|at| self.exact.get(at)).copied()
    }

    /// What `text` begins with: its name, and what it means.
    pub(super) fn prefix(&self, text: &str) -> Option<(&'static str, R)> {
        let found = self.prefixes.iter().find(|(prefix, ..)| text.starts_with(prefix));
        found.map(|&(_, meaning, name)| (name, meaning))
    }

    /// Its prefixes, in the order of the catalog.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &'static str> + use<R> {
        self.prefixes.iter().map(|(prefix, ..)| *prefix)
    }

    /// What the patterns that match `text` mean, in the order of the catalog.
    pub(super) fn matching<'t>(&'t self, text: &'t str) -> impl Iterator<Item = R> + 't {
        let matching = self.candidates(text).filter(|(regex, _)| regex.is_match(text));
        matching.map(|(_, row)| row.2)
    }

    /// The patterns of which a word is in `text`.
    fn candidates<'t>(
        &'t self,
        text: &'t str,
    ) -> impl Iterator<Item = (&'t Regex, &'static Row<R>)> + 't {
        let has = |word: &&str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        let rows = self.rows.iter().enumerate();
        let rows = rows.filter(move |(_, (_, needs, ..))| needs.iter().any(has));
        rows.filter_map(|(at, row)| Some((self.compiled().get(at)?.as_ref()?, row)))
    }

    /// The groups of the first pattern of this meaning that matches, and what that one calls `text`.
    pub(super) fn captures<'t>(
        &self,
        text: &'t str,
        meaning: R,
    ) -> Option<(Captures<'t>, &'static str)> {
        let rows = self.candidates(text).filter(|(_, row)| row.2 == meaning);
        let mut found = rows.filter_map(|(regex, row)| Some((regex.captures(text)?, row.3)));
        found.next()
    }

    /// What a pattern of this meaning calls `text`: the pattern's own name for it, or what stands in
    /// its group.
    pub(super) fn called<'t>(&self, text: &'t str, meaning: R, group: &str) -> Option<&'t str> {
        match self.captures(text, meaning)? {
            (captures, "") => captures.name(group).map(|found| found.as_str()),
            (_, name) => Some(name),
        }
    }

    /// What its patterns can mean.
    pub(super) fn meanings(&self) -> impl Iterator<Item = R> {
        self.rows.iter().map(|(_, _, meaning, _)| *meaning)
    }

    /// All patterns, compiled. `build.rs` has compiled the same ones with the same engine.
    fn compiled(&self) -> &[Option<Regex>] {
        let compile = || self.rows.iter().map(|(regex, ..)| Regex::new(regex).ok()).collect();
        self.compiled.get_or_init(compile)
    }
}

/// The order of strings, by their first eight bytes where these differ. Names are tried several
/// times per tool call, and calling out to compare a few bytes costs more than comparing them.
fn order(a: &str, b: &str) -> Ordering {
    head(a).cmp(&head(b)).then_with(|| a.cmp(b))
}

/// The first eight bytes as a number, padded with zeros as if the string went on with them.
fn head(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let taken = bytes.len().min(8);
    let head = bytes[..taken].iter().fold(0, |head, byte| head << 8 | u64::from(*byte));
    head << (8 * (8 - taken) % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_are_ordered_as_strings_are(a in "[ -~]{0,12}", b in "[ -~]{0,12}") {
            prop_assert_eq!(order(&a, &b), a.cmp(&b));
        }
    }
}
