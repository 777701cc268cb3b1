//! The host's own record of a turn: an index line, or the whole entry from which the host makes
//! one.

use crate::entry::collection::{Objects, OrderedMap};
use crate::entry::lenient::{Count, Flag, Given, JsonText, Lenient, Number, Object};
use crate::entry::response::Response;
use crate::entry::usage_block::UsageBlock;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields that are read. An entry has about fifty.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct HostEntry<'a> {
    #[serde(borrow)]
    pub(super) provider: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    pub(super) agent: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    pub(super) model: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    pub(super) url: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    pub(super) session_id: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    pub(super) agent_key: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    pub(super) stop_reason: Lenient<JsonText<'a>>,
    pub(super) msg_count: Lenient<Count>,
    pub(super) max_context: Given<Count>,
    pub(super) status: Lenient<Count>,
    /// Unix milliseconds.
    pub(super) received_at: Given<Count>,
    /// Seconds with one decimal, in a string.
    pub(super) elapsed: Given<Number>,
    #[serde(rename = "isSSE")]
    pub(super) is_sse: Lenient<Flag>,
    pub(super) is_subagent: Lenient<Flag>,
    pub(super) imported: Lenient<Flag>,
    pub(super) usage: Object<UsageBlock>,
    #[serde(borrow)]
    pub(super) cost: Option<&'a RawValue>,
    /// Tool name to number of calls: of this response on the `OpenAI` wire, of the whole history on
    /// Anthropic's.
    #[serde(borrow)]
    pub(super) tool_calls: OrderedMap<'a, Given<Count>>,
    /// Tool name to number of calls of this turn, on Anthropic's wire only. `{}` means no calls;
    /// absent or `null` means unknown.
    #[serde(borrow)]
    pub(super) turn_tool_calls: OrderedMap<'a, Given<Count>>,
    /// Call id to tool name. The host replaces some names of the `OpenAI` wire.
    #[serde(borrow)]
    pub(super) turn_tool_call_ids: OrderedMap<'a, Lenient<JsonText<'a>>>,
    /// The tool results in this request.
    #[serde(borrow)]
    pub(super) turn_tool_results: Objects<ToolResult<'a>>,
    #[serde(borrow)]
    pub(super) response_metadata: Object<ResponseMetadata<'a>>,
    pub(super) res: Response,
    #[serde(borrow)]
    pub(super) req: Option<&'a RawValue>,
}

/// One tool result of the request.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ToolResult<'a> {
    #[serde(borrow)]
    pub(super) call_id: Lenient<JsonText<'a>>,
    pub(super) tool_fail: Lenient<Flag>,
}

/// How the response arrived.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ResponseMetadata<'a> {
    #[serde(borrow)]
    pub(super) transport: Lenient<JsonText<'a>>,
}
