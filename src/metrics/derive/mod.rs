//! The derivation rules: which measurements a turn makes. Each family of metrics has a file.
//!
//! A value that was not reported makes no measurement. Zero is recorded only if zero was reported.
//! A side request counts for cost, tokens, time and errors, but not as a turn.
//!
//! `rules` has what all rules use. `apply` applies them: it lists all rules in their order.

mod apply;
mod cost;
mod governance;
mod patterns;
mod quality;
mod rules;
mod sentinels;
mod usage;

pub use apply::derive;
pub use sentinels::{anomalies, malformed_entry};
