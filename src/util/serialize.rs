//! Serialisation of counters that are kept as arrays.

use serde::Serializer;

/// Serialises `counts` as a map from `names`, in the same order.
///
/// # Errors
/// If the serializer fails.
pub fn by_name<const N: usize, S: Serializer>(
    names: [&str; N],
    counts: &[u64; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(names.into_iter().zip(counts))
}
