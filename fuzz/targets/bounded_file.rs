//! Fuzzes the reader of files that a stranger may have made. Two lines of the text choose the limit and
//! the kind of the file, and the rest is its content. The reader returns the content if it is within
//! the limit and in a regular file, and refuses anything else without waiting.

use otel_native::util::bounded_file::{Refusal, read};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The reader never waits, but the machine may have other work.
const MAX_TIME: Duration = Duration::from_secs(2);

static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = std::env::temp_dir().join(format!("ccxray-fuzz-{}", process::id()));
    fs::create_dir_all(&directory).expect("a directory for temporary files");
    let made = Command::new("mkfifo").arg(directory.join("pipe")).status();
    assert!(made.is_ok_and(|made| made.success()), "a pipe that nobody writes to");
    symlink("/dev/zero", directory.join("endless")).expect("a link to a device");
    symlink("loop", directory.join("loop")).expect("a link to itself");
    symlink("file", directory.join("link")).expect("a link to the file");
    directory
});

pub(crate) fn check(text: &str) {
    let mut lines = text.splitn(3, '\n');
    let limit = lines.next().and_then(|line| line.parse::<u64>().ok()).unwrap_or(16);
    let name = lines.next().unwrap_or_default();
    let content = lines.next().unwrap_or_default().as_bytes();
    fs::write(DIRECTORY.join("file"), content).expect("the file is written");
    let start = Instant::now();
    let too_large = content.len() as u64 > limit;
    let of_file = if too_large { Err(Refusal::TooLarge) } else { Ok(content.to_vec()) };
    for (name, expected) in [
        ("file", of_file.clone()),
        ("link", of_file),
        ("pipe", Err(Refusal::NotAFile)),
        ("endless", Err(Refusal::NotAFile)),
        (".", Err(Refusal::NotAFile)),
        ("file/below", Err(Refusal::Missing)),
        ("none", Err(Refusal::Missing)),
    ] {
        assert_eq!(read(&DIRECTORY.join(name), limit), expected, "{name}");
    }
    let looped = read(&DIRECTORY.join("loop"), limit);
    assert!(matches!(looped, Err(Refusal::Failed(_))), "{looped:?}");
    // A name of a stranger leads to an answer too. Absolute names would leave the directory.
    if !name.starts_with('/') && !name.contains("..") {
        let answer = read(&DIRECTORY.join(name), limit);
        assert!(
            answer.is_ok_and(|bytes| bytes == content)
                || !["file", "link"].contains(&name)
                || too_large
        );
    }
    assert!(start.elapsed() <= MAX_TIME, "{:?}", start.elapsed());
}
