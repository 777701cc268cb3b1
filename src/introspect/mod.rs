//! What the telemetry says about itself.

pub mod status;
