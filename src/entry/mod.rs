//! From what the host hands over to a [`Turn`]: the only place that knows the host's field names.
//!
//! An entry arrives as an index line, or whole with `req` and `res` inside, and with optional parts
//! beside it. Parsing is lenient: a field of an unexpected type is "not reported", a part that
//! cannot be read is an anomaly of the turn, and only an entry that is not a JSON object is an error.
//!
//! Each file uses only files that are listed above it:
//!
//! | files | what they are |
//! |---|---|
//! | `provider`, `anomaly`, `usage`, `quota`, `mcp`, `tool_call`, `turn` | plain facts, free of any wire |
//! | `payload` | text as it was copied, and its way to UTF-8 |
//! | `lenient` | JSON fields that may have any type |
//! | `token_counts`, `usage_block`, `tool_input`, `error_body` | parts that several wires share |
//! | `response_facts` | what a response says about its turn |
//! | `anthropic`, `responses` | one file per wire |
//! | `event`, `stream`, `stream_scan`, `response` | which wire it is; streams, bodies and text |
//! | `request`, `host_entry` | the request; the host's own record |
//! | `parsed_entry`, `checks`, `assembly`, `parse` | from everything that was read to the turn |

mod anomaly;
mod anthropic;
mod assembly;
mod checks;
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
mod request;
mod response;
mod response_facts;
mod responses;
mod stream;
mod stream_scan;
mod token_counts;
mod tool_call;
mod tool_input;
mod turn;
mod usage;
mod usage_block;

pub use anomaly::{Anomaly, FallbackReason, Mismatch, Parser};
pub use mcp::McpTool;
pub use parse::{MalformedEntry, Source, parse};
pub use provider::Provider;
pub use quota::{Quota, Window, header_names as quota_header_names};
pub use tool_call::ToolCall;
pub use turn::{Compaction, Cost, Kind, Permission, Turn};
pub use usage::{CacheCreation, Usage};
