//! The config files that have a say about a project, as they were found.

use crate::config::environment::Surroundings;
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::place::{PERSONAL_FILE, PROJECT_FILE, Place};
use crate::config::file::read::read;
use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The files as written.
pub(crate) struct Files {
    pub(crate) place: Place,
    pub(crate) project: Option<ConfigFile<ProjectSettings>>,
    /// The engineer's file in their home.
    pub(crate) at_home: Option<ConfigFile<PersonalSettings>>,
    /// The engineer's file in the project. It may have come along with it, so it can lower the tier,
    /// and what else it says waits for the engineer's word like the project's own file.
    pub(crate) beside: Option<ConfigFile<PersonalSettings>>,
}

impl Files {
    /// The files that have a say about the project in `cwd`.
    pub(crate) fn read(cwd: &Path, surroundings: &Surroundings) -> Result<Self, ConfigError> {
        let place = Place::of(cwd);
        let project = first_of(place.candidates(PROJECT_FILE))?;
        let home = surroundings.home.as_deref().map(|home| home.join(PERSONAL_FILE));
        let at_home = first_of::<PersonalSettings>(home.iter().cloned())?;
        let of_home = home.and_then(|path| path.canonicalize().ok());
        let in_project = place.candidates(PERSONAL_FILE);
        let beside = first_of(
            in_project.filter(|path| path.canonicalize().ok() != of_home || of_home.is_none()),
        )?;
        Ok(Self { place, project, at_home, beside })
    }

    /// Whether there is something that no config may hold, whatever comes of it.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let Self { place: _, project, at_home, beside } = self;
        project.as_ref().map_or(Ok(()), ConfigFile::<ProjectSettings>::check)?;
        at_home.as_ref().map_or(Ok(()), ConfigFile::<PersonalSettings>::check)?;
        beside.as_ref().map_or(Ok(()), ConfigFile::<PersonalSettings>::check)
    }

    /// The directory that the engineer's word is kept for.
    pub(crate) fn directory(&self) -> &Path {
        let path = self.asking_file();
        path.and_then(|path| path.parent()).unwrap_or(self.place.top())
    }

    /// The file that asks for something.
    pub(crate) fn asking(&self) -> &Path {
        self.asking_file().unwrap_or(self.place.top())
    }

    fn asking_file(&self) -> Option<&Path> {
        let project = self.project.as_ref().map(|file| file.path.as_path());
        project.or_else(|| self.beside.as_ref().map(|file| file.path.as_path()))
    }
}

/// The first of `paths` that is there and is about telemetry.
fn first_of<T: for<'de> Deserialize<'de>>(
    paths: impl Iterator<Item = PathBuf>,
) -> Result<Option<ConfigFile<T>>, ConfigError> {
    for path in paths {
        if let Some(text) = read(&path)? {
            return ConfigFile::parse(path, text);
        }
    }
    Ok(None)
}
