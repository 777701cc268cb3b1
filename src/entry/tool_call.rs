//! One tool call of a turn, as plain facts.

use crate::catalog;
use crate::entry::mcp::McpTool;

/// A tool that the model called in this turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The name on the wire, or what names the item where it has none (`local_shell`).
    pub name: String,
    /// Which MCP server's tool it is, if it is one.
    pub mcp: Option<McpTool>,
    /// The skill it activates.
    pub skill: Option<String>,
    /// How many files it writes.
    pub files_written: u64,
    /// The classes of dangerous commands in its command line.
    pub dangers: Vec<&'static str>,
    /// Its input arrived in full. A call of which it did not cannot have run.
    pub is_complete: bool,
    /// Its input arrived without what calls of this tool are known to have in it.
    pub has_unread_input: bool,
}

impl ToolCall {
    /// A call of which only the name was reported.
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            mcp: None,
            skill: None,
            files_written: u64::from(catalog::writes(name).is_some()),
            dangers: Vec::new(),
            is_complete: true,
            has_unread_input: false,
        }
    }

    /// The call of an MCP server's tool. Its name may be that of a known tool, which it is not.
    pub(super) fn of_server(server: &str, tool: &str) -> Self {
        let mcp = McpTool { server: server.to_owned(), tool: tool.to_owned() };
        Self { mcp: Some(mcp), files_written: 0, ..Self::named(tool) }
    }

    /// A call whose input never arrived in full. It cannot have run.
    pub(super) fn cut_short(name: &str) -> Self {
        Self::named(name).never_run()
    }

    /// The same call, cut before its input had arrived in full.
    pub(super) fn never_run(self) -> Self {
        Self {
            files_written: 0,
            skill: None,
            dangers: Vec::new(),
            is_complete: false,
            has_unread_input: false,
            ..self
        }
    }
}
