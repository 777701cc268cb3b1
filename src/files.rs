//! Files of the engineer's: whole or not at all, and theirs alone where they say so.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Who may read a file that is new. One that is there keeps its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Nobody else.
    Engineer,
    /// Whoever the system lets read a file usually.
    Everyone,
}

/// What a file has to outlive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A loss of power.
    Power,
    /// This process.
    Process,
}

/// Puts `text` in the place of the file, in one step.
///
/// The draft has one known name, which no library gives: of a process that was killed at most one draft
/// is left, and the next write or the sweep of status files takes it away. A link in the place of the
/// draft may have come along with a project, so it is removed and not followed.
///
/// # Errors
/// Whatever the system says. The file is as it was then.
pub fn replace(
    path: &Path,
    text: &str,
    readers: Readers,
    durability: Durability,
) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let draft = target.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if readers == Readers::Engineer {
        private(&mut options);
    }
    // Most often there is none. What cannot be removed cannot be replaced either, and is told then.
    let _ = fs::remove_file(&draft);
    let written = options
        .open(&draft)
        .and_then(|mut file| {
            if let Ok(old) = fs::metadata(&target) {
                file.set_permissions(old.permissions())?;
            }
            file.write_all(text.as_bytes())?;
            if durability == Durability::Power { file.sync_all() } else { Ok(()) }
        })
        .and_then(|()| fs::rename(&draft, &target));
    if written.is_err() {
        // What is left of it would only be in the way.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Adds `text` to the end of the file, in one write, so that two processes do not mix their lines.
///
/// # Errors
/// Whatever the system says.
pub fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private(OpenOptions::new().append(true).create(true)).open(path)?;
    keep_private(&file)?;
    file.write_all(text.as_bytes())
}

/// Takes the file away from others who may read or write it.
///
/// # Errors
/// Whatever the system says.
pub fn keep_from_others(path: &Path) -> io::Result<()> {
    keep_private(&File::open(path)?)
}

/// Makes a directory that is the engineer's alone, if it is not there.
///
/// # Errors
/// Whatever the system says.
pub fn directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens the file that writers of its neighbour take turns by.
///
/// # Errors
/// Whatever the system says.
pub fn turnstile(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create(true).truncate(false)).open(path)
}

/// Whether somebody else may write to the file, or put another one in its place.
pub fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    let open = {
        let mode = |path: &Path| {
            let permissions = fs::metadata(path).map(|metadata| metadata.permissions());
            permissions.map_or(0, |it| std::os::unix::fs::PermissionsExt::mode(&it))
        };
        mode(path) & 0o022 != 0 || path.parent().is_some_and(|parent| mode(parent) & 0o022 != 0)
    };
    #[cfg(not(unix))]
    let open = {
        let _ = path;
        false
    };
    open
}

/// Takes the file away from others who may read or write it, whoever has let them.
fn keep_private(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let permissions = file.metadata()?.permissions();
        if permissions.mode() & 0o077 != 0 {
            file.set_permissions(PermissionsExt::from_mode(0o600))?;
        }
    }
    let _ = file;
    Ok(())
}

/// The engineer's alone, where the system knows such a thing.
fn private(options: &mut OpenOptions) -> &OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_link_in_the_place_of_the_draft_is_not_followed() {
        let name = format!("ccxray-draft-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        let (file, draft, foreign) =
            (directory.join("a"), directory.join("a.new"), directory.join("foreign"));
        fs::write(&foreign, "theirs").unwrap();
        std::os::unix::fs::symlink(&foreign, &draft).unwrap();
        replace(&file, "ours", Readers::Engineer, Durability::Power).unwrap();
        assert_eq!(fs::read_to_string(&foreign).unwrap(), "theirs");
        assert_eq!(fs::read_to_string(&file).unwrap(), "ours");
        assert!(!file.is_symlink() && !draft.is_symlink());
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn what_others_could_read_they_cannot_after_something_was_added() {
        let path = std::env::temp_dir().join(format!("ccxray-private-{}", std::process::id()));
        fs::write(&path, "a\n").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
        append(&path, "b\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\n");
        fs::remove_file(&path).unwrap();
    }
}
