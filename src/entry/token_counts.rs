//! Fields that contain a number of tokens, as both wires and the host write them.

use crate::entry::lenient::{Count, Lenient};
use crate::entry::usage::{CacheCreation, MAX_TOKENS, Usage};
use serde::Deserialize;

/// The number of tokens in `field`; `None` if it was not reported or is too large.
pub(super) fn tokens(field: &Lenient<Count>) -> Option<u64> {
    field.count().filter(|tokens| *tokens <= MAX_TOKENS)
}

/// Anthropic's cache writes by their time to live.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CacheCreationFields {
    ephemeral_5m_input_tokens: Lenient<Count>,
    ephemeral_1h_input_tokens: Lenient<Count>,
}

impl CacheCreationFields {
    /// A missing part is zero if the other one is there.
    pub(super) fn split(&self) -> Option<CacheCreation> {
        let five_minutes = tokens(&self.ephemeral_5m_input_tokens);
        let one_hour = tokens(&self.ephemeral_1h_input_tokens);
        five_minutes.or(one_hour)?;
        Some(CacheCreation::Split {
            five_minutes: five_minutes.unwrap_or(0),
            one_hour: one_hour.unwrap_or(0),
        })
    }
}

/// `OpenAI`'s own split of the input, which contains both parts.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InputTokensDetails {
    cached_tokens: Lenient<Count>,
    cache_write_tokens: Lenient<Count>,
}

impl InputTokensDetails {
    /// The input tokens read from a cache.
    pub(super) fn cached(&self) -> Option<u64> {
        tokens(&self.cached_tokens)
    }

    /// The input tokens written to a cache.
    pub(super) fn written(&self) -> Option<u64> {
        tokens(&self.cache_write_tokens)
    }
}

/// The counts that Amazon Bedrock adds to the last event of a stream.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InvocationMetrics {
    #[serde(rename = "inputTokenCount")]
    input: Lenient<Count>,
    #[serde(rename = "outputTokenCount")]
    output: Lenient<Count>,
    #[serde(rename = "cacheReadInputTokenCount")]
    cache_read: Lenient<Count>,
    #[serde(rename = "cacheWriteInputTokenCount")]
    cache_write: Lenient<Count>,
}

impl InvocationMetrics {
    /// The tokens of the call. The input does not contain the cached part.
    pub(super) fn usage(&self) -> Usage {
        Usage {
            input: tokens(&self.input),
            output: tokens(&self.output),
            cache_read: tokens(&self.cache_read),
            cache_creation: tokens(&self.cache_write).map(CacheCreation::Total),
        }
    }
}
