//! All projects of one process: finds the project of an entry, and opens it at its first entry.
//!
//! The config of a project is read and resolved once, on a thread of its own.

use crate::config::{Environment, Outcome, Resolution};
use crate::diagnostics::notice;
use crate::project::Project;
use crate::record::known_directories::KnownProject;
use crate::record::known_projects::{AddedDirectory, KnownProjects, open};
use crate::record::launch_id::LaunchId;
use crate::record::launches::Launches;
use crate::record::project_key::ProjectKey;
use crate::record::project_lookup::ProjectLookup;
use crate::record::resolvers::{Resolvers, Start};
use crate::util::clock::Timestamp;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The projects of this process.
#[derive(Debug)]
pub struct Projects {
    launches: Arc<Launches>,
    resolvers: Arc<Resolvers>,
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
            Outcome::On(config) => Some(open(config, &resolution, now)),
            Outcome::Off { .. } | Outcome::Degraded { .. } => None,
        };
        let initial = InitialProject { directory, resolution, project };
        let launches = Arc::new(Launches::new(environment));
        let resolvers = Arc::new(Resolvers::new(Arc::clone(&launches)));
        Self { launches, resolvers, initial, known: Mutex::new(KnownProjects::new()) }
    }

    /// The project given to `init`, if it exports.
    pub fn initial(&self) -> Option<&Arc<Project>> {
        self.initial.project.as_ref()
    }

    /// Remembers the launch of a client.
    pub fn add_launch(&self, environment: Environment) -> LaunchId {
        self.launches.add(environment)
    }

    /// Whether the variables of a launch turn telemetry off.
    pub fn is_switched_off(&self, launch: Option<LaunchId>) -> bool {
        self.launches.is_switched_off(launch)
    }

    /// The key of another project than the one given to `init`.
    fn other<'a>(&self, project: Option<&'a ProjectKey>) -> Option<&'a ProjectKey> {
        let is_initial = |key: &ProjectKey| {
            key.launch.is_none() && Path::new(&key.directory) == self.initial.directory
        };
        project.filter(|key| !is_initial(key))
    }

    /// Whether a project is known not to export. Never blocks: `false` if that cannot be
    /// found out at once.
    pub fn is_known_off(&self, project: Option<&ProjectKey>) -> bool {
        let Some(key) = self.other(project) else { return self.initial.project.is_none() };
        self.known.try_lock().is_some_and(|known| known.is_off(key))
    }

    /// Whether as many projects are open as one process can serve.
    pub fn is_full(&self) -> bool {
        self.known.lock().is_full()
    }

    /// The resolution of a project, and the project itself if it is open. If the config was
    /// not read yet, it is read now, for at most `time_limit`.
    pub fn describe(
        &self,
        project: Option<&ProjectKey>,
        now: Timestamp,
        time_limit: Duration,
    ) -> (Resolution, Option<Arc<Project>>) {
        let Some(key) = self.other(project) else {
            return (self.initial.resolution.clone(), self.initial.project.clone());
        };
        if let Some(KnownProject { resolution, project }) = self.known.lock().peek(key) {
            return ((**resolution).clone(), project.clone());
        }
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let answer = move |resolution| {
            // After the time limit there is no receiver.
            let _ = sender.send(resolution);
        };
        // If no thread was started, the sender is dropped, and there is no answer.
        let _ = self.resolvers.start(key, now.instant, answer);
        let resolution = receiver.recv_timeout(time_limit).unwrap_or_else(|_| {
            Resolution::unread("Its config could not be read in time. Is its file system slow?")
        });
        let project = match &resolution.outcome {
            Outcome::On(config) => {
                self.known.lock().with_config(config, self.initial.project.as_ref())
            }
            Outcome::Off { .. } | Outcome::Degraded { .. } => None,
        };
        (resolution, project)
    }

    /// Every open project with its resolution. The one given to `init` comes first.
    pub fn open_projects(&self) -> Vec<(Resolution, Arc<Project>)> {
        let initial = self.initial.project.clone();
        let initial = initial.map(|project| (self.initial.resolution.clone(), project));
        initial.into_iter().chain(self.known.lock().open_projects()).collect()
    }

    /// The project of an entry.
    pub fn find(&self, project: Option<&ProjectKey>, now: Timestamp) -> ProjectLookup {
        let Some(key) = self.other(project) else {
            return self.initial.project.clone().map_or(ProjectLookup::Off, ProjectLookup::open);
        };
        self.known.lock().find(key, now.instant)
    }

    /// Starts to read the config of a project, which [`Projects::find`] does not know. `answer`
    /// gets what [`Projects::add`] needs.
    pub fn resolve(
        &self,
        project: &ProjectKey,
        now: Timestamp,
        answer: impl FnOnce(Resolution) + Send + 'static,
    ) -> Start {
        self.resolvers.start(project, now.instant, answer)
    }

    /// Remembers a project whose config was read, and opens it if it exports.
    pub fn add(
        &self,
        project: &ProjectKey,
        resolution: Resolution,
        now: Timestamp,
    ) -> ProjectLookup {
        let line = notice::line(&resolution);
        let initial = self.initial.project.as_ref();
        let AddedDirectory { lookup, is_new } =
            self.known.lock().add(project, resolution, initial, now);
        if is_new {
            notice::print(line);
        }
        lookup
    }
}
