//! The answer of `status` as JavaScript sees it.

use crate::config;
use crate::export::health;
use crate::export::project::{ExportCounts as Exports, GivenUp};
use crate::ingest::{Counts, DropReason};
use crate::introspect::status;
use crate::journal;
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
    /// Why the project may export: your own settings, the receiver is on this machine,
    /// `CCXRAY_OTEL_TRUST`, or approved by you. Only while telemetry is on.
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
    /// What became of the entries of the whole process since `init`.
    pub entries: Entries,
    /// How the project's exports have gone.
    pub exports: ExportCounts,
    /// How long nothing will be sent, because too many exports failed or the backend asked for it.
    pub cooldown_remaining_ms: Option<i64>,
    /// The last changes of the state, the oldest first, 16 at most.
    pub transitions: Vec<Transition>,
    /// What there was in the last hour, to five minutes.
    pub last_hour: Recent,
    /// What there was in the last 24 hours, to five minutes.
    pub last_day: Recent,
    /// What became of the log and the status file.
    pub files: Files,
}

/// A change of the state.
#[napi(object, object_from_js = false)]
pub struct Transition {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// The state before.
    pub from: String,
    /// The state since.
    pub to: String,
    /// Why.
    pub reason: String,
}

/// What there was lately: exports of the project, entries of the whole process.
#[napi(object, object_from_js = false)]
pub struct Recent {
    /// Exports that the backend took.
    pub delivered: i64,
    /// Exports that failed.
    pub failed: i64,
    /// Exports given up.
    pub dropped: i64,
    /// Entries taken in.
    pub accepted: i64,
    /// Entries counted in the metrics.
    pub processed: i64,
    /// Entries taken in and not counted.
    pub lost: i64,
}

/// What became of the lines of `otel.log` and of the status file.
#[napi(object, object_from_js = false)]
pub struct Files {
    /// Where they are written.
    pub directory: Option<String>,
    /// Lines and status files that were written.
    pub written: i64,
    /// Lines and status files that wait for a disk that hangs.
    pub waiting: i64,
    /// Lines and status files that could not be written.
    pub lost: i64,
    /// Why the last one could not be.
    pub last_error: Option<String>,
}

/// What a project asks for.
#[napi(object, object_from_js = false)]
pub struct Asks {
    /// The directory of the project's config.
    pub directory: String,
    /// What needs your approval, one thing in each line.
    pub terms: String,
    /// What is different from what had been agreed to before.
    pub changes: Vec<String>,
    /// The hash of these terms, for `trust`.
    pub hash: String,
}

impl From<config::PendingApproval> for Asks {
    fn from(asks: config::PendingApproval) -> Self {
        let config::PendingApproval { directory, terms, changes } = asks;
        Self {
            directory: directory.to_string_lossy().into_owned(),
            hash: terms.hash(),
            terms: terms.text(),
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

/// What became of entries since `init`. At every moment `accepted = processed + dropped + queued`.
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
    /// What waits for the backend, with delta temporality.
    pub backlog: Backlog,
}

/// Intervals that wait for the backend.
#[napi(object, object_from_js = false)]
pub struct Backlog {
    /// Requests.
    pub requests: i64,
    /// Bytes.
    pub bytes: i64,
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
            consecutive_failures,
            cooldown_remaining,
            transitions,
            last_hour,
            last_day,
            files,
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
            exports: ExportCounts::of(exports, consecutive_failures),
            cooldown_remaining_ms: cooldown_remaining
                .map(|left| number(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))),
            transitions: transitions.into_iter().map(Transition::from).collect(),
            last_hour: last_hour.into(),
            last_day: last_day.into(),
            files: files.into(),
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

impl From<health::Transition> for Transition {
    fn from(transition: health::Transition) -> Self {
        let health::Transition { at_ms, from, to, reason } = transition;
        Self { at_ms: number(at_ms), from: from.into(), to: to.into(), reason: reason.into() }
    }
}

impl From<status::Lately> for Recent {
    fn from(lately: status::Lately) -> Self {
        let status::Lately { exports, entries } = lately;
        let [delivered, failed, dropped] = exports.map(number);
        let [accepted, processed, lost] = entries.map(number);
        Self { delivered, failed, dropped, accepted, processed, lost }
    }
}

impl From<journal::Files> for Files {
    fn from(files: journal::Files) -> Self {
        let journal::Files { directory, written, waiting, lost, last_error } = files;
        Self {
            directory: directory.map(|directory| directory.to_string_lossy().into_owned()),
            written: number(written),
            waiting: number(waiting),
            lost: number(lost),
            last_error,
        }
    }
}

impl ExportCounts {
    fn of(exports: Exports, consecutive_failures: u32) -> Self {
        let Exports {
            attempted,
            delivered,
            failed,
            last_success_at_ms,
            last_failure_at_ms,
            last_error,
            dropped,
            backlog_requests,
            backlog_bytes,
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
            backlog: Backlog { requests: number(backlog_requests), bytes: number(backlog_bytes) },
        }
    }
}

/// Counts never come near the limit of a JS number.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn by_reason<'a>(reasons: impl Iterator<Item = &'a str>, counts: &[u64]) -> BTreeMap<String, i64> {
    // Not collected: that sorts, and a sort of every kind of pair takes kilobytes of code.
    let mut by_reason = BTreeMap::new();
    by_reason.extend(reasons.zip(counts).map(|(it, count)| (it.to_owned(), number(*count))));
    by_reason
}
