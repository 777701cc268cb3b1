//! The entry queue and the shutdown of a pipeline, as they are in the addon, with loom's atomics, locks and
//! channel in place of the real ones. `tests/` explores every interleaving of the threads that meet there.

pub mod util {
    pub mod atomic {
        pub use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
    }
    #[path = "../../../src/util/reply.rs"]
    pub mod reply;
}

pub mod entry {
    #[path = "../../../src/entry/payload.rs"]
    pub mod payload;
}

pub mod record {
    #[path = "../../../src/record/queue.rs"]
    pub mod queue;
}

pub mod pipeline {
    #[path = "../../../src/pipeline/shutdown.rs"]
    pub mod shutdown;
}
