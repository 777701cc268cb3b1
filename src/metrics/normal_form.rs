//! The form of a text in which the privacy gate looks for what must not be sent.

use unicode_normalization::UnicodeNormalization;

/// How often a text is normalised. Once is enough for nearly all texts.
const MAX_PASSES: usize = 4;

/// `text` without invisible characters, and with each character in its plain form (NFKC): a wide `＠`
/// becomes `@`. `None` for a text that has no such form, or that is written to look like another one.
pub(super) fn normal_form(text: &str) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Some(text.trim().to_owned());
    }
    if text.chars().any(is_disguise) {
        return None;
    }
    let mut text = text.to_owned();
    for _ in 0..MAX_PASSES {
        // Invisible characters first: they separate what belongs together.
        let normal: String = text.chars().filter(|c| !is_invisible(*c)).nfkc().collect();
        let normal = normal.trim().to_owned();
        if normal == text {
            return Some(text);
        }
        text = normal;
    }
    None
}

/// Characters that make a text look like another one: they turn its direction round, or are tags that
/// nobody sees.
fn is_disguise(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
}

/// Control and format characters: of no width, for the direction, tags, fillers and selectors of
/// variants.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguised_text_becomes_plain() {
        for (disguised, plain) in [
            ("mika\u{ff20}corp\u{ff0e}example", "mika@corp.example"),
            ("co\u{200b}rp\u{2060}\u{fe0f}\u{1}", "corp"),
            (" \u{1d41a}\u{fb01}\u{2460} ", "afi1"),
            ("e\u{301}", "\u{e9}"),
            ("plain name", "plain name"),
            ("a\u{200b}\u{301}", "\u{e1}"),
        ] {
            assert_eq!(normal_form(disguised).as_deref(), Some(plain), "{disguised:?}");
        }
        for turned in ["a\u{202e}b", "a\u{2066}b", "a\u{e0041}b"] {
            assert_eq!(normal_form(turned), None, "{turned:?}");
        }
    }
}
