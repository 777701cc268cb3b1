//! Sends the metrics of all projects to their backends: when, how, and when not.

mod backend_path;
mod client;
mod credential;
mod dropped_entries;
mod endpoint_description;
mod failure;
mod flush;
mod flushes;
mod http;
mod periodic_reader;
mod project_exporter;
mod resolver;
pub mod scheduler;
mod tls;
