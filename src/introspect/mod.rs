//! What the telemetry says about itself.

pub mod notice;
pub mod report;
pub mod snapshot;
pub mod status;
