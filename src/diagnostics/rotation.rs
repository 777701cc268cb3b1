//! Rotation: `name` becomes `name.1`, `name.1` becomes `name.2`, and the oldest file is replaced.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Rotates `path` and keeps `keep` older files. Nothing is kept if `keep` is zero.
///
/// # Errors
/// If a file cannot be renamed or removed. The remaining files are not rotated.
pub(super) fn rotate(path: &Path, keep: u64) -> io::Result<()> {
    if keep == 0 {
        return unless_missing(fs::remove_file(path));
    }
    (0..keep).rev().try_for_each(|number| {
        unless_missing(fs::rename(numbered(path, number), numbered(path, number + 1)))
    })
}

/// The `number`-th older file of `path`; zero is `path` itself.
pub(super) fn numbered(path: &Path, number: u64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    if number > 0 {
        name.push(format!(".{number}"));
    }
    PathBuf::from(name)
}

fn unless_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_keeps_the_given_number_of_older_files() {
        for keep in [0, 1, 3] {
            let directory =
                std::env::temp_dir().join(format!("ccxray-rotation-{keep}-{}", std::process::id()));
            fs::create_dir_all(&directory).unwrap();
            let path = directory.join("x.log");
            for number in 0..5 {
                fs::write(&path, number.to_string()).unwrap();
                rotate(&path, keep).unwrap();
            }
            let kept: Vec<_> =
                (1..=5).map_while(|it| fs::read_to_string(numbered(&path, it)).ok()).collect();
            let newest_first = ["4", "3", "2"];
            let expected = &newest_first[..usize::try_from(keep).unwrap()];
            assert_eq!(kept, expected, "{keep}");
            fs::remove_dir_all(&directory).unwrap();
        }
    }
}
