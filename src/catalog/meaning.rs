//! What a match in a catalog means. The names of the variants are those of the catalogs: `enter_plan` is
//! `EnterPlan`, and `Plain` is where a pattern has no `is`.

/// What a tool does, as far as a metric cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing that a metric of its own counts.
    Plain,
    /// Runs a command line.
    Shell,
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
pub enum Writes {
    /// One file.
    File,
    /// The files named in a patch.
    Patch,
    /// No tool: the line of a patch that names a file.
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
    /// No name: what a client writes when the user has called for a skill.
    Command,
}

/// What an agent type is to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentRole {
    /// The agent that the engineer talks to.
    Main,
    /// An agent that another agent started.
    Sub,
    /// A request beside the conversation, such as a title.
    Side,
    /// A request beside the conversation for the summary that it goes on from.
    Summary,
    /// The host could not tell.
    Unknown,
}

/// How a name says that it is an MCP server's tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum McpForm {
    /// No form: the name of a published server.
    Plain,
    /// `mcp__server__tool`.
    Claude,
    /// `server__tool`.
    Grok,
    /// `mcp__server`, around the names of its tools.
    Namespace,
}

/// What a stop reason says of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It came to an end.
    Ended,
    /// It was cut at the token limit.
    MaxTokens,
    /// It ended in an error.
    Failed,
    /// It has not ended, so this is no reason.
    Open,
}

/// What a text says of the permission mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    /// No text: the name of a mode.
    Plain,
    /// Names what needs approval.
    Policy,
    /// The agent only plans.
    Plan,
    /// It does not any more.
    LeftPlan,
}

/// What a text has to do with compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compacting {
    /// Asks the model for a summary.
    Request,
    /// Is the summary that a conversation goes on from.
    Continuation,
}

/// What a word of the wire names.
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
    /// Why a response is incomplete. The known ones are stop reasons.
    Incomplete,
}

impl WireKind {
    /// The word for people.
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
