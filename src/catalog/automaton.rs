//! A regular expression as `build.rs` embeds it: the states of its automaton (NFA), one after another. The
//! parser of expressions would be a third of a megabyte in every installed addon.
//!
//! A state is a byte with its kind, and numbers of seven bits per byte, the lowest first. A state is named
//! by its number.

use regex_automata::PatternID;
use regex_automata::nfa::thompson::{Builder, NFA, Transition};
use regex_automata::util::look::Look;
use regex_automata::util::primitives::StateID;

/// One range of bytes: first, last, next state.
pub(super) const RANGE: u8 = 0;
/// Several ranges: their number, and each of them.
pub(super) const RANGES: u8 = 1;
/// A boundary, such as that of a word: which, and the next state.
pub(super) const BOUNDARY: u8 = 2;
/// Other states, the preferred first: their number, and each of them.
pub(super) const EITHER: u8 = 3;
/// Nothing matches.
pub(super) const FAIL: u8 = 4;
/// An expression has matched: the state that it starts at.
pub(super) const MATCH: u8 = 5;

/// Reads the states back. The last two numbers are the states that a search starts at: at a place, and
/// anywhere.
///
/// `None` if `build.rs` has not written them; a test reads all of them.
pub(super) fn read(states: &[u8]) -> Option<NFA> {
    let mut bytes = Bytes(states);
    let mut builder = Builder::new();
    builder.set_utf8(false);
    for _ in 0..bytes.number()? {
        add(&mut builder, &mut bytes)?;
    }
    let (anchored, unanchored) = (bytes.state()?, bytes.state()?);
    builder.build(anchored, unanchored).ok()
}

fn add(builder: &mut Builder, bytes: &mut Bytes<'_>) -> Option<StateID> {
    let state = match bytes.byte()? {
        RANGE => builder.add_range(bytes.transition()?),
        RANGES => {
            let ranges = (0..bytes.number()?).map(|_| bytes.transition());
            builder.add_sparse(ranges.collect::<Option<_>>()?)
        }
        BOUNDARY => {
            let look = Look::from_repr(u32::try_from(bytes.number()?).ok()?)?;
            builder.add_look(bytes.state()?, look)
        }
        EITHER => {
            let states = (0..bytes.number()?).map(|_| bytes.state());
            builder.add_union(states.collect::<Option<_>>()?)
        }
        FAIL => builder.add_fail(),
        MATCH => {
            builder.start_pattern().ok()?;
            let state = builder.add_match();
            let _: PatternID = builder.finish_pattern(bytes.state()?).ok()?;
            state
        }
        _ => return None,
    };
    state.ok()
}

/// What is left to read.
struct Bytes<'s>(&'s [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn state(&mut self) -> Option<StateID> {
        StateID::new(self.number()?).ok()
    }

    fn transition(&mut self) -> Option<Transition> {
        Some(Transition { start: self.byte()?, end: self.byte()?, next: self.state()? })
    }
}
