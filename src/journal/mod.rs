//! What is written for the engineer's own eyes: `otel.log` and the status file.
//!
//! Files are written by a thread of their own behind a bounded queue: a disk that is full, read-only
//! or hangs costs what should have been written, which is counted, and nothing else.

mod limiter;
mod log;
mod scribe;
mod status_file;

pub use log::{Context, Event};

use crate::clock::Moment;
use crate::config::Log;
use crate::journal::limiter::Limiter;
use crate::journal::scribe::Order;
use crossbeam_channel::{Sender, TrySendError};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The way to the files of this process. Cheap to clone; never waits.
#[derive(Clone, Debug, Default)]
pub struct Journal(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    directory: PathBuf,
    is_logging: bool,
    orders: Sender<Order>,
    /// Nothing more is written.
    finished: AtomicBool,
    limiter: Mutex<Limiter>,
    files: Arc<Mutex<Files>>,
}

/// What became of what should have been written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Where it is written.
    pub directory: Option<PathBuf>,
    /// Lines and status files that were.
    pub written: u64,
    /// Lines and status files that are still to be: more than a few where a disk hangs.
    pub waiting: u64,
    /// Lines and status files that could not be.
    pub lost: u64,
    /// Why the last one could not be.
    pub last_error: Option<String>,
}

impl Files {
    fn lose(&mut self, why: String) {
        self.lost += 1;
        self.last_error = Some(why);
    }
}

impl Journal {
    /// Writes into `directory`, which is made when it is first needed. If the system gives no thread
    /// for it, everything is lost, and counted.
    pub fn open(directory: PathBuf, log: Log) -> Self {
        let files =
            Arc::new(Mutex::new(Files { directory: Some(directory.clone()), ..Files::default() }));
        let orders = scribe::start(&directory, log, Arc::clone(&files));
        let limiter = Mutex::default();
        let is_logging = log.enabled;
        let finished = AtomicBool::new(false);
        Self(Some(Arc::new(Inner { directory, is_logging, orders, finished, limiter, files })))
    }

    /// Where it writes.
    pub fn directory(&self) -> Option<&Path> {
        self.0.as_deref().map(|inner| inner.directory.as_path())
    }

    /// Adds a line to the log, unless the same was said a moment ago.
    pub fn note(&self, now: Moment, context: Context<'_>, event: &Event<'_>) {
        let Some(inner) = self.0.as_deref().filter(|inner| inner.is_logging) else { return };
        let suppressed = {
            let mut limiter = inner.limiter.lock();
            match event.class() {
                Some(class) => limiter.admit(now.instant, context.source, class),
                None => Some(limiter.settle(context.source)),
            }
        };
        if let Some(suppressed) = suppressed {
            inner.order(Order::Line(event.line(now, context, suppressed)));
        }
    }

    /// Replaces the status file.
    pub fn put_status(&self, json: String) {
        if let Some(inner) = &self.0 {
            inner.order(Order::Status(json));
        }
    }

    /// Ends the thread: takes the status file away, and calls `done` once everything is written.
    /// Whoever cannot wait need not: a disk may hang.
    pub fn finish(&self, done: impl FnOnce() + Send + 'static) {
        // An order that cannot be given drops `done`, which whoever waits for it notices.
        if let Some(inner) = &self.0 {
            inner.order(Order::Finish(Box::new(done)));
            inner.finished.store(true, Ordering::Release);
        }
    }

    /// What became of everything so far.
    pub fn files(&self) -> Files {
        self.0.as_ref().map_or_else(Files::default, |inner| inner.files.lock().clone())
    }
}

impl Inner {
    fn order(&self, order: Order) {
        if self.finished.load(Ordering::Acquire) {
            return;
        }
        // Before it is ordered, for it may be done before this goes on.
        let is_counted = !matches!(order, Order::Finish(_));
        self.files.lock().waiting += u64::from(is_counted);
        let why = match self.orders.try_send(order) {
            Ok(()) => return,
            Err(TrySendError::Full(_)) => "the disk is too slow",
            Err(TrySendError::Disconnected(_)) => "the thread that writes has ended",
        };
        let mut files = self.files.lock();
        files.waiting -= u64::from(is_counted);
        files.lose(why.to_owned());
    }
}
