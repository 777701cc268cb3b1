//! From collected requests to a backend: when to send, how, and when not to.

mod client;
mod dropped_entries;
mod failure;
pub mod http;
mod periodic;
mod project_exporter;
pub mod scheduler;
mod tls;
