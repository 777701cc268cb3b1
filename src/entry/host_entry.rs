//! The host's own record of a turn: an index line, or the entry it is made from.

use crate::entry::lenient::{Count, Flag, Lenient, List, Number, Object, Pairs, Text};
use crate::entry::response::Response;
use crate::entry::usage_block::UsageBlock;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields that are read; an entry has about fifty.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct HostEntry<'a> {
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
    pub(super) usage: Object<UsageBlock>,
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
