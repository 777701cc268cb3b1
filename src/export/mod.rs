//! From the SDK's aggregates to a backend: collecting, encoding, sending, and when not to.

pub mod exporter;
pub mod health;
mod lane;
pub mod project;
pub mod provider;
pub mod request;
pub mod retry;
mod tls;
pub mod transport;
