//! Which tables are made from which catalogs, and which words their patterns may use for what they
//! mean. Shared with `build.rs`, which makes them.

use super::matching::Matching;

/// One table.
pub(crate) struct TableSpec {
    /// What it is called in Rust.
    pub(crate) constant: &'static str,
    /// The type of what a match means; nothing if a match is all there is to know.
    pub(crate) meaning: &'static str,
    /// The catalogs, without `.json`.
    pub(crate) files: &'static [&'static str],
    /// The words for `is`; `""` where it may be left out, and any word if there are none.
    pub(crate) classes: &'static [&'static str],
    /// How its patterns are tried.
    pub(crate) matching: Matching,
}

const fn table(
    constant: &'static str,
    meaning: &'static str,
    files: &'static [&'static str],
    classes: &'static [&'static str],
) -> TableSpec {
    TableSpec { constant, meaning, files, classes, matching: Matching::First }
}

/// All tables.
#[rustfmt::skip]
pub(crate) const TABLES: &[TableSpec] = &[
    table("TOOLS", "Role", &["anthropic-tools", "codex-tools", "grok-tools"], &["", "shell", "skill", "agent", "enter_plan", "leave_plan"]),
    table("FILE_WRITES", "Writes", &["file-writes"], &["file", "patch", "header"]),
    table("SKILLS", "SkillRole", &["anthropic-skills"], &["", "built_in", "compact", "command"]),
    table("AGENT_TYPES", "AgentRole", &["anthropic-agent-types", "codex-agent-types"], &["main", "sub", "side", "summary", "unknown"]),
    table("MCP", "McpForm", &["mcp-tools"], &["", "claude", "grok", "namespace"]),
    table("STOP_REASONS", "Stop", &["stop-reasons"], &["ended", "max_tokens", "failed", "open"]),
    table("ERROR_TYPES", "", &["error-types"], &[""]),
    table("PERMISSION_MODES", "Permission", &["permission-modes"], &["", "policy", "plan", "left_plan"]),
    table("COMPACTIONS", "Compacting", &["compactions"], &["request", "continuation"]),
    table("ANTHROPIC_WIRE", "WireKind", &["anthropic-wire"], &["event", "block", "delta"]),
    table("RESPONSES_WIRE", "WireKind", &["responses-wire"], &["event", "item", "usage"]),
    table("PROVIDERS", "&str", &["providers"], &["", "anthropic", "openai", "xai"]),
    TableSpec { matching: Matching::Every, ..table("DANGERS", "&str", &["dangerous-patterns"], &[]) },
    TableSpec { matching: Matching::Every, ..table("SECRETS", "&str", &["secrets"], &[]) },
    table("SECRET_PREFIXES", "", &["secret-prefixes"], &[""]),
    TableSpec { matching: Matching::Family, ..table("MODELS", "", &["models"], &[""]) },
];
