//! The OTLP protocol without its transport: from the SDK's aggregates to request bodies, and what a status means.

pub mod backlog;
mod check;
pub mod circuit_breaker;
pub mod dating;
pub mod delivered_series;
mod exponential;
pub mod grpc_frame;
mod json;
pub mod merged;
pub mod meter_provider;
pub mod parts;
mod points;
pub mod reporting_period;
pub mod request;
mod resource;
pub mod resumed;
pub mod retry;
mod series_id;
pub mod temporality;
