//! The only queue for a string of a turn: what may stand in an attribute, at which tier.
//!
//! A [`AttributeValue`] can be made here only. Names that a catalog has are public knowledge and leave as
//! the catalog writes them; any other name may be a customer's or a project's and collapses to
//! `custom` or `other`, unless the engineer has agreed to names.

use crate::catalog;
use crate::config::{Config, Names, Tier};
use crate::entry::{McpTool, ToolCall};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::registry::Attribute;
use crate::metrics::scrub::{REDACTED, scrubbed};

/// A name that may be private, in place of which nothing else is known.
const CUSTOM: &str = "custom";
/// A value outside a closed vocabulary.
const OTHER: &str = "other";
/// A value that was not reported where the attribute must say something.
const UNKNOWN: &str = "unknown";

/// Where the values of an attribute come from. A new attribute does not compile without a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueOrigin {
    /// Out of this program's own text.
    Closed,
    /// From a turn; outside the catalog only with consent to names.
    Name,
    /// From a turn; outside the catalog never.
    Vocabulary,
}

/// Where the values of `attribute` come from.
pub const fn origin(attribute: Attribute) -> ValueOrigin {
    match attribute {
        Attribute::Tool
        | Attribute::Server
        | Attribute::Skill
        | Attribute::AgentType
        | Attribute::Model => ValueOrigin::Name,
        Attribute::ErrorType | Attribute::StopReason | Attribute::Mode => ValueOrigin::Vocabulary,
        Attribute::Provider
        | Attribute::Ttl
        | Attribute::Degraded
        | Attribute::Window
        | Attribute::Trigger
        | Attribute::Pattern
        | Attribute::Metric
        | Attribute::Attribute
        | Attribute::Parser
        | Attribute::FallbackReason
        | Attribute::ParserErrorType
        | Attribute::MismatchType
        | Attribute::State
        | Attribute::Signal
        | Attribute::ExportDropReason
        | Attribute::EntryDropReason
        | Attribute::Tier => ValueOrigin::Closed,
    }
}

/// What the engineer agreed to, for one project. The default is the strictest: published names only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivacyGate {
    /// Whether every name passes.
    names: bool,
    /// Names of the project's own that pass at any tier.
    known: Vec<String>,
}

impl PrivacyGate {
    /// The gate of a project: names pass at tier 2, and where the project says that all do.
    pub fn of(config: &Config) -> Self {
        Self {
            names: matches!(config.tier, Tier::Named { .. }) || config.names == Names::All,
            known: config.known_names.iter().map(|name| name.reveal().to_owned()).collect(),
        }
    }

    /// Whether the project itself has said that it knows `name`.
    pub fn knows(&self, name: &str) -> bool {
        self.known.iter().any(|known| known == name)
    }

    /// The family of a model; other models are names.
    pub fn model(&self, model: Option<&str>) -> AttributeValue {
        match model {
            None => AttributeValue::constant(UNKNOWN),
            Some(model) => self.name(catalog::model_family(model), model, OTHER),
        }
    }

    /// A tool. Tools of MCP servers are called `mcp__server__tool`, on every wire.
    pub fn tool(&self, call: &ToolCall) -> AttributeValue {
        match &call.mcp {
            None => self.name(catalog::tool_name(&call.name), &call.name, CUSTOM),
            Some(_) if !self.names && self.known.is_empty() => AttributeValue::constant(CUSTOM),
            Some(McpTool { server, tool }) => {
                let joined = self.name(None, &format!("mcp__{server}__{tool}"), CUSTOM);
                let parts = [scrubbed(server), scrubbed(tool)];
                let redacted = AttributeValue::constant(REDACTED);
                // A part may be too short to be seen for what it is in the whole.
                if joined.as_str() != CUSTOM && parts.contains(&redacted) {
                    redacted
                } else {
                    joined
                }
            }
        }
    }

    /// An MCP server.
    pub fn mcp_server(&self, mcp: &McpTool) -> AttributeValue {
        self.name(catalog::mcp_server(&mcp.server), &mcp.server, CUSTOM)
    }

    /// A tool of an MCP server. No catalog has these: a public server's name says little about
    /// what an engineer has registered under it.
    pub fn mcp_tool(&self, mcp: &McpTool) -> AttributeValue {
        self.name(None, &mcp.tool, CUSTOM)
    }

    /// A skill.
    pub fn skill(&self, skill: &str) -> AttributeValue {
        let known = catalog::skill(skill);
        // The slash of a command is taken off a path as well.
        if known.is_none() && self.names && skill.matches('/').count() > 1 {
            return AttributeValue::constant(REDACTED);
        }
        self.name(known, skill, CUSTOM)
    }

    /// An agent type.
    pub fn agent_type(&self, agent_type: Option<&str>) -> AttributeValue {
        match agent_type {
            None => AttributeValue::constant(UNKNOWN),
            Some(name) => self.name(catalog::agent_type(name), name, CUSTOM),
        }
    }

    /// An error type, or `http_<status>`.
    pub fn error_type(error: &str) -> AttributeValue {
        match catalog::error_type(error) {
            Some(known) => AttributeValue::constant(known),
            None if error == UNKNOWN => AttributeValue::constant(UNKNOWN),
            None if catalog::is_status_error(error) => AttributeValue::cleared(error.to_owned()),
            None => AttributeValue::constant(OTHER),
        }
    }

    /// A stop reason. The host's field can hold free text.
    pub fn stop_reason(reason: &str) -> AttributeValue {
        AttributeValue::constant(catalog::stop_reason(reason).unwrap_or(OTHER))
    }

    /// A permission mode.
    pub fn permission_mode(mode: &str) -> AttributeValue {
        AttributeValue::constant(catalog::permission_mode(mode).unwrap_or(OTHER))
    }

    fn name(
        &self,
        known: Option<&'static str>,
        name: &str,
        collapsed: &'static str,
    ) -> AttributeValue {
        match known {
            Some(known) => AttributeValue::constant(known),
            None if self.names || self.knows(name) => scrubbed(name),
            None => AttributeValue::constant(collapsed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::scrub::{MAX_LENGTH_BYTES, chosen_name, own_text};
    use proptest::prelude::*;

    const ANONYMOUS: PrivacyGate = PrivacyGate { names: false, known: Vec::new() };
    const NAMED: PrivacyGate = PrivacyGate { names: true, known: Vec::new() };

    fn tool(name: &str) -> ToolCall {
        ToolCall {
            name: name.into(),
            mcp: None,
            skill: None,
            files_written: 0,
            dangers: vec![],
            is_complete: true,
            has_unread_input: false,
        }
    }

    #[test]
    fn a_name_outside_the_catalog_leaves_only_with_consent() {
        let mcp = McpTool { server: "acme-billing".into(), tool: "refund".into() };
        let call = ToolCall { mcp: Some(mcp.clone()), ..tool("refund") };
        let rows = [
            (
                "known tool",
                ANONYMOUS.tool(&tool("Bash")),
                NAMED.tool(&tool("Bash")),
                "Bash",
                "Bash",
            ),
            (
                "own tool",
                ANONYMOUS.tool(&tool("Acme")),
                NAMED.tool(&tool("Acme")),
                "custom",
                "Acme",
            ),
            (
                "MCP tool call",
                ANONYMOUS.tool(&call),
                NAMED.tool(&call),
                "custom",
                "mcp__acme-billing__refund",
            ),
            (
                "own server",
                ANONYMOUS.mcp_server(&mcp),
                NAMED.mcp_server(&mcp),
                "custom",
                "acme-billing",
            ),
            ("MCP tool", ANONYMOUS.mcp_tool(&mcp), NAMED.mcp_tool(&mcp), "custom", "refund"),
            (
                "own skill",
                ANONYMOUS.skill("acme:ship"),
                NAMED.skill("acme:ship"),
                "custom",
                "acme:ship",
            ),
            (
                "known model",
                ANONYMOUS.model(Some("gpt-5.5-acme")),
                NAMED.model(Some("gpt-5.5-acme")),
                "gpt-5.5",
                "gpt-5.5",
            ),
            (
                "own model",
                ANONYMOUS.model(Some("acme-7b")),
                NAMED.model(Some("acme-7b")),
                "other",
                "acme-7b",
            ),
            (
                "own agent",
                ANONYMOUS.agent_type(Some("acme")),
                NAMED.agent_type(Some("acme")),
                "custom",
                "acme",
            ),
        ];
        for (label, anonymous, named, at_one, at_two) in rows {
            assert_eq!((anonymous.as_str(), named.as_str()), (at_one, at_two), "{label}");
        }
    }

    #[test]
    fn names_that_the_project_calls_known_leave_and_others_still_do_not() {
        let known = ["mcp__acme__refund", "acme", "deploy", "acme-7b"].map(str::to_owned);
        let gate = PrivacyGate { names: false, known: known.into() };
        let mcp = McpTool { server: "acme".into(), tool: "refund".into() };
        let call = ToolCall { mcp: Some(mcp.clone()), ..tool("refund") };
        let labels = [
            gate.tool(&call),
            gate.mcp_server(&mcp),
            gate.mcp_tool(&mcp),
            gate.tool(&tool("deploy")),
            gate.skill("deploy"),
            gate.skill("deploys"),
            gate.model(Some("acme-7b")),
        ];
        let told: Vec<_> = labels.iter().map(AttributeValue::as_str).collect();
        assert_eq!(
            told,
            ["mcp__acme__refund", "acme", "custom", "deploy", "deploy", "custom", "acme-7b"]
        );
    }

    #[test]
    fn free_text_never_leaves_through_a_vocabulary() {
        assert_eq!(PrivacyGate::stop_reason("user abort: /home/dev").as_str(), "other");
        assert_eq!(PrivacyGate::error_type("http_/etc").as_str(), "other");
        assert_eq!(PrivacyGate::error_type("http_529").as_str(), "http_529");
        assert_eq!(PrivacyGate::permission_mode("whatever").as_str(), "other");
    }

    #[test]
    fn secrets_are_redacted_even_with_consent_to_names() {
        for secret in
            ["sk-CANARY0123456789abcdef", "acme/ghp_0123456789abcdef0123", "AKIAIOSFODNN7EXAMPLE"]
        {
            assert_eq!(NAMED.model(Some(secret)).as_str(), REDACTED, "{secret}");
        }
        assert_eq!(NAMED.model(Some("sk-small")).as_str(), "sk-small", "too short for a token");
    }

    #[test]
    fn a_secret_is_seen_wherever_it_stands_in_a_name() {
        let call = |server: &str, name: &str| {
            let mcp = McpTool { server: server.into(), tool: name.into() };
            ToolCall { mcp: Some(mcp), ..tool(name) }
        };
        for (server, name) in [
            ("ghp_0123456789abcdef0123", "create"),
            ("acme", "xai-0123456789abcdef0123"),
            ("acme_sk-ant-api03-0123456789", "create"),
            ("acme", "me@corp.example"),
            ("acme", "/home/me/x"),
        ] {
            assert_eq!(NAMED.tool(&call(server, name)).as_str(), REDACTED, "{server} {name}");
        }
        assert_eq!(
            NAMED.tool(&call("task-server-for-us", "run")).as_str(),
            "mcp__task-server-for-us__run"
        );
    }

    #[test]
    fn paths_and_addresses_are_no_names() {
        for name in [
            "home/me/bin/x",
            "/srv/models/own.gguf",
            "C:\\models\\own.gguf",
            "Users/me/models/own.gguf",
            "~/own",
            "me@corp.example",
            "Me <me@corp.example>",
        ] {
            assert_eq!(NAMED.model(Some(name)).as_str(), REDACTED, "{name}");
            assert_eq!(NAMED.skill(name).as_str(), REDACTED, "{name}");
        }
        assert_eq!(NAMED.skill("srv/own/deploy").as_str(), REDACTED);
        for name in ["instruments/acme/models/own-7b", "acme:deploy", "@acme/deploy", "home", "a@b"]
        {
            assert_eq!(NAMED.model(Some(name)).as_str(), name);
        }
    }

    #[test]
    fn what_a_project_says_of_itself_is_taken_at_its_word() {
        let text = |text: &str| own_text(text).map(|label| label.as_str().to_owned());
        assert_eq!(text("sk-learn-pipeline-for-us").as_deref(), Some("sk-learn-pipeline-for-us"));
        assert_eq!(text("me@corp.example").as_deref(), Some(REDACTED));
        assert_eq!(text(" \u{7} "), None);
        assert_eq!(chosen_name("me@corp.example").unwrap().as_str(), "me@corp.example");
    }

    proptest! {
        #[test]
        fn labels_are_short_and_printable(name in any::<String>()) {
            for label in [NAMED.skill(&name), ANONYMOUS.skill(&name), PrivacyGate::error_type(&name)] {
                prop_assert!(label.as_str().len() <= MAX_LENGTH_BYTES);
                prop_assert!(!label.as_str().is_empty());
                prop_assert!(!label.as_str().chars().any(char::is_control));
            }
        }
    }
}
