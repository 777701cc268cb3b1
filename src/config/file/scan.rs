//! Secrets and ambiguities, which no config file may contain. They are detected first, so that no other
//! error can quote a secret.

use crate::config::file::json;
use crate::config::value::secret;
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use std::collections::HashSet;

/// No setting is nested deeper.
const MAX_DEPTH: usize = 8;

/// Something that no config file may contain.
pub(crate) struct Flaw {
    pub(crate) offset: usize,
    pub(crate) field: Vec<String>,
    pub(crate) problem: String,
    pub(crate) cure: &'static str,
}

/// Refuses a value that contains a secret or repeats a field. `field` is the path to the value.
pub(crate) fn scan(value: &Value<'_>, field: &mut Vec<String>) -> Result<(), Flaw> {
    let flaw = |field: &[String], problem: String, cure| {
        Err(Flaw { offset: value.start(), field: field.to_vec(), problem, cure })
    };
    if field.len() > MAX_DEPTH {
        return flaw(
            &field[..1],
            "This is nested too deeply.".to_owned(),
            "Remove its inner levels.",
        );
    }
    if let Value::StringLit(text) = value
        && let Some(kind) = secret::in_literal(&text.value)
    {
        return flaw(field, format!("This looks like a real {kind}."), secret::CURE);
    }
    let mut seen = HashSet::new();
    for property in json::object(value).into_iter().flat_map(|object| &object.properties) {
        let name = property.name.as_str();
        if let Some(kind) = secret::in_literal(name) {
            let problem = format!("The name of a field here looks like a real {kind}.");
            return flaw(field, problem, secret::CURE);
        }
        field.push(name.to_owned());
        if !seen.insert(name) {
            let (offset, field) = (property.value.start(), field.clone());
            let problem = "This field occurs twice.".to_owned();
            return Err(Flaw { offset, field, problem, cure: "Remove one." });
        }
        scan(&property.value, field)?;
        field.pop();
    }
    let elements = if let Value::Array(list) = value { &list.elements[..] } else { &[] };
    for (index, element) in elements.iter().enumerate() {
        field.push(index.to_string());
        scan(element, field)?;
        field.pop();
    }
    Ok(())
}
