//! The only door for a string of a turn: what may stand in an attribute, at which tier.
//!
//! A [`Label`] can be made here only. Names that a catalog has are public knowledge and leave as
//! the catalog writes them; any other name may be a customer's or a project's and collapses to
//! `custom` or `other`, unless the engineer has agreed to names.

use crate::catalog;
use crate::config::{Config, Names, Tier, is_address};
use crate::entry::{McpTool, ToolCall};
use crate::metrics::registry::Attribute;
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A name that may be private, in place of which nothing else is known.
const CUSTOM: &str = "custom";
/// A value outside a closed vocabulary.
const OTHER: &str = "other";
/// A value that was not reported where the attribute must say something.
const UNKNOWN: &str = "unknown";
/// What stands for a name that looks like a secret.
const REDACTED: &str = "redacted";
/// No label is longer, in bytes.
const MAX_LENGTH: usize = 128;

/// A string that may leave.
#[derive(Clone, Eq)]
pub struct Label(Cow<'static, str>);

/// Nearly all labels are the program's own text, so equal ones are usually the same memory.
impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        let (text, other) = (self.as_str(), other.as_str());
        text.len() == other.len() && (text.as_ptr() == other.as_ptr() || text == other)
    }
}

impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Label {
    /// A value out of this program's own text.
    pub const fn constant(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the values of an attribute come from. A new attribute does not compile without a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Out of this program's own text.
    Closed,
    /// From a turn; outside the catalog only with consent to names.
    Name,
    /// From a turn; outside the catalog never.
    Vocabulary,
}

/// Where the values of `attribute` come from.
pub const fn origin(attribute: Attribute) -> Origin {
    match attribute {
        Attribute::Tool
        | Attribute::Server
        | Attribute::Skill
        | Attribute::AgentType
        | Attribute::Model => Origin::Name,
        Attribute::ErrorType | Attribute::StopReason | Attribute::Mode => Origin::Vocabulary,
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
        | Attribute::Tier => Origin::Closed,
    }
}

/// What the engineer agreed to, for one project. The default is the strictest: published names only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Whether every name passes.
    names: bool,
    /// Names of the project's own that pass at any tier.
    known: Vec<String>,
}

impl Gate {
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
    pub fn model(&self, model: Option<&str>) -> Label {
        match model {
            None => Label::constant(UNKNOWN),
            Some(model) => self.name(catalog::model_family(model), model, OTHER),
        }
    }

    /// A tool. Tools of MCP servers are called `mcp__server__tool`, on every wire.
    pub fn tool(&self, call: &ToolCall) -> Label {
        match &call.mcp {
            None => self.name(catalog::tool_name(&call.name), &call.name, CUSTOM),
            Some(_) if !self.names && self.known.is_empty() => Label::constant(CUSTOM),
            Some(McpTool { server, tool }) => {
                let joined = self.name(None, &format!("mcp__{server}__{tool}"), CUSTOM);
                let parts = [scrubbed(server), scrubbed(tool)];
                let redacted = Label::constant(REDACTED);
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
    pub fn mcp_server(&self, mcp: &McpTool) -> Label {
        self.name(catalog::mcp_server(&mcp.server), &mcp.server, CUSTOM)
    }

    /// A tool of an MCP server. No catalog has these: a public server's name says little about
    /// what an engineer has registered under it.
    pub fn mcp_tool(&self, mcp: &McpTool) -> Label {
        self.name(None, &mcp.tool, CUSTOM)
    }

    /// A skill.
    pub fn skill(&self, skill: &str) -> Label {
        let known = catalog::skill(skill);
        // The slash of a command is taken off a path as well.
        if known.is_none() && self.names && skill.matches('/').count() > 1 {
            return Label::constant(REDACTED);
        }
        self.name(known, skill, CUSTOM)
    }

    /// An agent type.
    pub fn agent_type(&self, agent_type: Option<&str>) -> Label {
        match agent_type {
            None => Label::constant(UNKNOWN),
            Some(name) => self.name(catalog::agent_type(name), name, CUSTOM),
        }
    }

    /// An error type, or `http_<status>`.
    pub fn error_type(error: &str) -> Label {
        match catalog::error_type(error) {
            Some(known) => Label::constant(known),
            None if error == UNKNOWN => Label::constant(UNKNOWN),
            None if catalog::is_status_error(error) => Label(Cow::Owned(error.to_owned())),
            None => Label::constant(OTHER),
        }
    }

    /// A stop reason. The host's field can hold free text.
    pub fn stop_reason(reason: &str) -> Label {
        Label::constant(catalog::stop_reason(reason).unwrap_or(OTHER))
    }

    /// A permission mode.
    pub fn permission_mode(mode: &str) -> Label {
        Label::constant(catalog::permission_mode(mode).unwrap_or(OTHER))
    }

    fn name(&self, known: Option<&'static str>, name: &str, collapsed: &'static str) -> Label {
        match known {
            Some(known) => Label::constant(known),
            None if self.names || self.knows(name) => scrubbed(name),
            None => Label::constant(collapsed),
        }
    }
}

/// A name made fit to leave: no control characters, not too long, and nothing that no name needs.
fn scrubbed(name: &str) -> Label {
    if !is_harmless(name) {
        return Label::constant(REDACTED);
    }
    clean(name).unwrap_or(Label::constant(UNKNOWN))
}

/// Whether `name` holds nothing that no name needs: no secret, no path, no address.
pub fn is_harmless(name: &str) -> bool {
    !(looks_secret(name) || is_path(name) || is_address(name))
}

/// A text that a project says of itself, such as a team's name, made fit to leave. `None` if nothing
/// is left.
pub fn own_text(text: &str) -> Option<Label> {
    let text = text.trim();
    if catalog::secret(text).is_some() || is_address(text) {
        return Some(Label::constant(REDACTED));
    }
    clean(text)
}

/// The name that an engineer chose for themselves, which may be an address.
pub fn chosen_name(text: &str) -> Option<Label> {
    let text = text.trim();
    if catalog::secret(text).is_some() { Some(Label::constant(REDACTED)) } else { clean(text) }
}

/// Text without control characters, and not too long. `None` if nothing is left.
fn clean(text: &str) -> Option<Label> {
    let mut clean: String = text.chars().filter(|c| !c.is_control()).collect();
    clean.truncate(clean.floor_char_boundary(MAX_LENGTH));
    if clean.is_empty() { None } else { Some(Label(Cow::Owned(clean))) }
}

/// How the tokens of widely used services begin.
const SECRET_PREFIXES: &[&str] = &[
    "sk-",
    "sk_",
    "rk_live",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xox",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "xai-",
    "glc_",
    "glsa_",
    "dt0c01.",
    "NRAK-",
    "npm_",
    "hf_",
    "pplx-",
    "Bearer ",
    "Basic ",
    "-----BEGIN",
];

/// Whether a token stands in `text`, or something that merely begins like one: a name too much
/// withheld does no harm. The parts of a name may be joined by `_`, which is a letter to patterns.
fn looks_secret(text: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || "/:=\"',;".contains(c);
    let begins_like_one = |prefix: &&str| {
        text.match_indices(prefix).any(|(at, _)| {
            let within_word = text[..at].ends_with(char::is_alphanumeric);
            // A prefix may itself end in a space.
            let rest = &text[at + prefix.len()..];
            let length = prefix.len() + rest.find(is_end).unwrap_or(rest.len());
            !within_word && length >= 16
        })
    };
    SECRET_PREFIXES.iter().any(begins_like_one)
        || catalog::secret(text).is_some()
        || (text.contains('_') && catalog::secret(&text.replace("__", " ")).is_some())
}

/// Whether `text` is the way to a file. Routes to models and skills of plugins hold slashes too.
fn is_path(text: &str) -> bool {
    let starts = ["/", "~", "./", "../"];
    let has_home = ["home", "Users"].iter().any(|home| {
        let mut parts = text.split(['/', '\\']);
        parts.any(|part| part == *home) && parts.next().is_some()
    });
    has_home || text.contains('\\') || starts.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANONYMOUS: Gate = Gate { names: false, known: Vec::new() };
    const NAMED: Gate = Gate { names: true, known: Vec::new() };

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
        let gate = Gate { names: false, known: known.into() };
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
        let told: Vec<_> = labels.iter().map(Label::as_str).collect();
        assert_eq!(
            told,
            ["mcp__acme__refund", "acme", "custom", "deploy", "deploy", "custom", "acme-7b"]
        );
    }

    #[test]
    fn free_text_never_leaves_through_a_vocabulary() {
        assert_eq!(Gate::stop_reason("user abort: /home/dev").as_str(), "other");
        assert_eq!(Gate::error_type("http_/etc").as_str(), "other");
        assert_eq!(Gate::error_type("http_529").as_str(), "http_529");
        assert_eq!(Gate::permission_mode("whatever").as_str(), "other");
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
        for name in ["accounts/acme/models/own-7b", "acme:deploy", "@acme/deploy", "home", "a@b"] {
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
            for label in [NAMED.skill(&name), ANONYMOUS.skill(&name), Gate::error_type(&name)] {
                prop_assert!(label.as_str().len() <= MAX_LENGTH);
                prop_assert!(!label.as_str().is_empty());
                prop_assert!(!label.as_str().chars().any(char::is_control));
            }
        }
    }
}
