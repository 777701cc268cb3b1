//! Small building blocks that know nothing about telemetry.

pub mod atomic;
pub mod bounded_file;
pub mod certificate;
pub mod clock;
pub(crate) mod failpoint;
pub mod instance_id;
pub mod memory;
pub mod named_counts;
pub mod ownership;
pub mod private_file;
pub mod recent;
pub mod reply;
pub mod thread;
