//! OTLP/JSON without members that strict receivers refuse.

use serde::Serialize;

/// A message as indented JSON.
///
/// # Errors
/// If the JSON cannot be written. That would be a defect of this package.
pub(super) fn indented(message: &impl Serialize) -> serde_json::Result<String> {
    Ok(without_nulls(&serde_json::to_string_pretty(message)?))
}

/// Removes every member that is `null` from indented JSON. They stand for absent fields, such as the
/// minimum of a histogram. The JSON mapping of protobuf allows them, but Prometheus and the
/// OpenTelemetry Collector answer 400.
///
/// Each member has a line of its own, since a line break within a string is escaped.
///
/// Source: <https://protobuf.dev/programming-guides/json/#presence>
fn without_nulls(indented: &str) -> String {
    let mut kept = String::with_capacity(indented.len());
    for line in indented.lines().filter(|line| !is_null_member(line)) {
        if line.trim_start().starts_with('}') && kept.ends_with(",\n") {
            kept.truncate(kept.len() - ",\n".len());
            kept.push('\n');
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept.truncate(kept.trim_end_matches('\n').len());
    kept
}

/// A string that looks like one ends with a quotation mark.
fn is_null_member(line: &str) -> bool {
    line.trim_end_matches(',').ends_with("\": null")
}

#[cfg(test)]
mod tests {
    use super::indented;
    use serde_json::{Value, json};

    fn removed(value: &Value) -> String {
        indented(value).unwrap()
    }

    #[test]
    fn removes_null_members_wherever_they_are() {
        for (value, expected) in [
            (json!({ "a": null }), json!({})),
            (json!({ "a": null, "b": 1 }), json!({ "b": 1 })),
            (json!({ "a": 1, "b": null, "c": null }), json!({ "a": 1 })),
            (
                json!({ "a": [{ "b": null, "c": [1, 2] }, { "d": null }] }),
                json!({ "a": [{ "c": [1, 2] }, {}] }),
            ),
            (
                json!({ "a": { "b": { "c": null } }, "d": "e" }),
                json!({ "a": { "b": {} }, "d": "e" }),
            ),
        ] {
            assert_eq!(
                serde_json::from_str::<Value>(&removed(&value)).unwrap(),
                expected,
                "{value}"
            );
        }
    }

    #[test]
    fn keeps_everything_else_to_the_letter() {
        for value in [
            json!({}),
            json!([null, "null", 1]),
            json!({ "a": "b\": null", "c\": null": "d\n\"e\": null,\n}", "f": ["\": null"] }),
            json!({ "a": [], "b": "null", "c": false, "null": 0 }),
        ] {
            assert_eq!(removed(&value), serde_json::to_string_pretty(&value).unwrap());
        }
    }
}
