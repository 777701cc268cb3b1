//! MCP servers' tools, and the names that stand for them.
//!
//! Source: <https://modelcontextprotocol.io/>. The forms of the names are the agents' own.

use crate::catalog::{self, McpParts};

/// An MCP server and one of its tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpTool {
    /// The server's name, as the user has configured it.
    pub server: String,
    /// The tool's name.
    pub tool: String,
}

impl From<McpParts<'_>> for McpTool {
    fn from(McpParts { server, tool }: McpParts<'_>) -> Self {
        Self { server: server.to_owned(), tool: tool.to_owned() }
    }
}

/// What a tool's name contains about MCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum McpName {
    /// It is this server's tool.
    Tool(McpTool),
    /// It is marked as an MCP server's, but does not have the known form.
    Unreadable,
    /// It is not marked.
    Unmarked,
}

/// The prefix of the name of an MCP server's tool.
const MCP_MARK: &str = "mcp__";

/// Reads `mcp__server__tool`.
pub(super) fn from_name(name: &str) -> McpName {
    if !name.starts_with(MCP_MARK) {
        return McpName::Unmarked;
    }
    catalog::mcp_tool(name).map_or(McpName::Unreadable, |parts| McpName::Tool(parts.into()))
}

/// Reads Grok's `server__tool`.
pub(super) fn from_grok_name(name: &str) -> Option<McpTool> {
    catalog::grok_mcp_tool(name).map(McpTool::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mcp_names_contain_server_and_tool() {
        let github = McpTool { server: "github".into(), tool: "create_issue".into() };
        let marked = McpName::Tool(github.clone());
        assert_eq!(from_name("mcp__github__create_issue"), marked);
        assert_eq!(from_name("mcp__github"), McpName::Unreadable);
        assert_eq!(from_name("Bash"), McpName::Unmarked);
        assert_eq!(from_grok_name("github__create_issue"), Some(github));
        assert_eq!(from_grok_name("read_file"), None);
    }
}
