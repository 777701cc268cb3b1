//! One process, many projects: whose turn is it, and does that project export?
//!
//! A project's config is resolved once, off the JS thread. Projects with the same resolved config
//! share one exporter.

use crate::config::{self, Environment, Outcome, Resolution};
use crate::diagnostics::notice;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, Measurement, Value};
use crate::metrics::registry::Metric;
use crate::project::Project;
use crate::util::clock::Timestamp;
use crate::util::instance_id;
use lru::LruCache;
use parking_lot::Mutex;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Projects that export at a time.
const MAX_LIVE: usize = 64;
/// Directories whose project is remembered.
const MAX_DIRECTORIES: NonZeroUsize = NonZeroUsize::new(1024).unwrap();
/// A project without a turn for so long is flushed and closed when its place is needed.
const IDLE: Duration = Duration::from_mins(30);

/// The projects of this process.
#[derive(Debug)]
pub struct Projects {
    environment: Environment,
    own: Own,
    known: Mutex<Known>,
}

/// The project given to `init`. It is never closed.
#[derive(Debug)]
struct Own {
    directory: PathBuf,
    resolution: Resolution,
    project: Option<Arc<Project>>,
}

#[derive(Debug)]
struct Known {
    directories: LruCache<String, Slot>,
    live: Vec<Live>,
}

#[derive(Clone, Debug)]
struct Slot {
    resolution: Arc<Resolution>,
    project: Option<Arc<Project>>,
}

#[derive(Debug)]
struct Live {
    project: Arc<Project>,
    last_used: Instant,
}

/// Whose turn it is.
#[derive(Debug)]
pub enum ProjectLookup {
    /// A project that exports.
    On {
        /// The project.
        project: Arc<Project>,
        /// It was opened for this turn.
        opened: bool,
        /// Idle projects that made room.
        closed: Vec<Arc<Project>>,
    },
    /// A project that does not.
    Off,
    /// A project for which there is no room.
    Limit,
}

impl Projects {
    /// With the project in `directory`, as resolved, for every turn that names no other.
    pub fn new(
        directory: PathBuf,
        resolution: Resolution,
        environment: Environment,
        now: Timestamp,
    ) -> Self {
        let project = open(&resolution, now);
        let live = Vec::new();
        let known = Known { directories: LruCache::new(MAX_DIRECTORIES), live };
        Self { environment, own: Own { directory, resolution, project }, known: Mutex::new(known) }
    }

    /// The project given to `init`, if it exports.
    pub fn own(&self) -> Option<&Arc<Project>> {
        self.own.project.as_ref()
    }

    /// Whether `cwd` names the project given to `init`, or none.
    fn is_own(&self, cwd: Option<&str>) -> bool {
        cwd.is_none_or(|cwd| Path::new(cwd) == self.own.directory)
    }

    /// Whether the project in `cwd` is known to be off. Does not wait to find out.
    pub fn is_known_off(&self, cwd: Option<&str>) -> bool {
        let Some(cwd) = cwd.filter(|_| !self.is_own(cwd)) else {
            return self.own.project.is_none();
        };
        let known = self.known.try_lock();
        let slot = known.as_ref().and_then(|known| known.directories.peek(cwd));
        slot.is_some_and(|slot| slot.project.is_none())
    }

    /// Whether there is no room for one more.
    pub fn is_full(&self) -> bool {
        self.known.lock().live.len() >= MAX_LIVE
    }

    /// What is known of the project in `cwd`, and the project itself if it is exporting.
    pub fn describe(&self, cwd: Option<&str>) -> (Resolution, Option<Arc<Project>>) {
        let Some(cwd) = cwd.filter(|_| !self.is_own(cwd)) else {
            return (self.own.resolution.clone(), self.own.project.clone());
        };
        if let Some(slot) = self.known.lock().directories.peek(cwd) {
            return ((*slot.resolution).clone(), slot.project.clone());
        }
        (self.resolve(cwd), None)
    }

    /// Every project that exports, with how it was resolved; the one given to `init` first.
    pub fn live(&self) -> Vec<(Resolution, Arc<Project>)> {
        let own = self.own.project.clone().map(|project| (self.own.resolution.clone(), project));
        let known = self.known.lock();
        let others = known.live.iter().filter_map(|live| {
            let mut slots = known.directories.iter().map(|(_, slot)| slot);
            let slot = slots.find(|slot| {
                slot.project.as_ref().is_some_and(|it| Arc::ptr_eq(it, &live.project))
            })?;
            Some(((*slot.resolution).clone(), Arc::clone(&live.project)))
        });
        own.into_iter().chain(others).collect()
    }

    /// Finds the project of a turn, and opens it if this is its first.
    pub fn find(&self, cwd: Option<&str>, now: Timestamp) -> ProjectLookup {
        let Some(cwd) = cwd.filter(|_| !self.is_own(cwd)) else {
            let project = self.own.project.clone();
            return project.map_or(ProjectLookup::Off, |project| ProjectLookup::On {
                project,
                opened: false,
                closed: Vec::new(),
            });
        };
        let known = self.known.lock().directories.get(cwd).cloned();
        if let Some(Slot { project, .. }) = known {
            let Some(project) = project else { return ProjectLookup::Off };
            self.known.lock().touch(&project, now.instant);
            return ProjectLookup::On { project, opened: false, closed: Vec::new() };
        }
        let resolution = self.resolve(cwd);
        let line = notice::line(&resolution);
        let lookup = self.known.lock().admit(cwd, resolution, self.own.project.as_ref(), now);
        // A project for which there is no room is looked at again at its next turn.
        if !matches!(lookup, ProjectLookup::Limit) {
            notice::print(line);
        }
        lookup
    }

    /// For a project first met at run time every error is a reason not to export, and no exception.
    fn resolve(&self, cwd: &str) -> Resolution {
        let resolution = config::resolve(Path::new(cwd), &self.environment);
        resolution.unwrap_or_else(|error| Resolution::broken(&error))
    }
}

impl Known {
    fn touch(&mut self, project: &Arc<Project>, now: Instant) {
        let live = self.live.iter_mut().find(|live| Arc::ptr_eq(&live.project, project));
        if let Some(live) = live {
            live.last_used = now;
        }
    }

    fn admit(
        &mut self,
        cwd: &str,
        resolution: Resolution,
        own: Option<&Arc<Project>>,
        now: Timestamp,
    ) -> ProjectLookup {
        let resolution = Arc::new(resolution);
        let mut remember = |project: Option<Arc<Project>>| {
            let resolution = Arc::clone(&resolution);
            self.directories.put(cwd.to_owned(), Slot { resolution, project });
        };
        let Outcome::On(config) = &resolution.outcome else {
            remember(None);
            return ProjectLookup::Off;
        };
        let same = own.into_iter().chain(self.live.iter().map(|live| &live.project));
        if let Some(project) = same.into_iter().find(|project| project.config() == config.as_ref())
        {
            let project = Arc::clone(project);
            remember(Some(Arc::clone(&project)));
            self.touch(&project, now.instant);
            return ProjectLookup::On { project, opened: false, closed: Vec::new() };
        }
        let closed =
            if self.live.len() < MAX_LIVE { Vec::new() } else { self.close_idle(now.instant) };
        if self.live.len() >= MAX_LIVE {
            return ProjectLookup::Limit;
        }
        let Some(project) = open(&resolution, now) else { return ProjectLookup::Off };
        self.live.push(Live { project: Arc::clone(&project), last_used: now.instant });
        let slot = Slot { resolution, project: Some(Arc::clone(&project)) };
        self.directories.put(cwd.to_owned(), slot);
        ProjectLookup::On { project, opened: true, closed }
    }

    fn close_idle(&mut self, now: Instant) -> Vec<Arc<Project>> {
        let idle = |live: &Live| now.saturating_duration_since(live.last_used) >= IDLE;
        let closed: Vec<_> =
            self.live.extract_if(.., |live| idle(live)).map(|live| live.project).collect();
        let gone: Vec<_> = self
            .directories
            .iter()
            .filter(|(_, slot)| {
                slot.project.as_ref().is_some_and(|p| closed.iter().any(|c| Arc::ptr_eq(c, p)))
            })
            .map(|(directory, _)| directory.clone())
            .collect();
        for directory in gone {
            self.directories.pop(&directory);
        }
        closed
    }
}

fn open(resolution: &Resolution, now: Timestamp) -> Option<Arc<Project>> {
    let Outcome::On(config) = &resolution.outcome else { return None };
    let project = Project::new(config.as_ref().clone(), &instance_id::random_id(), now);
    project.record(Measurement {
        metric: Metric::TierDistribution,
        labels: [
            AttributeValue::constant(if config.tier.number() == 2 { "2" } else { "1" }),
            ABSENT,
            ABSENT,
        ],
        value: Value::Count(1),
    });
    Some(Arc::new(project))
}
