//! The JSON of a config file: its values and their positions.

use crate::config::file::comments::without_comments;
use crate::config::file::measure::measure;
use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::borrow::Cow;

/// JSON without the additions of JSONC and JSON5.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The same with comments, for changes that keep them.
pub(crate) const WITH_COMMENTS: ParseOptions = ParseOptions { allow_comments: true, ..STRICT };

/// Line and column, both from 1.
pub(crate) type Position = (usize, usize);

/// Why a text is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It stops being JSON here.
    NotJson(Position),
    /// It has more keys or levels than any config; the limit is exceeded here.
    TooMuch(Position),
}

impl Unusable {
    /// The problem and the cure, as sentences, and where the problem is.
    pub(crate) fn explained(self) -> (Position, &'static str, &'static str) {
        match self {
            Self::NotJson(at) => (at, "This is not valid JSON.", "Correct it here."),
            Self::TooMuch(at) => {
                let problem = "This file has more than 2000 keys, or more than 32 levels.";
                (at, problem, "Remove what is not a setting.")
            }
        }
    }
}

/// The syntax tree of `text`; otherwise why it has none.
///
/// The parser of the tree accepts control characters in strings, and the host does not. So a stricter
/// parser decides what is JSON. It also counts, before a tree is made.
pub(crate) fn parse(text: &str) -> Result<Value<'_>, Unusable> {
    measure(text).map_err(|error| {
        let at = (error.line(), error.column());
        if error.is_data() { Unusable::TooMuch(at) } else { Unusable::NotJson(at) }
    })?;
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT)
        .map_err(|error| Unusable::NotJson((error.line_display(), error.column_display())))?;
    parsed.value.ok_or(Unusable::NotJson((1, 1)))
}

/// The JSON in a file's text: without the byte order mark that editors on Windows write, and with spaces in place
/// of comments. An offset in it is an offset in the text without the mark.
pub(crate) fn of_file(text: &str) -> Cow<'_, str> {
    without_comments(without_mark(text))
}

/// The text without the byte order mark that editors on Windows write at its beginning.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The keys of the object that `text` is; none if it is something else.
pub(crate) fn keys(text: &str) -> Vec<String> {
    let text = of_file(text);
    let root = parse(&text).ok();
    let object = root.as_ref().and_then(object);
    let fields = object.into_iter().flat_map(|object| &object.properties);
    fields.map(|field| field.name.as_str().to_owned()).collect()
}

/// The fields of a value; `None` if it is not an object.
pub(crate) const fn object<'a, 'b>(value: &'b Value<'a>) -> Option<&'b Object<'a>> {
    if let Value::Object(object) = value { Some(object) } else { None }
}

/// The value at `path`; if there is none, the innermost value around it.
pub(crate) fn nearest_to<'a, 'b>(root: &'b Value<'a>, path: &[&str]) -> &'b Value<'a> {
    let mut value = root;
    for step in path {
        let inner = match value {
            Value::Object(object) => object.get(step).map(|field| &field.value),
            Value::Array(list) => step.parse().ok().and_then(|at: usize| list.elements.get(at)),
            _ => None,
        };
        let Some(inner) = inner else { break };
        value = inner;
    }
    value
}

/// The path to the value that starts at `offset`.
pub(crate) fn path_to(root: &Value<'_>, offset: usize) -> Vec<String> {
    let has = |value: &Value<'_>| (value.start()..value.end()).contains(&offset);
    let (mut path, mut value) = (Vec::new(), root);
    loop {
        let inner = match value {
            Value::Object(object) => {
                let mut fields = object.properties.iter();
                let field = fields.find(|field| has(&field.value));
                field.map(|field| (field.name.as_str().to_owned(), &field.value))
            }
            Value::Array(list) => {
                let at = list.elements.iter().position(has);
                at.map(|at| (at.to_string(), &list.elements[at]))
            }
            _ => None,
        };
        let Some((step, inner)) = inner else { return path };
        path.push(step);
        value = inner;
    }
}

/// Line and column of an offset.
pub(crate) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strict_json_is_accepted() {
        for text in [
            "",
            "{'a':1}",
            "{a:1}",
            "{\"a\":1,}",
            "{\"a\":01}",
            "{\"a\":\"\n\"}",
            "{\u{a0}}",
            "// x\n{}",
            "[\"\\x41\"]",
            "[NaN]",
            "{} {}",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_text_with_too_many_keys_or_levels_is_refused() {
        let keys = |count: usize| {
            let keys: Vec<_> = (0..count).map(|key| format!("\"{key}\":0")).collect();
            format!("{{{}}}", keys.join(","))
        };
        let levels = |count: usize| "[".repeat(count) + &"]".repeat(count);
        let nested = format!("[{},{}]", keys(1000), keys(1001));
        assert!(parse(&keys(2000)).is_ok() && parse(&levels(32)).is_ok());
        for text in [keys(2001), nested, levels(33), levels(100_000)] {
            assert!(matches!(parse(&text), Err(Unusable::TooMuch(_))), "{}", &text[..20]);
        }
        assert!(matches!(parse("{\n\"a\" 1}"), Err(Unusable::NotJson((2, _)))));
    }

    #[test]
    fn a_value_has_one_path_and_one_position() {
        let text = "{\"a\": {\"ü\": [1,\n {\"b\": true}]}}";
        let root = parse(text).unwrap();
        for (path, at) in [
            (&["a"][..], (1, 7)),
            (&["a", "ü"], (1, 13)),
            (&["a", "ü", "0"], (1, 14)),
            (&["a", "ü", "1"], (2, 2)),
            (&["a", "ü", "1", "b"], (2, 8)),
        ] {
            let value = nearest_to(&root, path);
            assert_eq!(position(text, value.start()), at, "{path:?}");
            assert_eq!(path_to(&root, value.start()), path);
        }
        assert_eq!(nearest_to(&root, &["a", "x", "y"]).start(), 6, "the one around it");
    }
}
