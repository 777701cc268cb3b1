//! Failpoints: places where a test makes our own code panic. Without the feature `failpoints` they
//! are empty.

/// Panics here if a test has configured the failpoint of this name.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        fail::fail_point!($name);
    };
}

pub(crate) use failpoint;
