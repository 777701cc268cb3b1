//! The config files that apply to a project, as they were found.

use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::json;
use crate::config::file::read::read;
use crate::config::file::search_path::{PERSONAL_FILE, PROJECT_FILE, SearchPath};
use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use crate::config::file::standing::doubt;
use crate::config::file::suggest::is_misspelling;
use crate::config::value::tier::Level;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The files as written.
pub(crate) struct Files {
    pub(crate) search_path: SearchPath,
    pub(crate) project: Option<ConfigFile<ProjectSettings>>,
    /// The personal file in the user's home directory, if nobody else can have written it.
    pub(crate) personal_at_home: Option<ConfigFile<PersonalSettings>>,
    /// A personal file in the home directory that somebody else may have written.
    pub(crate) doubted_at_home: Option<Doubted>,
    /// The personal file in the project. It may be part of a cloned repository. So it can lower the
    /// tier, and its other settings need approval, as those of the project's file do.
    pub(crate) personal_in_project: Option<ConfigFile<PersonalSettings>>,
    /// What is wrong with the directories of the environment.
    pub(crate) warnings: Vec<String>,
    /// A file that seems to be meant as a config, and is none.
    pub(crate) slip: Option<Slip>,
    /// A project file above the directories that are searched.
    pub(crate) above: Option<PathBuf>,
}

/// Settings that no other section has, so that they are recognised outside of theirs.
const SETTINGS: [&str; 3] = ["tier", "endpoint", "enabled"];

/// A file that is not believed. It can only lower the tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubted {
    pub(crate) tier: Option<Level>,
    /// What is wrong with it, and the cure.
    pub(crate) warning: String,
}

/// A file without an `otel` section that has something similar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slip {
    /// A section with a similar name.
    Misspelled { path: PathBuf, section: String },
    /// A setting outside of a section.
    Outside { path: PathBuf, setting: &'static str },
}

impl Files {
    /// The files that apply to the project in `cwd`.
    pub(crate) fn read(cwd: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let mut slip = None;
        let search_path = SearchPath::of(cwd);
        let project = first_of(search_path.candidates(PROJECT_FILE), &mut slip)?;
        let home = environment.home().map(|home| home.join(PERSONAL_FILE));
        let doubted_at_home = home.as_deref().and_then(doubted);
        let believed = home.iter().filter(|_| doubted_at_home.is_none()).cloned();
        let personal_at_home = first_of(believed, &mut slip)?;
        let of_home = home.and_then(|path| path.canonicalize().ok());
        let in_project = search_path
            .candidates(PERSONAL_FILE)
            .filter(|path| path.canonicalize().ok() != of_home || of_home.is_none());
        let personal_in_project = first_of(in_project, &mut slip)?;
        let is_missing = project.is_none() && slip.is_none();
        let above = is_missing.then(|| search_path.above(PROJECT_FILE)).flatten();
        Ok(Self {
            search_path,
            project,
            personal_at_home,
            doubted_at_home,
            personal_in_project,
            warnings: environment.warnings(),
            slip,
            above,
        })
    }

    /// Reads no variable for the strings of the files from now on.
    pub(crate) fn mask(&mut self) {
        if let Some(project) = &mut self.project {
            project.mask();
        }
        let personal = [&mut self.personal_at_home, &mut self.personal_in_project];
        personal.into_iter().flatten().for_each(ConfigFile::mask);
    }

    /// Refuses what no config file may contain, even if telemetry is off.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let Self { project, personal_at_home, personal_in_project, .. } = self;
        project.as_ref().map_or(Ok(()), ConfigFile::<ProjectSettings>::check)?;
        personal_at_home.as_ref().map_or(Ok(()), ConfigFile::<PersonalSettings>::check)?;
        personal_in_project.as_ref().map_or(Ok(()), ConfigFile::<PersonalSettings>::check)
    }

    /// What the user should know about files and directories that are not used.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        let doubted = self.doubted_at_home.iter().map(|doubted| &doubted.warning);
        self.warnings.iter().chain(doubted).cloned()
    }

    /// The directory that an approval is recorded for.
    pub(crate) fn directory(&self) -> &Path {
        let path = self.file_of_project();
        path.and_then(|path| path.parent()).unwrap_or(self.search_path.top())
    }

    /// The file that asks for approval.
    pub(crate) fn asking(&self) -> &Path {
        self.file_of_project().unwrap_or(self.search_path.top())
    }

    fn file_of_project(&self) -> Option<&Path> {
        let project = self.project.as_ref().map(|file| file.path.as_path());
        project.or_else(|| self.personal_in_project.as_ref().map(|file| file.path.as_path()))
    }
}

/// The file, if it exists and is not believed. An error in it does not matter: somebody else made it.
fn doubted(path: &Path) -> Option<Doubted> {
    let text = match read(path) {
        Ok(None) => return None,
        Ok(Some(text)) => text,
        Err(_) => String::new(),
    };
    let warning = doubt(path)?.error(path).to_string();
    let file = ConfigFile::<PersonalSettings>::parse(path.to_owned(), text).ok().flatten();
    Some(Doubted { tier: file.and_then(|file| file.otel.tier), warning })
}

/// The first of `paths` that exists, if it has an `otel` section.
fn first_of<T: for<'de> Deserialize<'de>>(
    paths: impl Iterator<Item = PathBuf>,
    slip: &mut Option<Slip>,
) -> Result<Option<ConfigFile<T>>, ConfigError> {
    for path in paths {
        if let Some(text) = read(&path)? {
            let keys = json::keys(&text);
            let file = ConfigFile::parse(path.clone(), text)?;
            if file.is_none() && slip.is_none() {
                *slip = slip_in(path, keys);
            }
            return Ok(file);
        }
    }
    Ok(None)
}

/// What a file without an `otel` section has instead. `keys` are those of the file.
fn slip_in(path: PathBuf, keys: Vec<String>) -> Option<Slip> {
    let setting = SETTINGS.into_iter().find(|setting| keys.iter().any(|key| key == setting));
    match keys.into_iter().find(|key| is_misspelling(key, "otel")) {
        Some(section) => Some(Slip::Misspelled { path, section }),
        None => setting.map(|setting| Slip::Outside { path, setting }),
    }
}
