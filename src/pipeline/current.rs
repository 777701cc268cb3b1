//! The one pipeline of this process, however many JS contexts have loaded the addon.

use crate::config::{self, Assumption, ConfigError, Environment, Outcome};
use crate::diagnostics::{self, notice};
use crate::otlp::dating::Period;
use crate::pipeline::dry_run::DryRun;
use crate::pipeline::pending::withdraw_if_off;
use crate::pipeline::pipeline::{NO_REQUEST, Pipeline, Rights};
use crate::pipeline::report::Report;
use crate::pipeline::status::Status;
use crate::project::obstacle::Obstacle;
use crate::record::launch_id::LaunchId;
use crate::record::project_key::ProjectKey;
use crate::util::clock::Timestamp;
use crate::util::memory;
use parking_lot::{Mutex, RwLock};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Nanoseconds of a millisecond.
const NANOS: u64 = 1_000_000;

/// The pipeline that was started last. It stays here after its shutdown.
static CURRENT: RwLock<Option<Arc<Pipeline>>> = RwLock::new(None);
/// Held while a pipeline is being started, which reads files. So a file system that is slow delays
/// other calls of [`start`], and never a thread that records.
static STARTING: Mutex<()> = Mutex::new(());

/// Starts the pipeline for the project in `cwd`. If one is running, it stays as it is, and its
/// status is returned. Without the right to write files there is no log and no status file.
///
/// # Errors
/// [`ConfigError`] if the project's config cannot be used. Nothing is started then.
pub fn start(
    cwd: PathBuf,
    environment: Environment,
    may_write: bool,
) -> Result<Status, ConfigError> {
    let starting = STARTING.lock();
    if let Some(running) = current().filter(|pipeline| !pipeline.is_stopped()) {
        return Ok(running.status(None));
    }
    let resolution = config::resolve(&cwd, &environment)?;
    if may_write {
        withdraw_if_off(&cwd, &resolution, &environment);
    }
    // First, so that the thread that prints has ended before others start: the memory that the system
    // reserves for a thread is used again by the next one.
    let rights = Rights { may_write, has_room: memory::has_room_for_threads() };
    notice::print_and_wait(match &resolution.outcome {
        Outcome::On(_) if !rights.has_room => {
            Some(notice::nothing_is_sent(Obstacle::NoRoom.reason()))
        }
        _ => notice::line(&resolution),
    });
    let pipeline = Pipeline::new(cwd, resolution, environment, rights, Timestamp::now());
    let status = pipeline.status(None);
    *CURRENT.write() = Some(Arc::new(pipeline));
    drop(starting);
    Ok(status)
}

/// The pipeline. `None` if none was started.
pub fn current() -> Option<Arc<Pipeline>> {
    CURRENT.read().clone()
}

/// The line that [`start`] would print for the project in `cwd`. `None` if it would print none.
///
/// # Errors
/// [`ConfigError`] if the project's config cannot be used.
pub fn notice(cwd: &Path, environment: &Environment) -> Result<Option<String>, ConfigError> {
    config::resolve(cwd, environment).map(|resolution| notice::line(&resolution))
}

/// Remembers the launch of a client. `None` if no pipeline runs.
pub fn add_launch(environment: Environment) -> Option<LaunchId> {
    let running = current().filter(|pipeline| !pipeline.is_stopped());
    running.map(|pipeline| pipeline.add_launch(environment))
}

/// The status of a project. `None`: of the project given to [`start`].
pub fn status(project: Option<&ProjectKey>) -> Status {
    current().map_or_else(Status::not_started, |pipeline| pipeline.status(project))
}

/// The body of the next request as OTLP/JSON, like [`Pipeline::preview`].
pub fn preview(project: Option<&ProjectKey>) -> String {
    current().map_or_else(|| NO_REQUEST.to_owned(), |pipeline| pipeline.preview(project))
}

/// Dates the exports of the project given to [`start`], as [`Pipeline::set_period`] does. The times are Unix
/// milliseconds: when the history began, and when this part of it began and ended.
pub fn set_period(history_start: u64, start: u64, end: u64) -> bool {
    let [history_start, start, end] = [history_start, start, end].map(|ms| ms * NANOS);
    current().is_some_and(|it| it.set_period(Period { history_start, start, end }))
}

/// Adds a variant to a dry run, as [`DryRun::assume`] does.
///
/// # Errors
/// [`ConfigError`] if the project's config cannot be used.
pub fn assume(dry_run: &mut DryRun, assumption: Assumption) -> Result<(), ConfigError> {
    dry_run.assume(assumption, Timestamp::now())
}

/// The anomalies of the last `days`: those in the drift log in `directory`, and those that this
/// process has not written there yet. `samples`: the text contains unknown names.
pub fn report(directory: Option<PathBuf>, days: u32, samples: bool) -> Report {
    let drift = directory.map(|directory| {
        let running = current().and_then(|pipeline| {
            let diagnostics = pipeline.diagnostics()?;
            diagnostics.drift().filter(|_| diagnostics.directory() == Some(&directory))
        });
        running.unwrap_or_else(|| diagnostics::read_drift(&directory))
    });
    Report::new(drift, Timestamp::now().unix_ms, days, samples)
}
