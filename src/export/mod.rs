//! Sends the metrics of all projects to their backends: when, how, and when not.

mod answer;
mod backend_path;
mod client;
mod connection;
mod credential;
mod dropped_entries;
mod endpoint_description;
mod failure;
mod flush;
mod flushes;
mod grpc;
mod grpc_failure;
mod http;
mod keep;
mod observation;
mod observed_verifier;
mod period_reader;
mod periodic_reader;
mod periods;
pub mod probe;
mod probe_steps;
mod project_exporter;
mod project_store;
mod protocol_mismatch;
mod proxy_failure;
mod resolver;
mod results;
mod resume;
mod route;
mod runtime;
pub mod scheduler;
#[cfg(test)]
mod schedules;
mod tls;
mod tls_problem;
mod transport_error;
#[cfg(test)]
mod working_days;
