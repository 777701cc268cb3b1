//! The answer of `status` as JavaScript sees it.

use crate::config;
use crate::export::project::{Exports, GivenUp};
use crate::ingest::{Counts, DropReason};
use crate::introspect::status;
use napi_derive::napi;
use std::collections::BTreeMap;

/// How the telemetry of a project stands, and why. Holds no secret.
#[napi(object, object_from_js = false)]
pub struct Status {
    /// `disabled`: nothing is collected and nothing leaves. `active`: exporting. `degraded`: it
    /// should export, and cannot. `circuit_open`: too many failures, waiting before the next try.
    /// `half_open`: one try is out.
    #[napi(ts_type = "'disabled' | 'active' | 'degraded' | 'circuit_open' | 'half_open'")]
    pub state: String,
    /// Why it is not `active`, or why the last export failed.
    pub reason: Option<String>,
    /// The effective tier: 0 disabled, 1 anonymous, 2 named.
    #[napi(ts_type = "0 | 1 | 2")]
    pub tier: u8,
    /// Whose word the tier is.
    pub decided_by: String,
    /// Why your agreement stands: your own word, nothing leaves this machine, `CCXRAY_OTEL_TRUST`, or
    /// allowed by you. Only while something is on.
    pub trust: Option<String>,
    /// What the project asks for, while it waits for your agreement.
    pub asks: Option<Asks>,
    /// Where requests go: scheme, host, port and path.
    pub endpoint: Option<String>,
    /// `project.name`.
    pub project: Option<String>,
    /// `team`.
    pub team: Option<String>,
    /// Time between exports.
    pub interval_seconds: Option<f64>,
    /// The version of this package.
    pub version: String,
    /// Every setting that was made, and where.
    pub settings: Vec<Setting>,
    /// What the engineer should know.
    pub warnings: Vec<String>,
    /// What became of the entries of the whole process.
    pub entries: Entries,
    /// How the project's exports have gone.
    pub exports: ExportCounts,
}

/// What a project asks for.
#[napi(object, object_from_js = false)]
pub struct Asks {
    /// The directory of the project's config.
    pub directory: String,
    /// What has to be agreed to, in one sentence.
    pub terms: String,
    /// What is different from what had been agreed to before.
    pub changes: Vec<String>,
    /// The hash of these terms, for `trust`.
    pub hash: String,
}

impl From<config::Asks> for Asks {
    fn from(asks: config::Asks) -> Self {
        let config::Asks { directory, terms, changes } = asks;
        Self {
            directory: directory.to_string_lossy().into_owned(),
            hash: terms.hash(),
            terms: config::printable(&terms.to_string()),
            changes: changes.iter().map(|change| config::printable(change)).collect(),
        }
    }
}

/// One setting and where it was made.
#[napi(object, object_from_js = false)]
pub struct Setting {
    /// The setting's name.
    pub name: String,
    /// Its value; secrets are masked.
    pub value: String,
    /// A file, a variable, or `default`.
    pub source: String,
}

/// What became of entries. At every moment `accepted = processed + dropped + queued`.
#[napi(object, object_from_js = false)]
pub struct Entries {
    /// Entries taken in.
    pub accepted: i64,
    /// Entries counted in the metrics.
    pub processed: i64,
    /// Entries that wait.
    pub queued: i64,
    /// Bytes that wait.
    pub queued_bytes: i64,
    /// Calls of `record` that brought nothing usable, or came while off.
    pub rejected: i64,
    /// Entries taken in and not counted, by reason.
    pub dropped: BTreeMap<String, i64>,
}

/// How exports have gone.
#[napi(object, object_from_js = false)]
pub struct ExportCounts {
    /// Exports that came to an end, good or bad. One that was called off for a later one did not.
    pub attempted: i64,
    /// Exports that the backend took.
    pub delivered: i64,
    /// Exports that failed.
    pub failed: i64,
    /// Failures since the last success.
    pub consecutive_failures: i64,
    /// When the last one was taken, Unix milliseconds.
    pub last_success_at_ms: Option<i64>,
    /// When the last one failed, Unix milliseconds.
    pub last_failure_at_ms: Option<i64>,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// Exports given up, by reason.
    pub dropped: BTreeMap<String, i64>,
}

impl From<status::Status> for Status {
    fn from(status: status::Status) -> Self {
        let status::Status {
            state,
            reason,
            tier,
            decided_by,
            trust,
            asks,
            endpoint,
            project,
            team,
            interval_seconds,
            settings,
            warnings,
            entries,
            exports,
        } = status;
        Self {
            state: state.to_owned(),
            reason,
            tier,
            decided_by: decided_by.to_owned(),
            trust: trust.map(str::to_owned),
            asks: asks.map(Asks::from),
            endpoint,
            project,
            team,
            interval_seconds,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: settings
                .into_iter()
                .map(|[name, value, source]| Setting { name, value, source })
                .collect(),
            warnings,
            entries: entries.into(),
            exports: exports.into(),
        }
    }
}

impl From<Counts> for Entries {
    fn from(counts: Counts) -> Self {
        let Counts { accepted, processed, queued, queued_bytes, rejected, dropped } = counts;
        Self {
            accepted: number(accepted),
            processed: number(processed),
            queued: number(queued),
            queued_bytes: number(queued_bytes),
            rejected: number(rejected),
            dropped: by_reason(DropReason::ALL.iter().map(|reason| reason.as_str()), &dropped),
        }
    }
}

impl From<Exports> for ExportCounts {
    fn from(exports: Exports) -> Self {
        let Exports {
            state: _,
            attempted,
            delivered,
            failed,
            consecutive_failures,
            last_success_at_ms,
            last_failure_at_ms,
            last_error,
            dropped,
        } = exports;
        Self {
            attempted: number(attempted),
            delivered: number(delivered),
            failed: number(failed),
            consecutive_failures: consecutive_failures.into(),
            last_success_at_ms: last_success_at_ms.map(number),
            last_failure_at_ms: last_failure_at_ms.map(number),
            last_error,
            dropped: by_reason(GivenUp::ALL.iter().map(|reason| reason.as_str()), &dropped),
        }
    }
}

/// Counts never come near the limit of a JS number.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn by_reason<'a>(reasons: impl Iterator<Item = &'a str>, counts: &[u64]) -> BTreeMap<String, i64> {
    reasons.zip(counts).map(|(reason, count)| (reason.to_owned(), number(*count))).collect()
}
