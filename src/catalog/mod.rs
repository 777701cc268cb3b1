//! The names and texts that this package knows: tools, skills, agent types, models, reasons,
//! events.
//!
//! The data is in the JSON files of this folder; `build.rs` validates them and turns them into
//! tables. No other code compares with a known name. A name that no catalog has can be private; the
//! privacy gate decides whether it is exported.
//!
//! Each file uses only files that are listed above it:
//!
//! | file | what it is |
//! |---|---|
//! | `meaning` | what a match in a catalog can mean |
//! | `family` | which family a model's name belongs to |
//! | `automaton` | a regular expression as `build.rs` embeds it |
//! | `matcher` | whether a text matches a regular expression, in linear time |
//! | `table` | an embedded table and how it is searched |
//! | `data` | the embedded tables |
//! | `mcp_cache` | the MCP names that were looked up last |
//! | `lookup` | the functions that the rest of the crate calls |
//! | `compile` | compiles regular expressions; used by `build.rs` and the tests |
//! | `format`, `matching`, `check` | a catalog as it is written, how its patterns match, and its validation; used by `build.rs` and the tests |
//! | `table_spec` | which tables are made from which catalogs; used by `build.rs` and the tests |

mod automaton;
#[cfg(test)]
mod check;
#[cfg(test)]
mod compile;
mod data;
mod family;
#[cfg(test)]
mod format;
mod lookup;
mod matcher;
#[cfg(test)]
mod matching;
mod mcp_cache;
mod meaning;
mod table;
#[cfg(test)]
mod table_spec;
#[cfg(test)]
mod tests;

pub use lookup::{
    MAX_COMMAND_BYTES, McpParts, agent_role, agent_type, agent_type_of_prompt, command_role,
    compaction_item, compaction_marker, context_window, danger_classes, dangers, error_type,
    file_write, grok_mcp_tool, has_inner_secret, is_anthropic_name, is_plan_heading, is_refusal,
    is_responses_name, is_status_error, is_unused_usage_field, mcp_namespace, mcp_server,
    mcp_server_in_identifier, mcp_tool, model_family, patched_files, permission_mode,
    permission_policy, plan_mode, provider, request_role, secret, secret_prefixes, skill,
    skill_in_marker, stop_outcome, stop_reason, tool_name, tool_role, without_slash,
};
pub use meaning::{
    AgentRole, CompactionMarker, FileWrite, RequestRole, SkillRole, StopOutcome, ToolRole, WireKind,
};
