//! An embedded catalog: sorted names, prefixes, and regular expressions that are compiled at first
//! use.

use crate::catalog::matcher::Matcher;
use memchr::memmem;
use regex_automata::{PatternID, PatternSet};
use regex_lite::{Captures, Regex};
use std::cmp::Ordering;
use std::sync::OnceLock;

/// A regular expression of a catalog.
pub(super) struct RegexRow<R: 'static> {
    /// As it is written.
    pub(super) regex: &'static str,
    /// As `automaton` reads it.
    pub(super) automaton: &'static [u8],
    /// The same without boundaries of words and texts. Empty if texts are not searched for it.
    pub(super) inner: &'static [u8],
    /// Every matching text contains one of these words.
    pub(super) needs: &'static [&'static str],
    /// What a match means.
    pub(super) meaning: R,
    /// The name of a matching text; empty if it has none.
    pub(super) name: &'static str,
}

/// The patterns of one or more catalogs. `R` is the type of what a match means.
pub(super) struct CatalogTable<R: 'static> {
    /// Sorted by [`order`].
    exact: &'static [(&'static str, R)],
    /// In the order of the catalog, each with the name of the texts that begin with it.
    prefixes: &'static [(&'static str, R, &'static str)],
    rows: &'static [RegexRow<R>],
    /// Tells for each of the rows whether a text contains a word that it needs, as `automaton` reads it.
    /// Empty if there are so few rows that it is no gain.
    words: &'static [u8],
    matchers: OnceLock<Vec<RowMatchers>>,
    words_matcher: OnceLock<Option<Matcher>>,
}

/// The engines of one regular expression, made when they are needed. None fails: a test makes all of them.
#[derive(Default)]
struct RowMatchers {
    whole: OnceLock<Option<Matcher>>,
    inner: OnceLock<Option<Matcher>>,
    /// The engine that knows the groups of a match.
    groups: OnceLock<Option<Regex>>,
}

impl RowMatchers {
    fn is_match<R>(&self, row: &RegexRow<R>, text: &str) -> bool {
        let matcher = self.whole.get_or_init(|| Matcher::new(row.automaton));
        matcher.as_ref().is_some_and(|matcher| matcher.is_match(text))
    }

    fn is_match_within<R>(&self, row: &RegexRow<R>, text: &str) -> bool {
        let matcher = self.inner.get_or_init(|| Matcher::new(row.inner));
        matcher.as_ref().is_some_and(|matcher| matcher.is_match(text))
    }

    fn captures<'t, R>(&self, row: &RegexRow<R>, text: &'t str) -> Option<Captures<'t>> {
        self.groups.get_or_init(|| Regex::new(row.regex).ok()).as_ref()?.captures(text)
    }
}

/// In a text up to this length, in bytes, all words are searched at once. In a longer one it is faster
/// to search them one by one.
const MAX_SHORT_TEXT: usize = 1024;

impl<R: Copy + PartialEq> CatalogTable<R> {
    pub(super) const fn new(
        exact: &'static [(&'static str, R)],
        prefixes: &'static [(&'static str, R, &'static str)],
        rows: &'static [RegexRow<R>],
        words: &'static [u8],
    ) -> Self {
        Self {
            exact,
            prefixes,
            rows,
            words,
            matchers: OnceLock::new(),
            words_matcher: OnceLock::new(),
        }
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
        let matching = self.candidates(text).filter(|(it, row)| it.is_match(row, text));
        matching.map(|(_, row)| row.meaning)
    }

    /// Whether a regular expression matches a part of `text`, also in the middle of a word.
    pub(super) fn is_match_within(&self, text: &str) -> bool {
        self.candidates(text).any(|(it, row)| it.is_match_within(row, text))
    }

    /// Whether `text` contains a word that one of the regular expressions needs.
    pub(super) fn has_needed_word(&self, text: &str) -> bool {
        let has = |word: &&str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        self.rows.iter().any(|row| row.needs.iter().any(has))
    }

    /// The regular expressions of which `text` contains a needed word.
    fn candidates<'t>(
        &'t self,
        text: &'t str,
    ) -> impl Iterator<Item = (&'t RowMatchers, &'static RegexRow<R>)> + 't {
        let has = |word: &&str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        let is_short = !self.words.is_empty() && text.len() <= MAX_SHORT_TEXT;
        let with_words = if is_short { self.rows_with_words(text) } else { None };
        let rows = self.matchers().iter().zip(self.rows).enumerate();
        let candidates = rows.filter(move |(number, (_, row))| match &with_words {
            Some(numbers) => PatternID::new(*number).is_ok_and(|number| numbers.contains(number)),
            None => row.needs.iter().any(has),
        });
        candidates.map(|(_, row)| row)
    }

    /// The groups of the first regular expression with this meaning that matches, and its name for
    /// `text`.
    pub(super) fn captures<'t>(
        &self,
        text: &'t str,
        meaning: R,
    ) -> Option<(Captures<'t>, &'static str)> {
        let rows = self.candidates(text).filter(|(_, row)| row.meaning == meaning);
        let mut found = rows.filter_map(|(it, row)| Some((it.captures(row, text)?, row.name)));
        found.next()
    }

    /// The name of `text` by the first regular expression with this meaning that matches: the
    /// expression's own name for it, or what its group `group` captures.
    pub(super) fn name_of<'t>(&self, text: &'t str, meaning: R, group: &str) -> Option<&'t str> {
        let rows = self.candidates(text).filter(|(_, row)| row.meaning == meaning);
        // Without a match, the engine that knows the groups would be far slower.
        let mut found = rows.filter(|(it, row)| it.is_match(row, text));
        let (found, row) = found.next()?;
        if row.name.is_empty() {
            found.captures(row, text)?.name(group).map(|found| found.as_str())
        } else {
            Some(row.name)
        }
    }

    /// The meanings of all regular expressions.
    pub(super) fn meanings(&self) -> impl Iterator<Item = R> {
        self.rows.iter().map(|row| row.meaning)
    }

    fn matchers(&self) -> &[RowMatchers] {
        self.matchers.get_or_init(|| self.rows.iter().map(|_| RowMatchers::default()).collect())
    }

    /// The numbers of the rows of which `text` contains a needed word.
    fn rows_with_words(&self, text: &str) -> Option<PatternSet> {
        let matcher = self.words_matcher.get_or_init(|| Matcher::new(self.words));
        Some(matcher.as_ref()?.matching(text))
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
