//! What a match in a catalog means.
//!
//! `build.rs` derives the variants' names from the field `is` of the patterns: `enter_plan` is
//! `EnterPlan`, and a pattern without `is` is `Plain`.

/// What a tool does, as far as a metric needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolRole {
    /// Nothing that has a metric of its own.
    Plain,
    /// Runs a command line.
    Shell,
    /// Runs a program that calls other tools.
    Program,
    /// Calls the MCP server's tool that its input names.
    Dispatch,
    /// Activates a skill.
    Skill,
    /// Starts a sub-agent.
    Agent,
    /// From here on the agent only plans.
    EnterPlan,
    /// From here on it may do what it has planned.
    LeavePlan,
}

/// What a tool writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileWrite {
    /// One file.
    File,
    /// The files named in a patch.
    Patch,
    /// Is not a tool, but the line of a patch that names a file.
    Header,
}

/// What a skill's name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkillRole {
    /// A published skill.
    Plain,
    /// A command that the client answers itself.
    BuiltIn,
    /// The command that compacts the conversation.
    Compact,
    /// Is not a name, but the phrase that a client writes when the user has called a skill.
    Command,
}

/// What an agent type is to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentRole {
    /// The agent that the user talks to.
    Main,
    /// An agent that another agent started.
    Sub,
    /// A request beside the conversation, such as a title.
    Side,
    /// A request beside the conversation for a summary, from which the conversation continues.
    Summary,
    /// The host could not determine the type.
    Unknown,
}

/// How a name shows that it is the tool of an MCP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum McpForm {
    /// Is not a form, but the name of a published server.
    Plain,
    /// `mcp__server__tool`.
    Claude,
    /// `server__tool`.
    Grok,
    /// `mcp__server`, the group that contains the tools.
    Namespace,
}

/// What a stop reason means for the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopOutcome {
    /// It is complete.
    Ended,
    /// It was cut at the token limit.
    MaxTokens,
    /// It ended in an error.
    Failed,
    /// It has not ended, so this is not a reason.
    Open,
}

/// What a text means for the permission mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PermissionText {
    /// Is not a text, but the name of a mode.
    Plain,
    /// Instructions that name what needs approval.
    Policy,
    /// From here on the agent only plans.
    Plan,
    /// From here on it does more than plan.
    LeftPlan,
    /// The user has refused a tool call.
    Refused,
}

/// What a word of Codex's turn metadata says about its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestRole {
    /// It is a turn of a conversation.
    Turn,
    /// The user talks to the agent that makes it.
    Main,
    /// An agent that another agent started makes it.
    Sub,
    /// It is beside the conversation, such as one for a title.
    Side,
    /// It asks for a summary, from which the conversation continues.
    Compaction,
}

/// What a text has to do with compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompactionMarker {
    /// Asks the model for a summary.
    Request,
    /// Is the summary from which a conversation continues.
    Continuation,
}

/// What a name of a wire stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireKind {
    /// An event of a stream.
    Event,
    /// A block of a message's content.
    Block,
    /// An item of a response's output.
    Item,
    /// A piece of a block.
    Delta,
    /// A field of a usage block.
    Usage,
    /// Why a response is incomplete. The known reasons are in the catalog of stop reasons.
    Incomplete,
}

impl WireKind {
    /// The kind as it is written in front of an unknown name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Block => "block",
            Self::Item => "item",
            Self::Delta => "delta",
            Self::Usage => "usage",
            Self::Incomplete => "incomplete",
        }
    }
}
