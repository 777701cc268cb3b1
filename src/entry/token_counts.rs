//! The token counts in a response, as both wires write them.

use crate::entry::lenient::{Count, Lenient};
use serde::Deserialize;

/// A larger number of tokens in one call is an error of its reporter. One such value would make a
/// cumulative sum useless until the process ends.
const MAX_TOKENS: u64 = 1_000_000_000;

/// The usage block of a response.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenCounts {
    #[serde(rename = "input_tokens")]
    pub(super) input: Lenient<Count>,
    #[serde(rename = "output_tokens")]
    pub(super) output: Lenient<Count>,
    #[serde(rename = "cache_read_input_tokens")]
    pub(super) cache_read: Lenient<Count>,
    #[serde(rename = "cache_creation_input_tokens")]
    pub(super) cache_creation: Lenient<Count>,
}

/// The number of tokens in `field`; `None` if it was not reported or is too large.
pub(super) fn tokens(field: &Lenient<Count>) -> Option<u64> {
    field.count().filter(|tokens| *tokens <= MAX_TOKENS)
}
