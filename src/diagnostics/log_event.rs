//! The events of `otel.log`. Each event is one line with one JSON object.

use crate::util::clock::Timestamp;
use serde::Serialize;
use std::borrow::Cow;

/// An event that is logged.
#[derive(Clone, Debug, PartialEq)]
pub enum LogEvent<'a> {
    /// An export failed.
    ExportFailed {
        /// The reason as one word.
        class: Cow<'a, str>,
        /// The reason as a sentence, without secrets and addresses.
        error: String,
        /// Failures since the last success.
        consecutive_failures: u32,
    },
    /// The backend accepted an export, but not all of its data points, or with a warning.
    PartialSuccess {
        /// Data points that it rejected.
        rejected_points: u64,
        /// What it says about them, without what looks like a secret.
        message: Option<&'a str>,
    },
    /// The backend finds a request too large. Further ones are smaller.
    RequestTooLarge {
        /// The size of the request before compression.
        bytes: u64,
        /// The most that further ones may have.
        max_bytes: u64,
    },
    /// The state of a project has changed.
    Transition {
        /// The state before.
        from: &'a str,
        /// The state after.
        to: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// An entry was dropped because our code panicked.
    EntryPanic,
}

/// What a line contains besides its event.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogContext<'a> {
    /// The number of the project, or 0. The rate limit is separate for each number.
    pub source: u64,
    /// The endpoint of the project: scheme, host, port and path.
    pub endpoint: Option<&'a str>,
    /// Entries that wait for the worker.
    pub queued: usize,
    /// Requests that wait for the backend.
    pub backlog: usize,
}

#[derive(Debug, Default, Serialize)]
struct LogLine<'a> {
    time: String,
    pid: u32,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_points: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consecutive_failures: Option<u32>,
    queued: usize,
    backlog: usize,
    suppressed: u64,
}

impl LogEvent<'_> {
    /// Events of the same class are logged at most once a minute. `None`: each one is logged.
    pub(super) fn class(&self) -> Option<&str> {
        match self {
            Self::ExportFailed { class, .. } => Some(class),
            Self::PartialSuccess { .. } => Some("partial_success"),
            Self::RequestTooLarge { .. } => Some("request_too_large"),
            Self::EntryPanic => Some("entry_panic"),
            Self::Transition { .. } => None,
        }
    }

    /// The line, with a newline at its end.
    pub(super) fn line(&self, now: Timestamp, context: LogContext<'_>, suppressed: u64) -> String {
        let LogContext { source: _, endpoint, queued, backlog } = context;
        let time = humantime::format_rfc3339_millis(now.wall()).to_string();
        let common = LogLine {
            time,
            pid: std::process::id(),
            endpoint,
            queued,
            backlog,
            suppressed,
            ..LogLine::default()
        };
        let line = match self {
            Self::ExportFailed { class, error, consecutive_failures } => LogLine {
                event: "export_failed",
                class: Some(class),
                error: Some(error),
                consecutive_failures: Some(*consecutive_failures),
                ..common
            },
            Self::PartialSuccess { rejected_points, message } => LogLine {
                event: "partial_success",
                error: *message,
                rejected_points: Some(*rejected_points),
                ..common
            },
            Self::RequestTooLarge { bytes, max_bytes } => LogLine {
                event: "request_too_large",
                bytes: Some(*bytes),
                max_bytes: Some(*max_bytes),
                ..common
            },
            Self::Transition { from, to, reason } => LogLine {
                event: "transition",
                from: Some(from),
                to: Some(to),
                reason: Some(reason),
                ..common
            },
            Self::EntryPanic => LogLine { event: "entry_panic", ..common },
        };
        // Strings and numbers always serialise.
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object_without_absent_fields() {
        let now = Timestamp { unix_ms: 1_769_850_000_123, ..Timestamp::now() };
        let context = LogContext {
            source: 1,
            endpoint: Some("http://a:4318/v1/metrics"),
            queued: 3,
            backlog: 2,
        };
        let failed = LogEvent::ExportFailed {
            class: "http_503".into(),
            error: "the backend answered \"503\"\n".to_owned(),
            consecutive_failures: 4,
        };
        let line = failed.line(now, context, 5);
        assert_eq!(
            line,
            format!(
                r#"{{"time":"2026-01-31T09:00:00.123Z","pid":{},"event":"export_failed","endpoint":"http://a:4318/v1/metrics","class":"http_503","error":"the backend answered \"503\"\n","consecutive_failures":4,"queued":3,"backlog":2,"suppressed":5}}"#,
                std::process::id()
            ) + "\n"
        );
        for event in [
            LogEvent::PartialSuccess { rejected_points: 2, message: Some("too old") },
            LogEvent::Transition { from: "active", to: "circuit_open", reason: "five" },
            LogEvent::EntryPanic,
        ] {
            let line = event.line(now, LogContext::default(), 0);
            assert_eq!(line.matches('\n').count(), 1);
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert!(value["event"].is_string() && value.get("endpoint").is_none());
        }
    }
}
