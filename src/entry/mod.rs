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
//! | `provider`, `anomaly`, `usage`, `quota`, `mcp`, `tool_call`, `turn` | plain facts, the same for every wire |
//! | `lenient`, `repair` | JSON fields that may have any type; JSON with single values that are not acceptable |
//! | `token_counts`, `usage_block`, `tool_input`, `error_body` | parts that several wires share |
//! | `response_facts` | the facts of a response, the same for every wire |
//! | `anthropic`, `responses` | the wires: Anthropic Messages; `OpenAI` Responses over HTTP and WebSocket |
//! | `event`, `stream`, `stream_scan`, `response` | a stream of events; its fast reader; any response, and the choice of its wire |
//! | `request`, `host_entry` | the request; the host's own record with everything in it |
//! | `parsed_entry`, `checks` | everything that was read; its anomalies |
//! | `conversation`, `spending`, `window`, `ending`, `calls` | the facts of a turn, each from its best source |
//! | `assembly`, `parse` | the turn; the entry point |

mod anomaly;
mod anthropic;
mod assembly;
mod calls;
mod checks;
mod conversation;
mod ending;
mod error_body;
mod event;
mod host_entry;
mod lenient;
mod mcp;
mod parse;
mod parsed_entry;
pub mod payload;
mod provider;
mod quota;
mod repair;
mod request;
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
mod usage;
mod usage_block;
mod window;

pub use anomaly::{Anomaly, FallbackReason, Mismatch, Parser};
pub use mcp::McpTool;
pub use parse::{EntrySource, MalformedEntry, parse};
pub use provider::ModelProvider;
pub use quota::{Quota, QuotaWindow, header_names as quota_header_names};
pub use tool_call::ToolCall;
pub use turn::{Compaction, Cost, EntryKind, PermissionChange, Turn};
pub use usage::{CacheCreation, Usage};
