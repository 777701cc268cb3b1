//! The projects that this process has met, besides the one given to `init`.

use crate::config::{Config, Outcome, Resolution};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use crate::metrics::registry::Metric;
use crate::project::Project;
use crate::record::project_lookup::ProjectLookup;
use crate::util::clock::Timestamp;
use crate::util::instance_id;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Projects that are open at the same time.
const MAX_OPEN: usize = 64;
/// Directories whose project is remembered.
const MAX_DIRECTORIES: NonZeroUsize = NonZeroUsize::new(1024).unwrap();
/// A project without an entry for so long is idle: it is closed when another one needs its place.
const IDLE: Duration = Duration::from_mins(30);

/// The project of each directory, and the projects that are open. Directories with the same config
/// share a project.
#[derive(Debug)]
pub(super) struct KnownProjects {
    directories: LruCache<String, KnownProject>,
    open: Vec<OpenProject>,
}

/// What is known of the project in a directory.
#[derive(Clone, Debug)]
pub(super) struct KnownProject {
    pub(super) resolution: Arc<Resolution>,
    /// `None` if it does not export.
    pub(super) project: Option<Arc<Project>>,
}

#[derive(Debug)]
struct OpenProject {
    project: Arc<Project>,
    last_used: Instant,
}

impl KnownProjects {
    pub(super) fn new() -> Self {
        Self { directories: LruCache::new(MAX_DIRECTORIES), open: Vec::new() }
    }

    /// What is known of the project in a directory. `None` if its config was not read yet.
    pub(super) fn peek(&self, directory: &str) -> Option<&KnownProject> {
        self.directories.peek(directory)
    }

    /// The same for an entry of the project, which keeps it from becoming idle.
    pub(super) fn find(&mut self, directory: &str, now: Instant) -> Option<KnownProject> {
        let known = self.directories.get(directory).cloned();
        if let Some(project) = known.as_ref().and_then(|known| known.project.as_ref()) {
            self.touch(project, now);
        }
        known
    }

    /// Whether as many projects are open as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= MAX_OPEN
    }

    /// Every open project, with its resolution.
    pub(super) fn open_projects(&self) -> impl Iterator<Item = (Resolution, Arc<Project>)> {
        self.open.iter().filter_map(|open| {
            let mut known = self.directories.iter().map(|(_, known)| known);
            let known = known.find(|known| {
                known.project.as_ref().is_some_and(|it| Arc::ptr_eq(it, &open.project))
            })?;
            Some(((*known.resolution).clone(), Arc::clone(&open.project)))
        })
    }

    /// Remembers the project of a directory whose config has just been read, and opens it if it
    /// exports and no project with the same config is open. `initial` is the project given to
    /// `init`.
    pub(super) fn add(
        &mut self,
        directory: &str,
        resolution: Resolution,
        initial: Option<&Arc<Project>>,
        now: Timestamp,
    ) -> ProjectLookup {
        let resolution = Arc::new(resolution);
        let Outcome::On(config) = &resolution.outcome else {
            self.remember(directory, &resolution, None);
            return ProjectLookup::Off;
        };
        if let Some(project) = self.with_config(config, initial) {
            self.remember(directory, &resolution, Some(Arc::clone(&project)));
            self.touch(&project, now.instant);
            return ProjectLookup::open(project);
        }
        let closed = if self.is_full() { self.close_idle(now.instant) } else { Vec::new() };
        if self.is_full() {
            return ProjectLookup::Limit;
        }
        let project = open(config, now);
        self.open.push(OpenProject { project: Arc::clone(&project), last_used: now.instant });
        self.remember(directory, &resolution, Some(Arc::clone(&project)));
        ProjectLookup::On { project, opened: true, closed }
    }

    fn remember(
        &mut self,
        directory: &str,
        resolution: &Arc<Resolution>,
        project: Option<Arc<Project>>,
    ) {
        let known = KnownProject { resolution: Arc::clone(resolution), project };
        self.directories.put(directory.to_owned(), known);
    }

    /// The open project with this config.
    fn with_config(&self, config: &Config, initial: Option<&Arc<Project>>) -> Option<Arc<Project>> {
        let mut all = initial.into_iter().chain(self.open.iter().map(|open| &open.project));
        all.find(|project| project.config() == config).cloned()
    }

    fn touch(&mut self, project: &Arc<Project>, now: Instant) {
        let open = self.open.iter_mut().find(|open| Arc::ptr_eq(&open.project, project));
        if let Some(open) = open {
            open.last_used = now;
        }
    }

    /// Closes all idle projects, and forgets their directories.
    fn close_idle(&mut self, now: Instant) -> Vec<Arc<Project>> {
        let is_idle = |open: &OpenProject| now.saturating_duration_since(open.last_used) >= IDLE;
        let closed: Vec<_> =
            self.open.extract_if(.., |open| is_idle(open)).map(|open| open.project).collect();
        let is_closed = |it: &Arc<Project>| closed.iter().any(|closed| Arc::ptr_eq(closed, it));
        let directories: Vec<_> = self
            .directories
            .iter()
            .filter(|(_, known)| known.project.as_ref().is_some_and(is_closed))
            .map(|(directory, _)| directory.clone())
            .collect();
        for directory in directories {
            self.directories.pop(&directory);
        }
        closed
    }
}

/// Opens a project, and records its tier once.
pub(super) fn open(config: &Config, now: Timestamp) -> Arc<Project> {
    let project = Project::new(config.clone(), &instance_id::random_id(), now);
    let tier = if config.tier.number() == 2 { "2" } else { "1" };
    project.record(Measurement {
        metric: Metric::TierDistribution,
        attributes: [AttributeValue::constant(tier), ABSENT, ABSENT],
        value: MeasuredValue::Count(1),
    });
    Arc::new(project)
}
