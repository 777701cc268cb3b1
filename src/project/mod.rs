//! One project: its instruments, its state, and the messages that the threads exchange about it.

pub mod exports;
pub mod health;
pub mod messages;
pub mod obstacle;
mod project;
pub mod state;

pub use project::Project;
