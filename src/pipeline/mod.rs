//! The facade: one pipeline per process.

mod facade;
pub mod report;
pub mod shutdown;
pub mod status;
mod status_file;

pub use facade::*;
