//! Where config files are looked for.

use std::path::{Path, PathBuf};

/// The project's file, meant to be in git.
pub(crate) const PROJECT_FILE: &str = ".ccxray.json";
/// The engineer's own file, never in git.
pub(crate) const PERSONAL_FILE: &str = ".ccxray.user.json";

/// The directories that belong to a project, from the one that somebody works in upwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    cwd: PathBuf,
    /// The root of the git repository, worktree or submodule that `cwd` is in.
    root: Option<PathBuf>,
}

impl Place {
    /// Of the project that somebody works on in `cwd`. Symbolic links are followed, as git does: a
    /// link to a directory within a repository is in that repository.
    pub(crate) fn of(cwd: &Path) -> Self {
        let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
        // A worktree and a submodule have a file of this name.
        let root = cwd.ancestors().find(|directory| directory.join(".git").exists());
        Self { root: root.map(Path::to_owned), cwd }
    }

    /// Whether git may know the project's files.
    pub(crate) fn is_in_git(&self) -> bool {
        self.root.is_some()
    }

    /// The root of the repository; outside of one the directory itself.
    pub(crate) fn top(&self) -> &Path {
        self.root.as_deref().unwrap_or(&self.cwd)
    }

    /// Where the file called `name` may be, the first to be taken.
    pub(crate) fn candidates<'a>(&'a self, name: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
        self.directories().map(move |directory| directory.join(name))
    }

    /// From the directory itself upwards. Nothing above the repository, and outside of one only the
    /// directory itself.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        self.cwd.ancestors().take_while(|directory| directory.starts_with(self.top()))
    }
}
