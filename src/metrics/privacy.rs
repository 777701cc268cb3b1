//! The privacy gate: decides, by tier, which value an attribute gets.
//!
//! Only the gate and its scrubber make an [`AttributeValue`] from a string of a turn. A name that a
//! catalog contains is public knowledge and is sent as the catalog writes it. Any other name may
//! belong to a customer or a project. It is replaced by `custom` or `other`, unless the user has
//! agreed to send names.

use crate::catalog;
use crate::config::{Config, Names, Tier};
use crate::entry::{McpTool, ToolCall};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::name_log::{NameKind, NameLog, NameReason};
use crate::metrics::registry::{Attribute, PROJECT_LABELS};
use crate::metrics::scrub::{REDACTED, own_text, scrubbed};
use std::sync::Arc;

/// Replaces a name that may be private.
const CUSTOM: &str = "custom";
/// Replaces a model's name that may be private, and an unknown value of a vocabulary.
const OTHER: &str = "other";
/// The value of an attribute that is always present, if nothing was reported.
const UNKNOWN: &str = "unknown";

/// A longer text, in bytes, is not a name. It is replaced at every tier, and not searched for
/// secrets.
const MAX_NAME_BYTES: usize = 256;

/// Where the values of an attribute come from. [`origin`] has to decide it for each new attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueOrigin {
    /// From this program's own text.
    Closed,
    /// From a turn. A value that no catalog contains is sent only if the user has agreed to send
    /// names.
    Name,
    /// From a turn. A value that no catalog contains is never sent.
    Vocabulary,
    /// From the project's config. The value is that of the resource attribute of the same meaning.
    Config,
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
        Attribute::Project | Attribute::Team => ValueOrigin::Config,
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

/// Attributes with the same value on all data points of a project.
pub type ProjectLabels = Vec<(Attribute, AttributeValue)>;

/// The privacy gate of one project. The default is the strictest: only names that a catalog
/// contains.
#[derive(Clone, Debug, Default)]
pub struct PrivacyGate {
    /// Whether every name is sent.
    sends_names: bool,
    /// The project's own `known_names`, which are sent at every tier.
    known_names: Vec<String>,
    /// Where each decision about a name is noted, in a dry run.
    log: Option<Arc<NameLog>>,
}

impl PrivacyGate {
    /// The gate of a project with this config. It sends every name at tier 2, and with `"names":
    /// "all"`.
    pub fn of(config: &Config) -> Self {
        Self {
            sends_names: matches!(config.tier, Tier::Named { .. }) || config.names == Names::All,
            known_names: config.known_names.iter().map(|name| name.reveal().to_owned()).collect(),
            log: None,
        }
    }

    /// Notes each decision about a name from now on.
    pub fn note_names(&mut self) -> Arc<NameLog> {
        Arc::clone(self.log.get_or_insert_default())
    }

    /// The attributes that all data points about cost and tokens have: the project and the team, as the
    /// resource shows them. None, unless the config asks for them.
    pub fn project_labels(config: &Config) -> ProjectLabels {
        let labels = PROJECT_LABELS.into_iter().filter(|_| config.project_labels);
        let labels = labels.filter_map(|(attribute, key)| {
            Some((attribute, own_text(config.resource_attribute(key)?.reveal())?))
        });
        labels.collect()
    }

    /// Whether `name` is one of the project's `known_names`.
    pub fn knows(&self, name: &str) -> bool {
        self.known_names.iter().any(|known| known == name)
    }

    /// The family of a model. A model without a known family is a name.
    pub fn model(&self, model: Option<&str>) -> AttributeValue {
        match model {
            None => AttributeValue::constant(UNKNOWN),
            Some(model) => self.noted(NameKind::Model, catalog::model_family(model), model, OTHER),
        }
    }

    /// A tool. An MCP server's tool is `mcp__server__tool`, whatever the wire calls it.
    pub fn tool(&self, call: &ToolCall) -> AttributeValue {
        let known = match &call.mcp {
            None => catalog::tool_name(&call.name),
            Some(mcp) => return self.mcp_tool_call(mcp),
        };
        self.noted(NameKind::Tool, known, &call.name, CUSTOM)
    }

    /// An MCP server's tool, with the name of the server.
    fn mcp_tool_call(&self, mcp: &McpTool) -> AttributeValue {
        let McpTool { server, tool } = mcp;
        let is_custom = !self.sends_names && self.known_names.is_empty();
        if is_custom && self.log.is_none() {
            return AttributeValue::constant(CUSTOM);
        }
        let name = format!("mcp__{server}__{tool}");
        let value = self.name(None, &name, CUSTOM);
        let parts = [scrubbed(server), scrubbed(tool)];
        let redacted = AttributeValue::constant(REDACTED);
        // A secret in one part may not be recognised within the joined name.
        let is_private = value.as_str() != CUSTOM && parts.contains(&redacted);
        let value = if is_private { redacted } else { value };
        self.note(NameKind::Tool, None, &name, &value);
        value
    }

    /// An MCP server.
    pub fn mcp_server(&self, mcp: &McpTool) -> AttributeValue {
        self.noted(NameKind::McpServer, catalog::mcp_server(&mcp.server), &mcp.server, CUSTOM)
    }

    /// A tool of an MCP server. No catalog contains these: a user can run a server of their own
    /// under a published server's name.
    pub fn mcp_tool(&self, mcp: &McpTool) -> AttributeValue {
        self.noted(NameKind::McpTool, None, &mcp.tool, CUSTOM)
    }

    /// A skill.
    pub fn skill(&self, skill: &str) -> AttributeValue {
        let known = catalog::skill(skill);
        // Skill names have lost their leading slash, so a path no longer looks like one. A name has no
        // other slash: its parts are separated by colons.
        let is_sent = self.sends_names || self.knows(skill);
        if known.is_none() && is_sent && skill.contains('/') {
            let redacted = AttributeValue::constant(REDACTED);
            self.note(NameKind::Skill, None, skill, &redacted);
            return redacted;
        }
        self.noted(NameKind::Skill, known, skill, CUSTOM)
    }

    /// An agent type.
    pub fn agent_type(&self, agent_type: Option<&str>) -> AttributeValue {
        match agent_type {
            None => AttributeValue::constant(UNKNOWN),
            Some(name) => self.noted(NameKind::AgentType, catalog::agent_type(name), name, CUSTOM),
        }
    }

    /// An error type, or `http_<status>`.
    pub fn error_type(&self, error: &str) -> AttributeValue {
        let known = match catalog::error_type(error) {
            None if error == UNKNOWN => return AttributeValue::constant(UNKNOWN),
            None if catalog::is_status_error(error) => {
                return AttributeValue::checked(error.to_owned());
            }
            known => known,
        };
        self.word(NameKind::ErrorType, known, error)
    }

    /// A stop reason. The host's field can contain free text.
    pub fn stop_reason(&self, reason: &str) -> AttributeValue {
        self.word(NameKind::StopReason, catalog::stop_reason(reason), reason)
    }

    /// A permission mode.
    pub fn permission_mode(&self, mode: &str) -> AttributeValue {
        self.word(NameKind::PermissionMode, catalog::permission_mode(mode), mode)
    }

    /// The catalog's copy of a word, or `other`: no tier sends one that no catalog contains.
    fn word(&self, kind: NameKind, known: Option<&'static str>, word: &str) -> AttributeValue {
        let value = AttributeValue::constant(known.unwrap_or(OTHER));
        self.note(kind, known, word, &value);
        value
    }

    /// The same as [`Self::name`], with a note about it in a dry run.
    fn noted(
        &self,
        kind: NameKind,
        known: Option<&'static str>,
        name: &str,
        replacement: &'static str,
    ) -> AttributeValue {
        let value = self.name(known, name, replacement);
        self.note(kind, known, name, &value);
        value
    }

    /// In a dry run: notes what the gate has decided about a name, and why.
    fn note(
        &self,
        kind: NameKind,
        known: Option<&'static str>,
        name: &str,
        value: &AttributeValue,
    ) {
        if let Some(log) = &self.log {
            self.note_in(log, kind, known.is_some(), name, value);
        }
    }

    /// Out of line, because no other run needs it.
    #[cold]
    #[inline(never)]
    fn note_in(
        &self,
        log: &NameLog,
        kind: NameKind,
        is_published: bool,
        name: &str,
        value: &AttributeValue,
    ) {
        let is_word =
            matches!(kind, NameKind::ErrorType | NameKind::StopReason | NameKind::PermissionMode);
        let is_known = self.knows(name) && !is_word;
        let reason = if is_published {
            NameReason::Catalog
        } else if name.len() > MAX_NAME_BYTES {
            NameReason::TooLong
        } else if is_word || !(self.sends_names || is_known) {
            NameReason::NotInCatalog
        } else if value.as_str() == REDACTED {
            NameReason::Private
        } else if is_known {
            NameReason::KnownName
        } else {
            NameReason::AllNames
        };
        log.add(kind, name, value, reason);
    }

    /// The catalog's copy of `name` if there is one, else `name` itself if it may be sent, else
    /// `replacement`.
    fn name(
        &self,
        known: Option<&'static str>,
        name: &str,
        replacement: &'static str,
    ) -> AttributeValue {
        match known {
            Some(known) => AttributeValue::constant(known),
            None if name.len() > MAX_NAME_BYTES => AttributeValue::constant(replacement),
            None if self.sends_names || self.knows(name) => scrubbed(name),
            None => AttributeValue::constant(replacement),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::scrub::{MAX_LENGTH_BYTES, chosen_name};
    use proptest::prelude::*;

    const ANONYMOUS: PrivacyGate =
        PrivacyGate { sends_names: false, known_names: Vec::new(), log: None };
    const NAMED: PrivacyGate =
        PrivacyGate { sends_names: true, known_names: Vec::new(), log: None };

    fn tool(name: &str) -> ToolCall {
        ToolCall {
            name: name.into(),
            times: 1,
            mcp: None,
            inner_mcp: Vec::new(),
            unreadable_mcp: Vec::new(),
            skill: None,
            files_written: 0,
            dangers: vec![],
            is_complete: true,
            has_unread_input: false,
        }
    }

    #[test]
    fn an_unknown_name_is_sent_only_with_consent() {
        let mcp = McpTool { server: "acme-billing".into(), tool: "refund".into() };
        let call = ToolCall { mcp: Some(mcp.clone()), ..tool("refund") };
        let values = |gate: &PrivacyGate| {
            [
                gate.tool(&tool("Bash")),
                gate.tool(&tool("Acme")),
                gate.tool(&call),
                gate.mcp_server(&mcp),
                gate.mcp_tool(&mcp),
                gate.skill("acme:ship"),
                gate.model(Some("gpt-5.5-acme")),
                gate.model(Some("acme-7b")),
                gate.agent_type(Some("acme")),
            ]
        };
        let expected = [
            ("known tool", "Bash", "Bash"),
            ("own tool", "custom", "Acme"),
            ("MCP tool call", "custom", "mcp__acme-billing__refund"),
            ("own server", "custom", "acme-billing"),
            ("MCP tool", "custom", "refund"),
            ("own skill", "custom", "acme:ship"),
            ("known model", "gpt-5.5", "gpt-5.5"),
            ("own model", "other", "acme-7b"),
            ("own agent", "custom", "acme"),
        ];
        let (anonymous, named) = (values(&ANONYMOUS), values(&NAMED));
        for (i, (case, at_one, at_two)) in expected.into_iter().enumerate() {
            assert_eq!((anonymous[i].as_str(), named[i].as_str()), (at_one, at_two), "{case}");
        }
    }

    #[test]
    fn only_the_known_names_of_a_project_are_sent() {
        let known_names = ["mcp__acme__refund", "acme", "deploy", "acme-7b"].map(str::to_owned);
        let gate = PrivacyGate { known_names: known_names.into(), ..ANONYMOUS };
        let mcp = McpTool { server: "acme".into(), tool: "refund".into() };
        let call = ToolCall { mcp: Some(mcp.clone()), ..tool("refund") };
        let values = [
            gate.tool(&call),
            gate.mcp_server(&mcp),
            gate.mcp_tool(&mcp),
            gate.tool(&tool("deploy")),
            gate.skill("deploy"),
            gate.skill("deploys"),
            gate.model(Some("acme-7b")),
        ];
        let sent: Vec<_> = values.iter().map(AttributeValue::as_str).collect();
        assert_eq!(
            sent,
            ["mcp__acme__refund", "acme", "custom", "deploy", "deploy", "custom", "acme-7b"]
        );
    }

    #[test]
    fn a_vocabulary_never_sends_free_text() {
        assert_eq!(ANONYMOUS.stop_reason("user abort: /home/dev").as_str(), "other");
        assert_eq!(ANONYMOUS.error_type("http_/etc").as_str(), "other");
        assert_eq!(ANONYMOUS.error_type("http_529").as_str(), "http_529");
        assert_eq!(ANONYMOUS.permission_mode("whatever").as_str(), "other");
    }

    #[test]
    fn each_decision_about_a_name_is_noted_with_its_reason() {
        let known_names = vec!["deploy".to_owned()];
        for (gate, own, reason) in [
            (PrivacyGate { known_names, ..ANONYMOUS }, "custom", NameReason::NotInCatalog),
            (NAMED, "Acme", NameReason::AllNames),
        ] {
            let mut gate = gate;
            let is_named = gate.sends_names;
            let log = gate.note_names();
            gate.tool(&tool("Bash"));
            gate.tool(&tool("Acme"));
            gate.skill("deploy");
            gate.skill("acme/deploy");
            gate.model(Some(&"x".repeat(MAX_NAME_BYTES + 1)));
            gate.stop_reason("user abort");
            let server = McpTool { server: "acme".into(), tool: "refund".into() };
            gate.tool(&ToolCall { mcp: Some(server), ..tool("refund") });
            let decisions = log.decisions();
            let decision = |name: Option<&str>| {
                let found = decisions.iter().find(|it| it.name.as_deref() == name);
                found.map(|it| (it.sent.as_str().to_owned(), it.reason))
            };
            assert_eq!(decision(Some("Bash")), Some(("Bash".into(), NameReason::Catalog)));
            assert_eq!(decision(Some("Acme")), Some((own.into(), reason)));
            let deploy = if is_named { NameReason::AllNames } else { NameReason::KnownName };
            assert_eq!(decision(Some("deploy")), Some(("deploy".into(), deploy)));
            let path =
                if is_named { ("redacted", NameReason::Private) } else { ("custom", reason) };
            assert_eq!(decision(Some("acme/deploy")), Some((path.0.into(), path.1)));
            assert_eq!(decision(None), Some(("other".into(), NameReason::TooLong)));
            assert_eq!(
                decision(Some("user abort")),
                Some(("other".into(), NameReason::NotInCatalog))
            );
            let joined = if is_named { "mcp__acme__refund" } else { "custom" };
            assert_eq!(decision(Some("mcp__acme__refund")), Some((joined.into(), reason)));
        }
    }

    #[test]
    fn secrets_are_redacted_even_with_consent() {
        for secret in
            ["sk-CANARY0123456789abcdef", "acme/ghp_0123456789abcdef0123", "AKIAIOSFODNN7EXAMPLE"]
        {
            assert_eq!(NAMED.model(Some(secret)).as_str(), REDACTED, "{secret}");
        }
        assert_eq!(NAMED.model(Some("sk-small")).as_str(), "sk-small", "too short for a token");
    }

    #[test]
    fn a_secret_is_found_anywhere_in_a_name() {
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
    fn paths_and_addresses_are_redacted() {
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
        for path in ["srv/own/deploy", "acme/model.gguf"] {
            assert_eq!(NAMED.skill(path).as_str(), REDACTED);
        }
        for name in ["instruments/acme/models/own-7b", "acme:deploy", "@acme/deploy", "home", "a@b"]
        {
            assert_eq!(NAMED.model(Some(name)).as_str(), name);
        }
    }

    #[test]
    fn a_projects_own_text_is_redacted_only_for_secrets_and_addresses() {
        let text = |text: &str| own_text(text).map(|value| value.as_str().to_owned());
        assert_eq!(text("sk-learn-pipeline-for-us").as_deref(), Some("sk-learn-pipeline-for-us"));
        assert_eq!(text("me@corp.example").as_deref(), Some(REDACTED));
        assert_eq!(text(" \u{7} "), None);
        assert_eq!(chosen_name("me@corp.example").unwrap().as_str(), "me@corp.example");
    }

    proptest! {
        #[test]
        fn attribute_values_are_short_and_have_no_control_characters(name in any::<String>()) {
            for value in [NAMED.skill(&name), ANONYMOUS.skill(&name), ANONYMOUS.error_type(&name)] {
                prop_assert!(value.as_str().len() <= MAX_LENGTH_BYTES);
                prop_assert!(!value.as_str().is_empty());
                prop_assert!(!value.as_str().chars().any(char::is_control));
            }
        }
    }
}
