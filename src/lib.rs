//! Turns the finished turns of AI coding agents into OpenTelemetry metrics, off the JS thread.
//!
//! ```text
//! JS ── record ─▶ ingest ═▶ worker ─▶ entry ─▶ derive ─▶ ledger (budgets, tier) ─▶ SDK instruments
//!                                                                                      │ collect
//! status / preview ◀── snapshot ◀────────────────────────── exporter ◀── request ◀─────┘
//!                                                              │ health gate
//!                                                              ▼
//!                                                        OTLP over HTTP
//! ```
//!
//! The one rule: **a string of a turn leaves only as a [`privacy::Label`]**, and nothing outside
//! [`privacy`] can make one from it.
//!
//! | module | what it is |
//! |---|---|
//! | `binding` | the only place that knows Node; it translates and decides nothing |
//! | [`pipeline`] | the facade: start, hand over, flush, shut down |
//! | [`ingest`] | the bounded door between the JS threads and the worker |
//! | [`worker`], [`projects`] | the thread that counts, and whose turn it is |
//! | [`payload`], [`entry`], [`catalog`] | from copied text to plain facts; the names that are known |
//! | [`metrics`], [`privacy`] | from facts to data points: the table, the rules, the budgets, the gate |
//! | [`config`] | from files and environment to one resolved config, or the reason why not |
//! | [`export`] | from sums to a backend, and when not to |
//! | [`introspect`], [`journal`] | what the telemetry says about itself, to whoever asks and in files |
//! | [`clock`], [`recent`], [`tally`], [`files`] | the time, the last day, what became of entries, files |

#[cfg(not(test))] // napi registers nothing in a test binary
mod binding;
pub mod catalog;
pub mod config;
pub mod diagnostics;
pub mod entry;
pub mod export;
pub mod metrics;
pub mod otlp;
pub mod pipeline;
pub mod project;
pub mod record;
pub mod util;

/// Blocks of 100 KB and more are common here, and the system's allocator returns their pages to
/// the kernel each time. Tools that watch memory know that one only: `--cfg system_allocator`.
#[cfg(not(system_allocator))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
