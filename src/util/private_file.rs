//! Files of the user: replaced in one step, and readable only by the user if they are private.

use crate::util::ownership::{self, Weakness};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Who may read a new file. A file that exists keeps its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Only the user.
    Owner,
    /// As the system sets it for new files.
    Everyone,
}

/// What a file must survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A power failure.
    Power,
    /// A power failure, in a directory where only this package writes.
    PowerAmongOwn,
    /// The end of this process.
    Process,
}

/// Replaces the file by one with this content, in one step.
///
/// The draft is always a new file: a link with its name may be part of a cloned project, and is not
/// followed. A file that must survive a power failure may be in a project, so nobody can guess the name of
/// its draft. Other files are in a directory of the user's and are written often: their draft always has
/// the same name, so that processes that are killed leave at most one, which the next write removes.
///
/// # Errors
/// Any error of the system. The file is unchanged then.
pub fn replace(
    path: &Path,
    content: impl AsRef<[u8]>,
    readers: Readers,
    durability: Durability,
) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(match durability {
        Durability::Power => format!(".{:016x}.new", random()?),
        Durability::Process | Durability::PowerAmongOwn => ".new".to_owned(),
    });
    let draft = target.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if readers == Readers::Owner {
        private(&mut options);
    }
    if durability != Durability::Power {
        // Usually there is none. If it cannot be removed, opening the new draft fails.
        let _ = fs::remove_file(&draft);
    }
    let written = options
        .open(&draft)
        .and_then(|mut file| {
            if let Ok(old) = fs::metadata(&target) {
                file.set_permissions(old.permissions())?;
            }
            file.write_all(content.as_ref())?;
            if durability == Durability::Process { Ok(()) } else { file.sync_all() }
        })
        .and_then(|()| fs::rename(&draft, &target));
    if written.is_err() {
        // The error is already known; a draft that stays is harmless.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn random() -> io::Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| io::Error::other("no random number"))?;
    Ok(u64::from_ne_bytes(bytes))
}

/// Appends `text` in one write, so that two processes do not mix their lines. A link is not followed. It
/// waits as long as the disk does.
///
/// # Errors
/// Any error of the system.
pub fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    without_links(options.append(true).create(true), false);
    let mut file = private(&mut options).open(path)?;
    keep_private(&file)?;
    file.write_all(text.as_bytes())
}

/// Adds one byte to the end of a file that exists, and waits until the disk has it.
///
/// # Errors
/// Any error of the system.
pub fn append_byte(path: &Path, byte: u8) -> io::Result<()> {
    let mut options = OpenOptions::new();
    without_links(options.append(true), true);
    let mut file = options.open(path)?;
    file.write_all(&[byte])?;
    file.sync_data()
}

/// Makes an existing file private.
///
/// # Errors
/// Any error of the system.
pub fn restrict_to_owner(path: &Path) -> io::Result<()> {
    keep_private(&File::open(path)?)
}

/// Creates a private directory, if it does not exist.
///
/// # Errors
/// Any error of the system; `PermissionDenied` if another user decides what the directory is.
pub fn directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    if is_of_another_user(path) { Err(ErrorKind::PermissionDenied.into()) } else { Ok(()) }
}

/// Whether another user owns the directory, one above it or a link on the way. He could put links into
/// it that lead to the user's own files.
pub fn is_of_another_user(directory: &Path) -> bool {
    matches!(ownership::weakness(directory), Some(Weakness::Owner(_)))
}

/// Opens a lock file: processes that write the file beside it lock this one first.
///
/// # Errors
/// Any error of the system.
pub fn lock_file(path: &Path) -> io::Result<File> {
    open_own(OpenOptions::new().write(true).create(true).truncate(false), path)
}

/// Opens a file that this package has written, or a new one. A link is not followed, and a pipe is not
/// waited for: neither is a file of ours.
fn open_own(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    without_links(options, true);
    let file = private(options).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(ErrorKind::InvalidInput.into()) }
}

/// Opens no link; with `at_once`, it does not wait for the other end of a pipe.
fn without_links(options: &mut OpenOptions, at_once: bool) {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY;
        let flags = if at_once { flags | OFlags::NONBLOCK } else { flags };
        options.custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = (options, at_once);
}

/// Removes all permissions of other users.
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

/// With permissions for the user only, on systems that have them.
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
    fn a_link_instead_of_the_draft_is_not_followed() {
        let name = format!("ccxray-draft-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        let (file, draft, foreign) =
            (directory.join("a"), directory.join("a.new"), directory.join("foreign"));
        fs::write(&foreign, "theirs").unwrap();
        std::os::unix::fs::symlink(&foreign, &draft).unwrap();
        for (durability, is_left) in [(Durability::Power, true), (Durability::Process, false)] {
            let text = format!("{durability:?}");
            replace(&file, &text, Readers::Owner, durability).unwrap();
            assert_eq!(fs::read_to_string(&foreign).unwrap(), "theirs");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            assert_eq!((file.is_symlink(), draft.is_symlink()), (false, is_left));
        }
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2, "no draft is left");
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_link_or_a_pipe_is_no_file_of_ours() {
        let name = format!("ccxray-own-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        let (link, foreign, pipe) =
            (directory.join("link"), directory.join("foreign"), directory.join("pipe"));
        fs::write(&foreign, "theirs").unwrap();
        std::os::unix::fs::symlink(&foreign, &link).unwrap();
        assert!(append(&link, "ours").is_err() && lock_file(&link).is_err());
        assert_eq!(fs::read_to_string(&foreign).unwrap(), "theirs");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(lock_file(&pipe).is_err(), "a lock is not waited for");
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn appending_makes_a_file_private() {
        let path = std::env::temp_dir().join(format!("ccxray-private-{}", std::process::id()));
        fs::write(&path, "a\n").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
        append(&path, "b\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\n");
        fs::remove_file(&path).unwrap();
    }
}
