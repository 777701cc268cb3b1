//! What may not stand in a config file, whatever it means. This is looked for first, so that no other
//! error can quote a secret.

use crate::config::file::json;
use crate::config::value::secret;
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

/// No setting lies deeper.
const MAX_DEPTH: usize = 8;

/// Something that may not stand in a config file.
pub(crate) struct Flaw {
    pub(crate) offset: usize,
    pub(crate) field: Vec<String>,
    pub(crate) problem: String,
    pub(crate) cure: &'static str,
}

/// The first secret, or field that stands there twice, in what stands under `field`.
pub(crate) fn scan(value: &Value<'_>, field: &mut Vec<String>) -> Result<(), Flaw> {
    let flaw = |field: &[String], problem: String, cure| {
        Err(Flaw { offset: value.start(), field: field.to_vec(), problem, cure })
    };
    if field.len() > MAX_DEPTH {
        return flaw(&field[..1], "it is nested too deeply".to_owned(), "correct this field");
    }
    if let Value::StringLit(text) = value
        && let Some(kind) = secret::in_literal(&text.value)
    {
        return flaw(field, format!("here stands a literal secret ({kind})"), secret::CURE);
    }
    let mut seen = Vec::new();
    for property in json::object(value).into_iter().flat_map(|object| &object.properties) {
        let name = property.name.as_str();
        if secret::in_literal(name).is_some() {
            let problem = "the name of a field here is a literal secret".to_owned();
            return flaw(field, problem, secret::CURE);
        }
        field.push(name.to_owned());
        if seen.contains(&name) {
            let (offset, field) = (property.value.start(), field.clone());
            let problem = "this field stands here twice".to_owned();
            return Err(Flaw { offset, field, problem, cure: "remove one" });
        }
        scan(&property.value, field)?;
        field.pop();
        seen.push(name);
    }
    let elements = if let Value::Array(list) = value { &list.elements[..] } else { &[] };
    for (index, element) in elements.iter().enumerate() {
        field.push(index.to_string());
        scan(element, field)?;
        field.pop();
    }
    Ok(())
}
