//! Any text as a config file: it is taken or refused, and what is said about it fits one line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otel_native::config::{ConfigError, check_personal, check_project, printable};

fuzz_target!(|text: &str| {
    for result in [check_project(text), check_personal(text)] {
        if let Err(error) = result {
            assert_told_well(text, &error);
        }
    }
});

/// The place is in the text, and nothing in the message could move a cursor.
fn assert_told_well(text: &str, error: &ConfigError) {
    let told = error.to_string();
    assert_eq!(told, printable(&told));
    let line: usize = told.split(':').nth(1).unwrap().parse().unwrap();
    assert!(line >= 1 && line <= text.matches('\n').count() + 1, "{told}");
}
