//! One tool call of a turn, as plain facts.

use crate::catalog;
use crate::entry::mcp::McpTool;

/// A tool that the model called in this turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The name on the wire, or the item's type without `_call` if it has no name (`local_shell`).
    pub name: String,
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
            name: name.to_owned(),
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

    /// The call of an MCP server's tool. It is not a known tool, even if it has the name of one.
    pub(super) fn of_server(server: &str, tool: &str) -> Self {
        let mcp = McpTool { server: server.to_owned(), tool: tool.to_owned() };
        Self { mcp: Some(mcp), files_written: 0, ..Self::named(tool) }
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
