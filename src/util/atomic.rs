//! The atomics that threads agree by, in one place, so that a model checker can put its own here.

pub use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
