//! The file with the sums of one project that the backend has not confirmed, so that they outlive the process.
//!
//! The file is written when an export fails, and then at most every half minute. While there is one, no request is
//! sent that the file does not mention first: a later process must not send values that the backend has passed.

use crate::diagnostics::Diagnostics;
use crate::pending::content::{PendingContent, Sums};
use crate::pending::directory::{Claimed, Claims, MAX_PROJECT_BYTES, PendingDirectory};
use crate::pending::origin::Origin;
use crate::pending::progress::{DeliveryProgress, Mark};
use crate::project::Project;
use crate::util::clock::Timestamp;
use crate::util::instance_id::random_id;
use std::io;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

/// The time between two writes while something waits.
const WRITE_INTERVAL: Duration = Duration::from_secs(30);
/// How long an export waits for a slow disk.
const DISK_TIMEOUT: Duration = Duration::from_millis(500);
/// The same for the files of ended processes, at a coarse resolution.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(5);
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
    /// Whether there may be a file: a write that took too long can still succeed.
    may_be_on_disk: bool,
    next_write: Option<Instant>,
    /// Whether nothing is stored any more, because the user has removed the file.
    is_disabled: bool,
    /// The number of turns in the file.
    stored_turns: Option<u64>,
    /// At a coarse resolution: when the period ends whose sums the file has, in Unix milliseconds.
    period_end_unix_ms: Option<u64>,
}

/// What became of sums that were to be stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    /// Whether they are on the disk now.
    pub(super) is_safe: bool,
    /// How many intervals or files were dropped to make room.
    pub(super) dropped: u64,
}

/// Why the file-writer thread has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missed {
    /// The disk has failed, or the thread cannot take more.
    Failed,
    /// It takes too long, and can still succeed.
    Late,
}

impl ProjectStore {
    pub(super) fn new(project: &Project, diagnostics: &Diagnostics) -> Self {
        let origin = Origin::of(project.config(), project.directory());
        let name = format!("{}-{}", origin.key(), project.instance());
        let period_end_unix_ms = project.reporting_period().map(|period| period.end_ms);
        Self {
            diagnostics: diagnostics.clone(),
            origin,
            name,
            since_unix_ms: None,
            is_on_disk: false,
            may_be_on_disk: false,
            next_write: None,
            is_disabled: false,
            stored_turns: None,
            period_end_unix_ms,
        }
    }

    /// Writes the sums of another period from now on. The file of the last one stays for whichever process sends it, if
    /// it `is_saved`. If not, it may have older sums, and this process replaces them.
    pub(super) async fn begin_period(&mut self, end_unix_ms: u64, is_saved: bool) {
        self.period_end_unix_ms = Some(end_unix_ms);
        let new_name = self.new_name();
        let name = std::mem::replace(&mut self.name, new_name);
        if self.may_be_on_disk && is_saved {
            self.on_disk(move |directory| {
                directory.release(&name);
                Ok(())
            })
            .await;
        }
        self.forget();
    }

    /// Whether the user has removed the file, perhaps because of a revoked approval.
    pub(super) async fn is_withdrawn(&self) -> bool {
        self.is_on_disk && self.lacks(self.name.clone()).await
    }

    /// Whether nothing is stored, because the user has removed the file. What is in memory has the sums of before.
    pub(super) async fn is_disabled(&mut self) -> bool {
        if self.is_withdrawn().await {
            self.forget();
            self.is_disabled = true;
        }
        self.is_disabled
    }

    /// Whether there is no file with this name.
    pub(super) async fn lacks(&self, name: String) -> bool {
        self.on_disk(move |directory| Ok(!directory.has(&name))).await == Some(true)
    }

    /// The file's name.
    #[cfg(test)]
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Begins again without a file.
    pub(super) fn forget(&mut self) {
        (self.is_on_disk, self.may_be_on_disk, self.stored_turns) = (false, false, None);
        (self.since_unix_ms, self.next_write) = (None, None);
    }

    /// What was recorded belongs to another period.
    pub(super) fn rename_period(&mut self, end_unix_ms: u64) {
        self.period_end_unix_ms = Some(end_unix_ms);
        (self.stored_turns, self.next_write) = (None, None);
    }

    fn new_name(&self) -> String {
        format!("{}-{}", self.origin.key(), random_id())
    }

    /// Sums of a period that has ended and that the disk did not take. It may have older ones under the same name.
    pub(super) fn unsaved(&self, now: Timestamp, sums: Sums) -> Claimed {
        let content = self.content(self.since_unix_ms.unwrap_or(now.unix_ms), sums);
        Claimed { name: self.name.clone(), ..self.new_file(content) }
    }

    /// A file that is not written yet.
    pub(super) fn new_file(&self, content: PendingContent) -> Claimed {
        Claimed {
            name: self.new_name(),
            content,
            progress: DeliveryProgress::default(),
            is_on_disk: false,
        }
    }

    fn content(&self, since_unix_ms: u64, sums: Sums) -> PendingContent {
        PendingContent {
            origin: self.origin.clone(),
            since_unix_ms,
            period_end_unix_ms: self.period_end_unix_ms,
            replaces: Vec::new(),
            sums,
        }
    }

    /// Writes sums of an ended period into a file of their own. Returns whether they are on the disk now.
    pub(super) async fn save(&self, claimed: &mut Claimed) -> bool {
        claimed.is_on_disk = self.rewrite(claimed.name.clone(), &claimed.content).await;
        claimed.is_on_disk
    }

    /// Whether there may be a file. A slow disk can still write one that this process has not waited for.
    pub(super) fn may_be_on_disk(&self) -> bool {
        self.may_be_on_disk
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
        // An export, and so perhaps the end of the process, waits for it. At a coarse resolution nothing does.
        let limit = if self.period_end_unix_ms.is_some() { CLAIM_TIMEOUT } else { DISK_TIMEOUT };
        let origin = self.origin.clone();
        let claim =
            move |directory: &mut PendingDirectory| Ok(directory.claim(&origin, now.wall()));
        // Otherwise no other process could deliver them until this one ends.
        let give_back = |directory: &mut PendingDirectory, claims: Claims| {
            claims.claimed.iter().for_each(|claimed| directory.release(&claimed.name));
        };
        self.within(limit, claim, give_back).await.unwrap_or_default()
    }

    /// Writes the file. Intervals that do not fit into it are dropped, the oldest first.
    pub(super) async fn put(&mut self, now: Timestamp, mut sums: Sums, turns: u64) -> Stored {
        self.next_write = Some(Instant::from_std(now.instant) + WRITE_INTERVAL);
        let since_unix_ms = *self.since_unix_ms.get_or_insert(now.unix_ms);
        let Some((bytes, too_many)) = self.fitting(&mut sums, since_unix_ms) else {
            return Stored { is_safe: false, dropped: 1 };
        };
        let name = self.name.clone();
        let may_have_been = std::mem::replace(&mut self.may_be_on_disk, true);
        let store = move |directory: &mut PendingDirectory| directory.store(&name, &bytes);
        let stored = self.within(DISK_TIMEOUT, store, |_, _| {}).await;
        if stored == Err(Missed::Failed) {
            self.may_be_on_disk = may_have_been;
        }
        let stored = stored.ok();
        self.is_on_disk |= stored.is_some();
        self.stored_turns = stored.map(|_| turns).or(self.stored_turns);
        Stored { is_safe: stored.is_some(), dropped: too_many + stored.unwrap_or_default() }
    }

    /// Notes how far the file is delivered. Without a file it does nothing.
    pub(super) async fn mark(&self, mark: Mark) {
        if self.may_be_on_disk {
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
        if self.may_be_on_disk && self.remove(self.name.clone()).await {
            (self.is_on_disk, self.may_be_on_disk, self.stored_turns) = (false, false, None);
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
            let bytes = self.content(since_unix_ms, sums.clone()).encode().ok()?;
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
        self.within(DISK_TIMEOUT, work, |_, _| {}).await.ok()
    }

    /// The same within a time. `undo` is for a result that comes after that.
    async fn within<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&mut PendingDirectory) -> io::Result<T> + Send + 'static,
        undo: impl FnOnce(&mut PendingDirectory, T) + Send + 'static,
    ) -> Result<T, Missed> {
        self.diagnostics.directory().ok_or(Missed::Failed)?;
        let (done, result) = oneshot::channel();
        self.diagnostics.on_pending(move |directory| {
            let value = work(directory)?;
            if let Err(value) = done.send(value) {
                undo(directory, value);
            }
            Ok(())
        });
        match timeout(limit, result).await {
            Ok(result) => result.map_err(|_| Missed::Failed),
            Err(_) => Err(Missed::Late),
        }
    }
}
