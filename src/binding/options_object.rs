//! Reads options from a JavaScript object. An unknown option or a wrong type is an error that names
//! the option.

use crate::binding::reader::{Property, Reader};
use crate::config::{ConfigError, Level, Variables, quotable};
use napi::bindgen_prelude::{JsValue, Unknown};
use napi::{ValueType, sys};

/// An object with options.
pub(super) struct OptionsObject<'a> {
    reader: Reader,
    object: sys::napi_value,
    /// The option that it is the value of. Empty: an argument of the call.
    path: &'a str,
}

impl<'a> OptionsObject<'a> {
    /// An object that may have the options `known` and no others. `None` if it is `undefined` or
    /// `null`.
    pub(super) fn open(
        reader: Reader,
        object: sys::napi_value,
        path: &'a str,
        known: &[&str],
    ) -> Result<Option<Self>, ConfigError> {
        match reader.kind(object) {
            ValueType::Undefined | ValueType::Null => return Ok(None),
            ValueType::Object if !reader.is_array(object) => {}
            _ => return Err(wrong_type(reader, path, object, "an object")),
        }
        let options = Self::unchecked(reader, object, path);
        let names = reader.names(object).ok_or_else(|| unreadable(path))?;
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let cure = format!("Use one of {}.", known.join(", "));
            let field = options.field(unknown);
            return Err(ConfigError::in_options(&field, "There is no such option.", &cure));
        }
        Ok(Some(options))
    }

    /// An object that may have any options.
    pub(super) fn unchecked(reader: Reader, object: sys::napi_value, path: &'a str) -> Self {
        Self { reader, object, path }
    }

    /// An option that is an object with options itself.
    pub(super) fn object(
        &self,
        name: &'a str,
        known: &[&str],
    ) -> Result<Option<Self>, ConfigError> {
        match self.property(name)? {
            None => Ok(None),
            Some(object) => Self::open(self.reader, object, name, known),
        }
    }

    /// An option that is a string.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        text_property(self.reader, self.object, name, &self.field(name))
    }

    /// An option that is a list of strings. Default: an empty one.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        let Some(list) = self.property(name)? else { return Ok(Vec::new()) };
        let field = self.field(name);
        if !self.reader.is_array(list) {
            return Err(wrong_type(self.reader, &field, list, "a list of strings"));
        }
        let indexes = self.reader.names(list).ok_or_else(|| unreadable(&field))?;
        let element = |index: &String| {
            let field = format!("{field}[{index}]");
            Ok(text_property(self.reader, list, index, &field)?.unwrap_or_default())
        };
        indexes.iter().map(element).collect()
    }

    /// An option that is `true` or `false`. Default: `false`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, ConfigError> {
        let Some(value) = self.property(name)? else { return Ok(false) };
        let wrong = || wrong_type(self.reader, &self.field(name), value, "true or false");
        self.reader.flag(value).ok_or_else(wrong)
    }

    /// An option that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, ConfigError> {
        let Some(value) = self.property(name)? else { return Ok(None) };
        let wrong = || wrong_type(self.reader, &self.field(name), value, "a number");
        self.reader.number(value).map(Some).ok_or_else(wrong)
    }

    /// The option `tier`.
    pub(super) fn tier(&self) -> Result<Option<Level>, ConfigError> {
        let Some(value) = self.property("tier")? else { return Ok(None) };
        let tiers = [(0.0, Level::Disabled), (1.0, Level::Anonymous), (2.0, Level::Named)];
        let number = self.reader.number(value);
        match tiers.iter().find(|(tier, _)| number == Some(*tier)) {
            Some((_, level)) => Ok(Some(*level)),
            None => Err(self.wrong_value("tier", value, "a tier", "0, 1 or 2")),
        }
    }

    /// The option `env`: the environment variables.
    pub(super) fn env(&self) -> Result<Option<Variables>, ConfigError> {
        Ok(self.strings("env")?.map(|variables| variables.into_iter().collect()))
    }

    /// An option that is an object whose values are strings: each name and its value.
    pub(super) fn strings(&self, name: &str) -> Result<Option<Vec<(String, String)>>, ConfigError> {
        let Some(object) = self.property(name)? else { return Ok(None) };
        let path = self.field(name);
        if self.reader.object(object).is_none() || self.reader.is_array(object) {
            return Err(wrong_type(self.reader, &path, object, "an object"));
        }
        let names = self.reader.names(object).ok_or_else(|| unreadable(&path))?;
        let mut strings = Vec::with_capacity(names.len());
        for name in names {
            let field = format!("{path}.{name}");
            if let Some(value) = text_property(self.reader, object, &name, &field)? {
                strings.push((name, value));
            }
        }
        Ok(Some(strings))
    }

    /// An error about an option of the right type with a value that is not supported.
    pub(super) fn unsupported(
        &self,
        name: &str,
        value: &str,
        what: &str,
        supported: &str,
    ) -> ConfigError {
        let problem = format!("{} is not {what}.", quotable(value));
        ConfigError::in_options(&self.field(name), &problem, &format!("Use {supported}."))
    }

    /// The same for a value of any type.
    fn wrong_value(
        &self,
        name: &str,
        value: sys::napi_value,
        what: &str,
        supported: &str,
    ) -> ConfigError {
        if let Some(text) = self.reader.text(value) {
            return self.unsupported(name, &text, what, supported);
        }
        let field = self.field(name);
        match self.reader.number_as_text(value) {
            Some(number) => {
                let problem = format!("{number} is not {what}.");
                ConfigError::in_options(&field, &problem, &format!("Use {supported}."))
            }
            None => wrong_type(self.reader, &field, value, supported),
        }
    }

    /// `None` if the option is missing, `undefined` or `null`.
    fn property(&self, name: &str) -> Result<Option<sys::napi_value>, ConfigError> {
        match self.reader.property_named(self.object, name) {
            Property::Absent => Ok(None),
            Property::Throws => Err(unreadable(&self.field(name))),
            Property::Is(value) => Ok(Some(value)),
        }
    }

    /// The name of an option in errors.
    fn field(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// Reads an argument that is a string, `undefined` or `null`.
pub(super) fn optional_text(
    reader: Reader,
    name: &str,
    value: Option<Unknown<'_>>,
) -> Result<Option<String>, ConfigError> {
    let Some(value) = value.map(|value| value.raw()) else { return Ok(None) };
    match reader.kind(value) {
        ValueType::Undefined | ValueType::Null => Ok(None),
        _ => text(reader, name, value).map(Some),
    }
}

fn text_property(
    reader: Reader,
    object: sys::napi_value,
    name: &str,
    field: &str,
) -> Result<Option<String>, ConfigError> {
    match reader.property_named(object, name) {
        Property::Absent => Ok(None),
        Property::Throws => Err(unreadable(field)),
        Property::Is(value) => text(reader, field, value).map(Some),
    }
}

fn text(reader: Reader, field: &str, value: sys::napi_value) -> Result<String, ConfigError> {
    reader.text(value).ok_or_else(|| wrong_type(reader, field, value, "a string"))
}

fn wrong_type(reader: Reader, field: &str, value: sys::napi_value, expected: &str) -> ConfigError {
    let found = match reader.kind(value) {
        ValueType::Object if reader.is_array(value) => "a list",
        ValueType::Object => "an object",
        ValueType::Number => "a number",
        ValueType::Boolean => "a boolean",
        ValueType::String => "a string",
        ValueType::Function => "a function",
        ValueType::Symbol => "a symbol",
        ValueType::BigInt => "a BigInt",
        _ => "something else",
    };
    ConfigError::in_options(field, &format!("This is {found}."), &format!("Use {expected}."))
}

fn unreadable(field: &str) -> ConfigError {
    let (problem, cure) = ("Reading this throws an error.", "Use a plain object.");
    ConfigError::in_options(field, problem, cure)
}
