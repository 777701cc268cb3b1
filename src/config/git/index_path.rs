//! Paths of an index, compared as the most tolerant file system compares names.

/// Whether the path of an index entry may name the file `wanted`. Both are relative to the root of the
/// repository, with slashes.
///
/// A name in git and a name on the disk can differ and mean the same file: in upper and lower case, in
/// invisible characters (HFS+), in dots and spaces at the end (Windows), and in the way in which letters
/// with accents are written. Such a file counts as tracked.
pub(crate) fn is_same(entry: &[u8], wanted: &str) -> bool {
    // Most paths are ASCII, and an index can have a million of them.
    if entry.is_ascii() && wanted.is_ascii() && !has_trimmed_name(entry) {
        return entry.eq_ignore_ascii_case(wanted.as_bytes());
    }
    let entry = String::from_utf8_lossy(entry);
    let (mut left, mut right) = (entry.split('/'), wanted.split('/').peekable());
    loop {
        let (Some(one), Some(other)) = (left.next(), right.next()) else {
            return left.next().is_none() && right.next().is_none();
        };
        let is_file = right.peek().is_none();
        if !is_same_name(&folded(one), &folded(other), is_file) {
            return false;
        }
        if is_file {
            return left.next().is_none();
        }
    }
}

/// Whether the file `wanted` is below the directory of a sparse index, whose files are not listed.
pub(crate) fn is_below(directory: &[u8], wanted: &str) -> bool {
    let directory = String::from_utf8_lossy(directory);
    let mut right = wanted.split('/');
    directory.trim_end_matches('/').split('/').all(|name| {
        right.next().is_some_and(|other| is_same_name(&folded(name), &folded(other), false))
    })
}

/// Whether a name in the path ends with a dot or a space.
fn has_trimmed_name(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(|name| name.ends_with(b".") || name.ends_with(b" "))
}

/// Directories whose names are not ASCII are not told apart: their letters can be written in many ways.
fn is_same_name(one: &str, other: &str, is_file: bool) -> bool {
    one == other || (!is_file && !one.is_ascii() && !other.is_ascii())
}

fn folded(name: &str) -> String {
    let visible = name.chars().filter(|c| !is_ignored(*c));
    let folded: String =
        visible.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    folded.trim_end_matches(['.', ' ']).to_owned()
}

/// Characters that HFS+ ignores in names.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_any_file_system_does() {
        for (entry, wanted, same) in [
            (".ccxray.user.json", ".ccxray.user.json", true),
            (".CCXRAY.User.json", ".ccxray.user.json", true),
            (".ccxray.\u{200c}user.json", ".ccxray.user.json", true),
            (".ccxray.u\u{17f}er.json", ".ccxray.user.json", true),
            (".ccxray.user.json. ", ".ccxray.user.json", true),
            ("a. /.ccxray.user.json", "a/.ccxray.user.json", true),
            (".ccxray.json", ".ccxray.user.json", false),
            ("\u{540d}.json", ".ccxray.user.json", false),
            ("a/.ccxray.user.json", ".ccxray.user.json", false),
            (".ccxray.user.json", "a/.ccxray.user.json", false),
            (".ccxray.user.json/x", ".ccxray.user.json", false),
            ("A/b/.ccxray.user.json", "a/B/.ccxray.user.json", true),
            ("\u{e9}/.ccxray.user.json", "e\u{301}/.ccxray.user.json", true),
            ("b/.ccxray.user.json", "e\u{301}/.ccxray.user.json", false),
        ] {
            assert_eq!(is_same(entry.as_bytes(), wanted), same, "{entry} {wanted}");
        }
        assert!(is_below(b"A/b/", "a/b/c"));
        assert!(!is_below(b"a/b/", "a/c/b") && !is_below(b"a/b/", "a"));
    }
}
