//! The content of the status file: one process and its projects, with the same types as `status()`.

use crate::diagnostics::FileCounts;
use crate::pipeline::status::{ProcessStatus, ProjectStatus};
use crate::record::entry_counts::EntryCounts;
use crate::util::clock::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusFileContent<'a> {
    pid: u32,
    version: &'static str,
    started_at_ms: u64,
    updated_at_ms: u64,
    entries: EntryCounts,
    files: FileCounts,
    projects: &'a [ProjectStatus],
}

/// A process and its projects as JSON. Contains no secret.
pub(super) fn status_file(
    started: Timestamp,
    now: Timestamp,
    process: &ProcessStatus,
    projects: &[ProjectStatus],
) -> String {
    let ProcessStatus { entries, files, .. } = process;
    let content = StatusFileContent {
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION"),
        started_at_ms: started.unix_ms,
        updated_at_ms: now.unix_ms,
        entries: *entries,
        // The reader of the file knows its directory.
        files: FileCounts { directory: None, ..files.clone() },
        projects,
    };
    // Strings and numbers can always be serialised.
    serde_json::to_string_pretty(&content).unwrap_or_default() + "\n"
}
