//! A pipeline: takes entries in, and answers everything that JavaScript asks about them.

use crate::config::{Environment, Log, Outcome, Queue, Resolution};
use crate::diagnostics::{Diagnostics, FileCounts};
use crate::export::scheduler::Snapshot;
use crate::otlp::dating::Period;
use crate::pipeline::shutdown::Shutdown;
use crate::pipeline::status::{ProcessStatus, ProjectStatus, Status};
use crate::pipeline::status_file::status_file;
use crate::pipeline::threads::{ThreadContext, Threads};
use crate::project::Project;
use crate::project::exports::Exports;
use crate::project::messages::ExportCommand;
use crate::project::obstacle::Obstacle;
use crate::record::entry::Entry;
use crate::record::entry_counts::DropReason;
use crate::record::launch_id::LaunchId;
use crate::record::project_key::ProjectKey;
use crate::record::projects::Projects;
use crate::record::queue::{EntryQueue, MAX_BYTES, MAX_ENTRIES};
use crate::record::statistics::Statistics;
use crate::util::clock::Timestamp;
use crate::util::reply::Reply;
use crate::util::thread;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A shutdown takes at most this long.
pub const MAX_SHUTDOWN: Duration = Duration::from_secs(2);
/// A larger part of an entry is not copied, in bytes.
pub const MAX_ENTRY_BYTES: usize = MAX_BYTES;
/// How long a preview waits for other threads.
const MAX_PREVIEW: Duration = Duration::from_secs(2);
/// How long `status` waits for a config that was not read yet.
const CONFIG_TIMEOUT: Duration = Duration::from_secs(1);
/// The preview while nothing is sent.
pub(super) const NO_REQUEST: &str = "{\n  \"resourceMetrics\": []\n}";

/// From the queue to the backend.
#[derive(Debug)]
pub struct Pipeline {
    statistics: Arc<Statistics>,
    projects: Arc<Projects>,
    /// The directory of the log and the status file, and the limits of the log. `None` if the
    /// user's home directory is unknown.
    files: Option<(PathBuf, Log)>,
    /// Opened together with the threads.
    diagnostics: OnceLock<Diagnostics>,
    started: Timestamp,
    threads: Mutex<Option<Threads>>,
    /// The threads run, and no shutdown has begun.
    is_running: AtomicBool,
    /// A shutdown has begun.
    is_stopped: AtomicBool,
    shutdown: Arc<Shutdown>,
    /// Whether threads can start and leave enough memory for the host.
    has_room: bool,
}

/// What this process lets a pipeline do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rights {
    /// It may write logs and the status file.
    pub(super) may_write: bool,
    /// Its threads leave enough memory for the host.
    pub(super) has_room: bool,
}

impl Pipeline {
    /// A pipeline for the project in `cwd`. Its threads start now if that project exports, else at
    /// the first entry of another project.
    pub(super) fn new(
        cwd: PathBuf,
        resolution: Resolution,
        environment: Environment,
        rights: Rights,
        now: Timestamp,
    ) -> Self {
        let (queue, log) = match &resolution.outcome {
            Outcome::On(config) => (config.queue, config.log),
            Outcome::Off { .. } | Outcome::Degraded { .. } => (Queue::default(), Log::default()),
        };
        let Queue { max_entries, max_bytes } = queue;
        let (max_entries, max_bytes) =
            (max_entries.unwrap_or(MAX_ENTRIES), max_bytes.unwrap_or(MAX_BYTES));
        let queue = Arc::new(EntryQueue::with_bounds(max_entries, max_bytes));
        let directory = environment.own_directory().filter(|_| rights.may_write);
        let files = directory.map(|directory| (directory, log));
        let pipeline = Self {
            statistics: Arc::new(Statistics::new(queue, now)),
            projects: Arc::new(Projects::new(cwd, resolution, environment, now)),
            files,
            diagnostics: OnceLock::new(),
            started: now,
            threads: Mutex::default(),
            is_running: AtomicBool::new(false),
            is_stopped: AtomicBool::new(false),
            shutdown: Arc::default(),
            has_room: rights.has_room,
        };
        if pipeline.projects.initial().is_some() {
            pipeline.start_threads();
        }
        pipeline
    }

    /// Remembers the launch of a client of this process. Its variables count for its own entries, and those of
    /// this process do not.
    pub fn add_launch(&self, environment: Environment) -> LaunchId {
        self.projects.add_launch(environment)
    }

    /// Whether to copy and enqueue an entry of a project. If not, it is counted as
    /// rejected.
    #[must_use]
    pub fn accepts(&self, project: Option<&ProjectKey>) -> bool {
        let launch = project.and_then(|project| project.launch);
        let may_export =
            !self.projects.is_switched_off(launch) && !self.projects.is_known_off(project);
        let accepts =
            may_export && !self.is_stopped() && (self.is_running() || self.start_threads());
        if !accepts {
            self.reject();
        }
        accepts
    }

    /// Hands an entry over to the worker thread. `false` if it was rejected.
    #[must_use]
    pub fn enqueue(&self, entry: Entry) -> bool {
        self.queue().enqueue(entry)
    }

    /// The size of the largest entry, in bytes.
    pub fn max_entry_bytes(&self) -> usize {
        self.queue().max_bytes()
    }

    /// Counts an entry that is too large to be copied.
    pub fn drop_too_large(&self) {
        self.queue().drop_unseen(DropReason::TooLarge);
    }

    /// Counts an entry whose directory cannot exist. It is rejected if nothing is recorded at all.
    pub fn drop_without_project(&self, launch: Option<LaunchId>) {
        if self.projects.is_switched_off(launch) || self.is_stopped() {
            return self.reject();
        }
        self.queue().drop_unseen(DropReason::ProjectOff);
    }

    /// Counts a `record` call without a usable entry.
    pub fn reject(&self) {
        self.queue().reject();
    }

    /// The directory of ccxray's own files. `None` if the user's home directory is unknown.
    pub fn directory(&self) -> Option<PathBuf> {
        self.files.as_ref().map(|(directory, _)| directory.clone())
    }

    /// `None` until the threads are started.
    pub(super) fn diagnostics(&self) -> Option<&Diagnostics> {
        self.diagnostics.get()
    }

    /// The status of a project. `None`: of the project given to `init`.
    pub fn status(&self, project: Option<&ProjectKey>) -> Status {
        let now = Timestamp::now();
        let (resolution, project) = self.projects.describe(project, now, CONFIG_TIMEOUT);
        let files = self.diagnostics.get().map_or_else(
            || FileCounts { directory: self.directory(), ..FileCounts::default() },
            Diagnostics::files,
        );
        let process = ProcessStatus::new(&self.statistics, files, now);
        let exports = project.as_deref().map(Project::exports);
        let obstacle = self.obstacle(exports.as_ref());
        let mut status = Status::new(&resolution, obstacle, exports.as_ref(), process, now);
        status.project.cardinality = project.map_or_else(Vec::new, |it| it.values_in_use());
        status
    }

    /// What keeps this process from exporting a project with these exports, whatever its config is.
    fn obstacle(&self, exports: Option<&Exports>) -> Option<Obstacle> {
        match exports {
            _ if self.is_stopped() => Some(Obstacle::ShutDown),
            _ if !self.has_room => Some(Obstacle::NoRoom),
            None if self.projects.is_full() => Some(Obstacle::TooManyProjects),
            Some(_) if !self.is_running() => Some(Obstacle::NoThread),
            _ => None,
        }
    }

    /// The body of the next request as OTLP/JSON, with everything that was recorded so far.
    pub fn preview(&self, project: Option<&ProjectKey>) -> String {
        let deadline = Timestamp::now().instant + MAX_PREVIEW;
        let threads = self.threads.lock().clone();
        let json = threads.and_then(|Threads { exporter, worker }| {
            // If the worker thread needs longer, the preview lacks its last entries.
            let _ = worker.wait(MAX_PREVIEW / 2);
            let (_, project) = self.projects.describe(project, Timestamp::now(), MAX_PREVIEW / 4);
            let (reply, json) = crossbeam_channel::bounded(1);
            let preview = ExportCommand::Preview { project: project?, deadline, reply };
            exporter.send(preview).ok()?;
            json.recv_deadline(deadline).ok().flatten()
        });
        json.unwrap_or_else(|| NO_REQUEST.to_owned())
    }

    /// Dates the exports of the project given to `init`. Returns whether it exports. A coarse resolution has dates of its
    /// own.
    pub fn set_period(&self, period: Period) -> bool {
        let project = self.projects.initial().filter(|_| self.is_running());
        let project = project.filter(|project| project.reporting_period().is_none());
        project.map(|project| project.set_period(period)).is_some()
    }

    /// Exports everything that was recorded so far, within `timeout`. The reply is whether all of
    /// it was delivered.
    pub fn flush(&self, timeout: Duration, reply: Reply) {
        self.command(reply, |reply| ExportCommand::Flush { timeout, reply });
    }

    /// Exports what waits in files, within `timeout`, even if a coarse resolution would send it later. The reply is
    /// whether all of it was delivered.
    pub fn deliver_pending(&self, timeout: Duration, reply: Reply) {
        self.command(reply, |reply| ExportCommand::FlushPending { timeout, reply });
    }

    fn command(&self, reply: Reply, command: impl FnOnce(Reply) -> ExportCommand) {
        let threads = self.threads.lock().clone();
        let shut_down = self.shutdown.result();
        match threads {
            // If the export thread has ended, the reply is dropped, which sends `false`.
            Some(it) => drop(it.exporter.send(command(reply))),
            None => reply.send(shut_down.unwrap_or(true)),
        }
    }

    /// Rejects entries from now on, exports for the last time, within `timeout` and
    /// [`MAX_SHUTDOWN`], and ends the threads. The reply is whether everything was delivered. A
    /// second call gets the result of the first one.
    pub fn shutdown(&self, timeout: Duration, reply: Reply) {
        self.is_stopped.store(true, Ordering::Release);
        self.is_running.store(false, Ordering::Release);
        self.queue().close();
        if !self.shutdown.join(reply) {
            return;
        }
        let timeout = timeout.min(MAX_SHUTDOWN);
        let threads = self.threads.lock().take();
        let over = threads.as_ref().map(|_| self.limit_shutdown(timeout));
        let shutdown = Arc::clone(&self.shutdown);
        let reply = Reply::new(move |delivered| {
            shutdown.complete(delivered);
            drop(over);
        });
        match threads {
            Some(it) => {
                // If the export thread has ended, the reply is dropped, which sends `false`.
                let _ = it.exporter.send(ExportCommand::Shutdown { timeout, reply });
            }
            None => reply.send(true),
        }
    }

    /// Completes the shutdown after `timeout`, whatever the export thread does: it may be encoding the
    /// requests of many projects. Ends early when the result is dropped.
    fn limit_shutdown(&self, timeout: Duration) -> crossbeam_channel::Sender<()> {
        let (over, is_over) = crossbeam_channel::bounded(1);
        let shutdown = Arc::clone(&self.shutdown);
        // Without a thread the export thread is trusted to be in time.
        let _ = thread::start("ccxray-shutdown", move || {
            let _ = is_over.recv_timeout(timeout);
            shutdown.complete(false);
        });
        over
    }

    fn queue(&self) -> &EntryQueue {
        self.statistics.queue()
    }

    fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Acquire)
    }

    /// Whether a shutdown has begun.
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    /// Starts the threads, unless they run already. `false` if there is no room for them, the system
    /// refuses to start them, or a shutdown has begun.
    fn start_threads(&self) -> bool {
        if !self.has_room {
            return false;
        }
        let mut threads = self.threads.lock();
        if threads.is_none() && !self.is_stopped() {
            let diagnostics = self.diagnostics.get_or_init(|| match &self.files {
                Some((directory, log)) => Diagnostics::open(directory.clone(), *log),
                None => Diagnostics::default(),
            });
            let context = ThreadContext {
                statistics: Arc::clone(&self.statistics),
                projects: Arc::clone(&self.projects),
                diagnostics: diagnostics.clone(),
                snapshot: self.snapshot(diagnostics.clone()),
            };
            *threads = Threads::start(context).ok();
            self.is_running.store(threads.is_some(), Ordering::Release);
        }
        threads.is_some()
    }

    /// Writes the content of the status file.
    fn snapshot(&self, diagnostics: Diagnostics) -> Snapshot {
        let (statistics, projects) = (Arc::clone(&self.statistics), Arc::clone(&self.projects));
        let started = self.started;
        Arc::new(move |now| {
            let process = ProcessStatus::new(&statistics, diagnostics.files(), now);
            let open = projects.open_projects();
            let statuses = open.iter().map(|(resolution, project)| {
                let exports = project.exports();
                let status = ProjectStatus::new(resolution, None, Some(&exports), &process, now);
                ProjectStatus { cardinality: project.values_in_use(), ..status }
            });
            status_file(started, now, &process, &statuses.collect::<Vec<_>>())
        })
    }
}
