//! Compiles regular expressions to what `automaton` reads. Used by `build.rs` and the tests.

use super::automaton::{self, BOUNDARY, EITHER, FAIL, MATCH, RANGE, RANGES};
use regex_automata::nfa::thompson::{
    Compiler, Config, NFA, State as NfaState, Transition, WhichCaptures,
};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;

/// The states of several expressions that are searched together. As in `regex-lite`, the classes (`\w`,
/// `\s`, `\b`) are those of ASCII.
///
/// # Errors
/// If one of them is not a regular expression.
pub(crate) fn compile(regexes: &[impl AsRef<str>]) -> Result<Vec<u8>, String> {
    let compiled = Compiler::new()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(Config::new().utf8(false).which_captures(WhichCaptures::None))
        .build_many(regexes)
        .map_err(|error| error.to_string())?;
    let states = written(&compiled)?;
    let read = automaton::read(&states).ok_or("the states cannot be read back")?;
    let is_same = read.states().iter().map(debug).eq(compiled.states().iter().map(debug));
    if is_same { Ok(states) } else { Err("other states are read back".to_owned()) }
}

/// `regex` without the boundaries of words, and without the beginning and end of the text.
pub(crate) fn without_boundaries(regex: &str) -> String {
    let inner = regex.replace("\\b", "").replace("^(?:", "(?:").replace("$|", "|");
    inner.strip_suffix('$').map(str::to_owned).unwrap_or(inner)
}

fn debug(state: &NfaState) -> String {
    format!("{state:?}")
}

fn written(compiled: &NFA) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    number(&mut bytes, compiled.states().len());
    for state in compiled.states() {
        match state {
            NfaState::ByteRange { trans } => {
                bytes.push(RANGE);
                transition(&mut bytes, *trans);
            }
            NfaState::Sparse(sparse) => {
                bytes.push(RANGES);
                number(&mut bytes, sparse.transitions.len());
                for each in &sparse.transitions {
                    transition(&mut bytes, *each);
                }
            }
            NfaState::Look { look, next } => {
                bytes.push(BOUNDARY);
                number(&mut bytes, usize::try_from(look.as_repr()).map_err(|it| it.to_string())?);
                number(&mut bytes, next.as_usize());
            }
            NfaState::Union { alternates } => either(&mut bytes, alternates),
            NfaState::BinaryUnion { alt1, alt2 } => either(&mut bytes, &[*alt1, *alt2]),
            NfaState::Fail => bytes.push(FAIL),
            NfaState::Match { pattern_id } => {
                bytes.push(MATCH);
                let start =
                    compiled.start_pattern(*pattern_id).ok_or("a match of no expression")?;
                number(&mut bytes, start.as_usize());
            }
            NfaState::Dense(_) | NfaState::Capture { .. } => {
                return Err(format!("unexpected {state:?}"));
            }
        }
    }
    number(&mut bytes, compiled.start_anchored().as_usize());
    number(&mut bytes, compiled.start_unanchored().as_usize());
    Ok(bytes)
}

fn either(bytes: &mut Vec<u8>, states: &[StateID]) {
    bytes.push(EITHER);
    number(bytes, states.len());
    for state in states {
        number(bytes, state.as_usize());
    }
}

fn transition(bytes: &mut Vec<u8>, Transition { start, end, next }: Transition) {
    bytes.extend([start, end]);
    number(bytes, next.as_usize());
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits are taken at a time")]
fn number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
