//! `otel.log`: one JSON object a line, for the engineer alone, and never larger than agreed.

use crate::config::Log;
use crate::diagnostics::rotation::rotate;
use crate::util::clock::Timestamp;
use crate::util::private_file;
use serde::Serialize;
use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is worth a line.
#[derive(Clone, Debug, PartialEq)]
pub enum LogEvent<'a> {
    /// An export failed.
    ExportFailed {
        /// One word.
        class: Cow<'a, str>,
        /// The same in a sentence, without secrets and addresses.
        error: String,
        /// Failures since the last success.
        consecutive_failures: u32,
    },
    /// The backend took an export, but not all of its data points.
    PartialSuccess {
        /// Data points that it did not take.
        rejected_points: u64,
    },
    /// The state of a project has changed.
    Transition {
        /// The state before.
        from: &'a str,
        /// The state since.
        to: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// An entry was lost to a defect of ours.
    EntryPanic,
}

/// Whose line it is, and how much waits.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogContext<'a> {
    /// Tells sources apart.
    pub source: u64,
    /// Where the source's exports go: scheme, host, port and path.
    pub endpoint: Option<&'a str>,
    /// Entries that wait for the worker.
    pub queued: usize,
    /// Requests that wait for the backend.
    pub backlog: usize,
}

#[derive(Debug, Default, Serialize)]
struct Line<'a> {
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
    consecutive_failures: Option<u32>,
    queued: usize,
    backlog: usize,
    suppressed: u64,
}

impl LogEvent<'_> {
    /// What is logged once a minute at most. A change of state is always logged.
    pub(super) fn class(&self) -> Option<&str> {
        match self {
            Self::ExportFailed { class, .. } => Some(class),
            Self::PartialSuccess { .. } => Some("partial_success"),
            Self::EntryPanic => Some("entry_panic"),
            Self::Transition { .. } => None,
        }
    }

    /// The line, with its end.
    pub(super) fn line(&self, now: Timestamp, context: LogContext<'_>, suppressed: u64) -> String {
        let LogContext { source: _, endpoint, queued, backlog } = context;
        let time = humantime::format_rfc3339_millis(now.wall()).to_string();
        let common = Line {
            time,
            pid: std::process::id(),
            endpoint,
            queued,
            backlog,
            suppressed,
            ..Line::default()
        };
        let line = match self {
            Self::ExportFailed { class, error, consecutive_failures } => Line {
                event: "export_failed",
                class: Some(class),
                error: Some(error),
                consecutive_failures: Some(*consecutive_failures),
                ..common
            },
            Self::PartialSuccess { rejected_points } => {
                Line { event: "partial_success", rejected_points: Some(*rejected_points), ..common }
            }
            Self::Transition { from, to, reason } => Line {
                event: "transition",
                from: Some(from),
                to: Some(to),
                reason: Some(reason),
                ..common
            },
            Self::EntryPanic => Line { event: "entry_panic", ..common },
        };
        // Strings and numbers can always be written.
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    }
}

/// The file and its predecessors: `otel.log`, `otel.log.1` and so on, the newest first.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    limits: Log,
}

impl LogFile {
    pub(super) fn within(directory: &Path, limits: Log) -> Self {
        Self { path: directory.join("otel.log"), limits }
    }

    /// Adds a line, after making room for it.
    pub(super) fn append(&self, line: &str) -> io::Result<()> {
        if self.is_full(line) {
            self.rotate(line)?;
        }
        private_file::append(&self.path, line)
    }

    fn is_full(&self, line: &str) -> bool {
        let size = fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        size > 0 && size + line.len() as u64 > self.limits.max_bytes
    }

    /// Several processes write to one log; one of them rotates it, and the others go on writing.
    fn rotate(&self, line: &str) -> io::Result<()> {
        let lock_file = private_file::lock_file(&self.path.with_extension("lock"))?;
        if lock_file.try_lock().is_err() || !self.is_full(line) {
            return Ok(());
        }
        rotate(&self.path, self.limits.keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object_with_what_is_known() {
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
            LogEvent::PartialSuccess { rejected_points: 2 },
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
