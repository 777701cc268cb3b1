//! Counters that are kept in an array and serialised under their names.

use serde::Serializer;

/// Serialises `counts` as a map: each name with the count at the same index.
///
/// # Errors
/// If the serializer fails.
pub fn serialize_named<const N: usize, S: Serializer>(
    names: [&str; N],
    counts: &[u64; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(names.into_iter().zip(counts))
}

/// The same, without the counters at zero.
///
/// # Errors
/// If the serializer fails.
pub fn serialize_named_counts<const N: usize, S: Serializer>(
    names: [&str; N],
    counts: &[u64; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(names.into_iter().zip(counts).filter(|(_, count)| **count > 0))
}
