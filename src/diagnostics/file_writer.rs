//! The file-writer thread.

use crate::config::Log;
use crate::diagnostics::drift_log::DriftLog;
use crate::diagnostics::file_counts::FileCounts;
use crate::diagnostics::log_file::LogFile;
use crate::diagnostics::pending_anomalies::PendingAnomalies;
use crate::diagnostics::status_file::StatusFile;
use crate::pending::directory::PendingDirectory;
use crate::util::clock::Timestamp;
use crate::util::{private_file, thread};
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How many requests can wait while a disk is slow.
const MAX_WAITING: usize = 256;

/// How often the last anomalies are tried before the thread ends. Processes that end together write
/// one after the other.
const MAX_LAST_TRIES: u32 = 60;
/// The time between two of these tries.
const LAST_RETRY_DELAY: Duration = Duration::from_millis(25);

/// What the file-writer thread is asked to do.
pub(super) enum WriteRequest {
    /// Append this line to the log.
    Line(String),
    /// Replace the status file by this text.
    Status(String),
    /// Write, read or remove files of undelivered sums.
    Pending(PendingJob),
    /// Write the pending anomalies.
    Anomalies,
    /// Write the pending anomalies, remove the status file, call this function and end.
    Finish(Box<dyn FnOnce() + Send>),
}

/// Work on the files of undelivered sums. It sends its result itself.
pub(super) type PendingJob = Box<dyn FnOnce(&mut PendingDirectory) -> io::Result<()> + Send>;

/// Starts the thread. If the system has no thread for it, nothing receives the requests, so sending
/// one fails.
pub(super) fn start(
    directory: &Path,
    log: Log,
    pending: Arc<Mutex<PendingAnomalies>>,
    counts: Arc<Mutex<FileCounts>>,
) -> Sender<WriteRequest> {
    let (sender, requests) = bounded(MAX_WAITING);
    let writer = FileWriter {
        directory: directory.to_owned(),
        log: LogFile::within(directory, log),
        status: StatusFile::within(directory, std::process::id()),
        drift: DriftLog::within(directory),
        undelivered: PendingDirectory::within(directory),
        pending,
        counts,
    };
    // Without a thread the closure is dropped, and the receiver with it.
    let _ = thread::start("ccxray-files", move || writer.run(&requests));
    sender
}

struct FileWriter {
    directory: PathBuf,
    log: LogFile,
    status: StatusFile,
    drift: DriftLog,
    undelivered: PendingDirectory,
    pending: Arc<Mutex<PendingAnomalies>>,
    counts: Arc<Mutex<FileCounts>>,
}

impl FileWriter {
    fn run(mut self, requests: &Receiver<WriteRequest>) {
        self.status.remove_stale(Timestamp::now().wall());
        for request in requests {
            match request {
                WriteRequest::Line(line) => self.write_and_count(|| self.log.append(&line)),
                WriteRequest::Status(json) => {
                    self.write_and_count(|| self.status.replace(&json));
                    let now = Timestamp::now();
                    let is_due = self.pending.lock().is_due(now.instant);
                    if is_due {
                        let _ = self.write_anomalies(now);
                    }
                }
                WriteRequest::Pending(job) => {
                    let done = job(&mut self.undelivered);
                    let mut counts = self.counts.lock();
                    if let Err(error) = done {
                        counts.lose_one(error.kind().to_string());
                    }
                    counts.finish_one();
                }
                WriteRequest::Anomalies => {
                    let _ = self.write_anomalies(Timestamp::now());
                    self.counts.lock().finish_one();
                }
                WriteRequest::Finish(done) => {
                    self.write_last_anomalies();
                    if let Err(error) = self.status.remove() {
                        self.counts.lock().last_error = Some(error.kind().to_string());
                    }
                    return done();
                }
            }
        }
    }

    /// Writes, and counts the result.
    fn write_and_count(&self, write: impl Fn() -> io::Result<()>) {
        let written = self.in_directory(write);
        let mut counts = self.counts.lock();
        match written {
            Ok(()) => counts.written += 1,
            Err(error) => counts.lose_one(error.kind().to_string()),
        }
        counts.finish_one();
    }

    /// Writes the pending anomalies. Those that cannot be written wait again. Returns whether
    /// another process is writing, so that another try is worthwhile.
    fn write_anomalies(&self, now: Timestamp) -> bool {
        let table = self.pending.lock().begin_writing();
        if table.rows().is_empty() {
            return false;
        }
        let written = self.in_directory(|| self.drift.add(table.rows(), now.unix_ms));
        self.pending.lock().end_writing(matches!(written, Ok(true)));
        match written {
            Ok(is_written) => !is_written,
            Err(error) => {
                self.counts.lock().last_error = Some(error.kind().to_string());
                false
            }
        }
    }

    /// Writes the pending anomalies before the thread ends.
    fn write_last_anomalies(&self) {
        for _ in 0..MAX_LAST_TRIES {
            if !self.write_anomalies(Timestamp::now()) {
                return;
            }
            std::thread::sleep(LAST_RETRY_DELAY);
        }
    }

    /// Writes into the directory. Creates it if it does not exist.
    fn in_directory<T>(&self, write: impl Fn() -> io::Result<T>) -> io::Result<T> {
        if private_file::is_of_another_user(&self.directory) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        match write() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                private_file::directory(&self.directory).and_then(|()| write())
            }
            written => written,
        }
    }
}
