//! `service.instance.id`: random for each launch and never stored.
//!
//! Two processes with the same id would overwrite each other's cumulative sums at the backend.

use uuid::Builder;

/// A random UUID (version 4).
pub(crate) fn random_id() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // The id must be unique, not secret, so a generator that is not cryptographic is enough.
        fastrand::fill(&mut bytes);
    }
    Builder::from_random_bytes(bytes).into_uuid().to_string()
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
