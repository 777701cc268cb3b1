//! What no catalog and no rule explains in a turn.

/// Something that was not understood, or had to be guessed. The words are the wire's or somebody's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// A tool that no catalog has.
    UnknownTool(String),
    /// A skill marker that names nothing.
    UnknownSkillMarker,
    /// A name marked as an MCP tool that does not say which.
    UnknownMcpFormat(String),
    /// A word that no catalog has; something poorer stands for it.
    UnknownValue(Parser, String),
    /// A type of event, block, item or delta that no catalog has.
    UnknownKind(String),
    /// A fact was taken from a poorer source.
    Fallback {
        /// Whose fact.
        parser: Parser,
        /// Why the better source could not be used.
        reason: FallbackReason,
    },
    /// A part could not be read.
    Error {
        /// Which part.
        parser: Parser,
    },
    /// Two counts that should be the same are not.
    Mismatch(Mismatch),
}

/// Which counts disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The tool calls that the response has, that were read from it, or that the host has counted.
    ToolCount,
    /// The tokens of a usage block, its total, or those that the response itself tells.
    TokenSum,
}

impl Mismatch {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToolCount => "tool_count",
            Self::TokenSum => "token_sum",
        }
    }
}

/// A parser, as named in the sentinels.
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
    /// The WebSocket guard.
    WebSocket,
    /// The stop reason.
    StopReason,
    /// The model's family.
    Model,
    /// The agent's type.
    AgentType,
    /// The type of an error.
    ErrorType,
    /// The permission mode.
    PermissionMode,
    /// What is remembered of sessions.
    Sessions,
    /// Token counts.
    Usage,
    /// What a call of a known tool was given.
    ToolInput,
    /// Who serves a call, and which agent makes it.
    Provider,
}

impl Parser {
    /// The attribute's value.
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
        }
    }
}

/// Why a poorer source was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallbackReason {
    /// The response was not handed over.
    NoResponse,
    /// The response is no JSON.
    OpaqueResponse,
    /// A word that no catalog has.
    UnknownValue,
    /// A type that no catalog has.
    UnknownKind,
    /// The host does not say.
    NotReported,
    /// There was no room to remember more.
    Evicted,
}

impl FallbackReason {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoResponse => "no_response",
            Self::OpaqueResponse => "opaque_response",
            Self::UnknownValue => "unknown_value",
            Self::UnknownKind => "unknown_kind",
            Self::NotReported => "not_reported",
            Self::Evicted => "evicted",
        }
    }
}
