//! `otel.log`: a file of limited size, and its older files.

use crate::config::Log;
use crate::diagnostics::rotation::rotate;
use crate::util::private_file;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file and its older files: `otel.log`, `otel.log.1` and so on, the newest first.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    limits: Log,
}

impl LogFile {
    pub(super) fn within(directory: &Path, limits: Log) -> Self {
        Self { path: directory.join("otel.log"), limits }
    }

    /// Appends a line. Before that it rotates the files if there is no room for the line.
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

    /// Several processes write to one log. One of them rotates it, and the others continue to
    /// write.
    fn rotate(&self, line: &str) -> io::Result<()> {
        let lock_file = private_file::lock_file(&self.path.with_extension("lock"))?;
        if lock_file.try_lock().is_err() || !self.is_full(line) {
            return Ok(());
        }
        rotate(&self.path, self.limits.keep)
    }
}
