//! All projects of one process: finds the project of an entry, and opens it at its first entry.
//!
//! The config of a project is read and resolved once, on the worker thread.

use crate::config::{self, Environment, Outcome, Resolution};
use crate::diagnostics::notice;
use crate::project::Project;
use crate::record::known_projects::{KnownProject, KnownProjects, open};
use crate::record::project_lookup::ProjectLookup;
use crate::util::clock::Timestamp;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The projects of this process.
#[derive(Debug)]
pub struct Projects {
    environment: Environment,
    initial: InitialProject,
    known: Mutex<KnownProjects>,
}

/// The project given to `init`. It is never closed.
#[derive(Debug)]
struct InitialProject {
    directory: PathBuf,
    resolution: Resolution,
    /// `None` if it does not export.
    project: Option<Arc<Project>>,
}

impl Projects {
    /// With the project in `directory`, to which every entry without a directory belongs.
    pub fn new(
        directory: PathBuf,
        resolution: Resolution,
        environment: Environment,
        now: Timestamp,
    ) -> Self {
        let project = match &resolution.outcome {
            Outcome::On(config) => Some(open(config, now)),
            Outcome::Off { .. } | Outcome::Degraded { .. } => None,
        };
        let initial = InitialProject { directory, resolution, project };
        Self { environment, initial, known: Mutex::new(KnownProjects::new()) }
    }

    /// The project given to `init`, if it exports.
    pub fn initial(&self) -> Option<&Arc<Project>> {
        self.initial.project.as_ref()
    }

    /// The directory of another project than the one given to `init`.
    fn other<'a>(&self, cwd: Option<&'a str>) -> Option<&'a str> {
        cwd.filter(|cwd| Path::new(cwd) != self.initial.directory)
    }

    /// Whether the project in `cwd` is known not to export. Never blocks: `false` if that cannot be
    /// found out at once.
    pub fn is_known_off(&self, cwd: Option<&str>) -> bool {
        let Some(cwd) = self.other(cwd) else { return self.initial.project.is_none() };
        let known = self.known.try_lock();
        let known = known.as_ref().and_then(|known| known.peek(cwd));
        known.is_some_and(|known| known.project.is_none())
    }

    /// Whether as many projects are open as one process can serve.
    pub fn is_full(&self) -> bool {
        self.known.lock().is_full()
    }

    /// The resolution of the project in `cwd`, and the project itself if it is open.
    pub fn describe(&self, cwd: Option<&str>) -> (Resolution, Option<Arc<Project>>) {
        let Some(cwd) = self.other(cwd) else {
            return (self.initial.resolution.clone(), self.initial.project.clone());
        };
        if let Some(KnownProject { resolution, project }) = self.known.lock().peek(cwd) {
            return ((**resolution).clone(), project.clone());
        }
        (self.resolve(cwd), None)
    }

    /// Every open project with its resolution. The one given to `init` comes first.
    pub fn open_projects(&self) -> Vec<(Resolution, Arc<Project>)> {
        let initial = self.initial.project.clone();
        let initial = initial.map(|project| (self.initial.resolution.clone(), project));
        initial.into_iter().chain(self.known.lock().open_projects()).collect()
    }

    /// The project of an entry. It is opened if this is its first entry.
    pub fn find(&self, cwd: Option<&str>, now: Timestamp) -> ProjectLookup {
        let Some(cwd) = self.other(cwd) else {
            return self.initial.project.clone().map_or(ProjectLookup::Off, ProjectLookup::open);
        };
        let known = self.known.lock().find(cwd, now.instant);
        if let Some(KnownProject { project, .. }) = known {
            return project.map_or(ProjectLookup::Off, ProjectLookup::open);
        }
        let resolution = self.resolve(cwd);
        let line = notice::line(&resolution);
        let lookup = self.known.lock().add(cwd, resolution, self.initial.project.as_ref(), now);
        // If there is no room for the project, its next entry comes here again.
        if !matches!(lookup, ProjectLookup::Limit) {
            notice::print(line);
        }
        lookup
    }

    /// No caller can receive an error here, so an error becomes the reason not to export.
    fn resolve(&self, cwd: &str) -> Resolution {
        let resolution = config::resolve(Path::new(cwd), &self.environment);
        resolution.unwrap_or_else(|error| Resolution::broken(&error))
    }
}
