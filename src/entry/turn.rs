//! The facts of one finished entry, in the same form for every wire.

use crate::entry::anomaly::Anomaly;
use crate::entry::difference::Differences;
use crate::entry::provider::ModelProvider;
use crate::entry::quota::Quota;
use crate::entry::tool_call::ToolCall;
use crate::entry::usage::{ModelUsage, Usage};
use std::time::Duration;

/// One finished entry as plain facts. `None` always means "not reported" and never zero.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub struct Turn {
    /// The kind of entry. It decides which of the other facts are counted.
    pub kind: EntryKind,
    /// Who served the call.
    pub provider: ModelProvider,
    /// The model's name, as it is on the wire.
    pub model: Option<String>,
    /// The session's id; `None` if the host knows no real session.
    pub session: Option<String>,
    /// The agent type. The host derives it from the system prompt; without the host's value it is
    /// derived here.
    pub agent_type: Option<String>,
    /// The agent's version, `1.2.3`, if the request contains it. Only read if the turn has an
    /// anomaly.
    pub agent_version: Option<String>,
    /// Whether a sub-agent made the call.
    pub subagent: bool,
    /// The length of the request's history, in messages. `None` over WebSocket, where requests are
    /// incremental.
    pub message_count: Option<u64>,
    /// The tokens of `model`; `None` if the numbers can be those of another turn.
    pub usage: Option<Usage>,
    /// The tokens of other models within the call. They have no price.
    pub other_usage: Vec<ModelUsage>,
    /// The used part of the context window, in tokens. It is smaller than the input if the call had
    /// several iterations.
    pub context_tokens: Option<u64>,
    /// What the tokens of `model` cost.
    pub cost: Cost,
    /// How far the host's own tokens and cost are from those here.
    pub differences: Differences,
    /// The model's context window, in tokens: from 1 to one billion, and filled to at most 1,000 %.
    pub context_window: Option<u64>,
    /// From the request's arrival to the response's end, at most a day.
    pub duration: Option<Duration>,
    /// From the request's arrival to the first piece of the answer, at most a day.
    pub time_to_first_token: Option<Duration>,
    /// The type of the error that the call ended in, `http_<status>` if only the status is known.
    pub error: Option<String>,
    /// Why the model stopped, as it is on the wire.
    pub stop_reason: Option<String>,
    /// Whether the output was cut at the token limit.
    pub hit_max_tokens: bool,
    /// Whether the stream ended without its terminal event.
    pub truncated: bool,
    /// The tool calls of this turn, at most 10,000; `None` if unknown.
    pub tool_calls: Option<Vec<ToolCall>>,
    /// The number of failed tool results in the request; `None` if unknown.
    pub failed_tool_results: Option<u64>,
    /// The tool results in the request; `None` if unknown.
    pub tool_outcomes: Option<Vec<ToolOutcome>>,
    /// The skills that the user called by their slash commands.
    pub user_skills: Vec<String>,
    /// Whether the newest message is text of the user and contains no tool result.
    pub has_prompt_text: bool,
    /// What the turn says about what the agent may do without asking.
    pub permission: PermissionChange,
    /// What the turn has to do with a compaction.
    pub compaction: Compaction,
    /// How much of each quota is used.
    pub quotas: Vec<Quota>,
    /// The anomalies that were found while the entry was read.
    pub anomalies: Vec<Anomaly>,
}

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A turn of a conversation.
    Turn,
    /// A request beside the conversation, such as one for a title. It costs money but is not a
    /// turn.
    SideRequest,
    /// A WebSocket connection that never carried a turn, or was refused.
    TransportOnly,
    /// A probe, an import or a platform ping. Nothing of it is counted.
    Probe,
}

/// What a request and its response say about what the agent may do without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionChange {
    /// The policy that Codex was given: the catalog's own copy of its name, `other` if no catalog
    /// has it. `None` if the request does not mention it.
    pub policy: Option<&'static str>,
    /// From here on the agent only plans (`true`), or does more than plan. `None` if the request
    /// mentions neither.
    pub plan: Option<bool>,
    /// The user has refused a tool call of the turn before.
    pub is_refused: bool,
    /// The calls of this turn that enter or leave plan mode, if the user allows it.
    pub plan_calls: Vec<PlanCall>,
}

/// A call of a tool that enters or leaves plan mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanCall {
    /// The hash of its id; `None` if the id is unknown.
    pub id: Option<u64>,
    /// Whether it enters plan mode (`true`) or leaves it.
    pub enters: bool,
}

/// The result of a tool call, which a request contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolOutcome {
    /// The hash of the call's id; `None` if the id is unknown.
    pub id: Option<u64>,
    /// The host says that the call has failed.
    pub failed: bool,
}

/// What a request and its response have to do with a compaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compaction {
    /// The request asks the model for a summary, from which the conversation continues.
    pub requested: bool,
    /// The response contains the compacted history.
    pub performed: bool,
    /// The user has asked for the compaction.
    pub manual: bool,
    /// Who started the compaction, by the client's own statement.
    pub trigger: Option<CompactionTrigger>,
    /// The hash of the summary that its conversation continues from; `None` if there is none.
    pub continues: Option<u64>,
    /// The number of the context window. Each compaction begins the next one.
    pub window: Option<u64>,
}

/// Who started a compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompactionTrigger {
    /// The agent or the server, because the window was nearly full.
    Auto,
    /// The user.
    Manual,
    /// Not known.
    Unknown,
}

impl CompactionTrigger {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
            Self::Unknown => "unknown",
        }
    }
}

/// What a call cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cost {
    /// US dollars by the host's price or at its rates, from 0 to 1,000,000.
    Usd(f64),
    /// Tokens were used, at an unknown price.
    Unpriced,
    /// Nothing was reported.
    NotReported,
}
