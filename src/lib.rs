//! x
#![allow(missing_docs)]
pub mod catalog;
pub mod entry;
pub mod payload;
