//! The facade: one pipeline per process, whatever number of JS contexts has loaded the addon.

use crate::config::{self, ConfigError, Environment, Log, Outcome, Queue, Resolution};
use crate::diagnostics::notice;
use crate::diagnostics::{self, Diagnostics, FileCounts};
use crate::export::scheduler::{self, SchedulerContext, Snapshot};
use crate::pipeline::report::Report;
use crate::pipeline::shutdown::Shutdown;
use crate::pipeline::status::{ProcessStatus, ProjectStatus, Status};
use crate::pipeline::status_file::status_file;
use crate::project::Project;
use crate::project::exports::Exports;
use crate::project::messages::ExportCommand;
use crate::project::obstacle::Obstacle;
use crate::record::projects::Projects;
use crate::record::queue::{Entry, EntryQueue, MAX_BYTES, MAX_ENTRIES};
use crate::record::statistics::Statistics;
use crate::record::worker;
use crate::util::clock::Timestamp;
use crate::util::reply::Reply;
use parking_lot::{Mutex, RwLock};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// Nobody waits longer for a shutdown.
pub const MAX_SHUTDOWN: Duration = Duration::from_secs(2);
/// Nobody waits longer for the worker when a preview is made.
const PREVIEW_WAIT: Duration = Duration::from_secs(1);
/// The body that would be sent while nothing is sent.
const NO_REQUEST: &str = "{\n  \"resourceMetrics\": []\n}";

/// The pipeline of this process, once it was started.
static CURRENT: RwLock<Option<Arc<Pipeline>>> = RwLock::new(None);

/// From the queue to the backend.
#[derive(Debug)]
pub struct Pipeline {
    queue: Arc<EntryQueue>,
    statistics: Arc<Statistics>,
    projects: Arc<Projects>,
    /// Where the log and the status file go, once there are threads.
    files: Option<(PathBuf, Log)>,
    diagnostics: OnceLock<Diagnostics>,
    started: Timestamp,
    threads: Mutex<Threads>,
    /// Entries can be taken in: the threads run, and were not told to stop.
    running: AtomicBool,
    stopped: AtomicBool,
    shutdown: Arc<Mutex<Shutdown>>,
    /// The environment says no for every project, so not even a thread is started.
    is_vetoed: bool,
}

#[derive(Debug, Default)]
struct Threads(Option<Running>);

#[derive(Clone, Debug)]
struct Running {
    exporter: UnboundedSender<ExportCommand>,
    worker: worker::WorkerControl,
}

/// Starts the pipeline for the project in `cwd`. One that is running stays as it is.
///
/// # Errors
/// [`ConfigError`] if the project's config cannot be used; nothing is started then.
pub fn start(cwd: PathBuf, environment: Environment) -> Result<Status, ConfigError> {
    let mut current = CURRENT.write();
    if let Some(running) = current.as_ref().filter(|pipeline| !pipeline.is_stopped()) {
        return Ok(running.status(None));
    }
    let resolution = config::resolve(&cwd, &environment)?;
    let line = notice::line(&resolution);
    let is_vetoed = environment.is_switched_off();
    let started = Timestamp::now();
    let queue = Arc::new(queue(&resolution));
    let files = environment.own_directory().map(|directory| (directory, log(&resolution)));
    let projects = Projects::new(cwd, resolution, environment, started);
    let pipeline = Arc::new(Pipeline {
        statistics: Arc::new(Statistics::of(Arc::clone(&queue), started)),
        queue,
        files,
        diagnostics: OnceLock::new(),
        started,
        projects: Arc::new(projects),
        threads: Mutex::default(),
        running: AtomicBool::new(false),
        stopped: AtomicBool::new(false),
        shutdown: Arc::default(),
        is_vetoed,
    });
    if pipeline.projects.own().is_some() {
        pipeline.run();
    }
    let status = pipeline.status(None);
    *current = Some(pipeline);
    drop(current);
    // Nobody waits for the one who prints: standard error may be a pipe that is full.
    notice::print(line);
    Ok(status)
}

/// The queue, as wide as the project given to [`start`] says.
fn queue(resolution: &Resolution) -> EntryQueue {
    let queue = match &resolution.outcome {
        Outcome::On(config) => config.queue,
        Outcome::Off { .. } | Outcome::Degraded { .. } => Queue::default(),
    };
    let Queue { max_entries, max_bytes } = queue;
    EntryQueue::with_bounds(max_entries.unwrap_or(MAX_ENTRIES), max_bytes.unwrap_or(MAX_BYTES))
}

/// How much the log may hold, as the project given to [`start`] says.
fn log(resolution: &Resolution) -> Log {
    match &resolution.outcome {
        Outcome::On(config) => config.log,
        Outcome::Off { .. } | Outcome::Degraded { .. } => Log::default(),
    }
}

/// The pipeline, if it was started.
pub fn current() -> Option<Arc<Pipeline>> {
    CURRENT.read().clone()
}

/// The next request's body as OTLP/JSON, as of [`Pipeline::preview`].
pub fn preview(cwd: Option<&str>) -> String {
    current().map_or_else(|| NO_REQUEST.to_owned(), |pipeline| pipeline.preview(cwd))
}

/// What the parsers did not understand in the last `days`, as far as it is written in `directory` or
/// will be written there by this process.
pub fn report(directory: Option<PathBuf>, days: u32, samples: bool) -> Report {
    let drift = directory.map(|directory| {
        let running = current().and_then(|pipeline| {
            let diagnostics = pipeline.diagnostics.get()?;
            diagnostics.drift().filter(|_| diagnostics.directory() == Some(&directory))
        });
        running.unwrap_or_else(|| diagnostics::read_drift(&directory))
    });
    Report::of(drift, Timestamp::now().unix_ms, days, samples)
}

/// The status of the project in `cwd`, or of the one given to [`start`].
pub fn status(cwd: Option<&str>) -> Status {
    current().map_or_else(Status::not_started, |pipeline| pipeline.status(cwd))
}

impl Pipeline {
    /// Whether an entry of the project in `cwd` may be worth being copied. If not, it is counted.
    pub fn accepts(&self, cwd: Option<&str>) -> bool {
        let may_export = !self.is_vetoed && !self.projects.is_known_off(cwd);
        let wanted = may_export && !self.is_stopped() && (self.is_running() || self.run());
        if !wanted {
            self.queue.reject();
        }
        wanted
    }

    /// Hands an entry over. `false` if it was not taken in.
    pub fn enqueue(&self, entry: Entry) -> bool {
        self.queue.enqueue(entry)
    }

    /// Counts an entry that is too large to be worth being copied.
    pub fn reject_too_large(&self) {
        self.queue.reject_too_large();
    }

    /// Counts a call that brought nothing usable.
    pub fn reject(&self) {
        self.queue.reject();
    }

    /// The engineer's directory of ccxray.
    pub fn directory(&self) -> Option<PathBuf> {
        self.files.as_ref().map(|(directory, _)| directory.clone())
    }

    /// How the telemetry of the project in `cwd` stands.
    pub fn status(&self, cwd: Option<&str>) -> Status {
        let (resolution, project) = self.projects.describe(cwd);
        let now = Timestamp::now();
        let files = self.diagnostics.get().map_or_else(
            || FileCounts { directory: self.files.clone().map(|it| it.0), ..FileCounts::default() },
            Diagnostics::files,
        );
        let process = process_status(&self.statistics, files, now);
        let exports = project.as_deref().map(Project::exports);
        let obstacle = self.obstacle(exports.as_ref());
        Status::of(&resolution, obstacle, exports.as_ref(), process, now)
    }

    /// What keeps a project with these exports from exporting, whatever its config says.
    fn obstacle(&self, exports: Option<&Exports>) -> Option<Obstacle> {
        match exports {
            _ if self.is_stopped() => Some(Obstacle::ShutDown),
            None if self.projects.is_full() => Some(Obstacle::TooManyProjects),
            Some(_) if !self.is_running() => Some(Obstacle::NoThread),
            _ => None,
        }
    }

    /// The next request's body as OTLP/JSON, with everything that was recorded so far.
    pub fn preview(&self, cwd: Option<&str>) -> String {
        let running = self.threads.lock().0.clone();
        let json = running.and_then(|Running { exporter, worker }| {
            // Late entries are in the next preview; waiting longer is worse than missing them.
            let _ = worker.wait(PREVIEW_WAIT);
            let (_, project) = self.projects.describe(cwd);
            let (reply, json) = crossbeam_channel::bounded(1);
            let preview = ExportCommand::Preview { project: project?, reply };
            exporter.send(preview).ok()?;
            json.recv_timeout(PREVIEW_WAIT).ok().flatten()
        });
        json.unwrap_or_else(|| NO_REQUEST.to_owned())
    }

    /// Exports everything that was recorded so far.
    pub fn flush(&self, timeout: Duration, reply: Reply) {
        let running = self.threads.lock().0.clone();
        let ended = Shutdown::result(&self.shutdown);
        match running {
            // An exporter that is gone drops the command, and the reply answers by itself.
            Some(running) => drop(running.exporter.send(ExportCommand::Flush { timeout, reply })),
            None => reply.give(ended.unwrap_or(true)),
        }
    }

    /// The same for the last time. Takes nothing in any more. While one is under way, another one
    /// waits for its result.
    pub fn shutdown(&self, timeout: Duration, reply: Reply) {
        self.stopped.store(true, Ordering::Release);
        self.running.store(false, Ordering::Release);
        self.queue.close();
        if !Shutdown::join(&self.shutdown, reply) {
            return;
        }
        let timeout = timeout.min(MAX_SHUTDOWN);
        let shutdown = Arc::clone(&self.shutdown);
        let ended = Reply::new(move |delivered| Shutdown::end(&shutdown, delivered));
        let running = self.threads.lock().0.take();
        match running {
            // As above.
            Some(running) => {
                drop(running.exporter.send(ExportCommand::Shutdown { timeout, reply: ended }));
            }
            None => ended.give(true),
        }
    }

    fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire)
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Starts the threads, once. `false` if the system gives none.
    fn run(&self) -> bool {
        silence_panics_of_our_threads();
        let mut threads = self.threads.lock();
        if threads.0.is_none() && !self.is_stopped() {
            threads.0 = self.start_threads().ok();
            self.running.store(threads.0.is_some(), Ordering::Release);
        }
        threads.0.is_some()
    }

    fn start_threads(&self) -> std::io::Result<Running> {
        let (worker, commands) = worker::control();
        let diagnostics = self.diagnostics.get_or_init(|| match &self.files {
            Some((directory, log)) => Diagnostics::open(directory.clone(), *log),
            None => Diagnostics::default(),
        });
        let exporter = scheduler::start(SchedulerContext {
            statistics: Arc::clone(&self.statistics),
            worker: worker.clone(),
            diagnostics: diagnostics.clone(),
            snapshot: self.snapshot(diagnostics.clone()),
        })?;
        if let Some(own) = self.projects.own() {
            let _ = exporter.send(ExportCommand::Open(Arc::clone(own)));
        }
        let (queue, projects) = (Arc::clone(&self.queue), Arc::clone(&self.projects));
        worker::start(queue, projects, commands, exporter.clone(), diagnostics.clone())?;
        Ok(Running { exporter, worker })
    }

    /// What the status file says now.
    fn snapshot(&self, diagnostics: Diagnostics) -> Snapshot {
        let (statistics, projects) = (Arc::clone(&self.statistics), Arc::clone(&self.projects));
        let started = self.started;
        Arc::new(move |now| {
            let process = process_status(&statistics, diagnostics.files(), now);
            let live = projects.live();
            let statuses = live.iter().map(|(resolution, project)| {
                ProjectStatus::of(resolution, None, Some(&project.exports()), &process, now)
            });
            status_file(started, now, &process, &statuses.collect::<Vec<_>>())
        })
    }
}

/// What a status says about the process, whatever the project.
fn process_status(statistics: &Statistics, files: FileCounts, now: Timestamp) -> ProcessStatus {
    let entries = statistics.observe(now);
    let (last_hour, last_day) = statistics.lately(now);
    ProcessStatus { entries, last_hour, last_day, files }
}

/// An entry larger than this is not copied.
pub const MAX_ENTRY_BYTES: usize = MAX_BYTES;

/// A panic on our threads is caught and counted where it happens. Its message may quote an entry,
/// so it must not reach the host's standard error either.
fn silence_panics_of_our_threads() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            if !thread.name().is_some_and(|name| name.starts_with("ccxray-")) {
                previous(info);
            }
        }));
    });
}
