//! What the status file says: the same as `status`, for whoever looks from outside.

use crate::pipeline::status::{self, OfProcess, Status};
use crate::project::state::Transition;
use crate::project::{ExportCounts, ExportDropReason};
use crate::record::queue::{Counts, DropReason};
use crate::util::clock::Timestamp;
use serde::{Serialize, Serializer};

/// One process and its projects, as JSON. Holds no secret.
pub fn snapshot(
    started: Timestamp,
    now: Timestamp,
    process: &OfProcess,
    projects: &[Status],
) -> String {
    let OfProcess { entries, files, .. } = process;
    let Counts { accepted, processed, queued, queued_bytes, rejected, ref dropped } = *entries;
    let snapshot = Snapshot {
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION"),
        started_at_ms: started.unix_ms,
        updated_at_ms: now.unix_ms,
        entries: Entries {
            accepted,
            processed,
            queued,
            queued_bytes,
            rejected,
            dropped: Reasons(DropReason::ALL.iter().map(|it| it.as_str()).zip(dropped).collect()),
        },
        files: Files {
            written: files.written,
            waiting: files.waiting,
            lost: files.lost,
            last_error: files.last_error.as_deref(),
        },
        projects: projects.iter().map(Project::of).collect(),
    };
    // Strings and numbers can always be written.
    serde_json::to_string_pretty(&snapshot).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot<'a> {
    pid: u32,
    version: &'a str,
    started_at_ms: u64,
    updated_at_ms: u64,
    entries: Entries<'a>,
    files: Files<'a>,
    projects: Vec<Project<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entries<'a> {
    accepted: u64,
    processed: u64,
    queued: u64,
    queued_bytes: u64,
    rejected: u64,
    dropped: Reasons<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Files<'a> {
    written: u64,
    waiting: u64,
    lost: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are those of `status`")]
struct Project<'a> {
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    tier: u8,
    decided_by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cooldown_remaining_ms: Option<u64>,
    transitions: Vec<Change>,
    last_hour: Recent,
    last_day: Recent,
    exports: Exports<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    at_ms: u64,
    from: &'static str,
    to: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
struct Recent {
    delivered: u64,
    failed: u64,
    dropped: u64,
    accepted: u64,
    processed: u64,
    lost: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exports<'a> {
    attempted: u64,
    delivered: u64,
    failed: u64,
    consecutive_failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success_at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure_at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<&'a str>,
    dropped: Reasons<'a>,
    backlog: Backlog,
}

#[derive(Serialize)]
struct Backlog {
    requests: u64,
    bytes: u64,
}

/// Counts by reason.
struct Reasons<'a>(Vec<(&'static str, &'a u64)>);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl<'a> Project<'a> {
    fn of(status: &'a Status) -> Self {
        let milliseconds = |it: std::time::Duration| it.as_millis().try_into().unwrap_or(u64::MAX);
        Self {
            state: status.state,
            reason: status.reason.as_deref(),
            tier: status.tier,
            decided_by: status.decided_by,
            trust: status.trust,
            endpoint: status.endpoint.as_deref(),
            project: status.project.as_deref(),
            team: status.team.as_deref(),
            interval_seconds: status.interval_seconds,
            cooldown_remaining_ms: status.cooldown_remaining.map(milliseconds),
            transitions: status.transitions.iter().map(Change::of).collect(),
            last_hour: Recent::of(status.last_hour),
            last_day: Recent::of(status.last_day),
            exports: Exports::of(&status.exports, status.consecutive_failures),
        }
    }
}

impl Change {
    fn of(transition: &Transition) -> Self {
        let Transition { at_ms, from, to, reason } = *transition;
        Self { at_ms, from, to, reason }
    }
}

impl Recent {
    fn of(lately: status::Lately) -> Self {
        let status::Lately { exports, entries } = lately;
        let ([delivered, failed, dropped], [accepted, processed, lost]) = (exports, entries);
        Self { delivered, failed, dropped, accepted, processed, lost }
    }
}

impl<'a> Exports<'a> {
    fn of(counts: &'a ExportCounts, consecutive_failures: u32) -> Self {
        let ExportCounts {
            attempted,
            delivered,
            failed,
            last_success_at_ms,
            last_failure_at_ms,
            ref last_error,
            ref dropped,
            backlog_requests,
            backlog_bytes,
        } = *counts;
        Self {
            attempted,
            delivered,
            failed,
            consecutive_failures,
            last_success_at_ms,
            last_failure_at_ms,
            last_error: last_error.as_deref(),
            dropped: Reasons(
                ExportDropReason::ALL.iter().map(|it| it.as_str()).zip(dropped).collect(),
            ),
            backlog: Backlog { requests: backlog_requests, bytes: backlog_bytes },
        }
    }
}
