//! Text from a file that may be a stranger's, made fit for a terminal.

/// `text` without what moves a cursor, hides letters or turns their order round.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_harmful(c) { '\u{fffd}' } else { c }).collect()
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
    fn a_strangers_text_cannot_move_the_cursor_or_hide_itself() {
        let text = "a\u{1b}[2Jb\nc\r\u{202e}d\u{200b}e 漢字 ü";
        assert_eq!(printable(text), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}\u{fffd}d\u{fffd}e 漢字 ü");
    }
}
