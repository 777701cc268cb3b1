//! The facts of one finished entry, free of any wire.

pub use crate::entry::quota::{Quota, Window};
pub use crate::entry::tool::{McpTool, ToolCall};
use std::time::Duration;

/// One finished entry as plain facts. `None` always means "not reported", never zero.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub struct Turn {
    /// What kind of entry it is; decides what of the rest is counted.
    pub kind: Kind,
    /// Who served the call.
    pub provider: Provider,
    /// The model's name as on the wire.
    pub model: Option<String>,
    /// The session, if the host knows a real one.
    pub session: Option<String>,
    /// The agent type that the host derived from the system prompt.
    pub agent_type: Option<String>,
    /// The agent's version, where something about this turn was not understood and the request says.
    pub agent_version: Option<String>,
    /// The call of a sub-agent.
    pub subagent: bool,
    /// How long the history of the request is, in messages. `None` where it is incremental.
    pub message_count: Option<u64>,
    /// Tokens, if the numbers are this turn's own.
    pub usage: Option<Usage>,
    /// What the call cost.
    pub cost: Cost,
    /// The model's context window, in tokens.
    pub context_window: Option<u64>,
    /// From the request's arrival to the response's end.
    pub duration: Option<Duration>,
    /// From the request's arrival to the first piece of the answer.
    pub time_to_first_token: Option<Duration>,
    /// The type of the error that it ended in.
    pub error: Option<String>,
    /// Why the model stopped, in the wire's words.
    pub stop_reason: Option<String>,
    /// The output was cut at the token limit.
    pub hit_max_tokens: bool,
    /// The stream ended without its terminal event.
    pub truncated: bool,
    /// The tool calls of this turn; `None` if they are unknown.
    pub tool_calls: Option<Vec<ToolCall>>,
    /// How many failed tool results were fed into the request; `None` if unknown.
    pub failed_tool_results: Option<u64>,
    /// Skills that the user called by their slash command.
    pub user_skills: Vec<String>,
    /// The newest message is the user's own words, and no tool result.
    pub has_words: bool,
    /// How much the agent may do without asking, where the request says so.
    pub permission: Permission,
    /// What the request has to do with a compaction.
    pub compaction: Compaction,
    /// How far the allowances are used.
    pub quotas: Vec<Quota>,
    /// What was not understood or had to be guessed on the way.
    pub anomalies: Vec<Anomaly>,
}

/// What kind of entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A turn of a conversation.
    Turn,
    /// A request beside the conversation, such as a title: it costs money but is no turn.
    SideRequest,
    /// A WebSocket connection that never carried a turn.
    TransportOnly,
    /// A probe, an import or a platform ping: nothing to count.
    Probe,
}

/// What a request says about how much the agent may do without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// Nothing: what was said before holds.
    #[default]
    Unsaid,
    /// This mode, until another one is named.
    Mode(String),
    /// The agent only plans, until it is said that it does not.
    Plan,
    /// It does not only plan.
    NoPlan,
}

/// What a request has to do with a compaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compaction {
    /// It asks the model for a summary to go on from.
    pub requested: bool,
    /// The user has asked for it.
    pub manual: bool,
    /// Its conversation goes on from a summary: a hash of that.
    pub continues: Option<u64>,
}

/// Who served a call, as a person would say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Anthropic, for Claude.
    Anthropic,
    /// `OpenAI`, for Codex.
    OpenAi,
    /// xAI, for Grok.
    Xai,
    /// Anyone else.
    Other,
}

impl Provider {
    /// The provider of which a catalog has this word.
    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Anthropic, Self::OpenAi, Self::Xai].into_iter().find(|it| it.as_str() == word)
    }

    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Xai => "xai",
            Self::Other => "other",
        }
    }
}

/// Tokens of one call. `input` is the uncached part, for every provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Input tokens that were neither read from nor written to a cache.
    pub input: Option<u64>,
    /// Output tokens, reasoning included.
    pub output: Option<u64>,
    /// Input tokens read from a cache.
    pub cache_read: Option<u64>,
    /// Input tokens written to a cache.
    pub cache_creation: Option<CacheCreation>,
}

/// Cache writes, by their time to live where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheCreation {
    /// Both parts are known.
    Split {
        /// Written for five minutes.
        five_minutes: u64,
        /// Written for one hour.
        one_hour: u64,
    },
    /// Only the sum is.
    Total(u64),
}

impl CacheCreation {
    /// All cache writes.
    pub const fn total(self) -> u64 {
        match self {
            Self::Split { five_minutes, one_hour } => five_minutes.saturating_add(one_hour),
            Self::Total(total) => total,
        }
    }
}

impl Usage {
    /// Whether it was reported that no token was used.
    pub fn is_zero(&self) -> bool {
        let written = self.cache_creation.map(CacheCreation::total);
        let reported = [self.input, self.output, self.cache_read, written].into_iter().flatten();
        reported.reduce(u64::saturating_add) == Some(0)
    }

    /// All input tokens: what fills the context window. Not known if the part outside of the cache is
    /// not, and never zero: no request is empty.
    pub fn context_tokens(&self) -> Option<u64> {
        let written = self.cache_creation.map_or(0, CacheCreation::total);
        let cached = self.cache_read.unwrap_or(0).saturating_add(written);
        self.input.map(|input| input.saturating_add(cached)).filter(|tokens| *tokens > 0)
    }
}

/// What a call cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cost {
    /// US dollars, as the host priced it.
    Usd(f64),
    /// Tokens were used, at an unknown price.
    Unpriced,
    /// Nothing was reported.
    NotReported,
}

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
