//! Keeps the messages of panics on our own threads off the host's standard error.

use std::sync::Once;

/// Installs a panic hook that prints nothing for our own threads. Such a panic is caught and
/// counted where it happens, and its message may quote an entry.
pub(super) fn silence_our_threads() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            if !thread.name().is_some_and(|name| name.starts_with("ccxray-")) {
                previous(info);
            }
        }));
    });
}
