//! The facade: one pipeline per process, whatever number of JS contexts has loaded the addon.

use crate::clock::Moment;
use crate::config::{self, ConfigError, Environment, Log, Outcome, Queue, Resolution};
use crate::ending::Ending;
use crate::export::exporter::{self, Command, Snapshot, Tools};
use crate::ingest::{Door, Entry, MAX_BYTES, MAX_ENTRIES};
use crate::introspect::notice;
use crate::introspect::report::Report;
use crate::introspect::snapshot::snapshot;
use crate::introspect::status::{OfProcess, Status};
use crate::journal::{self, Files, Journal};
use crate::projects::Projects;
use crate::reply::Reply;
use crate::tally::Tally;
use crate::worker;
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

/// From the door to the backend.
#[derive(Debug)]
pub struct Pipeline {
    door: Arc<Door>,
    tally: Arc<Tally>,
    projects: Arc<Projects>,
    /// Where the log and the status file go, once there are threads.
    files: Option<(PathBuf, Log)>,
    journal: OnceLock<Journal>,
    started: Moment,
    threads: Mutex<Threads>,
    /// Entries can be taken in: the threads run, and were not told to stop.
    running: AtomicBool,
    stopped: AtomicBool,
    ending: Arc<Mutex<Ending>>,
    /// The environment says no for every project, so not even a thread is started.
    switched_off: bool,
}

#[derive(Debug, Default)]
struct Threads(Option<Running>);

#[derive(Clone, Debug)]
struct Running {
    exporter: UnboundedSender<Command>,
    worker: worker::Control,
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
    let switched_off = environment.is_switched_off();
    let started = Moment::now();
    let door = Arc::new(door(&resolution));
    let files = environment.own_directory().map(|directory| (directory, log(&resolution)));
    let projects = Projects::new(cwd, resolution, environment, started);
    let pipeline = Arc::new(Pipeline {
        tally: Arc::new(Tally::of(Arc::clone(&door), started)),
        door,
        files,
        journal: OnceLock::new(),
        started,
        projects: Arc::new(projects),
        threads: Mutex::default(),
        running: AtomicBool::new(false),
        stopped: AtomicBool::new(false),
        ending: Arc::default(),
        switched_off,
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

/// The door, as wide as the project given to [`start`] says.
fn door(resolution: &Resolution) -> Door {
    let queue = match &resolution.outcome {
        Outcome::On(config) => config.queue,
        Outcome::Off { .. } | Outcome::Degraded { .. } => Queue::default(),
    };
    let Queue { max_entries, max_bytes } = queue;
    Door::with_bounds(max_entries.unwrap_or(MAX_ENTRIES), max_bytes.unwrap_or(MAX_BYTES))
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
            let journal = pipeline.journal.get()?;
            journal.drift().filter(|_| journal.directory() == Some(&directory))
        });
        running.unwrap_or_else(|| journal::read_drift(&directory))
    });
    Report::of(drift, Moment::now().unix_ms, days, samples)
}

/// The status of the project in `cwd`, or of the one given to [`start`].
pub fn status(cwd: Option<&str>) -> Status {
    current().map_or_else(Status::not_started, |pipeline| pipeline.status(cwd))
}

impl Pipeline {
    /// Whether an entry of the project in `cwd` may be worth being copied. If not, it is counted.
    pub fn wants(&self, cwd: Option<&str>) -> bool {
        let may_export = !self.switched_off && !self.projects.is_known_off(cwd);
        let wanted = may_export && !self.is_stopped() && (self.is_running() || self.run());
        if !wanted {
            self.door.reject();
        }
        wanted
    }

    /// Hands an entry over. `false` if it was not taken in.
    pub fn offer(&self, entry: Entry) -> bool {
        self.door.offer(entry)
    }

    /// Counts an entry that is too large to be worth being copied.
    pub fn turn_away(&self) {
        self.door.turn_away();
    }

    /// Counts a call that brought nothing usable.
    pub fn reject(&self) {
        self.door.reject();
    }

    /// The engineer's directory of ccxray.
    pub fn directory(&self) -> Option<PathBuf> {
        self.files.as_ref().map(|(directory, _)| directory.clone())
    }

    /// How the telemetry of the project in `cwd` stands.
    pub fn status(&self, cwd: Option<&str>) -> Status {
        let (resolution, project) = self.projects.describe(cwd);
        let now = Moment::now();
        let files = self.journal.get().map_or_else(
            || Files { directory: self.files.clone().map(|it| it.0), ..Files::default() },
            Journal::files,
        );
        let process = of_process(&self.tally, files, now);
        let mut status = Status::of(&resolution, project.as_deref(), process, now);
        if self.is_stopped() {
            status.state = "disabled";
            status.reason = Some("shut down".to_owned());
        } else if project.is_none() && status.state == "active" && self.projects.are_too_many() {
            status.state = "degraded";
            status.reason = Some("as many projects export as this process can serve".to_owned());
        } else if project.is_some() && !self.is_running() {
            status.state = "degraded";
            status.reason = Some("the system gives no thread".to_owned());
            status.transitions.clear();
        }
        status
    }

    /// The next request's body as OTLP/JSON, with everything that was recorded so far.
    pub fn preview(&self, cwd: Option<&str>) -> String {
        let running = self.threads.lock().0.clone();
        let json = running.and_then(|Running { exporter, worker }| {
            // Late entries are in the next preview; waiting longer is worse than missing them.
            let _ = worker.wait(PREVIEW_WAIT);
            let (_, project) = self.projects.describe(cwd);
            let (reply, json) = crossbeam_channel::bounded(1);
            let preview = Command::Preview { project: project?, reply };
            exporter.send(preview).ok()?;
            json.recv_timeout(PREVIEW_WAIT).ok().flatten()
        });
        json.unwrap_or_else(|| NO_REQUEST.to_owned())
    }

    /// Exports everything that was recorded so far.
    pub fn flush(&self, timeout: Duration, reply: Reply) {
        let running = self.threads.lock().0.clone();
        let ended = Ending::result(&self.ending);
        match running {
            // An exporter that is gone drops the command, and the reply answers by itself.
            Some(running) => drop(running.exporter.send(Command::Flush { timeout, reply })),
            None => reply.give(ended.unwrap_or(true)),
        }
    }

    /// The same for the last time. Takes nothing in any more. While one is under way, another one
    /// waits for its result.
    pub fn shutdown(&self, timeout: Duration, reply: Reply) {
        self.stopped.store(true, Ordering::Release);
        self.running.store(false, Ordering::Release);
        self.door.close();
        if !Ending::join(&self.ending, reply) {
            return;
        }
        let timeout = timeout.min(MAX_SHUTDOWN);
        let ending = Arc::clone(&self.ending);
        let ended = Reply::new(move |delivered| Ending::end(&ending, delivered));
        let running = self.threads.lock().0.take();
        match running {
            // As above.
            Some(running) => {
                drop(running.exporter.send(Command::Shutdown { timeout, reply: ended }));
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
        let (worker, orders) = worker::control();
        let journal = self.journal.get_or_init(|| match &self.files {
            Some((directory, log)) => Journal::open(directory.clone(), *log),
            None => Journal::default(),
        });
        let exporter = exporter::start(Tools {
            tally: Arc::clone(&self.tally),
            worker: worker.clone(),
            journal: journal.clone(),
            snapshot: self.snapshot(journal.clone()),
        })?;
        if let Some(own) = self.projects.own() {
            let _ = exporter.send(Command::Open(Arc::clone(own)));
        }
        let (door, projects) = (Arc::clone(&self.door), Arc::clone(&self.projects));
        worker::start(door, projects, orders, exporter.clone(), journal.clone())?;
        Ok(Running { exporter, worker })
    }

    /// What the status file says now.
    fn snapshot(&self, journal: Journal) -> Snapshot {
        let (tally, projects) = (Arc::clone(&self.tally), Arc::clone(&self.projects));
        let started = self.started;
        Arc::new(move |now| {
            let process = of_process(&tally, journal.files(), now);
            let live = projects.live();
            let statuses = live.iter().map(|(resolution, project)| {
                Status::of(resolution, Some(project), process.clone(), now)
            });
            snapshot(started, now, &process, &statuses.collect::<Vec<_>>())
        })
    }
}

/// What a status tells of the process, whatever the project.
fn of_process(tally: &Tally, files: Files, now: Moment) -> OfProcess {
    let entries = tally.observe(now);
    OfProcess { entries, lately: tally.lately(now), files }
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
