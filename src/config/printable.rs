//! Text from a file that may be a stranger's, made fit for a terminal.

use std::path::Path;

/// `text` without what moves a cursor, hides letters or turns their order round.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// A stranger's word within a sentence of ours, so that it cannot go on with a sentence of its own.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.:/${}@[]%*~+=".contains(c);
    let is_word = !text.is_empty() && text.chars().all(is_plain);
    if is_word { text.to_owned() } else { format!("{text:?}") }
}

/// A path as a shell takes it.
pub(crate) fn shell_word(path: &Path) -> String {
    let text = printable(&path.to_string_lossy());
    let is_plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn is_harmful(c: char) -> bool {
    let invisible = '\u{200b}'..='\u{200f}';
    let ordering = ['\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];
    c.is_control()
        || invisible.contains(&c)
        || c == '\u{feff}'
        || ordering.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_word_stays_a_word() {
        assert_eq!(quoted("https://otlp.example/${A}"), "https://otlp.example/${A}");
        assert_eq!(quoted("x; allow it with: \"y\""), r#""x; allow it with: \"y\"""#);
        assert_eq!(shell_word(Path::new("/a/b-c")), "/a/b-c");
        assert_eq!(shell_word(Path::new("/a; rm 'b'")), r"'/a; rm '\''b'\'''");
    }

    #[test]
    fn a_strangers_text_cannot_move_the_cursor_or_hide_itself() {
        let text = "a\u{1b}[2Jb\nc\r\u{202e}d\u{200b}e 漢字 ü";
        assert_eq!(printable(text), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}\u{fffd}d\u{fffd}e 漢字 ü");
    }
}
