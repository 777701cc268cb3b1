//! `parser-drift.log`: the anomalies with their names, one line for each different anomaly. Only
//! the user can read the file.
//!
//! Several processes share the file. Each one takes the lock, reads the file, adds its rows and
//! replaces the file.

use crate::diagnostics::drift::{self, AnomalyRow, AnomalyTable};
use crate::diagnostics::rotation::{numbered, rotate};
use crate::util::private_file::{self, Durability, Readers};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many different anomalies one file contains. One more starts a new file.
const MAX_ROWS: usize = 500;
/// How many older files are kept: `parser-drift.log.1` and so on.
const KEPT_FILES: u64 = 3;
/// This package does not write a larger file.
const MAX_BYTES: u64 = 1 << 20;
/// An anomaly that was not seen for this long is removed.
const RETENTION: Duration = Duration::from_hours(24 * 30);

/// The file and its older files.
#[derive(Debug)]
pub(super) struct DriftLog {
    path: PathBuf,
}

/// The contents of the files.
#[derive(Clone, Debug, Default)]
pub struct DriftLogContents {
    /// The newest file.
    pub file: PathBuf,
    /// The rows of all files.
    pub table: AnomalyTable,
    /// How many lines cannot be read.
    pub unreadable_lines: u64,
    /// The files that cannot be read.
    pub unreadable_files: Vec<PathBuf>,
}

impl DriftLog {
    pub(super) fn within(directory: &Path) -> Self {
        Self { path: directory.join("parser-drift.log") }
    }

    /// Adds rows. Returns `false` if another process is writing. The caller then has to try again.
    pub(super) fn add(&self, rows: &[AnomalyRow], now_ms: u64) -> io::Result<bool> {
        let lock_file = private_file::lock_file(&self.path.with_extension("lock"))?;
        if lock_file.try_lock().is_err() {
            return Ok(false);
        }
        let mut table = AnomalyTable::default();
        let is_full = match Self::read(&self.path, &mut table) {
            Ok(0) => {
                table.remove_before(ago(now_ms, RETENTION));
                let before = table.rows().len();
                for AnomalyRow { key, occurrences } in rows {
                    table.add(key.clone(), *occurrences, usize::MAX);
                }
                let after = table.rows().len();
                before > 0 && after > before && after > MAX_ROWS
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            // Another program has written the file. It is renamed like an older file, and not lost.
            Ok(1..) | Err(_) => true,
        };
        if is_full {
            rotate(&self.path, KEPT_FILES)?;
        }
        if is_full || table.rows().is_empty() {
            table = AnomalyTable::default();
            for AnomalyRow { key, occurrences } in rows {
                table.add(key.clone(), *occurrences, MAX_ROWS);
            }
        }
        let text = drift::to_lines(table.rows());
        private_file::replace(&self.path, &text, Readers::Owner, Durability::Process)?;
        private_file::restrict_to_owner(&self.path)?;
        Ok(true)
    }

    /// Reads all files.
    pub(super) fn read_all(&self) -> DriftLogContents {
        let mut contents =
            DriftLogContents { file: self.path.clone(), ..DriftLogContents::default() };
        let mut targets = Vec::new();
        for number in 0..=KEPT_FILES {
            let path = numbered(&self.path, number);
            // A link can lead to a file that is already read.
            let read = path.canonicalize().and_then(|target| {
                if targets.contains(&target) {
                    return Ok(0);
                }
                targets.push(target);
                Self::read(&path, &mut contents.table)
            });
            match read {
                Ok(unreadable) => contents.unreadable_lines += unreadable,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) => contents.unreadable_files.push(path),
            }
        }
        contents
    }

    /// Adds the rows of a file to `table`. Returns the number of lines that cannot be read.
    fn read(path: &Path, table: &mut AnomalyTable) -> io::Result<u64> {
        let metadata = fs::metadata(path)?;
        // Reading a pipe or a device can block.
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
        let mut unreadable = 0;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match std::str::from_utf8(line).ok().and_then(drift::parse_line) {
                Some(AnomalyRow { key, occurrences }) => {
                    table.add(key, occurrences, usize::MAX);
                }
                None => unreadable += 1,
            }
        }
        Ok(unreadable)
    }
}

/// The time `age` before now, in Unix milliseconds.
fn ago(now_ms: u64, age: Duration) -> u64 {
    now_ms.saturating_sub(u64::try_from(age.as_millis()).unwrap_or(u64::MAX))
}
