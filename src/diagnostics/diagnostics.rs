//! The handle through which every thread writes diagnostics. It never waits for a disk.

use crate::config::Log;
use crate::diagnostics::drift::{AnomalyKey, Occurrences};
use crate::diagnostics::drift_log::{DriftLog, DriftLogContents};
use crate::diagnostics::file_counts::FileCounts;
use crate::diagnostics::file_writer::{self, WriteRequest};
use crate::diagnostics::log::{LogContext, LogEvent};
use crate::diagnostics::pending_anomalies::{MAX_PENDING_ROWS, PendingAnomalies};
use crate::diagnostics::rate_limit::RateLimit;
use crate::util::clock::Timestamp;
use crossbeam_channel::{Sender, TrySendError};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A report that is overtaken by what it tells of is made again so often.
const READ_TRIES: u32 = 3;
/// The way to the files of this process. Cheap to clone; never waits.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    directory: PathBuf,
    is_logging: bool,
    requests: Sender<WriteRequest>,
    /// Nothing more is written.
    finished: AtomicBool,
    rate_limit: Mutex<RateLimit>,
    drift: Arc<Mutex<PendingAnomalies>>,
    files: Arc<Mutex<FileCounts>>,
}

impl Diagnostics {
    /// Writes into `directory`, which is made when it is first needed. If the system gives no thread
    /// for it, everything is lost, and counted.
    pub fn open(directory: PathBuf, log: Log) -> Self {
        let files = Arc::new(Mutex::new(FileCounts {
            directory: Some(directory.clone()),
            ..FileCounts::default()
        }));
        let drift = Arc::default();
        let requests = file_writer::start(&directory, log, Arc::clone(&drift), Arc::clone(&files));
        let rate_limit = Mutex::default();
        let is_logging = log.enabled;
        let finished = AtomicBool::new(false);
        let inner = Inner { directory, is_logging, requests, finished, rate_limit, drift, files };
        Self(Some(Arc::new(inner)))
    }

    /// Where it writes.
    pub fn directory(&self) -> Option<&Path> {
        self.0.as_deref().map(|inner| inner.directory.as_path())
    }

    /// Adds a line to the log, unless the same was logged a moment ago.
    pub fn log(&self, now: Timestamp, context: LogContext<'_>, event: &LogEvent<'_>) {
        let Some(inner) = self.0.as_deref().filter(|inner| inner.is_logging) else { return };
        let suppressed = {
            let mut rate_limit = inner.rate_limit.lock();
            match event.class() {
                Some(class) => rate_limit.admit(now.instant, context.source, class),
                None => Some(rate_limit.settle(context.source)),
            }
        };
        if let Some(suppressed) = suppressed {
            inner.request(WriteRequest::Line(event.line(now, context, suppressed)));
        }
    }

    /// Takes note of what was not understood. It is written soon, and not kind by kind.
    pub fn record_anomalies(&self, now: Timestamp, kinds: impl Iterator<Item = AnomalyKey>) {
        let Some(inner) = self.0.as_deref().filter(|inner| inner.is_logging) else { return };
        let mut kinds = kinds.peekable();
        if kinds.peek().is_none() {
            return;
        }
        let is_due = {
            let mut waiting = inner.drift.lock();
            for kind in kinds {
                waiting.table.add(kind, Occurrences::once(now.unix_ms), MAX_PENDING_ROWS);
            }
            waiting.is_due(now.instant)
        };
        if is_due {
            inner.request(WriteRequest::Drift);
        }
    }

    /// What was not understood lately, written or not.
    pub fn drift(&self) -> Option<DriftLogContents> {
        let inner = self.0.as_deref()?;
        let mut tries = 0..READ_TRIES;
        loop {
            let (waiting, writes) = {
                let PendingAnomalies { table, writing, writes, .. } = &*inner.drift.lock();
                let mut waiting = table.clone();
                waiting.add_all(writing, usize::MAX);
                (waiting, *writes)
            };
            let mut drift = read_drift(&inner.directory);
            // What was written meanwhile stands in both.
            if inner.drift.lock().writes == writes || tries.next().is_none() {
                drift.table.add_all(&waiting, usize::MAX);
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

    /// Ends the thread: takes the status file away, and calls `done` once everything is written.
    /// Whoever cannot wait need not: a disk may hang.
    pub fn finish(&self, done: impl FnOnce() + Send + 'static) {
        // An request that cannot be given drops `done`, which whoever waits for it notices.
        if let Some(inner) = &self.0 {
            inner.request(WriteRequest::Finish(Box::new(done)));
            inner.finished.store(true, Ordering::Release);
        }
    }

    /// What became of everything so far.
    pub fn files(&self) -> FileCounts {
        self.0.as_ref().map_or_else(FileCounts::default, |inner| inner.files.lock().clone())
    }
}

/// What was not understood lately, as far as it is written in `directory`.
pub fn read_drift(directory: &Path) -> DriftLogContents {
    DriftLog::within(directory).read_all()
}

impl Inner {
    fn request(&self, request: WriteRequest) {
        if self.finished.load(Ordering::Acquire) {
            return;
        }
        // Before it is ordered, for it may be done before this goes on.
        let is_counted = !matches!(request, WriteRequest::Finish(_));
        self.files.lock().waiting += u64::from(is_counted);
        let why = match self.requests.try_send(request) {
            Ok(()) => return,
            Err(TrySendError::Full(_)) => "the disk is too slow",
            Err(TrySendError::Disconnected(_)) => "the thread that writes has ended",
        };
        let mut files = self.files.lock();
        files.waiting -= u64::from(is_counted);
        files.lose(why.to_owned());
    }
}
