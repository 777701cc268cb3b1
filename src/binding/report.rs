//! What the parsers did not understand, as JavaScript sees it.

use crate::binding::environment;
use crate::binding::options::{self, ReportWish};
use crate::binding::reader::Reader;
use crate::binding::status::number;
use crate::drift::{Kind, Row, Seen};
use crate::introspect::report::{self, DEFAULT_DAYS, MAX_DAYS};
use crate::pipeline;
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;
use std::path::PathBuf;

/// What to report.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "it documents the shape; `report` reads the properties one by one")]
pub struct ReportOptions {
    /// How many days, 1 to 30. Default: 7.
    pub days: Option<u32>,
    /// Whether the text of the issue names the names, some of which may be private. Default: false.
    pub samples: Option<bool>,
    /// The engineer's home directory. Default: that of `init`, unless there is an `env` here; else `HOME`
    /// or `USERPROFILE`.
    pub home: Option<String>,
    /// The environment to use. Default: the process's own.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<std::collections::HashMap<String, String>>,
}

/// What the parsers did not understand in some days. It stays on this machine.
#[napi(object, object_from_js = false)]
pub struct ParserReport {
    /// How many days it covers.
    pub days: u32,
    /// When they began, Unix milliseconds.
    pub since_ms: i64,
    /// Where it is written; not there if nobody knows the engineer's home directory.
    pub file: Option<String>,
    /// How often something was not understood.
    pub count: i64,
    /// By what it was, the most frequent first.
    pub categories: Vec<ParserCategory>,
    /// Lines of the file that cannot be read.
    pub unreadable_lines: i64,
    /// Files that are there and cannot be read: no files, larger than ours, or somebody else's.
    pub unreadable_files: Vec<String>,
    /// The text of an issue to file, in Markdown; empty if there is nothing to tell. It names no name
    /// of a tool, a model or anything else unless `samples` was asked for.
    pub issue: String,
}

/// One sort of thing that was not understood.
#[napi(object, object_from_js = false)]
pub struct ParserCategory {
    /// `tool`, `mcp_format`, `skill_marker`, `wire`, `fallback`, `mismatch`, `unreadable`, or what an
    /// unknown value should have been: `model`, `agent_type`, `stop_reason`, `error_type`,
    /// `permission_mode`, `provider`, or `tool_input`, the name of a known tool that was given something
    /// else than it is known to take.
    pub category: String,
    /// How often.
    pub count: i64,
    /// How many different ones.
    pub kinds: i64,
    /// Unix milliseconds.
    pub first_seen_at_ms: i64,
    /// Unix milliseconds.
    pub last_seen_at_ms: i64,
    /// The newest kinds, 5 at most.
    pub samples: Vec<ParserSample>,
}

/// One kind of thing that was not understood.
#[napi(object, object_from_js = false)]
pub struct ParserSample {
    /// Who served the call.
    pub provider: String,
    /// The word, where there is one and it looks like a name. It may be private.
    pub token: Option<String>,
    /// A hash of it, where it does not.
    pub hash: Option<String>,
    /// The agent's version, if its request tells.
    pub agent_version: Option<String>,
    /// How often.
    pub count: i64,
    /// Unix milliseconds.
    pub first_seen_at_ms: i64,
    /// Unix milliseconds.
    pub last_seen_at_ms: i64,
}

/// What the parsers did not understand lately: what stands in `parser-drift.log`, and what this
/// process has not written there yet. Never throws; an option that is none is as good as left out.
#[napi(catch_unwind, ts_args_type = "options?: ReportOptions | undefined | null")]
pub fn report(env: &Env, options: Option<Unknown<'_>>) -> ParserReport {
    let wish = options.map(|options| options::read_report(Reader(env.raw()), options.raw()));
    let ReportWish { days, samples, home, env } = wish.unwrap_or_default();
    let is_elsewhere = home.is_some() || env.is_some();
    let running = pipeline::current().filter(|_| !is_elsewhere);
    let directory = match running {
        Some(pipeline) => pipeline.directory(),
        None => environment(home, env, None).own_directory(),
    };
    pipeline::report(directory, whole_days(days), samples).into()
}

/// A number of days; anything that is none is as good as nothing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn whole_days(days: Option<f64>) -> u32 {
    let days = days.filter(|days| days.is_finite());
    days.map_or(DEFAULT_DAYS, |days| days.ceil().clamp(1.0, f64::from(MAX_DAYS)) as u32)
}

impl From<report::Report> for ParserReport {
    fn from(report: report::Report) -> Self {
        let report::Report {
            days,
            since_ms,
            file,
            count,
            categories,
            unreadable_lines,
            unreadable_files,
            issue,
        } = report;
        let path = |file: PathBuf| file.to_string_lossy().into_owned();
        Self {
            days,
            since_ms: number(since_ms),
            file: file.map(path),
            count: number(count),
            categories: categories.into_iter().map(ParserCategory::from).collect(),
            unreadable_lines: number(unreadable_lines),
            unreadable_files: unreadable_files.into_iter().map(path).collect(),
            issue,
        }
    }
}

impl From<report::Category> for ParserCategory {
    fn from(category: report::Category) -> Self {
        let report::Category { category, seen, kinds, samples } = category;
        let Seen { first_ms, last_ms, count } = seen;
        Self {
            category,
            count: number(count),
            kinds: number(kinds),
            first_seen_at_ms: number(first_ms),
            last_seen_at_ms: number(last_ms),
            samples: samples.into_iter().map(ParserSample::from).collect(),
        }
    }
}

impl From<Row> for ParserSample {
    fn from(row: Row) -> Self {
        let Row { kind, seen: Seen { first_ms, last_ms, count } } = row;
        let Kind { category: _, provider, token, hash, agent_version } = kind;
        Self {
            provider: provider.into_owned(),
            token,
            hash,
            agent_version,
            count: number(count),
            first_seen_at_ms: number(first_ms),
            last_seen_at_ms: number(last_ms),
        }
    }
}
