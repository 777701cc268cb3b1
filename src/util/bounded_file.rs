//! Reading files that a stranger may have made: never more than a limit, and never waiting.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no file of this name.
    Missing,
    /// It is a directory, a pipe, a device or a socket.
    NotAFile,
    /// It has more bytes than the limit.
    TooLarge,
    /// The system does not read it.
    Failed(ErrorKind),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Missing,
            kind => Self::Failed(kind),
        }
    }
}

/// Opens a regular file without waiting for anything.
///
/// A pipe waits for its writer when it is opened, and the opening of a device can have effects. So the
/// type is checked before, and again after: the file may have been replaced in between.
///
/// # Errors
/// The reason why it is not opened.
pub fn open(path: &Path) -> Result<File, Refusal> {
    if !fs::metadata(path)?.is_file() {
        return Err(Refusal::NotAFile);
    }
    let file = without_waiting(OpenOptions::new().read(true)).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(Refusal::NotAFile) }
}

/// The bytes of a regular file.
///
/// The limit holds while reading: a file of a virtual file system can say that it has no bytes, and have
/// no end.
///
/// # Errors
/// The reason why it is not read.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    // Some files of the system can be read in whole words only.
    open(path)?.take(limit.saturating_add(8)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(Refusal::TooLarge) } else { Ok(bytes) }
}

/// Opening does not wait, and does not make a terminal the one of this process.
fn without_waiting(options: &mut OpenOptions) -> &OpenOptions {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_regular_files_up_to_the_limit_are_read() {
        let directory = std::env::temp_dir().join(format!("ccxray-bounded-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let file = directory.join("file");
        fs::write(&file, "12345").unwrap();
        let pipe = directory.join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let link = directory.join("link");
        symlink("/dev/zero", &link).unwrap();
        assert_eq!(read(&file, 5).unwrap(), b"12345");
        for (path, refusal) in [
            (file.clone(), Refusal::TooLarge),
            (directory.join("none"), Refusal::Missing),
            (file.join("below"), Refusal::Missing),
            (directory.clone(), Refusal::NotAFile),
            (pipe, Refusal::NotAFile),
            (link, Refusal::NotAFile),
        ] {
            assert_eq!(read(&path, 4), Err(refusal), "{}", path.display());
        }
        fs::remove_dir_all(&directory).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_says_it_is_empty_is_not_read_further_than_the_limit() {
        let endless = Path::new("/proc/self/pagemap");
        assert_eq!(fs::metadata(endless).unwrap().len(), 0);
        assert_eq!(read(endless, 1 << 16), Err(Refusal::TooLarge));
    }
}
