//! Starts threads of this package.

use std::io;
use std::thread::Builder;

/// The size of a thread's stack. It is given, because the standard library would otherwise read an
/// environment variable for it, while Node may change one.
pub const STACK_BYTES: usize = 2 << 20;

/// Starts a thread. Nothing waits for its end. All names begin with `ccxray-`.
///
/// # Errors
/// If the system refuses to start a thread.
pub fn start(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(run).map(drop)
}
