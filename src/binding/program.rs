//! How the user runs the command line of this package.

use napi_derive::napi;
use parking_lot::Mutex;

static PROGRAM: Mutex<Option<String>> = Mutex::new(None);

/// Sets how messages write the command line, as words of a shell. The package's entry calls it once: a name
/// alone could be looked up in a project, in which a stranger may have put a program of the same name.
#[napi(catch_unwind, skip_typescript)]
pub fn set_program(words: String) {
    *PROGRAM.lock() = Some(words);
}

/// What was set.
pub(super) fn program() -> Option<String> {
    PROGRAM.lock().clone()
}
