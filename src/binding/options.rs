//! The options of `init`, read strictly: a misspelled one is an error that names it.

use crate::binding::reader::{Property, Reader};
use crate::config::{ConfigError, Env};
use napi::{ValueType, sys};

/// The options that there are.
const NAMES: &[&str] = &["cwd", "home", "env", "hostVersion"];

/// The options as given.
#[derive(Default)]
pub(super) struct Options {
    pub(super) cwd: Option<String>,
    pub(super) home: Option<String>,
    pub(super) env: Option<Env>,
    pub(super) host_version: Option<String>,
}

/// Reads the argument of `init`.
pub(super) fn read(reader: Reader, options: sys::napi_value) -> Result<Options, ConfigError> {
    match reader.kind(options) {
        ValueType::Undefined | ValueType::Null => return Ok(Options::default()),
        ValueType::Object if !reader.is_array(options) => {}
        kind => return Err(wrong("", "an object", named(reader, options, kind))),
    }
    let names = reader.names(options).ok_or_else(|| unreadable(""))?;
    if let Some(unknown) = names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        let problem = format!("there is no such option (expected one of {})", NAMES.join(", "));
        return Err(ConfigError::in_options(unknown, &problem, "correct its name"));
    }
    let text = |name| text(reader, options, name, name);
    Ok(Options {
        cwd: text("cwd")?,
        home: text("home")?,
        host_version: text("hostVersion")?,
        env: env(reader, options)?,
    })
}

fn env(reader: Reader, options: sys::napi_value) -> Result<Option<Env>, ConfigError> {
    let vars = match reader.property(options, c"env") {
        Property::Absent => return Ok(None),
        Property::Throws => return Err(unreadable("env")),
        Property::Is(vars) if reader.object(vars).is_some() && !reader.is_array(vars) => vars,
        Property::Is(other) => {
            return Err(wrong("env", "an object", named(reader, other, reader.kind(other))));
        }
    };
    let names = reader.names(vars).ok_or_else(|| unreadable("env"))?;
    let mut env = Vec::with_capacity(names.len());
    for name in names {
        if let Some(value) = text(reader, vars, &name, &format!("env.{name}"))? {
            env.push((name, value));
        }
    }
    Ok(Some(env.into_iter().collect()))
}

/// A property that is a string, or is not there.
fn text(
    reader: Reader,
    object: sys::napi_value,
    name: &str,
    field: &str,
) -> Result<Option<String>, ConfigError> {
    match reader.property_named(object, name) {
        Property::Absent => Ok(None),
        Property::Throws => Err(unreadable(field)),
        Property::Is(value) => match reader.text(value) {
            Some(text) => Ok(Some(text)),
            None => Err(wrong(field, "a string", named(reader, value, reader.kind(value)))),
        },
    }
}

/// What a value is, in words.
fn named(reader: Reader, value: sys::napi_value, kind: ValueType) -> &'static str {
    match kind {
        ValueType::Object if reader.is_array(value) => "a list",
        ValueType::Object => "an object",
        ValueType::Number => "a number",
        ValueType::Boolean => "a boolean",
        ValueType::String => "a string",
        ValueType::Function => "a function",
        ValueType::Symbol => "a symbol",
        ValueType::BigInt => "a BigInt",
        _ => "something else",
    }
}

fn wrong(field: &str, expected: &str, kind: &str) -> ConfigError {
    ConfigError::in_options(
        field,
        &format!("expected {expected}, not {kind}"),
        "correct this option",
    )
}

fn unreadable(field: &str) -> ConfigError {
    ConfigError::in_options(field, "reading it throws", "give a plain object")
}
