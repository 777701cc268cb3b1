//! Whether only the user can decide what a file contains, as ssh checks it for its keys.

use std::path::Path;

/// Why somebody else may decide what a file contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// This file or directory belongs to another user, who is not root.
    Owner(std::path::PathBuf),
    /// Other users can write to this file or directory.
    Writable(std::path::PathBuf),
    /// The path has too many links, or cannot be looked at.
    Unclear,
}

/// Who can decide what a file contains, besides the user and root: the file itself, each directory up to
/// the root, and the same for each symbolic link on the way. `None` if nobody can.
///
/// Other systems than Unix have no modes; there it is always `None`.
pub fn weakness(path: &Path) -> Option<Weakness> {
    #[cfg(unix)]
    return unix::weakness(path, rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

#[cfg(unix)]
mod unix {
    use super::Weakness;
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::path::{Component, Path, PathBuf};

    /// As many links as the system follows.
    const MAX_LINKS: usize = 40;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;

    /// What is known of one file, directory or link on the way.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct Step {
        pub(super) owner: u32,
        pub(super) mode: u32,
        /// The permissions of a link mean nothing: the directory decides who replaces it.
        pub(super) is_link: bool,
        pub(super) is_directory: bool,
    }

    /// What is wrong with one step.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Flaw {
        Owner,
        Writable,
    }

    /// Whether somebody besides `user` and root decides about a step.
    ///
    /// Everyone may write to a sticky directory such as `/tmp`, but only the owner of an entry can
    /// replace the entry. So its entries are checked, and the directory itself is acceptable.
    pub(super) fn flaw(step: Step, user: u32) -> Option<Flaw> {
        let Step { owner, mode, is_link, is_directory } = step;
        if owner != user && owner != 0 {
            return Some(Flaw::Owner);
        }
        let is_sticky = is_directory && mode & STICKY != 0;
        let is_writable = mode & WRITABLE_BY_OTHERS != 0 && !is_link && !is_sticky;
        is_writable.then_some(Flaw::Writable)
    }

    pub(super) fn weakness(path: &Path, user: u32) -> Option<Weakness> {
        let mut rest = names(path);
        let mut at = PathBuf::from("/");
        let mut links = 0;
        loop {
            let Ok(metadata) = fs::symlink_metadata(&at) else { return Some(Weakness::Unclear) };
            let step = Step {
                owner: metadata.uid(),
                mode: metadata.mode(),
                is_link: metadata.is_symlink(),
                is_directory: metadata.is_dir(),
            };
            match flaw(step, user) {
                Some(Flaw::Owner) => return Some(Weakness::Owner(at)),
                Some(Flaw::Writable) => return Some(Weakness::Writable(at)),
                None => {}
            }
            if step.is_link {
                links += 1;
                let Ok(target) = fs::read_link(&at) else { return Some(Weakness::Unclear) };
                if links > MAX_LINKS {
                    return Some(Weakness::Unclear);
                }
                at.pop();
                if target.is_absolute() {
                    at = PathBuf::from("/");
                }
                rest.extend(names(&target));
            }
            loop {
                let name = rest.pop()?;
                if name != ".." {
                    at.push(name);
                    break;
                }
                at.pop();
            }
        }
    }

    /// The names of a path, the last one first.
    fn names(path: &Path) -> Vec<OsString> {
        let names = path.components().filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        });
        let mut names: Vec<_> = names.collect();
        names.reverse();
        names
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::unix::{Flaw, Step, flaw, weakness};
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn only_the_user_and_root_may_decide() {
        let file = |owner, mode| Step { owner, mode, is_link: false, is_directory: false };
        let directory = |owner, mode| Step { is_directory: true, ..file(owner, mode) };
        let link = |owner| Step { is_link: true, ..file(owner, 0o777) };
        for (step, expected) in [
            (file(1000, 0o600), None),
            (file(1000, 0o644), None),
            (file(0, 0o644), None),
            (file(1000, 0o664), Some(Flaw::Writable)),
            (file(1000, 0o646), Some(Flaw::Writable)),
            (file(0, 0o666), Some(Flaw::Writable)),
            (file(1001, 0o600), Some(Flaw::Owner)),
            (file(65534, 0o644), Some(Flaw::Owner)),
            (file(1000, 0o1666), Some(Flaw::Writable)),
            (directory(0, 0o755), None),
            (directory(1000, 0o775), Some(Flaw::Writable)),
            (directory(0, 0o1777), None),
            (directory(1001, 0o1777), Some(Flaw::Owner)),
            (directory(0, 0o777), Some(Flaw::Writable)),
            (link(1000), None),
            (link(1001), Some(Flaw::Owner)),
        ] {
            assert_eq!(flaw(step, 1000), expected, "{step:?}");
        }
        assert_eq!(flaw(file(1000, 0o600), 0), Some(Flaw::Owner), "root checks it too");
    }

    #[test]
    fn every_directory_and_link_on_the_way_is_checked() {
        let name = format!("ccxray-ownership-{}", std::process::id());
        let root = std::env::temp_dir().canonicalize().unwrap().join(name);
        for directory in ["own/deep", "open"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        let mode = |path: &str, mode| {
            fs::set_permissions(root.join(path), PermissionsExt::from_mode(mode)).unwrap();
        };
        for (file, target) in [("own/in", "../open/file"), ("open/out", "../own/deep/file")] {
            symlink(target, root.join(file)).unwrap();
        }
        symlink("loop", root.join("own/loop")).unwrap();
        symlink(root.join("own/deep"), root.join("own/absolute")).unwrap();
        for file in ["own/deep/file", "open/file"] {
            fs::write(root.join(file), "").unwrap();
            mode(file, 0o600);
        }
        for directory in ["", "own", "own/deep"] {
            mode(directory, 0o755);
        }
        mode("open", 0o777);
        let user = fs::metadata(&root).map(|it| std::os::unix::fs::MetadataExt::uid(&it)).unwrap();
        let open = || Some(Weakness::Writable(root.join("open")));
        for (path, expected) in [
            ("own/deep/file", None),
            ("own/absolute/file", None),
            ("own/deep/../deep/file", None),
            ("open/file", open()),
            ("own/in", open()),
            ("open/out", open()),
            ("open/../own/deep/file", open()),
            ("own/loop", Some(Weakness::Unclear)),
            ("own/missing", Some(Weakness::Unclear)),
        ] {
            assert_eq!(weakness(&root.join(path), user), expected, "{path}");
        }
        mode("own", 0o775);
        let own = Some(Weakness::Writable(root.join("own")));
        assert_eq!(weakness(&root.join("own/deep/file"), user), own);
        fs::remove_dir_all(&root).unwrap();
    }
}
