//! One project: its instruments, its state, and the messages that the threads exchange about it.

mod project;
pub mod state;

pub use project::{ExportCounts, Exports, GivenUp, Project};
