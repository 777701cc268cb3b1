//! From the SDK's aggregates to a backend: collecting, encoding, sending, and when not to.

pub mod backlog;
mod courier;
pub mod delta;
pub mod exporter;
mod failure;
pub mod health;
mod lane;
pub mod project;
pub mod provider;
pub mod request;
pub mod retry;
mod schedule;
mod tls;
pub mod transport;
