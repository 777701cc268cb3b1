//! Whatever an entry contains, the memory that it takes to read it grows like its text.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../bench/adversarial.rs"]
mod adversarial;

use adversarial::{Adversarial, entries};
use otel_native::entry::parse;
use std::fs;

/// How large the entries are. Smaller ones take too little memory to be seen.
const ENTRY_BYTES: usize = 2 << 20;
/// What an entry may take whatever its size, for the lists that have a bound.
const FIXED_BYTES: usize = 12 << 20;

/// The resident memory of this process: its peak, or what it is now.
fn resident_bytes(field: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_matches([':', ' ', '\t', 'k', 'B']).parse::<usize>().unwrap() << 10
}

/// How much more resident memory than before it takes to read an entry. What the allocator has kept
/// of entries before is not seen; it is little, as long as they pass.
fn peak_bytes(entry: &Adversarial) -> usize {
    // Begins a new peak.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = resident_bytes("VmRSS");
    let turn = parse(entry.source());
    let _ = std::hint::black_box(turn);
    resident_bytes("VmHWM").saturating_sub(before)
}

#[test]
fn the_memory_grows_like_the_text() {
    let mut beyond = Vec::new();
    // What is searched of a command has a small bound, and to search it takes long without
    // optimisation.
    let entries = entries(ENTRY_BYTES).into_iter().filter(|(name, _)| !name.contains("command"));
    for (name, entry) in entries {
        let (peak, size) = (peak_bytes(&entry), entry.len());
        if peak > 3 * size + FIXED_BYTES {
            beyond.push(format!("{name}: {size} bytes take {peak}"));
        }
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}
