//! The tool calls inside a JavaScript program, which an agent in code mode runs as one call.
//!
//! A call is `tools.<name>(…)` or `tools["<name>"](…)` outside of comments, strings and regular
//! expressions; a call within `${…}` of a template counts. The program is not run: a call in a loop
//! or in a function counts once, and a call that can never be reached counts as well. Other names
//! of `tools` are not followed, but noted: see [`Program::is_indirect`].
//!
//! Privacy: nothing of the program leaves this folder except the names of its calls.

use memchr::memmem;
use std::ops::Range;

/// The rest of a longer program, in bytes, is not read.
const MAX_PROGRAM_BYTES: usize = 1 << 20;
/// Tokens and comments beyond this number are not read. A program of real agents has some thousands.
const MAX_PIECES: usize = 100_000;
/// Calls beyond this number are not read.
const MAX_CALLS: usize = 1000;
/// Brackets and templates that are nested deeper end the reading.
const MAX_DEPTH: usize = 256;
/// The object whose methods are the tools.
const TOOLS: &str = "tools";

/// What was read of a program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Program<'p> {
    /// The tools that it calls, in the order of their opening brackets.
    pub(super) calls: Vec<InnerCall<'p>>,
    /// Its pieces.
    pub(super) tokens: Vec<Token<'p>>,
    /// Where its comments are, in bytes.
    pub(super) comments: Vec<Range<usize>>,
    /// It mentions `tools` other than in such a call, so it can call a tool by another name.
    pub(super) is_indirect: bool,
}

/// One call within a program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InnerCall<'p> {
    /// The tool's name, as it is written.
    pub(super) name: &'p str,
    /// Which tokens of the program are its arguments.
    pub(super) arguments: Range<usize>,
}

/// A piece of a program, without blanks and comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'p> {
    /// A name, a keyword or a number.
    Word(&'p str),
    /// What is between the quotes of a string or between the marks of a template, with its escapes.
    Text(&'p str),
    /// A regular expression.
    Regex,
    /// Any other character.
    Mark(u8),
}

/// Whether `text` mentions a method of the object whose methods are the tools.
pub(super) fn is_program(text: &str) -> bool {
    let mut mentions = memmem::find_iter(text.as_bytes(), TOOLS.as_bytes());
    mentions.any(|at| {
        let rest = text.get(at + TOOLS.len()..).unwrap_or_default();
        rest.starts_with(['.', '[']) || rest.starts_with("?.")
    })
}

/// Reads `program`.
pub(super) fn read(program: &str) -> Program<'_> {
    let head = &program[..program.floor_char_boundary(MAX_PROGRAM_BYTES)];
    let (tokens, comments) = Lexer::new(head).read();
    let mut calls: Vec<InnerCall<'_>> = Vec::new();
    let mut is_indirect = false;
    // The calls whose closing bracket was not read, with the depth of that bracket.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Mark(b'(' | b'[' | b'{') => depth += 1,
            Token::Mark(b')' | b']' | b'}') => {
                depth = depth.saturating_sub(1);
                while let Some((call, _)) = open.pop_if(|(_, opened)| *opened > depth) {
                    calls[call].arguments.end = at;
                }
            }
            Token::Word(TOOLS) => match callee(&tokens, at).filter(|_| !is_member(&tokens, at)) {
                Some((name, bracket)) if calls.len() < MAX_CALLS => {
                    depth += 1;
                    open.push((calls.len(), depth));
                    calls.push(InnerCall { name, arguments: bracket + 1..tokens.len() });
                    at = bracket;
                }
                Some(_) => {}
                None => is_indirect = true,
            },
            _ => {}
        }
        at += 1;
    }
    Program { calls, tokens, comments, is_indirect }
}

/// Whether the word at `at` is the name of a field.
fn is_member(tokens: &[Token<'_>], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| tokens.get(before)) == Some(&Token::Mark(b'.'))
}

/// The tool that is called where `tools` is at `at`, and where the bracket of its arguments is.
fn callee<'p>(tokens: &[Token<'p>], at: usize) -> Option<(&'p str, usize)> {
    let mark = |at: usize, mark: u8| tokens.get(at) == Some(&Token::Mark(mark));
    let mut next = at + 1;
    if mark(next, b'?') && mark(next + 1, b'.') {
        next += 1;
    }
    let is_dotted = mark(next, b'.');
    next += usize::from(is_dotted);
    let name = match tokens.get(next)? {
        Token::Word(name) if is_dotted => name,
        Token::Mark(b'[') => match (tokens.get(next + 1)?, mark(next + 2, b']')) {
            (Token::Text(name), true) => {
                next += 2;
                name
            }
            _ => return None,
        },
        _ => return None,
    };
    next += 1;
    if mark(next, b'?') && mark(next + 1, b'.') {
        next += 2;
    }
    mark(next, b'(').then_some((name, next))
}

/// Where the lexer is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Within brackets of this kind.
    Bracket(u8),
    /// Within `${…}` of a template.
    Hole,
}

/// Splits a program into tokens.
struct Lexer<'p> {
    text: &'p str,
    at: usize,
    tokens: Vec<Token<'p>>,
    comments: Vec<Range<usize>>,
    places: Vec<Place>,
    /// Before this position no slash begins a regular expression: one did not end in this line.
    no_regex_before: usize,
}

impl<'p> Lexer<'p> {
    fn new(text: &'p str) -> Self {
        Self {
            text,
            at: 0,
            tokens: Vec::new(),
            comments: Vec::new(),
            places: Vec::new(),
            no_regex_before: 0,
        }
    }

    /// The tokens, and where the comments are.
    fn read(mut self) -> (Vec<Token<'p>>, Vec<Range<usize>>) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'/' if self.byte(1) == Some(b'/') => self.comment("\n"),
                b'/' if self.byte(1) == Some(b'*') => self.comment("*/"),
                b'/' if self.is_regex() => self.regex(),
                b'"' | b'\'' => self.string(byte),
                b'`' => self.template(),
                b'(' | b'[' | b'{' => {
                    self.places.push(Place::Bracket(byte));
                    self.mark(byte);
                }
                b'}' if self.places.last() == Some(&Place::Hole) => {
                    self.places.pop();
                    self.template();
                }
                b')' | b']' | b'}' => {
                    self.places.pop_if(|place| *place != Place::Hole);
                    self.mark(byte);
                }
                _ if is_word(byte) => self.word(),
                _ if byte.is_ascii_whitespace() => self.at += 1,
                _ => self.mark(byte),
            }
            let pieces = self.tokens.len() + self.comments.len();
            if self.places.len() > MAX_DEPTH || pieces > MAX_PIECES {
                break;
            }
        }
        (self.tokens, self.comments)
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn mark(&mut self, byte: u8) {
        self.tokens.push(Token::Mark(byte));
        self.at += 1;
    }

    /// Skips a comment that ends with `end`.
    fn comment(&mut self, end: &str) {
        let start = self.at;
        let found = self.text.get(start + 2..).and_then(|rest| rest.find(end));
        self.at = found.map_or(self.text.len(), |found| start + 2 + found + end.len());
        self.comments.push(start..self.at);
    }

    fn word(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
        let word = self.text.get(self.at..self.at + length).unwrap_or_default();
        self.tokens.push(Token::Word(word));
        self.at += length;
    }

    /// Reads a string. A string ends at its quote or, where that is missing, at the end of the line.
    fn string(&mut self, quote: u8) {
        let start = self.at + 1;
        self.at = start;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\\' => self.at += 1,
                b'\n' => break,
                _ if byte == quote => break,
                _ => {}
            }
            self.at += 1;
        }
        self.text_from(start);
        self.at += usize::from(self.byte(0) == Some(quote));
    }

    /// Reads the part of a template that follows its first mark or a hole, up to the next hole or
    /// to its end.
    fn template(&mut self) {
        let start = self.at + 1;
        self.at = start;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\\' => self.at += 1,
                b'`' => break,
                b'$' if self.byte(1) == Some(b'{') => break,
                _ => {}
            }
            self.at += 1;
        }
        self.text_from(start);
        if self.byte(0) == Some(b'$') {
            self.places.push(Place::Hole);
            self.at += 1;
        }
        self.at += 1;
    }

    /// Adds the text from `start` to here.
    fn text_from(&mut self, start: usize) {
        self.at = self.at.min(self.text.len());
        self.tokens.push(Token::Text(self.text.get(start..self.at).unwrap_or_default()));
    }

    /// Whether a slash begins a regular expression. Behind a value it divides.
    fn is_regex(&self) -> bool {
        if self.at < self.no_regex_before {
            return false;
        }
        match self.tokens.last() {
            None => true,
            Some(Token::Word(word)) => matches!(
                *word,
                "return" | "typeof" | "case" | "in" | "of" | "await" | "yield" | "void" | "else"
            ),
            Some(Token::Text(_) | Token::Regex) => false,
            Some(Token::Mark(mark)) => !matches!(mark, b')' | b']' | b'}'),
        }
    }

    /// Reads a regular expression. If it does not end in its line, the slash is a mark.
    fn regex(&mut self) {
        let rest = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
        let mut is_class = false;
        let mut length = 0;
        loop {
            match rest.get(length) {
                None | Some(b'\n') => {
                    self.no_regex_before = self.at + length;
                    return self.mark(b'/');
                }
                Some(b'\\') => length += 1,
                Some(b'[') => is_class = true,
                Some(b']') => is_class = false,
                Some(b'/') if !is_class => break,
                Some(_) => {}
            }
            length += 1;
        }
        self.tokens.push(Token::Regex);
        self.at += length + 2;
    }
}

/// Whether a byte can be part of a name or a number.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(program: &str) -> Vec<&str> {
        read(program).calls.into_iter().map(|call| call.name).collect()
    }

    #[test]
    fn calls_are_found_where_the_program_makes_them() {
        for (label, program, expected) in [
            (
                "two calls",
                "await tools.a({}); const g = await tools.mcp__s__t({})",
                &["a", "mcp__s__t"][..],
            ),
            (
                "a name in brackets",
                "tools['mcp__a-b__c']({}); tools[`d`]({})",
                &["mcp__a-b__c", "d"],
            ),
            ("blanks and comments between", "tools /* x */ .\n a // y\n ({})", &["a"]),
            ("optional calls", "tools?.a?.({}); tools?.['b']({})", &["a", "b"]),
            (
                "a call in the arguments of another",
                "tools.a(await tools.b(1), tools.c())",
                &["a", "b", "c"],
            ),
            ("a loop", "for (const x of xs) { await tools.a(x) }", &["a"]),
            ("a list of promises", "await Promise.all([tools.a(1), tools.a(2)])", &["a", "a"]),
            ("a line comment", "// tools.a()\ntools.b()", &["b"]),
            ("a comment of several lines", "/* tools.a()\n */ tools.b()", &["b"]),
            ("a comment without its end", "tools.b() /* tools.a()", &["b"]),
            ("strings", r#"text("tools.a()"); text('tools.b()'); text("\"tools.c()")"#, &[]),
            ("a template", "text(`tools.a()`)", &[]),
            (
                "a hole of a template",
                "text(`x ${await tools.a(`y ${tools.b()}`)} tools.c()`)",
                &["a", "b"],
            ),
            ("an object in a hole", "text(`${tools.a({b: {c: 1}})} tools.c()`)", &["a"]),
            ("a regular expression", "x.match(/tools.a()\"/); tools.b(\"/\")", &["b"]),
            ("a class in a regular expression", "s.split(/[/\"]/); tools.b()", &["b"]),
            ("a division", "const x = 1 / 2; tools.a(x / 3)", &["a"]),
            ("no call", "const f = tools.a; f()", &[]),
            ("the end of a longer name", "mytools.a(); tools_b.c()", &[]),
        ] {
            assert_eq!(names(program), expected, "{label}");
        }
    }

    #[test]
    fn other_names_of_the_tools_are_noted() {
        for (program, expected) in [
            ("tools.a()", false),
            ("const t = tools; t.a()", true),
            ("const { a } = tools; a()", true),
            ("xs.map(tools.a)", true),
            ("tools[name]()", true),
            ("globalThis.tools.a()", true),
            ("// tools\ntools.a()", false),
        ] {
            assert_eq!(read(program).is_indirect, expected, "{program}");
        }
    }

    #[test]
    fn a_large_program_is_read_in_part() {
        let many = "tools.a();".repeat(5000);
        assert_eq!(read(&many).calls.len(), MAX_CALLS);
        // Each of these would take minutes if it were read more than once.
        for piece in ["(/[", "`${", "/* ", "\"\\", "tools[", "((", "/"] {
            let large = piece.repeat(MAX_PROGRAM_BYTES / piece.len() + 10);
            assert!(read(&large).calls.len() <= MAX_CALLS, "{piece}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(tools|[.\\[\\](){}`'\"/*\\\\$,: \nab]|\\$\\{|//|é){0,60}") {
            let program = read(&text);
            for call in &program.calls {
                prop_assert!(call.arguments.start <= call.arguments.end);
                prop_assert!(call.arguments.end <= program.tokens.len());
            }
            for range in &program.comments {
                prop_assert!(text.get(range.clone()).is_some());
            }
        }

        #[test]
        fn a_call_between_other_statements_is_found(before in "[a-z0-9 =+;\n]{0,20}", name in "[a-z]{1,8}") {
            let program = format!("{before};tools.{name}({{}});");
            prop_assert_eq!(names(&program), vec![name.as_str()]);
        }
    }
}
