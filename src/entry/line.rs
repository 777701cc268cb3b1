//! The host's own record of a turn: an index line, or the entry it is made from.

use crate::entry::assembly::tokens;
use crate::entry::lenient::{Count, Flag, Lenient, List, Number, Object, Pairs, Text};
use crate::entry::response::Response;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields that are read; an entry has about fifty.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) provider: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) agent: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) model: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) url: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) session_id: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) agent_key: Lenient<Text<'a>>,
    #[serde(borrow)]
    pub(super) stop_reason: Lenient<Text<'a>>,
    pub(super) msg_count: Lenient<Count>,
    pub(super) max_context: Lenient<Count>,
    pub(super) status: Lenient<Count>,
    /// Unix milliseconds.
    pub(super) received_at: Lenient<Count>,
    /// Seconds with one decimal, written as a string.
    pub(super) elapsed: Lenient<Number>,
    #[serde(rename = "isSSE")]
    pub(super) is_sse: Lenient<Flag>,
    pub(super) is_subagent: Lenient<Flag>,
    pub(super) imported: Lenient<Flag>,
    pub(super) usage: Object<UsageFields>,
    #[serde(borrow)]
    pub(super) cost: Option<&'a RawValue>,
    /// This response's calls on the `OpenAI` wire; on Anthropic's they pile up over the history.
    #[serde(borrow)]
    pub(super) tool_calls: Pairs<'a, Lenient<Count>>,
    /// Anthropic only: `{}` is no call, absent or `null` is unknown.
    #[serde(borrow)]
    pub(super) turn_tool_calls: Pairs<'a, Lenient<Count>>,
    /// Call id to tool name; `OpenAI` names are aliased by the host.
    #[serde(borrow)]
    pub(super) turn_tool_call_ids: Pairs<'a, Lenient<Text<'a>>>,
    /// Results that were fed into this request.
    pub(super) turn_tool_results: List<Object<ToolResult>>,
    #[serde(borrow)]
    pub(super) response_metadata: Object<ResponseMetadata<'a>>,
    pub(super) res: Response,
    #[serde(borrow)]
    pub(super) req: Option<&'a RawValue>,
}

/// Token counts as any of the host's versions writes them.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct UsageFields {
    pub(super) input_tokens: Lenient<Count>,
    pub(super) output_tokens: Lenient<Count>,
    pub(super) cache_read_input_tokens: Lenient<Count>,
    pub(super) cache_creation_input_tokens: Lenient<Count>,
    pub(super) cache_creation: Object<CacheCreation>,
    /// `OpenAI` only: the sum of all of them.
    pub(super) total_tokens: Lenient<Count>,
    pub(super) input_tokens_details: Object<InputTokensDetails>,
}

/// Cache writes by their time to live.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CacheCreation {
    pub(super) ephemeral_5m_input_tokens: Lenient<Count>,
    pub(super) ephemeral_1h_input_tokens: Lenient<Count>,
}

impl CacheCreation {
    /// Tokens written for five minutes and for one hour; a part that is left out is none.
    pub(super) fn parts(&self) -> Option<(u64, u64)> {
        let five_minutes = tokens(&self.ephemeral_5m_input_tokens);
        let one_hour = tokens(&self.ephemeral_1h_input_tokens);
        five_minutes.or(one_hour)?;
        Some((five_minutes.unwrap_or(0), one_hour.unwrap_or(0)))
    }
}

/// `OpenAI`'s own split of the input, where it still contains the cached part.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct InputTokensDetails {
    pub(super) cached_tokens: Lenient<Count>,
}

/// One tool result of the request.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ToolResult {
    pub(super) tool_fail: Lenient<Flag>,
}

/// How the response came.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ResponseMetadata<'a> {
    #[serde(borrow)]
    pub(super) transport: Lenient<Text<'a>>,
}

/// The `cost` field, as it stands: `{cost, …}`, `null`, or a bare number in older rows. US dollars.
pub(super) fn usd(cost: &RawValue) -> Option<f64> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Priced {
        cost: Lenient<Number>,
    }
    let text = cost.get();
    let cost = if text.starts_with('{') {
        serde_json::from_str(text).map(|Priced { cost }| cost)
    } else {
        serde_json::from_str(text)
    };
    cost.ok().and_then(|cost| cost.number())
}
