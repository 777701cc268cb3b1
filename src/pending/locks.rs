//! Which process a file belongs to: the one that holds the lock of the lock file beside it. The system releases it when
//! the process ends, however it ends.

use crate::util::private_file;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The locks of this process.
#[derive(Debug, Default)]
pub(super) struct Locks(HashMap<String, File>);

impl Locks {
    /// Takes the lock of a file. Returns whether this process has it now.
    ///
    /// # Errors
    /// Any error of the system, such as a file system without locks.
    pub(super) fn take(&mut self, directory: &Path, name: &str) -> io::Result<bool> {
        if self.0.contains_key(name) {
            return Ok(true);
        }
        let path = path(directory, name);
        let file = private_file::lock_file(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(false),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        // Another process may have removed the lock file after it was opened here: then its lock means nothing.
        if !is_at(&file, &path) {
            return Ok(false);
        }
        self.0.insert(name.to_owned(), file);
        Ok(true)
    }

    /// Whether this process has the lock of a file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Gives back the lock of a file that was removed, and removes the lock file.
    pub(super) fn remove(&mut self, directory: &Path, name: &str) {
        if self.0.contains_key(name) {
            // One that stays is harmless.
            let _ = fs::remove_file(path(directory, name));
            self.0.remove(name);
        }
    }

    /// Gives back the lock of a file that stays.
    pub(super) fn release(&mut self, name: &str) {
        self.0.remove(name);
    }
}

fn path(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{name}.lock"))
}

/// Whether this is still the file at the path.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (Ok(own), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else {
            return false;
        };
        (own.dev(), own.ino()) == (there.dev(), there.ino())
    }
    // Elsewhere an open file cannot be removed.
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}
