//! Repairs JSON in which one value is not acceptable, so that it costs only its field and not the
//! whole text.
//!
//! `serde_json` refuses a whole text for a number beyond the range of `f64`, for a field that is
//! given twice, and for deep nesting. Such a value is replaced by `null`, "not reported". This runs
//! only after a text was refused, in time proportional to the text, and without recursion. Any
//! other error stays in the text, for `serde_json` to find.

use hashbrown::HashMap;
use memchr::memchr2;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

/// Containers within this number of others are replaced. `serde_json` allows 128, and one that is
/// read within another one adds to that.
const MAX_DEPTH: usize = 64;

/// A member that makes more edits necessary is replaced as a whole.
const MAX_EDITS: usize = 100_000;
/// The names of so many members are known at once. A field that is given again behind more of them
/// is left to `serde_json`, which refuses the text only if the field is one that is read.
const MAX_NAMES: usize = 20_000;

/// What was read from a text.
pub(super) struct Repaired<T> {
    /// What was read.
    pub(super) value: T,
    /// Whether values had to be replaced before.
    pub(super) has_refused: bool,
}

/// Reads `text`, or else `text` without the values for which it was refused. `storage` holds the
/// repaired text.
///
/// # Errors
/// The error of the first try, if there is nothing to repair, and otherwise that of the second.
pub(super) fn read<'t, T, E>(
    text: &'t str,
    storage: &'t OnceCell<String>,
    read: impl Fn(&'t str) -> Result<T, E>,
) -> Result<Repaired<T>, E> {
    match read(text) {
        Ok(value) => Ok(Repaired { value, has_refused: false }),
        Err(error) => match repaired(text) {
            Some(text) => {
                let value = read(storage.get_or_init(|| text))?;
                Ok(Repaired { value, has_refused: true })
            }
            None => Err(error),
        },
    }
}

/// `json` with `null` instead of the values that are not acceptable. `None` if there are none, or too
/// many.
pub(super) fn repaired(json: &str) -> Option<String> {
    let mut edits = Scan::new(json).edits();
    if edits.is_empty() || edits.len() > MAX_EDITS {
        return None;
    }
    edits.sort_unstable_by_key(|edit| (edit.range.start, std::cmp::Reverse(edit.range.end)));
    let mut text = String::with_capacity(json.len());
    let mut at = 0;
    for Replacement { range, replacement } in edits {
        // An edit within one that is already made has nothing left to change.
        if range.start >= at {
            text.push_str(json.get(at..range.start)?);
            text.push_str(replacement);
            at = range.end;
        }
    }
    text.push_str(json.get(at..)?);
    Some(text)
}

/// A part of the text, and what replaces it.
struct Replacement {
    range: Range<usize>,
    replacement: &'static str,
}

/// An object or an array that is open where the scan is.
#[derive(Default)]
struct Container<'t> {
    /// The values of the members so far, by name, and whether more than one has the name.
    members: HashMap<Cow<'t, str>, Member>,
    /// The name of the member whose value is next; `None` in an array, and before a name.
    name: Option<Cow<'t, str>>,
    is_object: bool,
    /// The position of the last comma.
    comma: usize,
    /// Where the container begins.
    start: usize,
    /// How many edits there were before it.
    edits_before: usize,
}

struct Member {
    value: Range<usize>,
    is_repeated: bool,
}

/// A walk over the tokens of a text.
struct Scan<'t> {
    text: &'t str,
    at: usize,
    open: Vec<Container<'t>>,
    edits: Vec<Replacement>,
    /// How many members the open containers remember together.
    names: usize,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, open: Vec::new(), edits: Vec::new(), names: 0 }
    }

    /// The edits that the text needs. If it is not JSON, those up to where it stops to be.
    fn edits(mut self) -> Vec<Replacement> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if self.edits.len() > MAX_EDITS {
                if !self.refuse_outermost() {
                    break;
                }
                continue;
            }
            let start = self.at;
            match byte {
                b'{' | b'[' if self.open.len() == MAX_DEPTH => {
                    self.at += 1;
                    self.skip_levels(1);
                    self.refuse(start..self.at);
                    self.end_value(start);
                }
                b'{' | b'[' => {
                    let is_object = byte == b'{';
                    let edits_before = self.edits.len();
                    let container = Container { is_object, start, edits_before, ..<_>::default() };
                    self.open.push(container);
                    self.at += 1;
                }
                b'}' | b']' => {
                    self.at += 1;
                    let Some(closed) = self.open.pop() else { break };
                    self.names -= closed.members.len();
                    self.end_value(closed.start);
                }
                b'"' => self.string(),
                b'-' | b'0'..=b'9' => {
                    let is_part =
                        |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                    self.at += bytes[start..].iter().take_while(|byte| is_part(byte)).count();
                    let number = self.text[start..self.at].parse::<f64>();
                    if number.is_ok_and(f64::is_infinite) {
                        self.refuse(start..self.at);
                    }
                    self.end_value(start);
                }
                b'a'..=b'z' => {
                    let is_part = |byte: &u8| byte.is_ascii_lowercase();
                    self.at += bytes[start..].iter().take_while(|byte| is_part(byte)).count();
                    self.end_value(start);
                }
                b',' => {
                    if let Some(container) = self.open.last_mut() {
                        container.comma = start;
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        self.edits
    }

    /// Walks over a string, which is the name of a member or a value.
    fn string(&mut self) {
        let start = self.at;
        self.skip_string();
        match self.open.last_mut() {
            Some(container) if container.is_object && container.name.is_none() => {
                let quoted = &self.text[start..self.at];
                let plain = quoted.trim_matches('"');
                // The same name can be written with different escapes.
                let name = if plain.contains('\\') {
                    serde_json::from_str(quoted).map_or(Cow::Borrowed(plain), Cow::Owned)
                } else {
                    Cow::Borrowed(plain)
                };
                container.name = Some(name);
            }
            _ => self.end_value(start),
        }
    }

    /// Notes that a value from `start` to here has ended.
    fn end_value(&mut self, start: usize) {
        let value = start..self.at;
        let Some(container) = self.open.last_mut() else { return };
        let Some(name) = container.name.take() else { return };
        let comma = container.comma;
        match container.members.get_mut(&name) {
            Some(first) => {
                let first_value =
                    (!std::mem::replace(&mut first.is_repeated, true)).then(|| first.value.clone());
                self.edits.push(Replacement { range: comma..value.end, replacement: "" });
                if let Some(first_value) = first_value {
                    self.refuse(first_value);
                }
            }
            None if self.names < MAX_NAMES => {
                self.names += 1;
                container.members.insert(name, Member { value, is_repeated: false });
            }
            None => {}
        }
    }

    /// Replaces the value of the outermost member that is open, instead of all that is wrong in it.
    /// Returns whether few enough edits are left.
    fn refuse_outermost(&mut self) -> bool {
        let Some((start, edits_before)) = self.open.get(1).map(|it| (it.start, it.edits_before))
        else {
            return false;
        };
        self.skip_levels(self.open.len() - 1);
        self.open.truncate(1);
        self.names = self.open.iter().map(|container| container.members.len()).sum();
        self.edits.truncate(edits_before);
        self.refuse(start..self.at);
        self.end_value(start);
        self.edits.len() <= MAX_EDITS
    }

    fn refuse(&mut self, range: Range<usize>) {
        self.edits.push(Replacement { range, replacement: "null" });
    }

    /// Moves behind a string that begins here.
    fn skip_string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(found) = bytes.get(self.at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
            self.at += found;
            if bytes[self.at] == b'"' {
                self.at += 1;
                return;
            }
            // A character that is not ASCII cannot follow a backslash in JSON.
            self.at = self.text.ceil_char_boundary(self.at + 2);
        }
        self.at = bytes.len();
    }

    /// Moves behind the ends of so many open objects and arrays.
    fn skip_levels(&mut self, levels: usize) {
        let bytes = self.text.as_bytes();
        let mut depth = levels;
        while let Some(&byte) = bytes.get(self.at).filter(|_| depth > 0) {
            match byte {
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn only_unacceptable_values_are_replaced() {
        for (label, json, expected) in [
            ("a sound text", r#"{"a":[1,-2.5e3,"x\"}",true,null],"b":{"a":1}}"#, None),
            ("a number beyond f64", r#"{"a":1e400,"b":2}"#, Some(r#"{"a":null,"b":2}"#)),
            ("a negative one in a list", "[-1e999,1e308]", Some("[null,1e308]")),
            ("a field given twice", r#"{"a":1,"b":2,"a":3}"#, Some(r#"{"a":null,"b":2}"#)),
            ("a field given three times", r#"{"a":1,"a":[2],"a":"3"}"#, Some(r#"{"a":null}"#)),
            ("two spellings of a name", r#"{"a":1,"\u0061":2}"#, Some(r#"{"a":null}"#)),
            (
                "a field given twice within one",
                r#"{"a":{"b":1,"b":2},"a":{"b":1e400}}"#,
                Some(r#"{"a":null}"#),
            ),
            ("twice within an object", r#"{"x":{"b":{},"b":[]}}"#, Some(r#"{"x":{"b":null}}"#)),
            ("the same name in two objects", r#"[{"a":1},{"a":1}]"#, None),
            ("a blank before the comma", r#"{"a":1 , "a" : 2 }"#, Some(r#"{"a":null  }"#)),
        ] {
            let expected = expected.map(str::to_owned);
            assert_eq!(repaired(json), expected, "{label}");
        }
    }

    #[test]
    fn deep_nesting_costs_only_its_field() {
        let json = format!(r#"{{"a":{}{},"b":1}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let value: Value = serde_json::from_str(&repaired(&json).unwrap()).unwrap();
        assert_eq!(value["b"], 1);
    }

    #[test]
    fn many_unacceptable_values_are_refused_with_what_contains_them() {
        for (count, is_repaired) in [(MAX_EDITS, true), (MAX_EDITS + 1, false)] {
            let list = format!("[{}]", vec!["1e999"; count].join(","));
            assert_eq!(repaired(&list).is_some(), is_repaired, "{count}");
            let json = format!(r#"{{"a":1e999,"x":{{"y":[{list},"]}}"]}},"b":2}}"#);
            let text = repaired(&json).unwrap();
            assert_eq!(text, r#"{"a":null,"x":null,"b":2}"#, "{count}");
        }
    }

    #[test]
    fn a_field_behind_many_others_is_left_to_serde_json() {
        let many: Vec<String> = (0..MAX_NAMES).map(|it| format!("\"{it}\":0")).collect();
        let many = many.join(",");
        // The names of a closed object are forgotten.
        let json = format!(r#"{{"x":{{{many}}},"a":1,"a":2}}"#);
        assert_eq!(repaired(&json), Some(format!(r#"{{"x":{{{many}}},"a":null}}"#)));
        assert_eq!(repaired(&format!(r#"{{{many},"a":1,"a":2}}"#)), None);
    }

    proptest! {
        #[test]
        fn any_text_is_scanned(text in "[\\[\\]{},:\"\\\\0-9aeE+.é -]{0,64}") {
            let _ = repaired(&text);
        }

        #[test]
        fn what_is_repaired_needs_no_repair(text in "\\{(\"[ab]\":([1]|1e400|\\{\"c\":1,\"c\":2\\}),){0,5}\"z\":1\\}") {
            if let Some(repaired) = repaired(&text) {
                prop_assert!(serde_json::from_str::<Value>(&repaired).is_ok());
                prop_assert_eq!(super::repaired(&repaired), None);
            }
        }
    }
}
