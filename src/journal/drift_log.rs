//! `parser-drift.log`: what the parsers did not understand, one line for each kind, for the engineer
//! alone.
//!
//! Several processes write to one file, so each takes its turn, reads what is there and puts the sum in
//! its place.

use crate::drift::{self, Row, Table};
use crate::files::{self, Durability, Readers};
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
pub struct Drift {
    /// The newest file.
    pub file: PathBuf,
    /// The rows of all files.
    pub table: Table,
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
    pub(super) fn add(&self, rows: &[Row], now_ms: u64) -> io::Result<bool> {
        let turnstile = files::lock_file(&self.path.with_extension("lock"))?;
        if turnstile.try_lock().is_err() {
            return Ok(false);
        }
        let mut table = Table::default();
        let is_full = match Self::read(&self.path, &mut table) {
            Ok(0) => {
                table.forget_before(ago(now_ms, MEMORY));
                let known = table.rows().len();
                for Row { kind, seen } in rows {
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
            self.rotate()?;
        }
        if is_full || table.rows().is_empty() {
            table = Table::default();
            for Row { kind, seen } in rows {
                table.add(kind.clone(), *seen, MAX_KINDS);
            }
        }
        let text = drift::text(table.rows());
        files::replace(&self.path, &text, Readers::Owner, Durability::Process)?;
        files::keep_from_others(&self.path)?;
        Ok(true)
    }

    /// Everything that stands in the files.
    pub(super) fn read_all(&self) -> Drift {
        let mut drift = Drift { file: self.path.clone(), ..Drift::default() };
        let mut seen = Vec::new();
        for number in 0..=KEPT {
            let path = self.numbered(number);
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
    fn read(path: &Path, table: &mut Table) -> io::Result<u64> {
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
                Some(Row { kind, seen }) => drop(table.add(kind, seen, usize::MAX)),
                None => unreadable += 1,
            }
        }
        Ok(unreadable)
    }

    fn rotate(&self) -> io::Result<()> {
        for number in (0..KEPT).rev() {
            match fs::rename(self.numbered(number), self.numbered(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn numbered(&self, number: u64) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        if number > 0 {
            path.push(format!(".{number}"));
        }
        PathBuf::from(path)
    }
}

/// So long before now, in Unix milliseconds.
fn ago(now_ms: u64, time: Duration) -> u64 {
    now_ms.saturating_sub(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
