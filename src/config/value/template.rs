//! `${VAR}` in the strings of a config file.

use crate::config::value::text::Text;
use crate::config::variables::Env;
use serde::Deserialize;

/// A string of a config file. `${VAR}` stands for a variable and `$${` for `${` itself. Variables
/// are filled in late: only once it is settled that something may leave.
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

/// A variable that is not set, or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    /// Its name.
    pub variable: String,
}

impl Template {
    /// Reads a string of a config file.
    ///
    /// # Errors
    /// What is wrong with a `${`, in words.
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
            let (name, after) = rest.split_once('}').ok_or("`${` without `}`")?;
            if !is_name(name) {
                return Err("between `${` and `}` stands no name of a variable".to_owned());
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

    /// The string as it stands in the file.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The variables that it names.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Whether it names no variable.
    pub fn is_literal(&self) -> bool {
        self.variables().next().is_none()
    }

    /// What everyone can read in it, with a space for each variable.
    pub(crate) fn literal_part(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Variable(_) => " ",
        });
        parts.collect()
    }

    /// Fills the variables in. What they hold is taken as it is, `${` included.
    ///
    /// # Errors
    /// The first variable that is not set.
    pub fn fill_in(&self, env: &Env) -> Result<Text, Unset> {
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

/// Whether a shell would take `name` for that of a variable.
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
        let env: Env = [("A", "x"), ("B_2", "${A}"), ("EMPTY", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let text = Template::parse(written)?.fill_in(&env);
        text.map(|text| text.reveal().to_owned()).map_err(|Unset { variable }| variable)
    }

    #[test]
    fn variables_are_filled_in_once_and_can_be_escaped() {
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
            ("${A", Err("`${` without `}`")),
            ("${}", Err("between `${` and `}` stands no name of a variable")),
            ("${A:-b}", Err("between `${` and `}` stands no name of a variable")),
            ("${1A}", Err("between `${` and `}` stands no name of a variable")),
        ] {
            let told = filled_in(written);
            assert_eq!(told.as_deref().map_err(String::as_str), expected, "{written}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_written_down(text in any::<String>()) {
            // A `$` before the escape would itself be taken for one.
            prop_assume!(!text.contains("$${"));
            let told = filled_in(&text.replace("${", "$${"));
            prop_assert_eq!(told, Ok(text));
        }

        #[test]
        fn what_a_variable_holds_is_never_shown(secret in "[a-z]{12,40}") {
            let env: Env = [("SECRET".to_owned(), secret.clone())].into_iter().collect();
            let text = Template::parse("Bearer ${SECRET}").unwrap().fill_in(&env).unwrap();
            prop_assert_eq!(text.reveal(), format!("Bearer {secret}"));
            prop_assert_eq!(format!("{text} {text:?}"), "Bearer ${SECRET} Bearer ${SECRET}");
        }
    }
}
