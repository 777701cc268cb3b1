//! Where config files are searched.

use std::path::{Path, PathBuf};

/// The project's file. It belongs in git.
pub(crate) const PROJECT_FILE: &str = ".ccxray.json";
/// The user's own file. It does not belong in git.
pub(crate) const PERSONAL_FILE: &str = ".ccxray.user.json";

/// The directories of a project that are searched, from the working directory upwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchPath {
    cwd: PathBuf,
    /// The root of the git repository, worktree or submodule that contains `cwd`.
    root: Option<PathBuf>,
}

impl SearchPath {
    /// From the working directory. Symbolic links are followed, as git does: a link to a directory in a
    /// repository is part of that repository.
    pub(crate) fn of(cwd: &Path) -> Self {
        let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
        // In a worktree and in a submodule, this is a file.
        let root = cwd.ancestors().find(|directory| directory.join(".git").exists());
        Self { root: root.map(Path::to_owned), cwd }
    }

    /// Whether the project is in a git repository.
    pub(crate) fn is_in_git(&self) -> bool {
        self.root.is_some()
    }

    /// The root of the repository; outside of one, the working directory.
    pub(crate) fn top(&self) -> &Path {
        self.root.as_deref().unwrap_or(&self.cwd)
    }

    /// A file called `name` in a directory above those that are searched.
    pub(crate) fn above(&self, name: &str) -> Option<PathBuf> {
        let directories = self.top().ancestors().skip(1);
        directories.map(|directory| directory.join(name)).find(|path| path.is_file())
    }

    /// Where the file called `name` may be. The first that exists is used.
    pub(crate) fn candidates<'a>(&'a self, name: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
        self.directories().map(move |directory| directory.join(name))
    }

    /// From the working directory up to the root of the repository; outside of one, only the working
    /// directory.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        self.cwd.ancestors().take_while(|directory| directory.starts_with(self.top()))
    }
}
