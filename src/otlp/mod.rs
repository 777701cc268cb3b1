//! The OTLP protocol without its transport: from the SDK's aggregates to requests, and which answers are retried.

pub mod backlog;
pub mod circuit_breaker;
pub mod meter_provider;
pub mod request;
pub mod retry;
pub mod temporality;
