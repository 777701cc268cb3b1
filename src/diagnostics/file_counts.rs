//! What became of the lines and status files that were handed to the file-writer thread.

use std::path::PathBuf;

/// What became of what should have been written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// Where it is written.
    pub directory: Option<PathBuf>,
    /// Lines and status files that were.
    pub written: u64,
    /// Lines and status files that are still to be: more than a few where a disk hangs.
    pub waiting: u64,
    /// Lines and status files that could not be.
    pub lost: u64,
    /// Why the last one could not be.
    pub last_error: Option<String>,
}

impl FileCounts {
    /// An order is carried out, well or not.
    pub(super) fn settle(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    pub(super) fn lose(&mut self, why: String) {
        self.lost += 1;
        self.last_error = Some(why);
    }
}
