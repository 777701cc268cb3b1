//! Whether git ignores a file because of a line with its name.

use crate::config::git::tracking::git_directory;
use crate::util::bounded_file;
use std::path::{Path, PathBuf};

const MAX_BYTES: u64 = 256 << 10;

/// Whether a `.gitignore` from `root` down to the directory of `file`, or the exclude file of the
/// repository, has a line with the name of `file`. A pattern of files that are not ignored may mean every
/// file; other patterns are not looked at.
pub(crate) fn is_ignored(root: &Path, file: &Path) -> bool {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else { return false };
    let directories = file.ancestors().skip(1).take_while(|directory| directory.starts_with(root));
    let ignore_files = directories.map(|directory| (directory.join(".gitignore"), directory));
    let exclude = git_directory(root).map(|directory| (directory.join("info/exclude"), root));
    let decision = |(path, directory): (PathBuf, &Path)| {
        let text = String::from_utf8(bounded_file::read(&path, MAX_BYTES).ok()?).ok()?;
        decision(&text, name, file.parent() == Some(directory))
    };
    ignore_files.chain(exclude).find_map(decision).unwrap_or(false)
}

/// What the last line with this name says; `None` if there is none. A line that starts with `/` is about
/// one directory only: `is_here` says whether the file is in it.
fn decision(text: &str, name: &str, is_here: bool) -> Option<bool> {
    text.lines().rev().find_map(|line| {
        let line = line.trim_end();
        let (pattern, is_ignored) = line.strip_prefix('!').map_or((line, true), |it| (it, false));
        let pattern = pattern.strip_prefix("**/").unwrap_or(pattern);
        let may_mean_any = !is_ignored && pattern.contains(['*', '?', '[', '\\']);
        let is_match =
            pattern == name || (is_here && pattern.strip_prefix('/') == Some(name)) || may_mean_any;
        is_match.then_some(is_ignored)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_with_the_name_decides() {
        for (text, expected) in [
            ("", None),
            ("dist\n.env\n", None),
            ("a\r\nb\r\n", Some(true)),
            ("**/b", Some(true)),
            ("b\n!b\n", Some(false)),
            ("!b\nb \n", Some(true)),
            ("b/c\n#b\n", None),
            ("b\n!.*\n", Some(false)),
            ("b\n!a\n", Some(true)),
            ("!*\nb\n", Some(true)),
            ("*\n", None),
        ] {
            assert_eq!(decision(text, "b", true), expected, "{text:?}");
        }
        assert_eq!((decision("/b", "b", true), decision("/b", "b", false)), (Some(true), None));
    }
}
