//! The asynchronous runtime of a thread that sends.

use crate::util::thread;
use std::io;
use tokio::runtime::{Builder, Runtime};

/// A runtime that runs on the thread which uses it. Host names are looked up on others, two at most: each can
/// hang, so end it with `shutdown_background`.
///
/// # Errors
/// If the system has no means for it.
#[inline(never)]
pub(super) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .thread_name("ccxray-dns")
        .thread_stack_size(thread::STACK_BYTES)
        .max_blocking_threads(2)
        .build()
}
