//! Any text as a config file is accepted or refused, and an error message fits in one line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otel_native::config::{ConfigError, check_personal, check_project, printable};

fuzz_target!(|text: &str| {
    for result in [check_project(text), check_personal(text)] {
        if let Err(error) = result {
            assert_well_formed(text, &error);
        }
    }
});

/// The position is in the text, and nothing in the message can move the cursor.
fn assert_well_formed(text: &str, error: &ConfigError) {
    let message = error.to_string();
    assert_eq!(message, printable(&message));
    let line: usize = message.split(':').nth(1).unwrap().parse().unwrap();
    assert!(line >= 1 && line <= text.matches('\n').count() + 1, "{message}");
}
