//! What became of the write requests to the file-writer thread.

use serde::{Serialize, Serializer};
use std::path::{Path, PathBuf};

/// How many lines and status files were written, wait, or were lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileCounts {
    /// The directory of the files.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub directory: Option<PathBuf>,
    /// Lines and status files that were written.
    pub written: u64,
    /// Lines and status files that wait to be written. More than a few wait only if a disk hangs.
    pub waiting: u64,
    /// Lines and status files that could not be written.
    pub lost: u64,
    /// Why the last one could not be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

impl FileCounts {
    /// A request no longer waits, whether it succeeded or not.
    pub(super) fn finish_one(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// A request could not be carried out.
    pub(super) fn lose_one(&mut self, why: String) {
        self.lost += 1;
        self.last_error = Some(why);
    }
}

/// A path can contain bytes that are not valid text. JSON cannot.
#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn as_text<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_deref().map(Path::to_string_lossy).serialize(serializer)
}
