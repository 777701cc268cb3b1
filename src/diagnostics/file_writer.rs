//! The thread that writes files.

use crate::config::Log;
use crate::diagnostics::drift_log::DriftLog;
use crate::diagnostics::file_counts::FileCounts;
use crate::diagnostics::log::LogFile;
use crate::diagnostics::pending_anomalies::PendingAnomalies;
use crate::diagnostics::status_file::StatusFile;
use crate::util::clock::Timestamp;
use crate::util::private_file;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Orders that may wait while a disk is slow.
const MAX_WAITING: usize = 256;

/// How often what was not understood is tried to be written before the end …
const LAST_TRIES: u32 = 60;
/// … and how long it waits in between.
const LAST_GAP: Duration = Duration::from_millis(25);

/// What is to be written.
pub(super) enum WriteRequest {
    /// A line of the log.
    Line(String),
    /// The whole status file.
    Status(String),
    /// What was not understood, and waits.
    Drift,
    /// Nothing more: the status file goes.
    Finish(Box<dyn FnOnce() + Send>),
}

/// Starts the thread. Without one nobody receives, which whoever requests something notices.
pub(super) fn start(
    directory: &Path,
    log: Log,
    waiting: Arc<Mutex<PendingAnomalies>>,
    files: Arc<Mutex<FileCounts>>,
) -> Sender<WriteRequest> {
    let (sender, requests) = bounded(MAX_WAITING);
    let writer = FileWriter {
        directory: directory.to_owned(),
        log: LogFile::within(directory, log),
        status: StatusFile::within(directory, std::process::id()),
        drift: DriftLog::within(directory),
        waiting,
        files,
    };
    let thread = std::thread::Builder::new().name("ccxray-files".to_owned());
    // The receiver is gone with the closure if there is no thread.
    let _ = thread.spawn(move || writer.run(&requests));
    sender
}

struct FileWriter {
    directory: PathBuf,
    log: LogFile,
    status: StatusFile,
    drift: DriftLog,
    waiting: Arc<Mutex<PendingAnomalies>>,
    files: Arc<Mutex<FileCounts>>,
}

impl FileWriter {
    fn run(self, requests: &Receiver<WriteRequest>) {
        self.status.sweep(Timestamp::now().wall());
        for request in requests {
            match request {
                WriteRequest::Line(line) => self.instrument(|| self.log.append(&line)),
                WriteRequest::Status(json) => {
                    self.instrument(|| self.status.put(&json));
                    let now = Timestamp::now();
                    let is_due = self.waiting.lock().is_due(now.instant);
                    if is_due {
                        let _ = self.write_drift(now);
                    }
                }
                WriteRequest::Drift => {
                    let _ = self.write_drift(Timestamp::now());
                    self.files.lock().settle();
                }
                WriteRequest::Finish(done) => {
                    self.write_drift_at_last();
                    if let Err(error) = self.status.remove() {
                        self.files.lock().last_error = Some(error.kind().to_string());
                    }
                    return done();
                }
            }
        }
    }

    /// Writes and counts.
    fn instrument(&self, write: impl Fn() -> io::Result<()>) {
        let written = self.in_directory(write);
        let mut files = self.files.lock();
        match written {
            Ok(()) => files.written += 1,
            Err(error) => files.lose(error.kind().to_string()),
        }
        files.settle();
    }

    /// Writes what was not understood. What cannot be written waits on. Whether another process is
    /// just writing, so that it is worth another try.
    fn write_drift(&self, now: Timestamp) -> bool {
        let table = self.waiting.lock().begin_writing();
        if table.rows().is_empty() {
            return false;
        }
        let written = self.in_directory(|| self.drift.add(table.rows(), now.unix_ms));
        self.waiting.lock().end_writing(matches!(written, Ok(true)));
        match written {
            Ok(is_written) => !is_written,
            Err(error) => {
                self.files.lock().last_error = Some(error.kind().to_string());
                false
            }
        }
    }

    /// The same before the end, when nobody will try again: processes that end together take turns.
    fn write_drift_at_last(&self) {
        for _ in 0..LAST_TRIES {
            if !self.write_drift(Timestamp::now()) {
                return;
            }
            std::thread::sleep(LAST_GAP);
        }
    }

    /// Does it in a directory that is made if it is not there.
    fn in_directory<T>(&self, write: impl Fn() -> io::Result<T>) -> io::Result<T> {
        match write() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                private_file::directory(&self.directory).and_then(|()| write())
            }
            written => written,
        }
    }
}
