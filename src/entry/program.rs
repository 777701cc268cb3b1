//! The facts of a program in code mode that metrics need: its calls of MCP servers' tools, its
//! commands and its patches.
//!
//! Privacy: commands and patches never leave `tool_input`, which asks for them.

use crate::catalog::{self, FileWrite, ToolRole};
use crate::entry::code_mode::{self, InnerCall, Token};
use crate::entry::mcp::{self, McpName, McpTool};
use std::ops::Range;

/// A longer code of a character, in bytes with its braces, is not read.
const MAX_CODE_BYTES: usize = 10;
/// How much of the arguments of shells is read in all, in tokens and bytes of text. A call within
/// the arguments of others is read once for each of them, so the sum needs a limit.
const MAX_READ: usize = 512 << 10;
/// The fields of a shell's input that contain its command line.
const COMMAND_FIELDS: &[&str] = &["cmd", "command", "commands"];

/// What a program does, as far as a metric needs it.
#[derive(Debug, Default)]
pub(super) struct ProgramFacts {
    /// The MCP servers' tools that it calls.
    pub(super) mcp: Vec<McpTool>,
    /// The names of calls that are marked as an MCP server's and cannot be read.
    pub(super) unreadable_mcp: Vec<String>,
    /// The command lines that it gives to a shell, each in lines of its own, as far as they are
    /// searched.
    pub(super) commands: String,
    /// A text that contains its patches.
    pub(super) patches: String,
    /// It applies a patch.
    pub(super) has_patch: bool,
    /// The number of files that it writes without a patch.
    pub(super) files: u64,
}

/// Reads `program`. `None` if it mentions no method of the object that has the tools, so it is
/// perhaps a command line.
pub(super) fn read(program: &str) -> Option<ProgramFacts> {
    if !code_mode::is_program(program) {
        return None;
    }
    let code_mode::Program { calls, tokens, comments, mut is_indirect } = code_mode::read(program);
    let mut facts = ProgramFacts::default();
    let mut others: Vec<Range<usize>> = Vec::new();
    let mut has_shell = false;
    let mut budget = MAX_READ;
    for InnerCall { name, arguments } in calls {
        match mcp::from_name(name) {
            McpName::Tool(McpTool { server, tool }) => {
                let server =
                    catalog::mcp_server_in_identifier(&server).map_or(server, str::to_owned);
                facts.mcp.push(McpTool { server, tool });
            }
            McpName::Unreadable => facts.unreadable_mcp.push(name.to_owned()),
            McpName::Unmarked if catalog::tool_role(name) == Some(ToolRole::Shell) => {
                has_shell = true;
                let arguments = tokens.get(arguments).unwrap_or_default();
                is_indirect |= push_command(&mut facts.commands, arguments, &mut budget);
                continue;
            }
            McpName::Unmarked => match catalog::file_write(name) {
                Some(FileWrite::Patch) => facts.has_patch = true,
                Some(FileWrite::File) => facts.files += 1,
                Some(FileWrite::Header) | None => {}
            },
        }
        others.push(arguments);
    }
    if is_indirect {
        // The command may be in a variable, so every string that is not another tool's counts.
        for text in texts_outside(&tokens, &others) {
            if is_full(&facts.commands) {
                break;
            }
            begin_line(&mut facts.commands);
            push_unescaped(&mut facts.commands, text);
        }
    }
    if facts.has_patch || has_shell || is_indirect {
        facts.patches = without(program, &comments);
    }
    Some(facts)
}

/// Adds the command line in `arguments` to `commands`, as far as `budget` allows: the first
/// argument, or its field for the command. Each word of a list counts as one; a word that contains a
/// blank is a script for a shell, so it begins a line. Returns whether a part of the command is not
/// a string.
fn push_command(commands: &mut String, arguments: &[Token<'_>], budget: &mut usize) -> bool {
    let arguments = arguments.get(..*budget).unwrap_or(arguments);
    *budget -= arguments.len();
    let Some(expression) = command_expression(arguments) else { return true };
    let mut is_computed = false;
    let is_list = expression.first() == Some(&Token::Mark(b'['));
    let mut is_new_word = false;
    begin_line(commands);
    let start = commands.len();
    for token in expression {
        if is_full(commands) {
            break;
        }
        match token {
            Token::Text(text) => {
                let text = &text[..text.floor_char_boundary(*budget)];
                *budget -= text.len();
                if is_new_word && is_list && commands.len() > start {
                    // Whether the word contains a blank is known when its escapes are read.
                    let at = commands.len();
                    commands.push(' ');
                    push_unescaped(commands, text);
                    if commands[at + 1..].contains(' ') {
                        commands.replace_range(at..=at, "\n");
                    }
                } else {
                    push_unescaped(commands, text);
                }
                is_new_word = false;
            }
            Token::Word(_) | Token::Regex => {
                is_computed = true;
                if !commands[start..].ends_with('_') {
                    commands.push('_');
                }
            }
            Token::Mark(mark) => is_new_word |= *mark == b',',
        }
    }
    is_computed
}

/// The tokens of the first argument, or of its field for the command; `None` if it has no such
/// field.
fn command_expression<'a, 'p>(arguments: &'a [Token<'p>]) -> Option<&'a [Token<'p>]> {
    if arguments.first() != Some(&Token::Mark(b'{')) {
        return Some(arguments.get(..end_of(arguments))?).filter(|first| !first.is_empty());
    }
    let fields = arguments.get(1..)?;
    let mut at = 0;
    while at < fields.len() {
        let length = end_of(fields.get(at..)?);
        let field = fields.get(at..at + length)?;
        let is_command = |name: &str| COMMAND_FIELDS.contains(&name);
        if let [Token::Word(name) | Token::Text(name), Token::Mark(b':'), value @ ..] = field
            && is_command(name)
        {
            return Some(value);
        }
        if fields.get(at + length) != Some(&Token::Mark(b',')) {
            return None;
        }
        at += length + 1;
    }
    None
}

/// How many tokens there are before the next comma or closing bracket on this level.
fn end_of(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark(b'(' | b'[' | b'{') => depth += 1,
            Token::Mark(b')' | b']' | b'}' | b',') if depth == 0 => return at,
            Token::Mark(b')' | b']' | b'}') => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The strings that are not within one of `ranges`, which are in the order of their starts.
fn texts_outside<'a>(
    tokens: &'a [Token<'_>],
    ranges: &'a [Range<usize>],
) -> impl Iterator<Item = &'a str> {
    let (mut next, mut end) = (0, 0);
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        while let Some(range) = ranges.get(next).filter(|range| range.start <= at) {
            end = end.max(range.end);
            next += 1;
        }
        match token {
            Token::Text(text) if at >= end => Some(*text),
            _ => None,
        }
    })
}

/// `text` without `ranges`, which are in order.
fn without(text: &str, ranges: &[Range<usize>]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut start = 0;
    for range in ranges {
        kept.push_str(text.get(start..range.start).unwrap_or_default());
        kept.push('\n');
        start = range.end;
    }
    kept.push_str(text.get(start..).unwrap_or_default());
    kept
}

/// Whether more of `commands` would not be searched.
fn is_full(commands: &str) -> bool {
    commands.len() >= catalog::MAX_COMMAND_BYTES
}

fn begin_line(lines: &mut String) {
    if !lines.is_empty() {
        lines.push('\n');
    }
}

/// Adds the text that a string with escapes stands for, until `result` is full.
fn push_unescaped(result: &mut String, text: &str) {
    let mut rest = text;
    while !is_full(result) {
        let Some((before, after)) = rest.split_once('\\') else {
            let room = catalog::MAX_COMMAND_BYTES - result.len();
            result.push_str(&rest[..rest.ceil_char_boundary(room)]);
            return;
        };
        result.push_str(before);
        let mut letters = after.chars();
        let letter = letters.next();
        rest = letters.as_str();
        match letter {
            Some('n') => result.push('\n'),
            Some('r') => result.push('\r'),
            Some('t') => result.push('\t'),
            Some('\n') | None => {}
            Some(mark @ ('x' | 'u')) => {
                let (digits, length) = match braced(rest) {
                    Some(digits) if mark == 'u' => (digits, digits.len() + 2),
                    _ => {
                        let length = if mark == 'u' { 4 } else { 2 };
                        (rest.get(..length).unwrap_or_default(), length)
                    }
                };
                let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                if let Some(code) = code {
                    result.push(code);
                    rest = rest.get(length..).unwrap_or_default();
                }
            }
            Some(other) => result.push(other),
        }
    }
}

/// What is between the braces that `text` begins with, if they are not far from each other.
fn braced(text: &str) -> Option<&str> {
    let head = &text[..text.floor_char_boundary(MAX_CODE_BYTES)];
    head.strip_prefix('{')?.split_once('}').map(|(digits, _)| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_from_the_arguments_of_shells() {
        for (label, program, expected) in [
            ("a field", r#"tools.exec_command({cmd: "rm -rf x"})"#, "rm -rf x"),
            ("a quoted field", r#"tools.exec_command({"workdir": "/a", 'cmd': 'ls'})"#, "ls"),
            ("a text", "tools.shell_command('ls')", "ls"),
            (
                "escapes",
                r#"tools.exec_command({cmd: "echo \"a\"\n\x41\u{42}\u0043"})"#,
                "echo \"a\"\nABC",
            ),
            ("joined texts", "tools.exec_command({cmd: 'rm ' + '-rf x'})", "rm -rf x"),
            (
                "a list",
                r#"tools.shell({command: ["bash", "-lc", "rm -rf x"]})"#,
                "bash -lc\nrm -rf x",
            ),
            ("two calls", "tools.exec_command({cmd:'a'});tools.exec_command({cmd:'b'})", "a\nb"),
            ("another tool's text", "text('rm -rf x'); tools.exec_command({cmd:'a'})", "a"),
            ("a nested field", "tools.exec_command({env: {cmd: 'no'}, cmd: 'a'})", "a"),
        ] {
            assert_eq!(read(program).unwrap().commands, expected, "{label}");
        }
    }

    #[test]
    fn a_command_in_a_variable_is_among_the_other_texts() {
        for program in [
            "const cmd = 'rm -rf x'; await tools.exec_command({cmd})",
            "const c = 'rm -rf x'; await tools.exec_command({cmd: c})",
            "const a = {cmd: 'rm -rf x'}; await tools.exec_command(a)",
            "const t = tools; t.exec_command({cmd: 'rm -rf x'}); tools.view_image({})",
            "for (const c of ['ls', 'rm -rf x']) await tools.exec_command({cmd: `cd a && ${c}`})",
        ] {
            let commands = read(program).unwrap().commands;
            assert!(commands.lines().any(|line| line == "rm -rf x"), "{program}: {commands}");
        }
        let other = "tools.mcp__a__b({text: 'rm -rf x'}); tools.exec_command({cmd: c})";
        assert!(!read(other).unwrap().commands.contains("rm"));
    }

    #[test]
    fn no_more_is_copied_than_is_searched() {
        let (open, close) = ("tools.exec_command(".repeat(200), ")".repeat(200));
        let long = "a".repeat(1 << 20);
        for (label, program) in [
            ("one long text", format!("tools.exec_command('{long}')")),
            ("calls around it", format!("{open}'{}'{close}", &long[..100_000])),
            ("calls around blank escapes", format!("{open}'{}'{close}", "\\\n".repeat(50_000))),
            (
                "many texts",
                format!("t = tools; tools.exec_command(t, [{}])", "'aaaa',".repeat(20_000)),
            ),
        ] {
            let commands = read(&program).unwrap().commands;
            let most = catalog::MAX_COMMAND_BYTES + 200;
            assert!(commands.len() <= most, "{label}: {}", commands.len());
        }
        let exact =
            format!("tools.exec_command('{}x')", "\\n".repeat(catalog::MAX_COMMAND_BYTES - 1));
        assert!(read(&exact).unwrap().commands.ends_with("\nx"), "escapes are short in the text");
    }

    #[test]
    fn only_a_short_code_of_a_character_is_read() {
        for (code, expected) in [
            (r"\u{41}", "A"),
            (r"\u{00000041}", "A"),
            (r"\u{000000041}", "{000000041}"),
            (r"\u{41", "{41"),
            (r"\u{}", "{}"),
            (r"\u{é}", "{é}"),
        ] {
            let program = format!("tools.exec_command('{code}')");
            assert_eq!(read(&program).unwrap().commands, expected, "{code}");
        }
    }

    #[test]
    fn servers_are_read_from_the_names_of_calls() {
        let program =
            "tools.mcp__zoo__feed(); tools.mcp__sequential_thinking__go(); tools.mcp__x()";
        let facts = read(program).unwrap();
        let servers: Vec<&str> = facts.mcp.iter().map(|mcp| mcp.server.as_str()).collect();
        assert_eq!(servers, ["zoo", "sequential-thinking"]);
        assert_eq!(facts.unreadable_mcp, ["mcp__x"]);
    }

    #[test]
    fn a_text_without_tools_is_not_a_program() {
        assert!(read("cd tools && rm -rf x").is_none());
        assert!(read("rm -rf build").is_none());
    }
}
