//! From the queue to the instruments: the worker thread and what it needs.

pub mod projects;
pub mod queue;
pub mod statistics;
pub mod worker;
