//! One tool call of a turn, as plain facts.

use crate::catalog;
use crate::entry::mcp::McpTool;

/// More calls in one turn are an error of their reporter: the output of no model has room for them.
pub(super) const MAX_CALLS: usize = 10_000;
/// A longer name, in bytes, is not a name. It is left out, so that it is never copied.
const MAX_NAME_BYTES: usize = 256;

/// A tool that the model called in this turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The name on the wire, or the item's type without `_call` if it has no name (`local_shell`).
    /// Empty if the name on the wire has more than 256 bytes.
    pub name: String,
    /// How many calls these are: calls that the host only counts are one value. At least 1.
    pub times: u64,
    /// The MCP server and its tool; `None` if the tool is not an MCP server's.
    pub mcp: Option<McpTool>,
    /// The MCP servers' tools that it calls itself: those in its program, or the one in its input.
    pub inner_mcp: Vec<McpTool>,
    /// The names in its program that are marked as an MCP server's and cannot be read.
    pub unreadable_mcp: Vec<String>,
    /// The skill that it activates.
    pub skill: Option<String>,
    /// The number of files that it writes.
    pub files_written: u64,
    /// The classes of dangerous commands in its command line.
    pub dangers: Vec<&'static str>,
    /// Whether its input arrived in full. A call without its full input cannot have run.
    pub is_complete: bool,
    /// Whether its input lacks what the input of this tool is known to contain.
    pub has_unread_input: bool,
}

impl ToolCall {
    /// A call of which only the name is known.
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: bounded(name).to_owned(),
            times: 1,
            mcp: None,
            inner_mcp: Vec::new(),
            unreadable_mcp: Vec::new(),
            skill: None,
            files_written: u64::from(catalog::file_write(name).is_some()),
            dangers: Vec::new(),
            is_complete: true,
            has_unread_input: false,
        }
    }

    /// Several calls of which only the name is known.
    pub(super) fn counted(name: &str, times: u64) -> Self {
        Self { times, ..Self::named(name) }
    }

    /// The call of an MCP server's tool. It is not a known tool, even if it has the name of one.
    pub(super) fn of_server(server: &str, tool: &str) -> Self {
        let [server, tool] = [server, tool].map(bounded);
        let mcp = McpTool { server: server.to_owned(), tool: tool.to_owned() };
        Self { mcp: Some(mcp), files_written: 0, ..Self::named(tool) }
    }

    /// How many calls `calls` are.
    pub fn count(calls: &[Self]) -> u64 {
        calls.iter().fold(0, |sum, call| sum.saturating_add(call.times))
    }

    /// A call whose input never arrived in full, so it cannot have run.
    pub(super) fn cut_short(name: &str) -> Self {
        Self::named(name).never_run()
    }

    /// The same call, cut before its input had arrived in full, so it cannot have run.
    pub(super) fn never_run(self) -> Self {
        Self {
            files_written: 0,
            skill: None,
            inner_mcp: Vec::new(),
            unreadable_mcp: Vec::new(),
            dangers: Vec::new(),
            is_complete: false,
            has_unread_input: false,
            ..self
        }
    }
}

/// `name`, or nothing if it is too long to be one.
fn bounded(name: &str) -> &str {
    if name.len() <= MAX_NAME_BYTES { name } else { "" }
}
