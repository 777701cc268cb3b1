//! Reads the few facts of a tool call's input that metrics need.
//!
//! Privacy: the input itself (commands, paths, patches) never leaves this file.

use crate::catalog::{self, FileWrite, ToolRole};
use crate::entry::collection::for_each;
use crate::entry::lenient::{JsonText, Lenient, Object};
use crate::entry::mcp::{self, McpName};
use crate::entry::payload::mended;
use crate::entry::program;
use crate::entry::repair::{self, Repaired};
use crate::entry::tool_call::ToolCall;
use hashbrown::HashSet;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::OnceCell;

/// The input of a call, as its wire contains it.
#[derive(Clone, Copy)]
pub(super) enum ToolInput<'a> {
    /// It is missing.
    Absent,
    /// The JSON text of an object.
    Json(&'a str),
    /// A command line, a program or a patch, not in JSON.
    Plain(&'a str),
}

/// The call of the tool called `name` with this input.
pub(super) fn read_call(name: &str, input: ToolInput<'_>) -> ToolCall {
    let role = catalog::tool_role(name).unwrap_or(ToolRole::Plain);
    let writes = catalog::file_write(name);
    let mut call = ToolCall::named(name);
    let is_read = needs_input(role);
    match input {
        ToolInput::Plain(text) => read_text(&mut call, role, writes, text),
        ToolInput::Json(json) if role != ToolRole::Plain || writes.is_some() => {
            // A JSON string inside JSON escapes surrogates twice, so the first repair did not reach
            // them.
            let mended = if json.contains("\\u") {
                Cow::from(mended(json.to_owned()))
            } else {
                Cow::from(json)
            };
            let storage = OnceCell::new();
            let parsed =
                repair::read(&mended, &storage, serde_json::from_str::<Object<InputFields<'_>>>);
            let Ok(Repaired { value: Object(fields), .. }) = parsed else {
                return ToolCall { has_unread_input: is_read, ..ToolCall::cut_short(name) };
            };
            let fields = fields.unwrap_or_default();
            let command_line = fields.command_line();
            match role {
                ToolRole::Skill => {
                    call.skill = fields.skill.text().map(catalog::without_slash).map(str::to_owned);
                    call.has_unread_input = call.skill.is_none();
                }
                ToolRole::Dispatch => {
                    call.has_unread_input = fields.tool_name.text().is_none();
                    dispatch(&mut call, fields.tool_name.text_or_empty());
                }
                _ => call.has_unread_input = is_read && command_line.is_none(),
            }
            let is_command = role == ToolRole::Program && fields.has_command();
            let role = if is_command { ToolRole::Shell } else { role };
            read_text(&mut call, role, writes, &command_line.unwrap_or_default());
        }
        ToolInput::Absent => call.has_unread_input = is_read,
        ToolInput::Json(_) => {}
    }
    call
}

/// Sets the MCP server's tool that a call passes its input to. Any other tool is not counted again.
fn dispatch(call: &mut ToolCall, name: &str) {
    match mcp::from_name(name) {
        McpName::Tool(mcp) => call.inner_mcp.push(mcp),
        McpName::Unreadable => call.unreadable_mcp.push(name.to_owned()),
        McpName::Unmarked => call.inner_mcp.extend(mcp::from_grok_name(name)),
    }
}

/// Reads a command line, a program or a patch.
fn read_text(call: &mut ToolCall, role: ToolRole, writes: Option<FileWrite>, text: &str) {
    let program = if role == ToolRole::Program { program::read(text) } else { None };
    if let Some(program) = program {
        call.dangers.extend(catalog::dangers(&program.commands));
        let patched = patched_files(&program.patches).max(u64::from(program.has_patch));
        call.files_written = patched + program.files;
        call.inner_mcp = program.mcp;
        call.unreadable_mcp = program.unreadable_mcp;
    } else if matches!(role, ToolRole::Shell | ToolRole::Program) {
        call.dangers.extend(catalog::dangers(text));
        call.files_written = patched_files(text);
    } else if writes == Some(FileWrite::Patch) {
        call.files_written = patched_files(text).max(1);
    }
}

/// Whether anything is read from the input of the tool called `name`.
pub(super) fn is_input_read(name: &str) -> bool {
    catalog::tool_role(name).is_some_and(needs_input)
        || catalog::file_write(name) == Some(FileWrite::Patch)
}

/// Whether what a tool with this role does is in its input.
fn needs_input(role: ToolRole) -> bool {
    matches!(role, ToolRole::Shell | ToolRole::Program | ToolRole::Dispatch | ToolRole::Skill)
}

/// How many files a patch adds, updates or deletes.
fn patched_files(text: &str) -> u64 {
    let files: HashSet<&str> = catalog::patched_files(text).map(str::trim_end).collect();
    files.len() as u64
}

/// The fields of tool inputs that are read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct InputFields<'a> {
    #[serde(borrow)]
    command: Option<&'a RawValue>,
    #[serde(borrow)]
    commands: Option<&'a RawValue>,
    #[serde(borrow)]
    cmd: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_name: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    skill: Lenient<JsonText<'a>>,
}

impl InputFields<'_> {
    /// Whether a field has a command line, and not a program.
    fn has_command(&self) -> bool {
        self.command.or(self.commands).or(self.cmd).is_some()
    }

    /// The command line, from one string or a list of words. A word that contains a blank is a
    /// script for a shell, so it begins a new line. `None` if there is no command line.
    fn command_line(&self) -> Option<String> {
        let text = self.command.or(self.commands).or(self.cmd).or(self.input).or(self.code)?.get();
        if text.starts_with('[') {
            let mut line = String::new();
            let is_list = for_each(text, |word: Lenient<JsonText<'_>>| {
                let Some(word) = word.text() else { return };
                if !line.is_empty() {
                    line.push(if word.contains(' ') { '\n' } else { ' ' });
                }
                line.push_str(word);
            });
            return is_list.is_ok().then_some(line);
        }
        let Lenient(line): Lenient<JsonText<'_>> = serde_json::from_str(text).unwrap_or_default();
        line.map(|JsonText(line)| line.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_yield_skills_dangers_and_written_files() {
        let shell = read_call("Bash", ToolInput::Json(r#"{"command":"rm -rf x && git push -f"}"#));
        assert_eq!(shell.dangers, ["recursive_delete", "force_push"]);
        let words = read_call("shell", ToolInput::Json(r#"{"command":["bash","-lc","rm -rf x"]}"#));
        assert_eq!(words.dangers, ["recursive_delete"]);
        let script = r#"{"command":["bash","-lc","sudo apt-get update"]}"#;
        assert_eq!(read_call("shell", ToolInput::Json(script)).dangers, ["privilege_escalation"]);
        let both = read_call("Bash", ToolInput::Json(r#"{"command":"rm -rf x","input":"y"}"#));
        assert_eq!(both.dangers, ["recursive_delete"]);
        let skill = read_call("Skill", ToolInput::Json(r#"{"skill":"a:b","args":"secret"}"#));
        assert_eq!(skill.skill.as_deref(), Some("a:b"));
        let patch = "*** Begin Patch\n*** Add File: a\n+x\n*** Delete File: b\n*** End Patch";
        assert_eq!(read_call("apply_patch", ToolInput::Plain(patch)).files_written, 2);
        let twice = "*** Update File: a\n-x\n*** Update File: b\n*** Update File: a\n";
        assert_eq!(read_call("apply_patch", ToolInput::Plain(twice)).files_written, 2);
        let program = r#"await tools.apply_patch("*** Begin Patch\n*** Add File: a\n+x\n")"#;
        assert_eq!(read_call("exec", ToolInput::Plain(program)).files_written, 1);
        assert_eq!(ToolCall::named("Write").files_written, 1);
        assert_eq!(read_call("Read", ToolInput::Json("{}")).files_written, 0);
    }

    #[test]
    fn a_program_yields_what_its_calls_do() {
        for (label, program, dangers, files, servers) in [
            ("a danger", "tools.exec_command({cmd: 'rm -rf x'})", 1, 0, 0),
            ("a danger in a comment", "// rm -rf x\ntools.exec_command({cmd: 'ls'})", 0, 0, 0),
            ("a comment alone", "// tools.exec_command({cmd: 'rm -rf x'})\ntext(1)", 0, 0, 0),
            ("a mention in a text", "text('rm -rf x'); tools.exec_command({cmd: 'ls'})", 0, 0, 0),
            (
                "one class twice",
                "tools.exec_command({cmd:'rm -rf a'});tools.exec_command({cmd:'rm -rf b'})",
                1,
                0,
                0,
            ),
            (
                "a patch",
                "tools.apply_patch(`*** Begin Patch\n*** Add File: a\n+rm -rf x\n*** Update File: b\n`)",
                0,
                2,
                0,
            ),
            ("a patch in a variable", "const p = make(); tools.apply_patch(p)", 0, 1, 0),
            (
                "a patch in a comment",
                "// *** Add File: a\ntools.apply_patch('*** Add File: b\\n+x')",
                0,
                1,
                0,
            ),
            ("servers", "tools.mcp__a__b({}); tools.mcp__c__d({})", 0, 0, 2),
            ("a command line", "rm -rf x", 1, 0, 0),
        ] {
            let call = read_call("exec", ToolInput::Plain(program));
            let found = (call.dangers.len(), call.files_written, call.inner_mcp.len());
            assert_eq!(found, (dangers, files, servers), "{label}: {call:?}");
        }
        let command = read_call("exec", ToolInput::Json(r#"{"command":"cd tools.d; rm -rf x"}"#));
        assert_eq!(command.dangers, ["recursive_delete"]);
        let code = read_call("exec", ToolInput::Json(r#"{"code":"tools.mcp__a__b({})"}"#));
        assert_eq!(code.inner_mcp.len(), 1);
    }

    #[test]
    fn a_dispatched_call_names_its_server_in_the_input() {
        for (input, server, is_unread) in [
            (r#"{"tool_name":"linear__save_issue","tool_input":{}}"#, Some("linear"), false),
            (r#"{"tool_name":"mcp__linear__save_issue"}"#, Some("linear"), false),
            (r#"{"tool_name":"read_file"}"#, None, false),
            ("{}", None, true),
        ] {
            let call = read_call("use_tool", ToolInput::Json(input));
            let found = call.inner_mcp.first().map(|mcp| mcp.server.as_str());
            assert_eq!((found, call.has_unread_input), (server, is_unread), "{input}");
        }
    }

    #[test]
    fn a_cut_input_leaves_only_the_name() {
        let call = read_call("Bash", ToolInput::Json(r#"{"command":"rm -rf"#));
        assert_eq!((call.name.as_str(), call.dangers.len(), call.is_complete), ("Bash", 0, false));
        let write = read_call("write", ToolInput::Json(r#"{"path":"src/a"#));
        assert_eq!((write.files_written, write.is_complete), (0, false));
    }

    #[test]
    fn a_command_that_is_given_twice_is_not_read() {
        let call = read_call("Bash", ToolInput::Json(r#"{"command":"ls","command":"rm -rf x"}"#));
        assert_eq!((call.dangers.len(), call.has_unread_input, call.is_complete), (0, true, true));
    }

    #[test]
    fn a_lone_surrogate_hides_no_danger() {
        let call = read_call("Bash", ToolInput::Json(r#"{"command":"echo \ud83d; rm -rf build"}"#));
        assert_eq!(call.dangers, ["recursive_delete"]);
    }
}
