//! The atomics that threads share. They are re-exported here so that the model checker in `loom/`
//! can replace them.

pub use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
