//! What the status file says: the same as `status`, for whoever looks from outside.

use crate::clock::Moment;
use crate::export::health::Transition;
use crate::export::project::{ExportCounts, GivenUp};
use crate::ingest::{Counts, DropReason};
use crate::introspect::status::{Lately, OfProcess, Status};
use serde_json::{Map, Value, json};

/// One process and its projects, as JSON. Holds no secret.
pub fn snapshot(started: Moment, now: Moment, process: &OfProcess, projects: &[Status]) -> String {
    let OfProcess { entries, files, .. } = process;
    let Counts { accepted, processed, queued, queued_bytes, rejected, dropped } = entries;
    let snapshot = with_what_is_known(json!({
        "pid": std::process::id(),
        "version": env!("CARGO_PKG_VERSION"),
        "startedAtMs": started.unix_ms,
        "updatedAtMs": now.unix_ms,
        "entries": {
            "accepted": accepted,
            "processed": processed,
            "queued": queued,
            "queuedBytes": queued_bytes,
            "rejected": rejected,
            "dropped": by_reason(DropReason::ALL.iter().map(|reason| reason.as_str()), dropped),
        },
        "files": { "written": files.written, "lost": files.lost, "lastError": files.last_error },
        "projects": projects.iter().map(project).collect::<Vec<_>>(),
    }));
    format!("{snapshot:#}\n")
}

fn project(status: &Status) -> Value {
    let ExportCounts {
        attempted,
        delivered,
        failed,
        last_success_at_ms,
        last_failure_at_ms,
        last_error,
        dropped,
        backlog_requests,
        backlog_bytes,
    } = &status.exports;
    json!({
        "state": status.state,
        "reason": status.reason,
        "tier": status.tier,
        "decidedBy": status.decided_by,
        "trust": status.trust,
        "endpoint": status.endpoint,
        "project": status.project,
        "team": status.team,
        "intervalSeconds": status.interval_seconds,
        "cooldownRemainingMs": status.cooldown_remaining.map(|it| it.as_millis()),
        "transitions": status.transitions.iter().map(transition).collect::<Vec<_>>(),
        "lastHour": lately(status.last_hour),
        "lastDay": lately(status.last_day),
        "exports": {
            "attempted": attempted,
            "delivered": delivered,
            "failed": failed,
            "consecutiveFailures": status.consecutive_failures,
            "lastSuccessAtMs": last_success_at_ms,
            "lastFailureAtMs": last_failure_at_ms,
            "lastError": last_error,
            "dropped": by_reason(GivenUp::ALL.iter().map(|reason| reason.as_str()), dropped),
            "backlog": { "requests": backlog_requests, "bytes": backlog_bytes },
        },
    })
}

/// Leaves out what is not known, as `status` does.
fn with_what_is_known(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let known = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(known.map(|(key, value)| (key, with_what_is_known(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(with_what_is_known).collect(),
        value => value,
    }
}

fn transition(transition: &Transition) -> Value {
    let Transition { at_ms, from, to, reason } = transition;
    json!({ "atMs": at_ms, "from": from, "to": to, "reason": reason })
}

fn lately(lately: Lately) -> Value {
    let Lately { exports: [delivered, failed, dropped], entries: [accepted, processed, lost] } =
        lately;
    json!({
        "delivered": delivered,
        "failed": failed,
        "dropped": dropped,
        "accepted": accepted,
        "processed": processed,
        "lost": lost,
    })
}

fn by_reason<'a>(reasons: impl Iterator<Item = &'a str>, counts: &[u64]) -> Value {
    let counts = reasons.zip(counts).map(|(reason, count)| (reason.to_owned(), json!(count)));
    Value::Object(counts.collect::<Map<_, _>>())
}
