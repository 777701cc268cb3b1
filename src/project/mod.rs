//! One project: its instruments, its state, and the messages that the threads exchange about it.

pub mod messages;
mod project;
pub mod state;

pub use project::{ExportCounts, ExportDropReason, Exports, Project};
