//! The JavaScript API. It translates between JavaScript and [`crate::pipeline`] or
//! [`crate::config`], and decides nothing.
//!
//! `Status`, `ParserReport` and `PendingFile` are returned as JSON, which `index.js` parses. `types.d.ts` declares
//! them. The doc comments of everything exported become `index.d.ts`.
//!
//! Text is copied before a call returns, and no reference to a JavaScript value is kept: Node has
//! crashed when an environment ended while such references existed.

#![allow(unreachable_pub, reason = "exported to JavaScript by napi, not to Rust")]

mod dry_run;
mod error;
mod flush;
mod init;
mod init_config;
mod launch;
mod options;
mod options_object;
mod pending;
mod period;
mod preview;
mod probe;
mod program;
mod reader;
mod record;
mod report;
mod shutdown;
mod status;
mod timeout;
mod trust;
