//! Fuzzes every look-up in the catalogs with any text.

use otel_native::catalog::{self, McpParts, WireKind};

pub(crate) fn check(text: &str) {
    let own_copies = [
        catalog::tool_name(text),
        catalog::mcp_server(text),
        catalog::skill(text),
        catalog::stop_reason(text),
        catalog::error_type(text),
        catalog::permission_mode(text),
    ];
    for copy in own_copies.into_iter().flatten() {
        assert_eq!(copy, text, "the catalog returns the name itself");
    }
    assert_eq!(catalog::tool_role(text).is_some(), catalog::tool_name(text).is_some());
    assert_eq!(catalog::agent_role(text).is_some(), catalog::agent_type(text).is_some());
    if let Some(McpParts { server, tool }) = catalog::mcp_tool(text) {
        assert_eq!(format!("mcp__{server}__{tool}"), text);
        assert!(!server.is_empty() && !tool.is_empty());
    }
    if let Some(McpParts { server, tool }) = catalog::grok_mcp_tool(text) {
        assert_eq!(format!("{server}__{tool}"), text);
    }
    if let Some((server, _)) = catalog::mcp_namespace(text) {
        assert!(!server.is_empty() && text.starts_with(&format!("mcp__{server}")));
    }
    if let Some(family) = catalog::model_family(text) {
        assert_eq!(catalog::model_family(family), Some(family), "a family belongs to itself");
    }
    if let Some(mode) = catalog::permission_policy(text) {
        assert!(text.contains(mode) || catalog::permission_mode(mode).is_some());
    }
    if catalog::is_status_error(text) {
        assert_eq!(text.len(), "http_500".len());
    }
    for class in catalog::dangers(text) {
        assert!(catalog::danger_classes().any(|known| known == class));
    }
    for path in catalog::patched_files(text) {
        assert!(!path.is_empty() && text.contains(path));
    }
    let kinds = [WireKind::Event, WireKind::Block, WireKind::Item, WireKind::Delta];
    let known = kinds.map(|kind| catalog::is_anthropic_name(kind, text));
    assert!(known.iter().filter(|known| **known).count() <= 1, "a name is of one kind");
    // These have no law except that they must return.
    let _ = (catalog::secret(text), catalog::plan_mode(text), catalog::compaction_marker(text));
    let _ = catalog::agent_type_of_prompt(text);
    // The host makes names of the first words of prompts, which stand for a type of another name.
    if let Some(name) = catalog::agent_type(text) {
        assert_eq!(catalog::agent_type(name), Some(name), "a type is one of its own");
    }
}
