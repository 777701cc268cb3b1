//! From the queue to the instruments: the worker thread and what it needs.

pub mod entry;
pub mod entry_counts;
mod known_directories;
mod known_projects;
pub mod launch_id;
pub mod launches;
pub mod project_key;
pub mod project_lookup;
pub mod projects;
pub mod queue;
pub mod resolvers;
pub mod statistics;
mod waiting_entries;
pub mod worker;
pub mod worker_control;
