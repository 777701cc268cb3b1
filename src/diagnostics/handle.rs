//! The handle through which every other thread writes diagnostics. It never waits for a disk.

use crate::config::Log;
use crate::diagnostics::drift::{AnomalyKey, Occurrences};
use crate::diagnostics::drift_log::{DriftLog, DriftLogContents};
use crate::diagnostics::file_counts::FileCounts;
use crate::diagnostics::file_writer::{self, WriteRequest};
use crate::diagnostics::log_event::{LogContext, LogEvent};
use crate::diagnostics::pending_anomalies::{MAX_PENDING_ROWS, PendingAnomalies};
use crate::diagnostics::rate_limit::RateLimit;
use crate::pending::directory::PendingDirectory;
use crate::util::clock::Timestamp;
use crossbeam_channel::{Sender, TrySendError};
use parking_lot::Mutex;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How often the anomalies are read again if some of them are written at the same time.
const MAX_READ_RETRIES: u32 = 3;

/// Writes diagnostics. Cheap to clone. Without a directory it writes nothing.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    directory: PathBuf,
    is_logging: bool,
    requests: Sender<WriteRequest>,
    /// No further request is accepted.
    is_finished: AtomicBool,
    rate_limit: Mutex<RateLimit>,
    pending: Arc<Mutex<PendingAnomalies>>,
    counts: Arc<Mutex<FileCounts>>,
}

impl Diagnostics {
    /// Writes into `directory`, which is created when the first file is written. If the system has
    /// no thread for it, every request is counted as lost.
    pub fn open(directory: PathBuf, log: Log) -> Self {
        let counts = Arc::new(Mutex::new(FileCounts {
            directory: Some(directory.clone()),
            ..FileCounts::default()
        }));
        let pending = Arc::default();
        let requests =
            file_writer::start(&directory, log, Arc::clone(&pending), Arc::clone(&counts));
        Self(Some(Arc::new(Inner {
            directory,
            is_logging: log.enabled,
            requests,
            is_finished: AtomicBool::new(false),
            rate_limit: Mutex::default(),
            pending,
            counts,
        })))
    }

    /// The directory of the files.
    pub fn directory(&self) -> Option<&Path> {
        self.0.as_deref().map(|inner| inner.directory.as_path())
    }

    /// Adds an event to the log, unless one of the same class was logged in the last minute.
    pub fn log(&self, now: Timestamp, context: LogContext<'_>, event: &LogEvent<'_>) {
        let Some(inner) = self.0.as_deref().filter(|inner| inner.is_logging) else { return };
        let suppressed = {
            let mut rate_limit = inner.rate_limit.lock();
            match event.class() {
                Some(class) => rate_limit.admit(now.instant, context.source, class),
                None => Some(rate_limit.take_suppressed(context.source)),
            }
        };
        if let Some(suppressed) = suppressed {
            inner.request(WriteRequest::Line(event.line(now, context, suppressed)));
        }
    }

    /// Records anomalies. They are written together after a few seconds.
    pub fn record_anomalies(
        &self,
        now: Timestamp,
        anomalies: impl Iterator<Item = (AnomalyKey, Occurrences)>,
    ) {
        let Some(inner) = self.0.as_deref().filter(|inner| inner.is_logging) else { return };
        let mut anomalies = anomalies.peekable();
        if anomalies.peek().is_none() {
            return;
        }
        let is_due = {
            let mut pending = inner.pending.lock();
            for (anomaly, occurrence) in anomalies {
                pending.table.add(anomaly, occurrence, MAX_PENDING_ROWS);
            }
            pending.is_due(now.instant)
        };
        if is_due {
            inner.request(WriteRequest::Anomalies);
        }
    }

    /// The anomalies in the files, and those that are not written yet.
    pub fn drift(&self) -> Option<DriftLogContents> {
        let inner = self.0.as_deref()?;
        let mut retries = 0..MAX_READ_RETRIES;
        loop {
            let (pending, writes) = {
                let PendingAnomalies { table, writing, writes, .. } = &*inner.pending.lock();
                let mut pending = table.clone();
                pending.add_all(writing, usize::MAX);
                (pending, *writes)
            };
            let mut drift = read_drift(&inner.directory);
            // An anomaly that was written in the meantime is in both, so it would count twice.
            if inner.pending.lock().writes == writes || retries.next().is_none() {
                drift.table.add_all(&pending, usize::MAX);
                return Some(drift);
            }
        }
    }

    /// Replaces the status file.
    pub fn write_status(&self, json: String) {
        if let Some(inner) = &self.0 {
            inner.request(WriteRequest::Status(json));
        }
    }

    /// Does something with the files of undelivered sums. If that is not possible, `job` is dropped.
    pub fn on_pending(
        &self,
        job: impl FnOnce(&mut PendingDirectory) -> io::Result<()> + Send + 'static,
    ) {
        if let Some(inner) = &self.0 {
            inner.request(WriteRequest::Pending(Box::new(job)));
        }
    }

    /// Ends the file-writer thread. It writes what is queued, removes the status file and calls
    /// `done`. This function does not wait for that, because a disk can hang.
    pub fn finish(&self, done: impl FnOnce() + Send + 'static) {
        // If the queue is full or the thread has ended, `done` is dropped. The caller sees that.
        if let Some(inner) = &self.0 {
            inner.request(WriteRequest::Finish(Box::new(done)));
            inner.is_finished.store(true, Ordering::Release);
        }
    }

    /// What became of the write requests so far.
    pub fn files(&self) -> FileCounts {
        self.0.as_ref().map_or_else(FileCounts::default, |inner| inner.counts.lock().clone())
    }
}

/// The anomalies in the files of `directory`.
pub fn read_drift(directory: &Path) -> DriftLogContents {
    DriftLog::within(directory).read_all()
}

impl Inner {
    fn request(&self, request: WriteRequest) {
        if self.is_finished.load(Ordering::Acquire) {
            return;
        }
        // Counted before it is sent: the file-writer thread may finish it before `try_send`
        // returns.
        let is_counted = !matches!(request, WriteRequest::Finish(_));
        self.counts.lock().waiting += u64::from(is_counted);
        let why = match self.requests.try_send(request) {
            Ok(()) => return,
            Err(TrySendError::Full(_)) => "the disk is too slow, and too many writes wait for it",
            Err(TrySendError::Disconnected(_)) => "the file-writer thread has terminated",
        };
        let mut counts = self.counts.lock();
        counts.waiting -= u64::from(is_counted);
        counts.lose_one(why.to_owned());
    }
}
