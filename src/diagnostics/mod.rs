//! What is written for the engineer's own eyes: `otel.log`, `parser-drift.log` and the status file.
//!
//! Files are written by a thread of their own behind a bounded queue: a disk that is full, read-only
//! or hangs costs what should have been written, which is counted, and nothing else.

pub mod drift;
mod drift_log;
mod file_writer;
mod log;
pub mod notice;
mod rate_limit;
mod status_file;

pub use drift_log::Drift;
pub use log::{Context, Event};

use crate::config::Log;
use crate::diagnostics::drift::{Kind, Seen, Table};
use crate::diagnostics::drift_log::DriftLog;
use crate::diagnostics::file_writer::Order;
use crate::diagnostics::rate_limit::Limiter;
use crate::util::clock::Moment;
use crossbeam_channel::{Sender, TrySendError};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Kinds of what was not understood that may wait for the disk.
const MAX_WAITING_KINDS: usize = 256;
/// A report that is overtaken by what it tells of is made again so often.
const READ_TRIES: u32 = 3;
/// They are not written more often.
const DRIFT_GAP: Duration = Duration::from_secs(10);

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
    drift: Arc<Mutex<Waiting>>,
    files: Arc<Mutex<Files>>,
}

/// What was not understood, and is not written yet.
#[derive(Debug, Default)]
struct Waiting {
    table: Table,
    /// What is just being written: it waits on if that fails.
    writing: Table,
    /// How often something was written.
    writes: u64,
    /// When it was last wanted on the disk.
    wanted_at: Option<Instant>,
}

impl Waiting {
    /// Whether it is time to write something.
    fn is_due(&mut self, now: Instant) -> bool {
        let waited = self.wanted_at.is_none_or(|at| now.duration_since(at) >= DRIFT_GAP);
        let is_due = waited && !self.table.rows().is_empty();
        if is_due {
            self.wanted_at = Some(now);
        }
        is_due
    }

    /// Everything that waits, to be written.
    fn begin_writing(&mut self) -> Table {
        self.writing = std::mem::take(&mut self.table);
        self.writing.clone()
    }

    /// What could not be written waits on.
    fn end_writing(&mut self, is_written: bool) {
        let table = std::mem::take(&mut self.writing);
        if is_written {
            self.writes += 1;
        } else {
            self.table.add_all(&table, MAX_WAITING_KINDS);
        }
    }
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
    /// An order is carried out, well or not.
    fn settle(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

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
        let drift = Arc::default();
        let orders = file_writer::start(&directory, log, Arc::clone(&drift), Arc::clone(&files));
        let limiter = Mutex::default();
        let is_logging = log.enabled;
        let finished = AtomicBool::new(false);
        let inner = Inner { directory, is_logging, orders, finished, limiter, drift, files };
        Self(Some(Arc::new(inner)))
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

    /// Takes note of what was not understood. It is written soon, and not kind by kind.
    pub fn note_drift(&self, now: Moment, kinds: impl Iterator<Item = Kind>) {
        let Some(inner) = self.0.as_deref().filter(|inner| inner.is_logging) else { return };
        let mut kinds = kinds.peekable();
        if kinds.peek().is_none() {
            return;
        }
        let is_due = {
            let mut waiting = inner.drift.lock();
            for kind in kinds {
                waiting.table.add(kind, Seen::once(now.unix_ms), MAX_WAITING_KINDS);
            }
            waiting.is_due(now.instant)
        };
        if is_due {
            inner.order(Order::Drift);
        }
    }

    /// What was not understood lately, written or not.
    pub fn drift(&self) -> Option<Drift> {
        let inner = self.0.as_deref()?;
        let mut tries = 0..READ_TRIES;
        loop {
            let (waiting, writes) = {
                let Waiting { table, writing, writes, .. } = &*inner.drift.lock();
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

/// What was not understood lately, as far as it is written in `directory`.
pub fn read_drift(directory: &Path) -> Drift {
    DriftLog::within(directory).read_all()
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
