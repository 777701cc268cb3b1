//! `parser-drift.log`: what the parsers did not understand, one line for each kind, for the engineer
//! alone.
//!
//! Several processes write to one file, so each takes its turn, reads what is there and puts the sum in
//! its place.

use crate::diagnostics::drift::{self, AnomalyRow, AnomalyTable};
use crate::diagnostics::rotation::{numbered, rotate};
use crate::util::private_file::{self, Durability, Readers};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Kinds in one file. One more begins a new file.
const MAX_KINDS: usize = 500;
/// Files beside the newest one: `parser-drift.log.1` and so on.
const KEPT: u64 = 3;
/// A larger file is none of ours.
const MAX_BYTES: u64 = 1 << 20;
/// What was not seen for so long is forgotten.
const MEMORY: Duration = Duration::from_hours(24 * 30);

/// The file and its predecessors.
#[derive(Debug)]
pub(super) struct DriftLog {
    path: PathBuf,
}

/// What stands in the files.
#[derive(Clone, Debug, Default)]
pub struct DriftLogContents {
    /// The newest file.
    pub file: PathBuf,
    /// The rows of all files.
    pub table: AnomalyTable,
    /// Lines that cannot be read.
    pub unreadable_lines: u64,
    /// Files that cannot.
    pub unreadable_files: Vec<PathBuf>,
}

impl DriftLog {
    pub(super) fn within(directory: &Path) -> Self {
        Self { path: directory.join("parser-drift.log") }
    }

    /// Adds rows. `false` if another process is just writing: then they have to be added later.
    pub(super) fn add(&self, rows: &[AnomalyRow], now_ms: u64) -> io::Result<bool> {
        let lock_file = private_file::lock_file(&self.path.with_extension("lock"))?;
        if lock_file.try_lock().is_err() {
            return Ok(false);
        }
        let mut table = AnomalyTable::default();
        let is_full = match Self::read(&self.path, &mut table) {
            Ok(0) => {
                table.forget_before(ago(now_ms, MEMORY));
                let known = table.rows().len();
                for AnomalyRow { kind, seen } in rows {
                    table.add(kind.clone(), *seen, usize::MAX);
                }
                let grown = table.rows().len();
                known > 0 && grown > known && grown > MAX_KINDS
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            // What somebody else has put or written there is put aside, and not lost.
            Ok(1..) | Err(_) => true,
        };
        if is_full {
            rotate(&self.path, KEPT)?;
        }
        if is_full || table.rows().is_empty() {
            table = AnomalyTable::default();
            for AnomalyRow { kind, seen } in rows {
                table.add(kind.clone(), *seen, MAX_KINDS);
            }
        }
        let text = drift::text(table.rows());
        private_file::replace(&self.path, &text, Readers::Owner, Durability::Process)?;
        private_file::restrict_to_owner(&self.path)?;
        Ok(true)
    }

    /// Everything that stands in the files.
    pub(super) fn read_all(&self) -> DriftLogContents {
        let mut drift = DriftLogContents { file: self.path.clone(), ..DriftLogContents::default() };
        let mut seen = Vec::new();
        for number in 0..=KEPT {
            let path = numbered(&self.path, number);
            // A link may lead to one that was read already.
            let read = path.canonicalize().and_then(|place| {
                if seen.contains(&place) {
                    return Ok(0);
                }
                seen.push(place);
                Self::read(&path, &mut drift.table)
            });
            match read {
                Ok(unreadable) => drift.unreadable_lines += unreadable,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) => drift.unreadable_files.push(path),
            }
        }
        drift
    }

    /// Adds the rows of a file to `table`; how many of its lines cannot be read.
    fn read(path: &Path, table: &mut AnomalyTable) -> io::Result<u64> {
        let metadata = fs::metadata(path)?;
        // A pipe or a device would have us wait.
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
        let mut unreadable = 0;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match std::str::from_utf8(line).ok().and_then(drift::parse) {
                Some(AnomalyRow { kind, seen }) => drop(table.add(kind, seen, usize::MAX)),
                None => unreadable += 1,
            }
        }
        Ok(unreadable)
    }
}

/// So long before now, in Unix milliseconds.
fn ago(now_ms: u64, time: Duration) -> u64 {
    now_ms.saturating_sub(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
