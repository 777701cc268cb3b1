//! The questions that the rest of the crate asks the catalogs.

use crate::catalog::data::{
    AGENT_TYPES, ANTHROPIC_WIRE, COMPACTIONS, DANGERS, ERROR_TYPES, FILE_WRITES, MCP, MODELS,
    PERMISSION_MODES, PROVIDERS, RESPONSES_WIRE, SECRET_PREFIXES, SECRETS, SKILLS, STOP_REASONS,
    TOOLS,
};
use crate::catalog::family;
use crate::catalog::meaning::{
    AgentRole, Compacting, McpForm, Permission, Role, SkillRole, Stop, WireKind, Writes,
};
use crate::catalog::memo::Memo;
use crate::catalog::table::Table;

/// An MCP server and one of its tools, in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct McpParts<'t> {
    /// The server.
    pub server: &'t str,
    /// The tool.
    pub tool: &'t str,
}

/// What the tool called `name` does; `None` if no catalog has it.
pub fn tool(name: &str) -> Option<Role> {
    TOOLS.exact(name).map(|(_, role)| role)
}

/// The catalog's own copy of a known tool name.
pub fn tool_name(name: &str) -> Option<&'static str> {
    TOOLS.exact(name).map(|(name, _)| name)
}

/// What the tool called `name` writes; `None` if it writes nothing.
pub fn writes(name: &str) -> Option<Writes> {
    FILE_WRITES.exact(name).map(|(_, writes)| writes)
}

/// The files that a patch within `text` names, in its order; one may be there several times.
pub fn patched_files(text: &str) -> impl Iterator<Item = &str> {
    // In the source of a program the ends of lines are written as escapes.
    let lines = text.split('\n').flat_map(|line| line.split("\\n")).map(str::trim_start);
    // Patches are long, and few of their lines name a file.
    let lines = lines.filter(|line| line.starts_with('*'));
    lines.filter_map(|line| FILE_WRITES.called(line, Writes::Header, "path"))
}

/// The catalog's own copy of a widely published MCP server's name.
pub fn mcp_server(name: &str) -> Option<&'static str> {
    MCP.exact(name).map(|(name, _)| name)
}

/// Reads `mcp__server__tool`. Where a server's own name holds `__` the first one ends it; the name
/// does not say more.
pub fn mcp_tool(name: &str) -> Option<McpParts<'_>> {
    static MEMO: Memo = Memo::new();
    mcp_parts(name, McpForm::Claude, &MEMO)
}

/// Reads Grok's `server__tool`.
pub fn grok_mcp_tool(name: &str) -> Option<McpParts<'_>> {
    static MEMO: Memo = Memo::new();
    mcp_parts(name, McpForm::Grok, &MEMO)
}

/// The server whose tools stand in the group called `namespace`, if it is a server's.
pub fn mcp_namespace(namespace: &str) -> Option<&str> {
    MCP.called(namespace, McpForm::Namespace, "server")
}

fn mcp_parts<'t>(name: &'t str, form: McpForm, memo: &Memo) -> Option<McpParts<'t>> {
    let find = || {
        let (captures, _) = MCP.captures(name, form)?;
        Some((captures.name("server")?.range(), captures.name("tool")?.range()))
    };
    let (server, tool) = memo.recall(name, find)?;
    Some(McpParts { server: name.get(server)?, tool: name.get(tool)? })
}

/// The catalog's own copy of a published skill's name.
pub fn skill(name: &str) -> Option<&'static str> {
    SKILLS.exact(name).filter(|(_, role)| *role == SkillRole::Plain).map(|(name, _)| name)
}

/// What a slash command stands for; `None` if no catalog has it, so it is a skill of somebody's.
pub fn command(name: &str) -> Option<SkillRole> {
    SKILLS.exact(name).map(|(_, role)| role)
}

/// The name in what a client writes when the user has called for a skill, or for a command: the bare name,
/// or a phrase around it.
pub fn commanded(marker: &str) -> Option<&str> {
    let is_bare = !marker.contains(char::is_whitespace);
    let phrased = || SKILLS.called(marker, SkillRole::Command, "skill");
    Some(marker).filter(|_| is_bare).or_else(phrased)
}

/// A skill's name without the slash of the command that calls it.
pub fn without_slash(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

/// Who serves the calls of `word`, a provider or an agent in the host's words: the attribute's value, or
/// nothing if the word does not say. `None` if no catalog has it.
pub fn provider(word: &str) -> Option<&'static str> {
    PROVIDERS.exact(word).map(|(_, provider)| provider)
}

/// Whether a usage block is known to have a field of this name, with an amount that no metric needs.
pub fn is_unread_usage(field: &str) -> bool {
    knows(&RESPONSES_WIRE, WireKind::Usage, field)
}

/// What the agent type called `name` is to a session.
pub fn agent_role(name: &str) -> Option<AgentRole> {
    AGENT_TYPES.exact(name).map(|(_, role)| role)
}

/// The catalog's own copy of a known agent type.
pub fn agent_type(name: &str) -> Option<&'static str> {
    AGENT_TYPES.exact(name).map(|(name, _)| name)
}

/// The type of the agent whose system prompt begins like `prompt`.
pub fn agent_of_prompt(prompt: &str) -> Option<&'static str> {
    AGENT_TYPES.prefix(prompt).map(|(name, _)| name)
}

/// The catalog's own copy of a known stop reason.
pub fn stop_reason(name: &str) -> Option<&'static str> {
    STOP_REASONS.exact(name).map(|(name, _)| name)
}

/// What a stop reason says of the output.
pub fn stop(name: &str) -> Option<Stop> {
    STOP_REASONS.exact(name).map(|(_, stop)| stop)
}

/// The catalog's own copy of a known error type.
pub fn error_type(name: &str) -> Option<&'static str> {
    ERROR_TYPES.exact(name).map(|(name, ())| name)
}

/// Whether `name` is made from a status, as error types are where nothing else tells.
pub fn is_status_error(name: &str) -> bool {
    ERROR_TYPES.matching(name).next().is_some()
}

/// The catalog's own copy of a known permission mode.
pub fn permission_mode(name: &str) -> Option<&'static str> {
    PERMISSION_MODES.exact(name).map(|(name, _)| name)
}

/// The mode that permission instructions put the agent into.
pub fn permission_policy(instructions: &str) -> Option<&str> {
    PERMISSION_MODES.called(instructions, Permission::Policy, "mode")
}

/// Whether the agent only plans, where a user message, or what a client adds to it, says so.
pub fn plan_mode(text: &str) -> Option<bool> {
    let words = PERMISSION_MODES.matching(text).filter_map(|meaning| match meaning {
        Permission::Plan => Some(true),
        Permission::LeftPlan => Some(false),
        Permission::Plain | Permission::Policy => None,
    });
    words.into_iter().next()
}

/// What a text has to do with compaction, by how it begins.
pub fn compaction(text: &str) -> Option<Compacting> {
    COMPACTIONS.prefix(text).map(|(_, what)| what)
}

/// Whether Anthropic's wire is known to have an event, a block or a delta of this type.
pub fn anthropic_knows(kind: WireKind, word: &str) -> bool {
    knows(&ANTHROPIC_WIRE, kind, word)
}

/// Whether the Responses wire is known to have an event or an item of this type.
pub fn responses_knows(kind: WireKind, word: &str) -> bool {
    knows(&RESPONSES_WIRE, kind, word)
}

fn knows(table: &Table<WireKind>, kind: WireKind, word: &str) -> bool {
    table.exact(word).is_some_and(|(_, known)| known == kind)
}

/// The family that a model belongs to: `claude-haiku-4-5-20251001` is `claude-haiku-4-5`.
pub fn model_family(model: &str) -> Option<&'static str> {
    family::longest(model, |name| MODELS.exact(name)).map(|(family, ())| family)
}

/// What stands further behind in a command line is a document, and would cost more to look through
/// than the rest of a turn.
const MAX_COMMAND_BYTES: usize = 32 << 10;

/// The classes of dangerous commands that a command line falls into.
pub fn dangers(command: &str) -> impl Iterator<Item = &'static str> {
    let head = &command[..command.floor_char_boundary(MAX_COMMAND_BYTES)];
    DANGERS.matching(head)
}

/// What kind of secret stands in `text`, if it has the form of one.
pub fn secret(text: &str) -> Option<&'static str> {
    SECRETS.matching(text).next()
}

/// How the secrets of widely used services begin.
pub fn secret_prefixes() -> impl Iterator<Item = &'static str> {
    SECRET_PREFIXES.prefixes()
}

/// All classes that [`dangers`] can name.
pub fn danger_classes() -> impl Iterator<Item = &'static str> {
    DANGERS.meanings()
}
