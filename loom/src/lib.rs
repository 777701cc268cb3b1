//! The entry queue and the shutdown of a pipeline, as they are in the addon, with loom's atomics, locks and
//! channel in place of the real ones. `tests/` explores every interleaving of the threads that use them.

#[path = "../../src/util"]
pub mod util {
    pub mod atomic {
        pub use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
    }
    pub mod reply;
}

#[path = "../../src/entry"]
pub mod entry {
    pub mod payload;
}

#[path = "../../src/record"]
pub mod record {
    pub mod entry;
    pub mod entry_counts;
    pub mod launch_id;
    pub mod project_key;
    pub mod queue;
}

#[path = "../../src/pipeline"]
pub mod pipeline {
    pub mod shutdown;
}
