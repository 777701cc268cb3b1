//! Turns the finished turns of AI coding agents into OpenTelemetry metrics, off the JS thread.
//!
//! ```text
//! JS ─ record ─▶ queue ═▶ worker ─▶ entry ─▶ derive ─▶ privacy gate ─▶ series ─▶ SDK instruments
//!                                                                                  │ collect
//! JS ◀─ status, preview ◀─ snapshot ◀── per-project exporter ◀── request ◀─────────┘
//!                                              │ circuit breaker
//!                                              ▼
//!                                    OTLP over HTTP or gRPC
//! ```
//!
//! The one rule: **a string of a turn is exported only as an
//! [`AttributeValue`](metrics::attribute_value::AttributeValue)**, and only the
//! [privacy gate](metrics::privacy) makes one from it.
//!
//! Each folder uses only those after it:
//!
//! | folder | what it is |
//! |---|---|
//! | `binding` | the JavaScript API: it translates, and decides nothing |
//! | [`pipeline`] | the facade: start, record, flush, shut down; status, preview, report |
//! | [`export`] | the export thread: when to send which project's metrics, and how |
//! | [`record`] | the queue, the worker thread and the projects of the process |
//! | [`project`] | one project: its instruments, its state, the messages between the threads |
//! | [`otlp`] | collected metrics as OTLP requests; retries and the circuit breaker |
//! | [`diagnostics`] | the logs, the status file and the line on standard error |
//! | [`pending`] | what a backend has not confirmed yet, as files |
//! | [`metrics`] | the table of metrics, derivation rules, privacy gate and cardinality limits |
//! | [`entry`] | from JSON to the plain facts of a turn; one file per wire format |
//! | [`config`] | from files and environment to one config, or to the reason why not |
//! | [`catalog`] | known names, as data |
//! | [`util`] | clocks, files, replies and other small building blocks |

#[cfg(not(test))] // napi registers nothing in a test binary
mod binding;
pub mod catalog;
pub mod config;
pub mod diagnostics;
pub mod entry;
pub mod export;
pub mod metrics;
pub mod otlp;
pub mod pending;
pub mod pipeline;
pub mod project;
pub mod record;
pub mod util;

/// Blocks of 100 KB and more are common here. The system's allocator returns their pages to the
/// kernel each time, and mimalloc does not. Memory checkers know only the system's allocator: build
/// for them with `--cfg system_allocator`.
#[cfg(not(system_allocator))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
