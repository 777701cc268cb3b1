//! Anomalies: what no catalog or rule explains in an entry.

/// One anomaly of an entry. The names in it come from the wire and can be private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// A tool that no catalog has.
    UnknownTool {
        /// Its name.
        name: String,
        /// How many calls of it there were at once.
        calls: u64,
    },
    /// A skill marker that contains no name.
    UnknownSkillMarker,
    /// The name of a tool that is marked as an MCP server's and does not have the form
    /// `mcp__server__tool`.
    UnknownMcpFormat(String),
    /// An unknown name: a value that no catalog has. A less specific value is exported.
    UnknownValue(Parser, String),
    /// An unknown type of an event, a block, an item or a delta, with its kind in front:
    /// `event:<name>`.
    UnknownKind(String),
    /// A fact was taken from a less reliable source, or is missing.
    Fallback {
        /// The parser that reads the fact.
        parser: Parser,
        /// Why the reliable source was not used.
        reason: FallbackReason,
    },
    /// A part of the entry is not readable.
    Error {
        /// The parser that reads the part.
        parser: Parser,
    },
    /// Two counts that must be equal are not.
    Mismatch(Mismatch),
}

impl Anomaly {
    /// Whether it says that a part of the turn was not understood. If only the host's tokens or
    /// price differ from the response, the turn was.
    pub fn is_degrading(&self) -> bool {
        !matches!(self, Self::Mismatch(Mismatch::TokenSum | Mismatch::Cost))
    }

    /// How often it occurs in its entry.
    pub fn times(&self) -> u64 {
        if let Self::UnknownTool { calls, .. } = self { *calls } else { 1 }
    }
}

/// Which counts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The numbers of tool calls: those in the response, those that were read, those that the
    /// response or the host itself counts.
    ToolCount,
    /// The token counts: those of the response and the host's own, or the parts of a usage block and
    /// its total.
    TokenSum,
    /// The price of the exported tokens and the host's own.
    Cost,
}

impl Mismatch {
    /// The attribute value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToolCount => "tool_count",
            Self::TokenSum => "token_sum",
            Self::Cost => "cost",
        }
    }
}

/// A parser, as the sentinel metrics name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parser {
    /// The entry or its index line.
    Entry,
    /// The request.
    Request,
    /// The response.
    Response,
    /// Tool calls.
    Tools,
    /// The check that the numbers of a WebSocket turn are its own.
    WebSocket,
    /// The stop reason.
    StopReason,
    /// The model.
    Model,
    /// The agent type.
    AgentType,
    /// The error type.
    ErrorType,
    /// The permission mode.
    PermissionMode,
    /// The table of sessions.
    Sessions,
    /// Token counts.
    Usage,
    /// The input of a known tool.
    ToolInput,
    /// The provider and the agent.
    Provider,
    /// The quotas.
    Quota,
    /// Times and durations.
    Time,
}

impl Parser {
    /// The attribute value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Request => "request",
            Self::Response => "response",
            Self::Tools => "tools",
            Self::WebSocket => "websocket",
            Self::StopReason => "stop_reason",
            Self::Model => "model",
            Self::AgentType => "agent_type",
            Self::ErrorType => "error_type",
            Self::PermissionMode => "permission_mode",
            Self::Sessions => "sessions",
            Self::Usage => "usage",
            Self::ToolInput => "tool_input",
            Self::Provider => "provider",
            Self::Quota => "quota",
            Self::Time => "time",
        }
    }
}

/// Why a less reliable source was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallbackReason {
    /// The entry has no response.
    NoResponse,
    /// The response is not JSON.
    OpaqueResponse,
    /// A value that no catalog has.
    UnknownValue,
    /// A type that no catalog has.
    UnknownKind,
    /// The entry does not contain the fact.
    NotReported,
    /// The table of sessions was full.
    Evicted,
    /// The value is not a valid one of its field, is beyond its bound, or is given twice.
    OutOfBounds,
}

impl FallbackReason {
    /// The attribute value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoResponse => "no_response",
            Self::OpaqueResponse => "opaque_response",
            Self::UnknownValue => "unknown_value",
            Self::UnknownKind => "unknown_kind",
            Self::NotReported => "not_reported",
            Self::Evicted => "evicted",
            Self::OutOfBounds => "out_of_bounds",
        }
    }
}
