//! Fuzzes a config file with any text: it is accepted, or refused with a message of one line.

use otel_native::config::{ConfigError, check_personal, check_project, printable};

pub(crate) fn check(text: &str) {
    for result in [check_project(text), check_personal(text)] {
        if let Err(error) = result {
            assert_good_message(text, &error);
        }
    }
}

/// The message names a line of the text, and contains no control characters.
fn assert_good_message(text: &str, error: &ConfigError) {
    let message = error.to_string();
    assert_eq!(message, printable(&message));
    let line: usize = message.split(':').nth(1).unwrap().parse().unwrap();
    assert!(line >= 1 && line <= text.matches('\n').count() + 1, "{message}");
}
