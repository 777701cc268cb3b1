//! Whether git tracks a file: everyone who clones the repository gets it.
//!
//! Git itself is not asked. In a repository of a stranger, its config can name programs that git runs, and
//! a directory can pose as a repository.

use crate::config::git::index::{Listing, listing};
use crate::util::bounded_file::{self, Refusal};
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// A `.git` file has one line.
const MAX_LINK_BYTES: u64 = 1 << 13;

/// Whether git tracks a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tracking {
    /// No repository has it in its index.
    No,
    /// The index of a repository around it cannot be read, or is not understood.
    Unclear,
    /// A repository has it in its index.
    Yes,
}

/// Whether git tracks the file. If it is a link, what it leads to counts too.
pub(crate) fn tracking(file: &Path) -> Tracking {
    let target = file.canonicalize().ok();
    // The directory may be a link as well.
    let parent = file.parent().and_then(|directory| directory.canonicalize().ok());
    let place = parent.zip(file.file_name()).map(|(directory, name)| directory.join(name));
    let places = [place.as_deref(), target.as_deref()];
    places.into_iter().flatten().map(in_repositories).max().unwrap_or(Tracking::No)
}

/// Of the file at this place, in every repository around it. A directory called `.git` that git does not
/// accept would otherwise hide the repository that has the file.
fn in_repositories(file: &Path) -> Tracking {
    let roots = file.ancestors().skip(1).filter(|directory| directory.join(".git").exists());
    roots.map(|root| in_repository(root, file)).max().unwrap_or(Tracking::No)
}

fn in_repository(root: &Path, file: &Path) -> Tracking {
    let (Some(directory), Some(wanted)) = (git_directory(root), relative(root, file)) else {
        return Tracking::Unclear;
    };
    match bounded_file::open(&directory.join("index")) {
        Ok(index) => match listing(&mut BufReader::new(index), &wanted) {
            Listing::Listed => Tracking::Yes,
            Listing::NotListed => Tracking::No,
            Listing::Unclear => Tracking::Unclear,
        },
        // Nothing was ever added.
        Err(Refusal::Missing) => Tracking::No,
        Err(_) => Tracking::Unclear,
    }
}

/// The directory with the index: `.git`, or the one that the file `.git` of a worktree or of a submodule
/// names.
pub(crate) fn git_directory(root: &Path) -> Option<PathBuf> {
    let link = root.join(".git");
    if link.is_dir() {
        return Some(link);
    }
    let text = String::from_utf8(bounded_file::read(&link, MAX_LINK_BYTES).ok()?).ok()?;
    let named = text.strip_prefix("gitdir:")?.trim();
    let directory = root.join(named);
    (!named.is_empty() && directory.is_dir()).then_some(directory)
}

/// The path of a file from the root of its repository, as in an index.
fn relative(root: &Path, file: &Path) -> Option<String> {
    let names = file.strip_prefix(root).ok()?.iter();
    let names: Option<Vec<_>> = names.map(|name| name.to_str()).collect();
    names.map(|names| names.join("/"))
}
