//! `service.instance.id`: random per launch and never stored.
//!
//! Two processes with one identity corrupt each other's cumulative counters.

use std::hash::{BuildHasher, RandomState};

/// A random UUID (version 4).
pub(crate) fn random_id() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // No system randomness; the standard library's keys are random enough to be unique.
        bytes[..8].copy_from_slice(&RandomState::new().hash_one(1).to_ne_bytes());
        bytes[8..].copy_from_slice(&RandomState::new().hash_one(2).to_ne_bytes());
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_differ() {
        let (a, b) = (random_id(), random_id());
        assert_ne!(a, b);
        assert_eq!((a.len(), a.as_bytes()[14]), (36, b'4'));
    }
}
