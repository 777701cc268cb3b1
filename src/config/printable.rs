//! Text that the user did not write, made safe to print on a terminal.

use std::path::Path;

/// `text` without characters that move the cursor, are invisible or change the reading direction.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// Text of a project within a sentence of ours: in quotes, unless it is one plain word. So the text
/// cannot look like a part of our sentence.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.:/${}@[]%*~+=".contains(c);
    let is_word = !text.is_empty() && text.chars().all(is_plain);
    if is_word { text.to_owned() } else { format!("{text:?}") }
}

/// A path as text that can be printed.
pub(crate) fn printable_path(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// A path as one argument of a shell command.
pub(crate) fn shell_argument(path: &Path) -> String {
    let text = printable_path(path);
    let is_plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn is_harmful(c: char) -> bool {
    let invisible = '\u{200b}'..='\u{200f}';
    let direction = ['\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];
    c.is_control()
        || invisible.contains(&c)
        || c == '\u{feff}'
        || direction.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_project_stays_one_word() {
        assert_eq!(quoted("https://otlp.example/${A}"), "https://otlp.example/${A}");
        assert_eq!(quoted("x. To approve: \"y\""), r#""x. To approve: \"y\"""#);
        assert_eq!(shell_argument(Path::new("/a/b-c")), "/a/b-c");
        assert_eq!(shell_argument(Path::new("/a; rm 'b'")), r"'/a; rm '\''b'\'''");
    }

    #[test]
    fn printable_text_cannot_move_the_cursor() {
        let text = "a\u{1b}[2Jb\nc\r\u{202e}d\u{200b}e 漢字 ü";
        assert_eq!(printable(text), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}\u{fffd}d\u{fffd}e 漢字 ü");
    }
}
