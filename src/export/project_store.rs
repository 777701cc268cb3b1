//! The file with the sums of one project that the backend has not confirmed, so that they outlive the process.
//!
//! The file is written when an export fails, and then at most every half minute. While there is one, no request is
//! sent that the file does not mention first: a later process must not send values that the backend has passed.

use crate::diagnostics::Diagnostics;
use crate::pending::content::{PendingContent, Sums};
use crate::pending::directory::{Claims, MAX_PROJECT_BYTES, PendingDirectory};
use crate::pending::origin::Origin;
use crate::pending::progress::Mark;
use crate::project::Project;
use crate::util::clock::Timestamp;
use std::io;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

/// The time between two writes while something waits.
const WRITE_INTERVAL: Duration = Duration::from_secs(30);
/// How long an export waits for a slow disk.
const DISK_TIMEOUT: Duration = Duration::from_millis(500);
/// The part of the last export's time that is left for the disk.
pub(super) const LAST_WRITE: Duration = Duration::from_millis(250);

/// The file of one project of this process.
pub(super) struct ProjectStore {
    diagnostics: Diagnostics,
    origin: Origin,
    name: String,
    /// Since when something waits, in Unix milliseconds.
    since_unix_ms: Option<u64>,
    is_on_disk: bool,
    next_write: Option<Instant>,
    /// The number of turns in the file.
    stored_turns: Option<u64>,
}

/// What became of sums that were to be stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    /// Whether they are on the disk now.
    pub(super) is_safe: bool,
    /// How many intervals or files were dropped to make room.
    pub(super) dropped: u64,
}

impl ProjectStore {
    pub(super) fn new(project: &Project, diagnostics: &Diagnostics) -> Self {
        let origin = Origin::of(project.config(), project.directory());
        let name = format!("{}-{}", origin.key(), project.instance());
        Self {
            diagnostics: diagnostics.clone(),
            origin,
            name,
            since_unix_ms: None,
            is_on_disk: false,
            next_write: None,
            stored_turns: None,
        }
    }

    /// Whether there is a file.
    pub(super) fn is_on_disk(&self) -> bool {
        self.is_on_disk
    }

    /// Whether sums should be written again: enough time has passed since the last write, and more was recorded.
    pub(super) fn is_due(&mut self, now: Instant, turns: u64) -> bool {
        if self.next_write.is_some_and(|at| now < at) {
            return false;
        }
        self.next_write = Some(now + WRITE_INTERVAL);
        self.stored_turns != Some(turns)
    }

    /// When to look again. `None` while nothing waits.
    pub(super) fn next_write(&self) -> Option<Instant> {
        self.next_write
    }

    /// Claims what ended processes of this project have left.
    pub(super) async fn claim(&self, now: Timestamp) -> Claims {
        let origin = self.origin.clone();
        let claimed = self.on_disk(move |directory| Ok(directory.claim(&origin, now.wall())));
        claimed.await.unwrap_or_default()
    }

    /// Writes the file. Intervals that do not fit into it are dropped, the oldest first.
    pub(super) async fn put(&mut self, now: Timestamp, mut sums: Sums, turns: u64) -> Stored {
        self.next_write = Some(Instant::from_std(now.instant) + WRITE_INTERVAL);
        let since_unix_ms = *self.since_unix_ms.get_or_insert(now.unix_ms);
        let Some((bytes, too_many)) = self.fitting(&mut sums, since_unix_ms) else {
            return Stored { is_safe: false, dropped: 1 };
        };
        let name = self.name.clone();
        let stored = self.on_disk(move |directory| directory.store(&name, &bytes)).await;
        self.is_on_disk |= stored.is_some();
        self.stored_turns = stored.map(|_| turns).or(self.stored_turns);
        Stored { is_safe: stored.is_some(), dropped: too_many + stored.unwrap_or_default() }
    }

    /// Notes how far the file is delivered. Without a file it does nothing.
    pub(super) async fn mark(&self, mark: Mark) {
        if self.is_on_disk {
            self.mark_claimed(self.name.clone(), mark).await;
        }
    }

    /// The same for a file that an ended process has left. Returns whether the disk has it.
    pub(super) async fn mark_claimed(&self, name: String, mark: Mark) -> bool {
        self.on_disk(move |directory| directory.mark(&name, mark)).await.is_some()
    }

    /// Writes the file of an ended process again.
    pub(super) async fn rewrite(&self, name: String, content: &PendingContent) -> bool {
        let Ok(bytes) = content.encode() else { return false };
        self.on_disk(move |directory| directory.store(&name, &bytes)).await.is_some()
    }

    /// Removes the file: everything is delivered.
    pub(super) async fn clear(&mut self) {
        self.next_write = None;
        self.since_unix_ms = None;
        if self.is_on_disk && self.remove(self.name.clone()).await {
            self.is_on_disk = false;
            self.stored_turns = None;
        }
    }

    /// Removes a file that an ended process has left. Returns whether it is gone.
    pub(super) async fn remove(&self, name: String) -> bool {
        self.on_disk(move |directory| directory.remove(&name)).await.is_some()
    }

    /// The bytes of the file, and how many intervals were dropped for them. `None` if not even the newest fits.
    fn fitting(&self, sums: &mut Sums, since_unix_ms: u64) -> Option<(Vec<u8>, u64)> {
        let mut dropped = 0;
        loop {
            let origin = self.origin.clone();
            let bytes =
                PendingContent { origin, since_unix_ms, sums: sums.clone() }.encode().ok()?;
            if bytes.len() as u64 <= MAX_PROJECT_BYTES {
                return Some((bytes, dropped));
            }
            match sums {
                Sums::Delta { intervals, .. } if intervals.len() > 1 => {
                    let excess = bytes.len() as u64 - MAX_PROJECT_BYTES;
                    let mut freed = 0;
                    while freed < excess && intervals.len() > 1 {
                        freed += intervals.remove(0).len() as u64;
                        dropped += 1;
                    }
                }
                _ => return None,
            }
        }
    }

    /// Lets the file-writer thread do something, and waits for it a moment. `None` if it failed, or takes too long.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PendingDirectory) -> io::Result<T> + Send + 'static,
    ) -> Option<T> {
        self.diagnostics.directory()?;
        let (done, result) = oneshot::channel();
        self.diagnostics.on_pending(move |directory| {
            work(directory).map(|value| {
                // This thread may have stopped waiting.
                let _ = done.send(value);
            })
        });
        timeout(DISK_TIMEOUT, result).await.ok()?.ok()
    }
}
