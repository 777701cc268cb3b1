//! Looks names and texts up: one function per question that the rest of the crate asks the
//! catalogs.

use crate::catalog::data::{
    AGENT_TYPES, ANTHROPIC_WIRE, COMPACTIONS, CONTEXT_WINDOWS, DANGERS, ERROR_TYPES, FILE_WRITES,
    MCP, MODELS, PERMISSION_MODES, PROVIDERS, REQUEST_KINDS, RESPONSES_WIRE, SECRET_PREFIXES,
    SECRETS, SKILLS, STOP_REASONS, TOOLS,
};
use crate::catalog::family;
use crate::catalog::mcp_cache::McpCache;
use crate::catalog::meaning::{
    AgentRole, CompactionMarker, FileWrite, McpForm, PermissionText, RequestRole, SkillRole,
    StopOutcome, ToolRole, WireKind,
};
use crate::catalog::table::CatalogTable;

/// An MCP server and one of its tools, as parts of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct McpParts<'t> {
    /// The server's name.
    pub server: &'t str,
    /// The tool's name.
    pub tool: &'t str,
}

/// What the tool called `name` does; `None` if no catalog has it.
pub fn tool_role(name: &str) -> Option<ToolRole> {
    TOOLS.exact(name).map(|(_, role)| role)
}

/// The catalog's own copy of a known tool name.
pub fn tool_name(name: &str) -> Option<&'static str> {
    TOOLS.exact(name).map(|(name, _)| name)
}

/// What the tool called `name` writes; `None` if it writes nothing.
pub fn file_write(name: &str) -> Option<FileWrite> {
    FILE_WRITES.exact(name).map(|(_, writes)| writes)
}

/// No system has longer paths, so the rest of a longer line is not searched.
const MAX_HEADER_BYTES: usize = 4 << 10;

/// Further files of one patch are not counted.
const MAX_PATCHED_FILES: usize = 1000;

/// The files that a patch within `text` names, in the order of the patch, at most 1,000. A file can
/// occur more than once.
pub fn patched_files(text: &str) -> impl Iterator<Item = &str> {
    // A program that contains a patch writes line ends as the escape `\n`.
    let lines = text.split('\n').flat_map(|line| line.split("\\n")).map(str::trim_start);
    // Patches are long and few of their lines name a file, so this cheap test comes first.
    let lines = lines.filter(|line| line.starts_with('*'));
    let lines = lines.map(|line| &line[..line.floor_char_boundary(MAX_HEADER_BYTES)]);
    let files = lines.filter_map(|line| FILE_WRITES.name_of(line, FileWrite::Header, "path"));
    files.take(MAX_PATCHED_FILES)
}

/// The catalog's own copy of a widely published MCP server's name.
pub fn mcp_server(name: &str) -> Option<&'static str> {
    MCP.exact(name).map(|(name, _)| name)
}

/// The same for a name that is part of an identifier, where `_` stands for `-`.
pub fn mcp_server_in_identifier(name: &str) -> Option<&'static str> {
    mcp_server(name).or_else(|| mcp_server(&name.replace('_', "-")))
}

/// Reads `mcp__server__tool`. The server ends at the first `__` after the prefix: if a server's own
/// name contains `__`, the name does not show where it ends.
pub fn mcp_tool(name: &str) -> Option<McpParts<'_>> {
    static CACHE: McpCache = McpCache::new();
    mcp_parts(name, McpForm::Claude, &CACHE)
}

/// Reads Grok's `server__tool`.
pub fn grok_mcp_tool(name: &str) -> Option<McpParts<'_>> {
    static CACHE: McpCache = McpCache::new();
    mcp_parts(name, McpForm::Grok, &CACHE)
}

/// The MCP server that `namespace`, the name of a group of tools, belongs to, and the part of the
/// tools' names that the group's name contains, or an empty text; `None` if it is not a server's
/// group.
pub fn mcp_namespace(namespace: &str) -> Option<(&str, &str)> {
    if let Some(McpParts { server, tool }) = mcp_tool(namespace) {
        return Some((server, tool.trim_end_matches('_')));
    }
    MCP.name_of(namespace, McpForm::Namespace, "server").map(|server| (server, ""))
}

fn mcp_parts<'t>(name: &'t str, form: McpForm, cache: &McpCache) -> Option<McpParts<'t>> {
    let find = || {
        let (captures, _) = MCP.captures(name, form)?;
        Some((captures.name("server")?.range(), captures.name("tool")?.range()))
    };
    let (server, tool) = cache.get_or_find(name, find)?;
    Some(McpParts { server: name.get(server)?, tool: name.get(tool)? })
}

/// The catalog's own copy of a published skill's name.
pub fn skill(name: &str) -> Option<&'static str> {
    SKILLS.exact(name).filter(|(_, role)| *role == SkillRole::Plain).map(|(name, _)| name)
}

/// What the slash command `name` stands for; `None` if no catalog has it, so it is a private skill.
pub fn command_role(name: &str) -> Option<SkillRole> {
    SKILLS.exact(name).map(|(_, role)| role)
}

/// The name in `marker`, the text that a client writes when the user has called a skill or a
/// command. The text is the name alone, or a phrase that contains it.
pub fn skill_in_marker(marker: &str) -> Option<&str> {
    let is_bare = !marker.contains(char::is_whitespace);
    let phrased = || SKILLS.name_of(marker, SkillRole::Command, "skill");
    Some(marker).filter(|_| is_bare).or_else(phrased)
}

/// A skill's name without the slash of the command that calls it.
pub fn without_slash(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

/// The provider that the host means by `name`, which is a provider or an agent: `anthropic`,
/// `openai`, `xai`, or empty if the name is known but can mean several. `None` if no catalog has
/// the name.
pub fn provider(name: &str) -> Option<&'static str> {
    PROVIDERS.exact(name).map(|(_, provider)| provider)
}

/// Whether `field` is a known field of a usage block whose amount no metric needs.
pub fn is_unused_usage_field(field: &str) -> bool {
    is_known(&RESPONSES_WIRE, WireKind::Usage, field)
}

/// What the agent type called `name` is to a session.
pub fn agent_role(name: &str) -> Option<AgentRole> {
    known_agent(name).map(|(_, role)| role)
}

/// The catalog's own name of a known agent type.
pub fn agent_type(name: &str) -> Option<&'static str> {
    known_agent(name).map(|(name, _)| name)
}

/// The host makes a name of the first words of a system prompt that it does not know, so such a name
/// is found by its beginning.
fn known_agent(name: &str) -> Option<(&'static str, AgentRole)> {
    AGENT_TYPES.exact(name).or_else(|| AGENT_TYPES.prefix(name))
}

/// The agent type whose known system prompt has the same beginning as `prompt`.
pub fn agent_type_of_prompt(prompt: &str) -> Option<&'static str> {
    AGENT_TYPES.prefix(prompt).map(|(name, _)| name)
}

/// The catalog's own copy of a known stop reason.
pub fn stop_reason(name: &str) -> Option<&'static str> {
    STOP_REASONS.exact(name).map(|(name, _)| name)
}

/// What the stop reason `name` means for the output; `None` if no catalog has it.
pub fn stop_outcome(name: &str) -> Option<StopOutcome> {
    STOP_REASONS.exact(name).map(|(_, stop)| stop)
}

/// The catalog's own copy of a known error type.
pub fn error_type(name: &str) -> Option<&'static str> {
    ERROR_TYPES.exact(name).map(|(name, ())| name)
}

/// Whether `name` is an error type that was made from an HTTP status: `http_<status>`.
pub fn is_status_error(name: &str) -> bool {
    ERROR_TYPES.matching(name).next().is_some()
}

/// The catalog's own copy of a known permission mode.
pub fn permission_mode(name: &str) -> Option<&'static str> {
    PERMISSION_MODES.exact(name).map(|(name, _)| name)
}

/// The permission mode that `instructions`, the developer's text about permissions, put the agent
/// into.
pub fn permission_policy(instructions: &str) -> Option<&str> {
    PERMISSION_MODES.name_of(instructions, PermissionText::Policy, "mode")
}

/// Whether `text`, a user message or what a client adds to it, turns plan mode on (`true`) or off
/// (`false`). A mark begins a line; the last one counts. `None` if there is none.
pub fn plan_mode(text: &str) -> Option<bool> {
    // Most texts have no mark. Only one that may have one is read line by line.
    PERMISSION_MODES.has_needed_word(text).then(|| text.lines().rev().find_map(plan_mark)).flatten()
}

fn plan_mark(line: &str) -> Option<bool> {
    PERMISSION_MODES.matching(line).find_map(|meaning| match meaning {
        PermissionText::Plan => Some(true),
        PermissionText::LeftPlan => Some(false),
        PermissionText::Plain | PermissionText::Policy | PermissionText::Refused => None,
    })
}

/// Whether `text`, the description of a collaboration mode, begins with the heading of the one in
/// which the agent only plans.
pub fn is_plan_heading(text: &str) -> bool {
    PERMISSION_MODES.prefix(text).is_some_and(|(_, meaning)| meaning == PermissionText::Plan)
}

/// Whether a client writes `text` when the user has refused a tool call.
pub fn is_refusal(text: &str) -> bool {
    PERMISSION_MODES.prefix(text).is_some_and(|(_, meaning)| meaning == PermissionText::Refused)
}

/// What a word of Codex's turn metadata says about its request; `None` if no catalog has it.
pub fn request_role(word: &str) -> Option<RequestRole> {
    REQUEST_KINDS.exact(word).map(|(_, role)| role)
}

/// What `text` has to do with a compaction, by its first words.
pub fn compaction_marker(text: &str) -> Option<CompactionMarker> {
    COMPACTIONS.prefix(text).map(|(_, what)| what)
}

/// What an item, a block or a stop reason of this name has to do with a compaction.
pub fn compaction_item(name: &str) -> Option<CompactionMarker> {
    COMPACTIONS.exact(name).map(|(_, what)| what)
}

/// Whether `name` is a known type of an event, a block or a delta of the Anthropic Messages wire.
pub fn is_anthropic_name(kind: WireKind, name: &str) -> bool {
    is_known(&ANTHROPIC_WIRE, kind, name)
}

/// Whether `name` is a known type of an event or an item of the `OpenAI` Responses wire.
pub fn is_responses_name(kind: WireKind, name: &str) -> bool {
    let by_prefix = || RESPONSES_WIRE.prefix(name).is_some_and(|(_, known)| known == kind);
    is_known(&RESPONSES_WIRE, kind, name) || by_prefix()
}

fn is_known(table: &CatalogTable<WireKind>, kind: WireKind, name: &str) -> bool {
    table.exact(name).is_some_and(|(_, known)| known == kind)
}

/// A longer name is not the name of a model.
const MAX_MODEL_BYTES: usize = 256;

/// The longest known family that a model belongs to: `claude-haiku-4-5-20251001` is of
/// `claude-haiku-4-5`. `None` if no catalog has it.
pub fn model_family(model: &str) -> Option<&'static str> {
    if model.len() > MAX_MODEL_BYTES {
        return None;
    }
    family::longest(model, |name| MODELS.exact(name)).map(|(family, ())| family)
}

/// The context window of the models of `family`, in tokens, as their own client counts it; `None` if
/// no catalog has it.
pub fn context_window(family: &str) -> Option<u64> {
    CONTEXT_WINDOWS.exact(family).and_then(|(_, tokens)| tokens.parse().ok())
}

/// How much of a command line [`dangers`] searches, in bytes. A longer one contains a document; to
/// search all of it would cost more than the rest of a turn.
pub const MAX_COMMAND_BYTES: usize = 32 << 10;

/// The classes of dangerous commands that the first 32 KB of a command line contain.
pub fn dangers(command: &str) -> impl Iterator<Item = &'static str> {
    let head = &command[..command.floor_char_boundary(MAX_COMMAND_BYTES)];
    DANGERS.matching(head)
}

/// The kind of secret that `text` contains, such as `Anthropic key`; `None` if nothing in it has
/// the form of one.
pub fn secret(text: &str) -> Option<&'static str> {
    SECRETS.matching(text).next()
}

/// Whether a part of `text` has the form of a secret, also in the middle of a word or a sentence.
pub fn has_inner_secret(text: &str) -> bool {
    SECRETS.is_match_within(text)
}

/// How the secrets of widely used services begin.
pub fn secret_prefixes() -> impl Iterator<Item = &'static str> {
    SECRET_PREFIXES.prefixes()
}

/// All classes that [`dangers`] can return.
pub fn danger_classes() -> impl Iterator<Item = &'static str> {
    DANGERS.meanings()
}
