//! The names and texts that this package knows: tools, skills, agent types, models, reasons, events.
//!
//! The data is in the JSON files beside this one; `build.rs` checks them and turns them into tables.
//! Nothing else in this crate compares with such a name. A name that is not here may be private:
//! `privacy` decides what becomes of it.
//!
//! | file | what it is |
//! |---|---|
//! | `meaning` | what a match can mean |
//! | `family` | which family a model's name belongs to |
//! | `table` | the form of an embedded table, and how it is searched |
//! | `data` | the embedded tables |
//! | `memo` | the newest answers about MCP names |
//! | `lookup` | the questions that the rest of the crate asks |
//! | `format`, `matching`, `check` | a catalog as it is written, how its patterns match, and what must be true of it; for `build.rs` and the tests |
//! | `table_spec` | which tables are made from which catalogs; for `build.rs` and the tests |

#[cfg(test)]
mod check;
mod data;
mod family;
#[cfg(test)]
mod format;
mod lookup;
#[cfg(test)]
mod matching;
mod meaning;
mod memo;
mod table;
#[cfg(test)]
mod table_spec;
#[cfg(test)]
mod tests;

pub use lookup::{
    McpParts, agent_of_prompt, agent_role, agent_type, anthropic_knows, command, commanded,
    compaction, danger_classes, dangers, error_type, grok_mcp_tool, is_status_error,
    is_unread_usage, mcp_namespace, mcp_server, mcp_tool, model_family, patched_files,
    permission_mode, permission_policy, plan_mode, provider, responses_knows, secret,
    secret_prefixes, skill, stop, stop_reason, tool, tool_name, without_slash, writes,
};
pub use meaning::{AgentRole, Compacting, Role, SkillRole, Stop, WireKind, Writes};
