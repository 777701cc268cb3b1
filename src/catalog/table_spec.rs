//! Which tables are made from which catalogs, and which meanings their patterns may have. Shared by
//! `build.rs`, which makes the tables, and the tests.

use super::matching::Matching;

/// One table that `build.rs` makes.
pub(crate) struct TableSpec {
    /// The name of the Rust constant.
    pub(crate) constant: &'static str,
    /// The Rust type of what a match means; empty if a match has no meaning beyond the match
    /// itself.
    pub(crate) meaning: &'static str,
    /// The names of the catalog files, without `.json`.
    pub(crate) files: &'static [&'static str],
    /// The allowed values of `is`; `""` if it may be left out. If the list is empty, any value is
    /// allowed.
    pub(crate) classes: &'static [&'static str],
    /// Which of the matching patterns count.
    pub(crate) matching: Matching,
    /// Whether texts are also searched for the regular expressions without their boundaries.
    pub(crate) is_searched_within: bool,
}

const fn table(
    constant: &'static str,
    meaning: &'static str,
    files: &'static [&'static str],
    classes: &'static [&'static str],
) -> TableSpec {
    TableSpec {
        constant,
        meaning,
        files,
        classes,
        matching: Matching::First,
        is_searched_within: false,
    }
}

/// All tables.
#[rustfmt::skip]
pub(crate) const TABLES: &[TableSpec] = &[
    table("TOOLS", "ToolRole", &["anthropic-tools", "codex-tools", "grok-tools"], &["", "shell", "program", "dispatch", "skill", "agent", "enter_plan", "leave_plan"]),
    table("FILE_WRITES", "FileWrite", &["file-writes"], &["file", "patch", "header"]),
    table("SKILLS", "SkillRole", &["anthropic-skills"], &["", "built_in", "compact", "command"]),
    table("AGENT_TYPES", "AgentRole", &["anthropic-agent-types", "codex-agent-types"], &["main", "sub", "side", "summary", "unknown"]),
    table("MCP", "McpForm", &["mcp-tools"], &["", "claude", "grok", "namespace"]),
    table("STOP_REASONS", "StopOutcome", &["stop-reasons"], &["ended", "max_tokens", "failed", "open"]),
    table("ERROR_TYPES", "", &["error-types"], &[""]),
    table("PERMISSION_MODES", "PermissionText", &["permission-modes"], &["", "policy", "plan", "left_plan", "refused"]),
    table("COMPACTIONS", "CompactionMarker", &["compactions"], &["request", "continuation"]),
    table("REQUEST_KINDS", "RequestRole", &["request-kinds"], &["turn", "main", "sub", "side", "compaction"]),
    table("ANTHROPIC_WIRE", "WireKind", &["anthropic-wire"], &["event", "block", "delta"]),
    table("RESPONSES_WIRE", "WireKind", &["responses-wire"], &["event", "item", "usage"]),
    table("PROVIDERS", "&str", &["providers"], &["", "anthropic", "openai", "xai"]),
    TableSpec { matching: Matching::Every, ..table("DANGERS", "&str", &["dangerous-patterns"], &[]) },
    TableSpec { matching: Matching::Every, is_searched_within: true, ..table("SECRETS", "&str", &["secrets"], &[]) },
    table("SECRET_PREFIXES", "", &["secret-prefixes"], &[""]),
    table("CONTEXT_WINDOWS", "&str", &["context-windows"], &["272000", "372000", "500000"]),
    TableSpec { matching: Matching::Family, ..table("MODELS", "", &["models"], &[""]) },
];
