//! A tool call: its name, and the few facts that its input is looked at for.
//!
//! The input itself (commands, paths, patches) never leaves this file.

use crate::catalog::{self, McpParts, Role, Writes};
use crate::entry::lenient::{Lenient, List, Object, Text};
use crate::entry::payload::mended;
use crate::entry::request::skill_name;
use hashbrown::HashSet;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A tool that the model called in this turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The name on the wire, or what names the item where it has none (`local_shell`).
    pub name: String,
    /// Which MCP server's tool it is, if it is one.
    pub mcp: Option<McpTool>,
    /// The skill it activates.
    pub skill: Option<String>,
    /// How many files it writes.
    pub files_written: u64,
    /// The classes of dangerous commands in its command line.
    pub dangers: Vec<&'static str>,
    /// Its input arrived in full. A call of which it did not cannot have run.
    pub is_complete: bool,
    /// Its input arrived without what calls of this tool are known to have in it.
    pub has_unread_input: bool,
}

/// An MCP server and one of its tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpTool {
    /// The server's name as configured by the engineer.
    pub server: String,
    /// The tool's name.
    pub tool: String,
}

/// What is known of a call's input.
#[derive(Clone, Copy)]
pub(super) enum Input<'a> {
    /// Nothing: only the name was reported.
    Unknown,
    /// There is none where it should be.
    Absent,
    /// JSON text of an object.
    Json(&'a str),
    /// A command line, program or patch as it is.
    Plain(&'a str),
}

impl ToolCall {
    pub(super) fn new(name: &str, input: Input<'_>) -> Self {
        let role = catalog::tool(name).unwrap_or(Role::Plain);
        let writes = catalog::writes(name);
        let mut call = Self {
            name: name.to_owned(),
            mcp: None,
            skill: None,
            files_written: u64::from(writes.is_some()),
            dangers: Vec::new(),
            is_complete: true,
            has_unread_input: false,
        };
        let is_looked_at = matches!(role, Role::Shell | Role::Skill);
        match input {
            Input::Plain(text) => call.look_at(role, writes, text),
            Input::Json(json) if role != Role::Plain || writes.is_some() => {
                // Within JSON that is itself a text the halves of a pair are escaped once more.
                let mended = if json.contains("\\u") {
                    Cow::from(mended(json.to_owned()))
                } else {
                    Cow::from(json)
                };
                let Ok(Object(fields)) = serde_json::from_str::<Object<Fields<'_>>>(&mended) else {
                    return Self { has_unread_input: is_looked_at, ..Self::cut_short(name) };
                };
                let fields = fields.unwrap_or_default();
                let command_line = fields.command_line();
                if role == Role::Skill {
                    call.skill = fields.skill.text().map(skill_name).map(str::to_owned);
                    call.has_unread_input = call.skill.is_none();
                } else {
                    call.has_unread_input = is_looked_at && command_line.is_none();
                }
                call.look_at(role, writes, &command_line.unwrap_or_default());
            }
            Input::Absent => call.has_unread_input = is_looked_at,
            Input::Json(_) | Input::Unknown => {}
        }
        call
    }

    /// A call whose input never arrived in full. It cannot have run.
    pub(super) fn cut_short(name: &str) -> Self {
        Self::new(name, Input::Unknown).never_run()
    }

    /// The same call, cut before its input had arrived in full.
    pub(super) fn never_run(self) -> Self {
        Self {
            files_written: 0,
            skill: None,
            dangers: Vec::new(),
            is_complete: false,
            has_unread_input: false,
            ..self
        }
    }

    /// The call of an MCP server's tool. Its name may be that of a known tool, which it is not.
    pub(super) fn of_server(server: &str, tool: &str) -> Self {
        let mcp = McpTool { server: server.to_owned(), tool: tool.to_owned() };
        Self { mcp: Some(mcp), files_written: 0, ..Self::new(tool, Input::Unknown) }
    }

    fn look_at(&mut self, role: Role, writes: Option<Writes>, text: &str) {
        if role == Role::Shell {
            self.dangers.extend(catalog::dangers(text));
            self.files_written = patched_files(text);
        } else if writes == Some(Writes::Patch) {
            self.files_written = patched_files(text).max(1);
        }
    }
}

/// Whether anything is read from the input of the tool called `name`.
pub(super) fn wants_input(name: &str) -> bool {
    matches!(catalog::tool(name), Some(Role::Shell | Role::Skill))
        || catalog::writes(name) == Some(Writes::Patch)
}

/// What a tool's name says about MCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum McpName {
    /// Which server's tool it is.
    Tool(McpTool),
    /// Marked as MCP, but not of the known form.
    Unreadable,
    /// Not marked.
    Unmarked,
}

/// What marks the name of an MCP server's tool.
const MCP_MARK: &str = "mcp__";

/// Reads `mcp__server__tool`.
pub(super) fn mcp_from_name(name: &str) -> McpName {
    if !name.starts_with(MCP_MARK) {
        return McpName::Unmarked;
    }
    catalog::mcp_tool(name).map_or(McpName::Unreadable, |parts| McpName::Tool(parts.into()))
}

/// Reads Grok's `server__tool`.
pub(super) fn grok_mcp_from_name(name: &str) -> Option<McpTool> {
    catalog::grok_mcp_tool(name).map(McpTool::from)
}

impl From<McpParts<'_>> for McpTool {
    fn from(McpParts { server, tool }: McpParts<'_>) -> Self {
        Self { server: server.to_owned(), tool: tool.to_owned() }
    }
}

/// How many files a patch adds, updates or deletes.
fn patched_files(text: &str) -> u64 {
    let files: HashSet<&str> = catalog::patched_files(text).map(str::trim_end).collect();
    files.len() as u64
}

/// The fields of tool inputs that are looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    command: Option<&'a RawValue>,
    #[serde(borrow)]
    commands: Option<&'a RawValue>,
    #[serde(borrow)]
    cmd: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    skill: Lenient<Text<'a>>,
}

impl Fields<'_> {
    /// The command line, be it one string or a list of words. A word that holds a blank is a script
    /// that a shell is given, and begins like a line of its own. `None` if there is nothing like one.
    fn command_line(&self) -> Option<String> {
        let text = self.command.or(self.commands).or(self.cmd).or(self.input)?.get();
        if text.starts_with('[') {
            let words: List<Lenient<Text<'_>>> = serde_json::from_str(text).unwrap_or_default();
            let mut line = String::new();
            for word in words.iter().filter_map(Lenient::text) {
                if !line.is_empty() {
                    line.push(if word.contains(' ') { '\n' } else { ' ' });
                }
                line.push_str(word);
            }
            return Some(line);
        }
        let Lenient(line): Lenient<Text<'_>> = serde_json::from_str(text).unwrap_or_default();
        line.map(|Text(line)| line.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_read_for_what_a_metric_needs_and_for_nothing_else() {
        let shell = ToolCall::new("Bash", Input::Json(r#"{"command":"rm -rf x && git push -f"}"#));
        assert_eq!(shell.dangers, ["recursive_delete", "force_push"]);
        let words = ToolCall::new("shell", Input::Json(r#"{"command":["bash","-lc","rm -rf x"]}"#));
        assert_eq!(words.dangers, ["recursive_delete"]);
        let script = r#"{"command":["bash","-lc","sudo apt-get update"]}"#;
        assert_eq!(ToolCall::new("shell", Input::Json(script)).dangers, ["privilege_escalation"]);
        let both = ToolCall::new("Bash", Input::Json(r#"{"command":"rm -rf x","input":"y"}"#));
        assert_eq!(both.dangers, ["recursive_delete"]);
        let skill = ToolCall::new("Skill", Input::Json(r#"{"skill":"a:b","args":"secret"}"#));
        assert_eq!(skill.skill.as_deref(), Some("a:b"));
        let patch = "*** Begin Patch\n*** Add File: a\n+x\n*** Delete File: b\n*** End Patch";
        assert_eq!(ToolCall::new("apply_patch", Input::Plain(patch)).files_written, 2);
        let twice = "*** Update File: a\n-x\n*** Update File: b\n*** Update File: a\n";
        assert_eq!(ToolCall::new("apply_patch", Input::Plain(twice)).files_written, 2);
        let program = r#"await tools.apply_patch("*** Begin Patch\n*** Add File: a\n+x\n")"#;
        assert_eq!(ToolCall::new("exec", Input::Plain(program)).files_written, 1);
        assert_eq!(ToolCall::new("Write", Input::Unknown).files_written, 1);
        assert_eq!(ToolCall::new("Read", Input::Json("{}")).files_written, 0);
    }

    #[test]
    fn an_input_that_is_cut_short_costs_only_itself() {
        let call = ToolCall::new("Bash", Input::Json(r#"{"command":"rm -rf"#));
        assert_eq!((call.name.as_str(), call.dangers.len(), call.is_complete), ("Bash", 0, false));
        let write = ToolCall::new("write", Input::Json(r#"{"path":"src/a"#));
        assert_eq!((write.files_written, write.is_complete), (0, false));
    }

    #[test]
    fn half_a_pair_of_letters_hides_nothing() {
        let call = ToolCall::new("Bash", Input::Json(r#"{"command":"echo \ud83d; rm -rf build"}"#));
        assert_eq!(call.dangers, ["recursive_delete"]);
    }

    #[test]
    fn mcp_names_say_server_and_tool() {
        let github = McpTool { server: "github".into(), tool: "create_issue".into() };
        let marked = McpName::Tool(github.clone());
        assert_eq!(mcp_from_name("mcp__github__create_issue"), marked);
        assert_eq!(mcp_from_name("mcp__github"), McpName::Unreadable);
        assert_eq!(mcp_from_name("Bash"), McpName::Unmarked);
        assert_eq!(grok_mcp_from_name("github__create_issue"), Some(github));
        assert_eq!(grok_mcp_from_name("read_file"), None);
    }
}
