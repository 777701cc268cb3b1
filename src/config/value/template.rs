//! `${VAR}` in the strings of a config file.

use crate::config::value::text::Text;
use crate::config::variables::Variables;
use serde::Deserialize;

const UNCLOSED: &str = "A \"${\" has no \"}\". Write \"${NAME}\", or \"$${\" for a literal \"${\".";
const NO_NAME: &str = "\"${…}\" must contain the name of an environment variable. Write \"${NAME}\", \
                       or \"$${\" for a literal \"${\".";

/// Stands for the value of a variable that is not read.
const MASK: &str = "***";

/// A string of a config file. `${NAME}` stands for a variable and `$${` for a literal `${`. Variables
/// are filled in late: only when it is decided that the project may export.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline, with = "String"))]
#[serde(try_from = "String")]
pub struct Template {
    written: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

/// A variable that is not set or is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    /// Its name.
    pub variable: String,
}

impl Template {
    /// Parses a string of a config file.
    ///
    /// # Errors
    /// If a `${` is not a variable: a message for the user.
    pub fn parse(written: &str) -> Result<Self, String> {
        let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), written);
        while let Some(at) = rest.find("${") {
            let escaped = rest[..at].ends_with('$');
            literal.push_str(&rest[..if escaped { at - 1 } else { at }]);
            rest = &rest[at + 2..];
            if escaped {
                literal.push_str("${");
                continue;
            }
            let (name, after) = rest.split_once('}').ok_or(UNCLOSED)?;
            if !is_name(name) {
                return Err(NO_NAME.to_owned());
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Variable(name.to_owned()));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { written: written.to_owned(), parts })
    }

    /// The string as written in the file.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The variables in it.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Whether it has no variables.
    pub fn is_literal(&self) -> bool {
        self.variables().next().is_none()
    }

    /// Its readable part, with a space for each variable.
    pub(crate) fn literal_part(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Variable(_) => " ",
        });
        parts.collect()
    }

    /// The string with `***` for each variable. No variable is read.
    pub(crate) fn masked(&self) -> Text {
        let parts = self.parts.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Variable(_) => MASK,
        });
        let value: String = parts.collect();
        if self.is_literal() {
            Text::literal(&value)
        } else {
            Text::filled_in(value, &self.written)
        }
    }

    /// Fills in the variables. Their values are not read as templates.
    ///
    /// # Errors
    /// The first variable that is not set or is empty.
    pub fn fill_in(&self, env: &Variables) -> Result<Text, Unset> {
        let mut value = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => value.push_str(text),
                Part::Variable(variable) => value.push_str(
                    env.get(variable).ok_or_else(|| Unset { variable: variable.clone() })?,
                ),
            }
        }
        let literal = self.is_literal();
        Ok(if literal { Text::literal(&value) } else { Text::filled_in(value, &self.written) })
    }
}

/// Whether a shell accepts `name` as the name of a variable.
fn is_name(name: &str) -> bool {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        Self::parse(&written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled_in(written: &str) -> Result<String, String> {
        let env: Variables = [("A", "x"), ("B_2", "${A}"), ("EMPTY", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let text = Template::parse(written)?.fill_in(&env);
        text.map(|text| text.reveal().to_owned()).map_err(|Unset { variable }| variable)
    }

    #[test]
    fn variables_are_filled_in_once() {
        for (written, expected) in [
            ("", Ok("")),
            ("plain $ {text} $x", Ok("plain $ {text} $x")),
            ("Bearer ${A}", Ok("Bearer x")),
            ("${A}${A}-${B_2}", Ok("xx-${A}")),
            ("$${A}", Ok("${A}")),
            ("$$${A}", Ok("$${A}")),
            ("$${A}${A}", Ok("${A}x")),
            ("$${", Ok("${")),
            ("漢${A}字", Ok("漢x字")),
            ("${MISSING}", Err("MISSING")),
            ("${EMPTY}", Err("EMPTY")),
            ("${A", Err(UNCLOSED)),
            ("${}", Err(NO_NAME)),
            ("${A:-b}", Err(NO_NAME)),
            ("${1A}", Err(NO_NAME)),
        ] {
            let result = filled_in(written);
            assert_eq!(result.as_deref().map_err(String::as_str), expected, "{written}");
        }
    }

    #[test]
    fn a_masked_string_needs_no_variable() {
        for (written, expected) in
            [("Bearer ${MISSING}", "Bearer ***"), ("${A}${B_2}", "******"), ("$${A}", "${A}")]
        {
            let masked = Template::parse(written).unwrap().masked();
            assert_eq!(masked.reveal(), expected);
            assert_eq!(masked.is_filled_in(), expected.contains('*'), "{written}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_escaped(text in any::<String>()) {
            // A `$` before the escape would be read as part of it.
            prop_assume!(!text.contains("$${"));
            let result = filled_in(&text.replace("${", "$${"));
            prop_assert_eq!(result, Ok(text));
        }

        #[test]
        fn the_value_of_a_variable_is_never_shown(secret in "[a-z]{12,40}") {
            let env: Variables = [("SECRET".to_owned(), secret.clone())].into_iter().collect();
            let text = Template::parse("Bearer ${SECRET}").unwrap().fill_in(&env).unwrap();
            prop_assert_eq!(text.reveal(), format!("Bearer {secret}"));
            prop_assert_eq!(format!("{text} {text:?}"), "Bearer ${SECRET} Bearer ${SECRET}");
        }
    }
}
