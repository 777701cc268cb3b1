//! How the user runs the command line of this package.

use napi_derive::napi;
use parking_lot::Mutex;

static PROGRAM: Mutex<CommandLine> = Mutex::new(CommandLine { words: None, name: None });

/// How messages write the command line.
#[derive(Clone)]
pub(super) struct CommandLine {
    /// As words of a shell.
    pub(super) words: Option<String>,
    /// In hints that are not about one project.
    pub(super) name: Option<String>,
}

/// Sets how messages write the command line, as words of a shell. The package's entry calls it once: a name
/// alone could be looked up in a project, in which a stranger may have put a program of the same name. A
/// host that has these commands as its own sets how hints name them, too.
#[napi(catch_unwind, skip_typescript)]
pub fn set_program(words: String, name: Option<String>) {
    *PROGRAM.lock() = CommandLine { words: Some(words), name };
}

/// What was set.
pub(super) fn program() -> CommandLine {
    PROGRAM.lock().clone()
}
