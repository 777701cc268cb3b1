//! What became of the lines and status files that were handed to the file-writer thread.

use serde::{Serialize, Serializer};
use std::path::{Path, PathBuf};

/// What became of what should have been written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileCounts {
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub directory: Option<PathBuf>,
    /// Lines and status files that were.
    pub written: u64,
    /// Lines and status files that are still to be: more than a few where a disk hangs.
    pub waiting: u64,
    /// Lines and status files that could not be.
    pub lost: u64,
    /// Why the last one could not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

impl FileCounts {
    /// An request is carried out, well or not.
    pub(super) fn settle(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    pub(super) fn lose(&mut self, why: String) {
        self.lost += 1;
        self.last_error = Some(why);
    }
}

/// A path may hold bytes that are not a text; JSON cannot.
fn as_text<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_deref().map(Path::to_string_lossy).serialize(serializer)
}
