//! Whether a file can be the user's own: nobody else can have written it.

use crate::config::error::ConfigError;
use crate::config::git::tracking::{Tracking, tracking};
use crate::config::printable::shell_argument;
use crate::util::ownership::{self, Weakness};
use std::path::{Path, PathBuf};

/// Why a file is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Another user may have written it.
    Weak(Weakness),
    /// It is in git, so it may have come with a repository.
    Tracked,
    /// It is in a repository whose index is not understood.
    Unclear,
}

/// Why a file that exists is not believed; `None` if only the user can have written it.
pub(crate) fn doubt(file: &Path) -> Option<Doubt> {
    if let Some(weakness) = ownership::weakness(file) {
        return Some(Doubt::Weak(weakness));
    }
    match tracking(file) {
        Tracking::No => None,
        Tracking::Yes => Some(Doubt::Tracked),
        Tracking::Unclear => Some(Doubt::Unclear),
    }
}

impl Doubt {
    /// As an error about the file.
    pub(crate) fn error(&self, file: &Path) -> ConfigError {
        let git = "Keep it outside of the repository";
        let (problem, cure) = match self {
            Self::Weak(Weakness::Owner(at)) => {
                let cure = owner_cure(at, file);
                ("Another user can change this file.", cure)
            }
            Self::Weak(Weakness::Writable(at)) => {
                let cure = format!("Run chmod go-w {}, and check its content.", shell_argument(at));
                ("Other users can write to this file.", cure)
            }
            Self::Weak(Weakness::Unclear) => {
                let cure = "Replace the links on the way to it.".to_owned();
                ("It is unclear who can change this file.", cure)
            }
            Self::Tracked => {
                let name = PathBuf::from(file.file_name().unwrap_or_default());
                let name = shell_argument(&name);
                let cure = format!("{git}, or take it out of git: git rm --cached {name}");
                ("This file is in git, so it may be another person's.", cure)
            }
            Self::Unclear => ("It is unclear whether this file is in git.", format!("{git}.")),
        };
        ConfigError::of_file(file, "", &format!("{problem} It is not used."), &cure)
    }
}

fn owner_cure(at: &Path, file: &Path) -> String {
    if at == file {
        return "Replace it by a file of your own.".to_owned();
    }
    let at = shell_argument(at);
    format!("{at} belongs to another user: set HOME or CCXRAY_HOME to a directory of your own.")
}
