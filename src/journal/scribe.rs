//! The thread that writes files.

use crate::clock::Moment;
use crate::config::Log;
use crate::files;
use crate::journal::Files;
use crate::journal::log::LogFile;
use crate::journal::status_file::StatusFile;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Orders that may wait while a disk is slow.
const MAX_WAITING: usize = 256;

/// What is to be written.
pub(super) enum Order {
    /// A line of the log.
    Line(String),
    /// The whole status file.
    Status(String),
    /// Nothing more: the status file goes.
    Finish(Box<dyn FnOnce() + Send>),
}

/// Starts the thread. Without one nobody receives, which whoever orders something notices.
pub(super) fn start(directory: &Path, log: Log, files: Arc<Mutex<Files>>) -> Sender<Order> {
    let (sender, orders) = bounded(MAX_WAITING);
    let scribe = Scribe {
        directory: directory.to_owned(),
        log: LogFile::within(directory, log),
        status: StatusFile::within(directory, std::process::id()),
        files,
    };
    let thread = std::thread::Builder::new().name("ccxray-files".to_owned());
    // The receiver is gone with the closure if there is no thread.
    let _ = thread.spawn(move || scribe.run(&orders));
    sender
}

struct Scribe {
    directory: PathBuf,
    log: LogFile,
    status: StatusFile,
    files: Arc<Mutex<Files>>,
}

impl Scribe {
    fn run(self, orders: &Receiver<Order>) {
        self.status.sweep(Moment::now().wall());
        for order in orders {
            match order {
                Order::Line(line) => self.account(|| self.log.append(&line)),
                Order::Status(json) => self.account(|| self.status.put(&json)),
                Order::Finish(done) => {
                    if let Err(error) = self.status.remove() {
                        self.files.lock().last_error = Some(error.kind().to_string());
                    }
                    return done();
                }
            }
        }
    }

    /// Writes, in a directory that is made if it is not there, and counts.
    fn account(&self, write: impl Fn() -> io::Result<()>) {
        let written = match write() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                files::directory(&self.directory).and_then(|()| write())
            }
            written => written,
        };
        let mut files = self.files.lock();
        match written {
            Ok(()) => files.written += 1,
            Err(error) => files.lose(error.kind().to_string()),
        }
        files.waiting = files.waiting.saturating_sub(1);
    }
}
