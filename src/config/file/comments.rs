//! The comments of a config file.

use std::borrow::Cow;
use std::ops::Range;

/// `//` to the end of the line, and `/* … */`, outside of strings. A comment without an end is none: the JSON parser
/// reports it.
/// Source: <https://jsonc.org>
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at, mut is_string) = (Vec::new(), 0, false);
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let end = match byte {
            b'\\' if is_string => at + 2,
            b'"' => {
                is_string = !is_string;
                at + 1
            }
            _ if is_string => at + 1,
            _ if rest.starts_with(b"//") => {
                let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                let end = length.map_or(bytes.len(), |length| at + length);
                found.push(at..end);
                end
            }
            _ if rest.starts_with(b"/*") => {
                let Some(length) = rest[2..].windows(2).position(|end| end == b"*/") else {
                    return found;
                };
                let end = at + length + 4;
                found.push(at..end);
                end
            }
            _ => at + 1,
        };
        at = end;
    }
    found
}

/// The text with spaces in place of its comments. Every offset and every line stays the same.
pub(crate) fn without_comments(text: &str) -> Cow<'_, str> {
    let comments = comments(text);
    if comments.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut blank, mut done) = (String::with_capacity(text.len()), 0);
    for Range { start, end } in comments {
        blank.push_str(&text[done..start]);
        let spaces = text.as_bytes()[start..end].iter().map(|byte| match byte {
            b'\n' | b'\r' => char::from(*byte),
            _ => ' ',
        });
        blank.extend(spaces);
        done = end;
    }
    blank.push_str(&text[done..]);
    Cow::Owned(blank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn comments_are_found_outside_of_strings() {
        for (text, without) in [
            ("{} // x", "{}     "),
            ("{// ü\n}", "{     \n}"),
            ("{/* a\nb */}", "{    \n    }"),
            ("[1/**/,2]", "[1    ,2]"),
            (r#"{"a":"https://b"}"#, r#"{"a":"https://b"}"#),
            (r#"{"a":"\"//"}//"#, r#"{"a":"\"//"}  "#),
            (r#"{"a\\":1}//"#, r#"{"a\\":1}  "#),
            ("{} /* x", "{} /* x"),
            ("{} /*/ x", "{} /*/ x"),
            ("// a\r\n{}", "    \r\n{}"),
            ("", ""),
        ] {
            assert_eq!(without_comments(text), without, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn offsets_and_lines_stay(text in "([/*\"\\\\\n ü{}a:]|//|/\\*|\\*/){0,40}") {
            let blank = without_comments(&text);
            prop_assert_eq!(blank.len(), text.len());
            for (at, byte) in text.bytes().enumerate() {
                let is_same = blank.as_bytes()[at] == byte;
                prop_assert!(is_same || (blank.as_bytes()[at] == b' ' && byte != b'\n'));
            }
            prop_assert!(comments(&blank).is_empty(), "{blank:?}");
        }

        #[test]
        fn a_comment_anywhere_between_values_changes_nothing(comment in "[a-z \"/{}]{0,20}", at in 0_usize..4) {
            let comment = format!("/*{comment}*/");
            let mut parts = vec!["{", "\"a\":", "1", "}"];
            parts.insert(at + 1, &comment);
            let text = parts.concat();
            let value: serde_json::Value = serde_json::from_str(&without_comments(&text)).unwrap();
            prop_assert_eq!(value, serde_json::json!({ "a": 1 }));
        }
    }
}
