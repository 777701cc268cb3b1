//! From the queue to the instruments: the worker thread and what it needs.

pub mod entry;
pub mod entry_counts;
mod known_projects;
pub mod project_lookup;
pub mod projects;
pub mod queue;
pub mod statistics;
pub mod worker;
pub mod worker_control;
