//! The projects that this process has met, besides the one given to `init`.

use crate::config::{Approval, Config, Outcome, Resolution};
use crate::project::Project;
use crate::record::known_directories::{KnownDirectories, KnownProject};
use crate::record::project_key::ProjectKey;
use crate::record::project_lookup::ProjectLookup;
use crate::util::clock::Timestamp;
use crate::util::instance_id;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Projects that are open at the same time.
const MAX_OPEN: usize = 64;
/// A project without an entry for so long is idle: it is closed when another one needs its place.
const IDLE: Duration = Duration::from_mins(30);

/// The project of each directory and launch, and the projects that are open. Those with the same config
/// share a project.
#[derive(Debug)]
pub(super) struct KnownProjects {
    /// Directories of projects that export. Any number of other directories cannot displace them.
    exporting: KnownDirectories,
    others: KnownDirectories,
    open: Vec<OpenProject>,
}

#[derive(Debug)]
struct OpenProject {
    project: Arc<Project>,
    /// Of the directory that has opened it.
    resolution: Arc<Resolution>,
    last_used: Instant,
}

/// What has become of a directory whose config was just read.
#[derive(Debug)]
pub(super) struct AddedDirectory {
    /// Its project.
    pub(super) lookup: ProjectLookup,
    /// Whether no other directory has the same resolution, as those of one project do.
    pub(super) is_new: bool,
}

impl KnownProjects {
    pub(super) fn new() -> Self {
        Self {
            exporting: KnownDirectories::new(),
            others: KnownDirectories::new(),
            open: Vec::new(),
        }
    }

    /// What is known of the project in a directory. `None` if its config was not read yet.
    pub(super) fn peek(&self, directory: &ProjectKey) -> Option<&KnownProject> {
        self.exporting.peek(directory).or_else(|| self.others.peek(directory))
    }

    /// Whether the project in a directory is known not to export.
    pub(super) fn is_off(&self, directory: &ProjectKey) -> bool {
        self.others.peek(directory).is_some_and(|known| !is_on(&known.resolution))
    }

    /// The project of an entry, which keeps it from becoming idle.
    pub(super) fn find(&mut self, directory: &ProjectKey, now: Instant) -> ProjectLookup {
        let known = self.exporting.get(directory);
        if let Some(project) = known.and_then(|known| known.project.clone()) {
            self.touch(&project, now);
            return ProjectLookup::open(project);
        }
        let known = self.others.get(directory).map(|known| Arc::clone(&known.resolution));
        match known {
            None => ProjectLookup::Unresolved,
            Some(known) if !is_on(&known) => ProjectLookup::Off,
            // There was no room for it. As soon as there is, its config is read again.
            Some(known) if self.has_room(&known, now) => ProjectLookup::Unresolved,
            Some(_) => ProjectLookup::Limit,
        }
    }

    /// Whether as many projects are open as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= MAX_OPEN
    }

    /// Whether a project with this resolution can be opened, perhaps in the place of another.
    fn has_room(&self, resolution: &Resolution, now: Instant) -> bool {
        !self.is_full()
            || self.open.iter().any(|open| open.is_idle(now))
            || (is_agreed(resolution) && self.open.iter().any(|open| !is_agreed(&open.resolution)))
    }

    /// Every open project, with its resolution.
    pub(super) fn open_projects(&self) -> impl Iterator<Item = (Resolution, Arc<Project>)> {
        self.open.iter().map(|open| ((*open.resolution).clone(), Arc::clone(&open.project)))
    }

    /// Remembers the project of a directory whose config has just been read, and opens it if it
    /// exports and no project with the same config is open. `initial` is the project given to
    /// `init`.
    pub(super) fn add(
        &mut self,
        directory: &ProjectKey,
        resolution: Resolution,
        initial: Option<&Arc<Project>>,
        now: Timestamp,
    ) -> AddedDirectory {
        let (resolution, is_new) = self.shared(resolution);
        let Outcome::On(config) = &resolution.outcome else {
            self.remember(directory, &resolution, None);
            return AddedDirectory { lookup: ProjectLookup::Off, is_new };
        };
        if let Some(project) = self.with_config(config, initial) {
            self.remember(directory, &resolution, Some(Arc::clone(&project)));
            self.touch(&project, now.instant);
            return AddedDirectory { lookup: ProjectLookup::open(project), is_new };
        }
        let mut closed = if self.is_full() { self.close_idle(now.instant) } else { Vec::new() };
        if self.is_full() && is_agreed(&resolution) {
            closed.extend(self.close_one_without_agreement());
        }
        if self.is_full() {
            self.remember(directory, &resolution, None);
            // The line about it is printed when it is opened.
            return AddedDirectory { lookup: ProjectLookup::Limit, is_new: false };
        }
        let project = open(config, &resolution, now);
        self.open.push(OpenProject {
            project: Arc::clone(&project),
            resolution: Arc::clone(&resolution),
            last_used: now.instant,
        });
        self.remember(directory, &resolution, Some(Arc::clone(&project)));
        let lookup = ProjectLookup::On { project, opened: true, closed };
        AddedDirectory { lookup, is_new: true }
    }

    /// The same resolution as that of another directory, if there is one, so that it is kept once.
    fn shared(&self, resolution: Resolution) -> (Arc<Resolution>, bool) {
        let of_open = self.open.iter().map(|open| &open.resolution);
        let of_directories = self.exporting.iter().chain(self.others.iter());
        let mut known = of_open.chain(of_directories.map(|known| &known.resolution));
        match known.find(|known| ***known == resolution) {
            Some(known) => (Arc::clone(known), false),
            None => (Arc::new(resolution), true),
        }
    }

    fn remember(
        &mut self,
        directory: &ProjectKey,
        resolution: &Arc<Resolution>,
        project: Option<Arc<Project>>,
    ) {
        let resolution = Arc::clone(resolution);
        let (place, other) = match &project {
            Some(_) => (&mut self.exporting, &mut self.others),
            None => (&mut self.others, &mut self.exporting),
        };
        other.remove(directory);
        place.put(directory, KnownProject { resolution, project });
    }

    /// The open project with this config.
    pub(super) fn with_config(
        &self,
        config: &Config,
        initial: Option<&Arc<Project>>,
    ) -> Option<Arc<Project>> {
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
        let idle = self.open.extract_if(.., |open| open.is_idle(now));
        let closed: Vec<_> = idle.map(|open| open.project).collect();
        self.exporting.forget(&closed);
        closed
    }

    /// Closes the project that has had no entry for the longest time, of those that nobody has agreed to:
    /// an archive can contain any number of them.
    fn close_one_without_agreement(&mut self) -> Option<Arc<Project>> {
        let candidates = self.open.iter().enumerate();
        let candidates = candidates.filter(|(_, open)| !is_agreed(&open.resolution));
        let (at, _) = candidates.min_by_key(|(_, open)| open.last_used)?;
        let closed = self.open.swap_remove(at).project;
        self.exporting.forget(std::slice::from_ref(&closed));
        Some(closed)
    }
}

impl OpenProject {
    fn is_idle(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_used) >= IDLE
    }
}

/// Whether the user has agreed to the export in any way, and not only the receiver is on this machine.
fn is_agreed(resolution: &Resolution) -> bool {
    resolution.approval != Some(Approval::Loopback)
}

fn is_on(resolution: &Resolution) -> bool {
    matches!(resolution.outcome, Outcome::On(_))
}

/// Opens a project, and records its tier once.
pub(super) fn open(config: &Config, resolution: &Resolution, now: Timestamp) -> Arc<Project> {
    let project = Project::new(config.clone(), &instance_id::random_id(), now)
        .in_directory(resolution.directory.clone());
    project.record_start();
    Arc::new(project)
}
