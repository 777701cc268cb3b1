//! An embedded catalog: sorted names, prefixes, and regular expressions that are compiled at first
//! use.

use memchr::memmem;
use regex_lite::{Captures, Regex};
use std::cmp::Ordering;
use std::sync::OnceLock;

/// A regular expression; words of which every matching text contains one; what a match means; and
/// the name of a matching text.
pub(super) type RegexRow<R> = (&'static str, &'static [&'static str], R, &'static str);

/// The patterns of one or more catalogs. `R` is the type of what a match means.
pub(super) struct CatalogTable<R: 'static> {
    /// Sorted by [`order`].
    exact: &'static [(&'static str, R)],
    /// In the order of the catalog, each with the name of the texts that begin with it.
    prefixes: &'static [(&'static str, R, &'static str)],
    rows: &'static [RegexRow<R>],
    compiled: OnceLock<Vec<Option<Regex>>>,
}

impl<R: Copy + PartialEq> CatalogTable<R> {
    pub(super) const fn new(
        exact: &'static [(&'static str, R)],
        prefixes: &'static [(&'static str, R, &'static str)],
        rows: &'static [RegexRow<R>],
    ) -> Self {
        Self { exact, prefixes, rows, compiled: OnceLock::new() }
    }

    /// The catalog's own copy of `name`, and what it means.
    pub(super) fn exact(&self, name: &str) -> Option<(&'static str, R)> {
        let found = self.exact.binary_search_by(|(key, _)| order(key, name));
        found.ok().and_then(|at| self.exact.get(at)).copied()
    }

    /// The name and the meaning of the first prefix of `text` in the order of the catalog.
    pub(super) fn prefix(&self, text: &str) -> Option<(&'static str, R)> {
        let found = self.prefixes.iter().find(|(prefix, ..)| text.starts_with(prefix));
        found.map(|&(_, meaning, name)| (name, meaning))
    }

    /// Its prefixes, in the order of the catalog.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &'static str> + use<R> {
        self.prefixes.iter().map(|(prefix, ..)| *prefix)
    }

    /// The meanings of all regular expressions that match `text`, in the order of the catalog.
    pub(super) fn matching<'t>(&'t self, text: &'t str) -> impl Iterator<Item = R> + 't {
        let matching = self.candidates(text).filter(|(regex, _)| regex.is_match(text));
        matching.map(|(_, row)| row.2)
    }

    /// Whether `text` contains a word that one of the regular expressions needs.
    pub(super) fn has_needed_word(&self, text: &str) -> bool {
        let has = |word: &&str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        self.rows.iter().any(|(_, needs, ..)| needs.iter().any(has))
    }

    /// The regular expressions of which `text` contains a needed word.
    fn candidates<'t>(
        &'t self,
        text: &'t str,
    ) -> impl Iterator<Item = (&'t Regex, &'static RegexRow<R>)> + 't {
        let has = |word: &&str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        let rows = self.rows.iter().enumerate();
        let rows = rows.filter(move |(_, (_, needs, ..))| needs.iter().any(has));
        rows.filter_map(|(at, row)| Some((self.compiled().get(at)?.as_ref()?, row)))
    }

    /// The groups of the first regular expression with this meaning that matches, and its name for
    /// `text`.
    pub(super) fn captures<'t>(
        &self,
        text: &'t str,
        meaning: R,
    ) -> Option<(Captures<'t>, &'static str)> {
        let rows = self.candidates(text).filter(|(_, row)| row.2 == meaning);
        let mut found = rows.filter_map(|(regex, row)| Some((regex.captures(text)?, row.3)));
        found.next()
    }

    /// The name of `text` by the first regular expression with this meaning that matches: the
    /// expression's own name for it, or what its group `group` captures.
    pub(super) fn name_of<'t>(&self, text: &'t str, meaning: R, group: &str) -> Option<&'t str> {
        match self.captures(text, meaning)? {
            (captures, "") => captures.name(group).map(|found| found.as_str()),
            (_, name) => Some(name),
        }
    }

    /// The meanings of all regular expressions.
    pub(super) fn meanings(&self) -> impl Iterator<Item = R> {
        self.rows.iter().map(|(_, _, meaning, _)| *meaning)
    }

    /// All regular expressions, compiled. None fails: `build.rs` has compiled the same ones with
    /// the same engine.
    fn compiled(&self) -> &[Option<Regex>] {
        let compile = || self.rows.iter().map(|(regex, ..)| Regex::new(regex).ok()).collect();
        self.compiled.get_or_init(compile)
    }
}

/// The order of strings, decided by their first eight bytes if these differ. Names are compared
/// several times per tool call, and a call of `memcmp` costs more than the comparison of a few
/// bytes.
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
        fn names_have_the_order_of_strings(a in "[ -~]{0,12}", b in "[ -~]{0,12}") {
            prop_assert_eq!(order(&a, &b), a.cmp(&b));
        }
    }
}
