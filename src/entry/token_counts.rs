//! Token counts as both vendors write them in a response.

use crate::entry::lenient::{Count, Lenient};
use serde::Deserialize;

/// More tokens in one call are a defect of whoever reported them; one such value would drown every
/// real one for good.
const MAX_TOKENS: u64 = 1_000_000_000;

/// The response's own usage block.
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

/// A count of tokens that can be one.
pub(super) fn tokens(field: &Lenient<Count>) -> Option<u64> {
    field.count().filter(|tokens| *tokens <= MAX_TOKENS)
}
