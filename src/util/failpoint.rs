//! Places where a test makes our own code fail. Nothing is left of them without the feature.

/// Panics here if a test says so.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        fail::fail_point!($name);
    };
}

pub(crate) use failpoint;
