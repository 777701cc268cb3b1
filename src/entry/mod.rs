//! From the JSON text of an entry to a [`Turn`]. Only this folder knows the host's field names.
//!
//! An entry is an index line, or the whole entry with `req` and `res` inside. Its parts can also be
//! passed beside it. Parsing is lenient: a field of an unexpected type is "not reported", a part
//! that is not readable is an anomaly of the turn, and only an entry that is not a JSON object is
//! an error.
//!
//! Each file uses only files that are listed above it:
//!
//! | files | what they are |
//! |---|---|
//! | `provider`, `anomaly`, `usage`, `difference`, `quota`, `mcp`, `tool_call`, `turn` | plain facts, the same for every wire |
//! | `lenient`, `collection`, `repair` | JSON fields that may have any type; lists and maps of any size; JSON with single values that are not acceptable |
//! | `token_counts`, `iterations`, `usage_block`, `host_price`, `code_mode`, `program`, `tool_input`, `error_body`, `event_quota`, `output_items` | parts that several wires share |
//! | `response_facts` | the facts of a response, the same for every wire |
//! | `anthropic`, `responses` | the wires: Anthropic Messages; `OpenAI` Responses over HTTP and WebSocket |
//! | `event`, `stream`, `stream_scan`, `response` | a stream of events; its fast reader; any response, and the choice of its wire |
//! | `turn_metadata`, `billing_line`, `request_headers` | what a client says about its own request |
//! | `message`, `developer_text`, `request`, `host_entry` | a message; what Codex is told; the request; the host's own record with everything in it |
//! | `parsed_entry`, `checks` | everything that was read; its anomalies |
//! | `conversation`, `context_window`, `permissions`, `spending`, `ending`, `calls` | the facts of a turn, each from its best source |
//! | `assembly`, `parse` | the turn; the entry point |

mod anomaly;
mod anthropic;
mod assembly;
mod billing_line;
mod calls;
mod checks;
mod code_mode;
mod collection;
mod context_window;
mod conversation;
mod developer_text;
mod difference;
mod ending;
mod error_body;
mod event;
mod event_quota;
mod host_entry;
mod host_price;
mod iterations;
mod lenient;
mod mcp;
mod message;
mod output_items;
mod parse;
mod parsed_entry;
pub mod payload;
mod permissions;
mod program;
mod provider;
mod quota;
mod repair;
mod request;
mod request_headers;
mod response;
mod response_facts;
mod responses;
mod spending;
mod stream;
mod stream_scan;
mod token_counts;
mod tool_call;
mod tool_input;
mod turn;
mod turn_metadata;
mod usage;
mod usage_block;

pub use anomaly::{Anomaly, FallbackReason, Mismatch, Parser};
pub use difference::{ComparedFigure, Difference, Differences};
pub use mcp::McpTool;
pub use parse::{EntrySource, MalformedEntry, parse};
pub use payload::memory_for;
pub use provider::ModelProvider;
pub use quota::{Quota, QuotaWindow, header_names as quota_header_names};
pub use request_headers::{max_header_bytes, request_header_names};
pub use tool_call::ToolCall;
pub use turn::{
    Compaction, CompactionTrigger, Cost, EntryKind, PermissionChange, PlanCall, ToolOutcome, Turn,
};
pub use usage::{CacheCreation, ModelUsage, Usage};
