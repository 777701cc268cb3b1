//! One project: its instruments, its state, and the messages that the threads exchange about it.

pub mod export_drop_reason;
pub mod exports;
pub mod health;
pub mod messages;
pub mod obstacle;
#[expect(clippy::module_inception, reason = "the folder is about this type")]
mod project;
pub mod state;

pub use project::Project;
