//! The OTLP protocol without its transport: from the SDK's aggregates to request bodies, and what an HTTP status means.

pub mod backlog;
pub mod circuit_breaker;
pub mod delivered_series;
mod exponential;
mod json;
pub mod meter_provider;
pub mod request;
mod resource;
pub mod retry;
mod series_id;
pub mod temporality;
