//! The files of `~/.ccxray/otel/pending/`. Only the file-writer thread uses them, so a slow disk delays no other thread.

use crate::pending::content::{MAX_HEADER_BYTES, PendingContent, PendingHeader, UnusableFile};
use crate::pending::locks::Locks;
use crate::pending::origin::{Origin, OriginVerdict};
use crate::pending::progress::{DeliveryProgress, Mark};
use crate::util::private_file::{self, Durability, Readers};
use crate::util::{bounded_file, ownership};
use bytes::Bytes;
use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The most that one project may have, in bytes.
pub const MAX_PROJECT_BYTES: u64 = 4 << 20;
/// The most that all projects may have, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// An older file is not sent any more.
const MAX_AGE: Duration = Duration::from_hours(30 * 24);
/// The end of the names of files.
const EXTENSION: &str = "otlp";
/// The same of files that are being written, and of lock files.
const DRAFT_EXTENSION: &str = "new";
const LOCK_EXTENSION: &str = "lock";
/// What is beside the files for so long was left by a process that was killed.
const MAX_STRAY_AGE: Duration = Duration::from_hours(1);

/// The files, and the locks of this process.
#[derive(Debug)]
pub struct PendingDirectory {
    path: PathBuf,
    locks: Locks,
}

/// A file that an ended process has left, and that this process delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The file's name.
    pub name: String,
    /// What it has.
    pub content: PendingContent,
    /// How much of it is delivered.
    pub progress: DeliveryProgress,
    /// Whether there is such a file. `false`: the disk did not take it.
    pub is_on_disk: bool,
}

/// The files for a project, and how many were found that are not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Those that this process delivers.
    pub claimed: Vec<Claimed>,
    /// Those that were too old, and are removed.
    pub expired: u64,
    /// Those that may not be sent with the config of now, and are removed.
    pub withdrawn: u64,
    /// Those that are damaged, and are removed.
    pub damaged: u64,
}

/// What waits in a file, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Whose sums they are.
    pub origin: Origin,
    /// Since when something waits, in Unix milliseconds.
    pub since_unix_ms: u64,
    /// When the period of the sums ends, in Unix milliseconds. They are not sent before.
    pub period_end_unix_ms: Option<u64>,
    /// The size of the file.
    pub bytes: u64,
    /// When the file was written.
    pub modified: SystemTime,
    /// Whether a running process has it. Another one delivers it only after that has ended.
    pub is_running: bool,
}

/// A file, as the directory lists it.
struct Listed {
    name: String,
    path: PathBuf,
    bytes: u64,
    modified: SystemTime,
}

impl PendingDirectory {
    /// Within ccxray's own directory.
    pub fn within(own: &Path) -> Self {
        Self { path: own.join("otel").join("pending"), locks: Locks::default() }
    }

    /// Writes a file in one step. Removes the oldest files if there are too many bytes. Returns how many those are.
    ///
    /// # Errors
    /// Any error of the system. The file is unchanged then. [`ErrorKind::ResourceBusy`] if another process has it.
    pub fn store(&mut self, name: &str, bytes: &[u8]) -> io::Result<u64> {
        private_file::directory(&self.path)?;
        if !self.locks.take(&self.path, name)? {
            return Err(ErrorKind::ResourceBusy.into());
        }
        let dropped = self.make_room(name, bytes.len() as u64);
        private_file::replace(&self.file(name), bytes, Readers::Owner, Durability::PowerAmongOwn)?;
        Ok(dropped)
    }

    /// Adds a mark to a file.
    ///
    /// # Errors
    /// Any error of the system; `NotFound` if the file was removed in the meantime, by `untrust` or by the user.
    pub fn mark(&self, name: &str, mark: Mark) -> io::Result<()> {
        private_file::append_byte(&self.file(name), mark.byte())
    }

    /// Whether there is such a file: the user may have removed it.
    pub fn has(&self, name: &str) -> bool {
        self.file(name).exists()
    }

    /// Leaves a file of this process to whichever process claims it.
    pub fn release(&mut self, name: &str) {
        self.locks.release(name);
    }

    /// Removes a file, because all of it is delivered.
    ///
    /// # Errors
    /// Any error of the system, except that there is no such file.
    pub fn remove(&mut self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.locks.remove(&self.path, name);
        Ok(())
    }

    /// Claims the files that a project may deliver. No two processes claim the same file. Those of a period that has not
    /// ended stay.
    pub fn claim(&mut self, origin: &Origin, now: SystemTime) -> Claims {
        self.sweep(now);
        let mut claims = Claims::default();
        let listed: Vec<_> = self.list(EXTENSION).into_iter().map(|it| (header(&it), it)).collect();
        let replaced: HashSet<&str> = listed
            .iter()
            .filter_map(|(header, _)| header.as_ref().ok())
            .flat_map(|header| header.replaces.iter().map(String::as_str))
            .collect();
        for (header, listed) in &listed {
            let Listed { name, modified, .. } = listed;
            if self.locks.has(name) {
                continue;
            }
            if replaced.contains(name.as_str()) {
                if matches!(self.locks.take(&self.path, name), Ok(true)) {
                    self.delete(name);
                }
                continue;
            }
            let age = now.duration_since(*modified).unwrap_or_default();
            let verdict = header.as_ref().map(|stored| stored.origin.verdict(origin));
            let count = match verdict {
                _ if age > MAX_AGE => &mut claims.expired,
                Ok(OriginVerdict::Deliver) if header.as_ref().is_ok_and(|it| it.is_open(now)) => {
                    continue;
                }
                Ok(OriginVerdict::Deliver) => {
                    match self.take(listed) {
                        Some(Ok(claimed)) => claims.claimed.push(claimed),
                        Some(Err(UnusableFile::Damaged)) => claims.damaged += self.delete(name),
                        Some(Err(UnusableFile::OtherVersion)) | None => {}
                    }
                    continue;
                }
                Ok(OriginVerdict::Delete) => &mut claims.withdrawn,
                Err(Some(UnusableFile::Damaged)) => &mut claims.damaged,
                Ok(OriginVerdict::Leave) | Err(Some(UnusableFile::OtherVersion) | None) => continue,
            };
            if matches!(self.locks.take(&self.path, name), Ok(true)) {
                *count += self.delete(name);
            }
        }
        claims
    }

    /// Removes what is left of a project whose user does not agree any more. `None`: what only the user's own settings
    /// have sent. A file of a running process, too: it is written again only while that process fails to export.
    ///
    /// # Errors
    /// The first error of the system. The other files are removed all the same.
    pub fn withdraw(&mut self, directory: Option<&str>) -> io::Result<u64> {
        self.remove_all(|origin| {
            origin.is_ok_and(|origin| origin.directory.as_deref() == directory)
        })
    }

    /// Removes everything.
    ///
    /// # Errors
    /// The first error of the system. The other files are removed all the same.
    pub fn clear(&mut self) -> io::Result<u64> {
        self.remove_all(|_| true)
    }

    /// Removes what killed processes have left beside the files: drafts that were not finished, and lock files.
    fn sweep(&mut self, now: SystemTime) {
        let is_stray = |listed: &Listed| {
            now.duration_since(listed.modified).is_ok_and(|age| age > MAX_STRAY_AGE)
        };
        for draft in self.list(DRAFT_EXTENSION).into_iter().filter(is_stray) {
            // One that stays is removed the next time.
            let _ = fs::remove_file(draft.path);
        }
        for Listed { name, .. } in self.list(LOCK_EXTENSION).into_iter().filter(is_stray) {
            let is_unused = !self.has(&name) && !self.locks.has(&name);
            if is_unused && matches!(self.locks.take(&self.path, &name), Ok(true)) {
                self.locks.remove(&self.path, &name);
            }
        }
    }

    fn remove_all(
        &mut self,
        is_unwanted: impl Fn(Result<Origin, Option<UnusableFile>>) -> bool,
    ) -> io::Result<u64> {
        let mut result = Ok(());
        let mut removed = 0;
        // A draft has sums, too. A process that is writing it fails.
        for draft in self.list(DRAFT_EXTENSION) {
            if is_unwanted(header(&draft).map(|header| header.origin)) {
                result = result.and(fs::remove_file(&draft.path));
            }
        }
        for listed in self.list(EXTENSION) {
            if is_unwanted(header(&listed).map(|header| header.origin)) {
                match fs::remove_file(&listed.path) {
                    Ok(()) => removed += 1,
                    Err(error) => result = result.and(Err(error)),
                }
            }
        }
        result.map(|()| removed)
    }

    /// What waits, the oldest first. Files that cannot be used are left out.
    pub fn waiting(&mut self) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for listed in self.list(EXTENSION) {
            let Ok(header) = header(&listed) else { continue };
            let is_running = !matches!(self.locks.take(&self.path, &listed.name), Ok(true));
            self.locks.release(&listed.name);
            let Listed { bytes, modified, .. } = listed;
            let PendingHeader { origin, since_unix_ms, period_end_unix_ms, .. } = header;
            waiting.push(Waiting {
                origin,
                since_unix_ms,
                period_end_unix_ms,
                bytes,
                modified,
                is_running,
            });
        }
        waiting
    }

    /// Removes a file of which this process has the lock.
    fn delete(&mut self, name: &str) -> u64 {
        u64::from(self.remove(name).is_ok())
    }

    /// The lock and the content of a file. `None` if another process has it, or it has gone.
    fn take(&mut self, listed: &Listed) -> Option<Result<Claimed, UnusableFile>> {
        let Listed { name, path, .. } = listed;
        if !matches!(self.locks.take(&self.path, name), Ok(true)) {
            return None;
        }
        // Its owner may have delivered and removed it since it was listed.
        let Ok(bytes) = bounded_file::read(path, MAX_PROJECT_BYTES + MAX_HEADER_BYTES as u64)
        else {
            self.locks.remove(&self.path, name);
            return None;
        };
        let decoded = PendingContent::decode(&Bytes::from(bytes));
        if decoded == Err(UnusableFile::OtherVersion) {
            self.locks.release(name);
        }
        let claimed = |(content, progress)| Claimed {
            name: name.clone(),
            content,
            progress,
            is_on_disk: true,
        };
        Some(decoded.map(claimed))
    }

    /// The files with an extension, the oldest first. None if the directory cannot be read.
    fn list(&self, extension: &str) -> Vec<Listed> {
        if private_file::is_of_another_user(&self.path) {
            return Vec::new();
        }
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        let listed = entries.flatten().filter_map(|entry| {
            let path = entry.path();
            let is_ours = path.extension().is_some_and(|it| it == extension);
            let name = path.file_stem()?.to_str().filter(|_| is_ours)?.to_owned();
            let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            Some(Listed { name, path, bytes: metadata.len(), modified })
        });
        let mut listed: Vec<_> = listed.collect();
        listed.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name)));
        listed
    }

    /// Removes the oldest files that no process has, until `bytes` more have room. Returns how many those are.
    fn make_room(&mut self, name: &str, bytes: u64) -> u64 {
        let key = key_of(name);
        let others = || self.list(EXTENSION).into_iter().filter(|it| it.name != name);
        let mut of_all = others().map(|it| it.bytes).sum::<u64>() + bytes;
        let mut of_project =
            others().filter(|it| key_of(&it.name) == key).map(|it| it.bytes).sum::<u64>() + bytes;
        if of_all <= MAX_BYTES && of_project <= MAX_PROJECT_BYTES {
            return 0;
        }
        let mut dropped = 0;
        for other in others().collect::<Vec<_>>() {
            let is_of_project = key_of(&other.name) == key;
            let is_needed = of_all > MAX_BYTES || (is_of_project && of_project > MAX_PROJECT_BYTES);
            if !is_needed || self.locks.has(&other.name) {
                continue;
            }
            if matches!(self.locks.take(&self.path, &other.name), Ok(true)) {
                dropped += self.delete(&other.name);
                of_all -= other.bytes;
                of_project -= if is_of_project { other.bytes } else { 0 };
            }
        }
        dropped
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.{EXTENSION}"))
    }
}

impl PendingHeader {
    /// Whether the period of the sums goes on.
    fn is_open(&self, now: SystemTime) -> bool {
        let end = self.period_end_unix_ms.map(Duration::from_millis);
        end.is_some_and(|end| now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() < end)
    }
}

/// The first line of a file. `None` instead of an error if it cannot be read, or another user owns it.
fn header(listed: &Listed) -> Result<PendingHeader, Option<UnusableFile>> {
    if ownership::weakness(&listed.path).is_some() {
        return Err(None);
    }
    let mut beginning = Vec::new();
    let file = bounded_file::open(&listed.path).map_err(|_| None)?;
    file.take(MAX_HEADER_BYTES as u64).read_to_end(&mut beginning).map_err(|_| None)?;
    PendingContent::header_of(&beginning).map_err(Some)
}

/// The part of a name that is the same for all files of a project.
fn key_of(name: &str) -> &str {
    name.split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
