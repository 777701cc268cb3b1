//! The facade: one pipeline per process.

mod facade;
pub mod report;
pub mod shutdown;
pub mod snapshot;
pub mod status;

pub use facade::*;
