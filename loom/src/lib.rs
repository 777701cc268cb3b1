//! The door and the end of a pipeline, as they are in the addon, with loom's atomics, locks and
//! channel in the place of the real ones. `tests/` tries every order in which threads can meet there.

pub mod atomic {
    pub use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
}

#[path = "../../src/ending.rs"]
pub mod ending;
#[path = "../../src/ingest.rs"]
pub mod ingest;
#[path = "../../src/payload.rs"]
pub mod payload;
#[path = "../../src/reply.rs"]
pub mod reply;
