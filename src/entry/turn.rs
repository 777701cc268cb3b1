//! The facts of one finished entry, free of any wire.

use crate::entry::anomaly::Anomaly;
use crate::entry::provider::Provider;
use crate::entry::quota::Quota;
use crate::entry::tool_call::ToolCall;
use crate::entry::usage::Usage;
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
