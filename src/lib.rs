//! x
#![allow(missing_docs)]
pub mod catalog;
pub mod entry;
pub mod payload;
pub mod config;
pub mod metrics;
pub mod privacy;
