//! Reading a config file, and telling where in it something stands.

use crate::config::env::Env;
use crate::config::error::ConfigError;
use crate::config::secret;
use crate::config::template::{Template, Unset};
use crate::config::text::Text;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_path_to_error::Segment;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A config is a few hundred bytes; what is larger is something else.
const MAX_BYTES: u64 = 1 << 20;
/// No setting lies deeper.
const MAX_DEPTH: usize = 8;

/// A config file that was found and read. It has no `Debug`: its text may hold what must not be shown.
#[derive(Clone)]
pub(super) struct ConfigFile<T> {
    pub(super) path: PathBuf,
    /// What stands under `otel`.
    pub(super) otel: T,
    text: String,
}

impl<T> ConfigFile<T> {
    /// A file with this text; `None` if nothing in it is about telemetry.
    pub(super) fn parse(path: PathBuf, text: String) -> Result<Option<Self>, ConfigError>
    where
        T: for<'de> Deserialize<'de>,
    {
        let otel = parse(&path, &text)?;
        Ok(otel.map(|otel| Self { path, otel, text }))
    }

    /// A setting's string with its variables filled in.
    pub(super) fn fill_in(
        &self,
        field: &[&str],
        template: &Template,
        env: &Env,
    ) -> Result<Text, ConfigError> {
        template.fill_in(env).map_err(|Unset { variable }| {
            let problem = format!("the variable {variable} is not set, or empty");
            self.error(field, &problem, "set it, or write \"$${\" for a literal \"${\"")
        })
    }

    /// Line and column of a setting.
    pub(super) fn place(&self, field: &[&str]) -> (usize, usize) {
        place(&self.text, field)
    }

    /// Something is wrong with a setting.
    pub(super) fn error(&self, field: &[&str], problem: &str, cure: &str) -> ConfigError {
        ConfigError::at(&self.path, self.place(field), &named(field), problem, cure)
    }
}

/// The first of `paths` that is there and is about telemetry.
pub(super) fn first_of<T: for<'de> Deserialize<'de>>(
    paths: impl Iterator<Item = PathBuf>,
) -> Result<Option<ConfigFile<T>>, ConfigError> {
    for path in paths {
        if let Some(text) = read(&path)? {
            return ConfigFile::parse(path, text);
        }
    }
    Ok(None)
}

/// The file's text; `None` if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let unreadable = |problem: &str| {
        Err(ConfigError::of_file(path, "", problem, "make it a readable JSON file, or remove it"))
    };
    match std::fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Ok(metadata) if metadata.is_file() && metadata.len() > MAX_BYTES => {
            return unreadable("the file is larger than 1 MiB");
        }
        Ok(metadata) if !metadata.is_file() => return unreadable("it is not a file"),
        Ok(_) | Err(_) => {}
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) => unreadable(&format!("it cannot be read ({error})")),
    }
}

/// The settings under `otel`. Keys beside it belong to the host and are left alone.
fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<Option<T>, ConfigError> {
    let json = without_mark(text);
    let document: &RawValue = serde_json::from_str(json).map_err(|error| {
        let at = (error.line(), error.column());
        ConfigError::at(path, at, "", "this is not valid JSON", "correct the JSON")
    })?;
    let wrong = |value: &RawValue, field: &[&str], problem: &str, cure: &str| {
        ConfigError::at(path, position(json, value), &named(field), problem, cure)
    };
    let Some(fields) = Fields::of(document) else {
        return Err(ConfigError::at(
            path,
            position(json, document),
            "",
            "expected an object",
            "write { \"otel\": { … } }",
        ));
    };
    if let Some(second) = fields.second("otel") {
        return Err(wrong(second, &[], "this field stands here twice", "remove one"));
    }
    let Some(otel) = fields.get("otel") else { return Ok(None) };
    if Fields::of(otel).is_none() {
        return Err(wrong(otel, &[], "expected an object", "write \"otel\": { … }"));
    }
    inspect(otel, &mut Vec::new()).map_err(|flaw| {
        let field: Vec<_> = flaw.field.iter().map(String::as_str).collect();
        wrong(flaw.at, &field, &flaw.problem, flaw.cure)
    })?;
    let deserializer = &mut serde_json::Deserializer::from_str(otel.get());
    let settings = serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let steps: Vec<String> = error.path().iter().filter_map(step).collect();
        let field: Vec<_> = steps.iter().map(String::as_str).collect();
        let (problem, cure) = in_plain_words(&error.inner().to_string(), field.last().copied());
        ConfigError::at(path, place(text, &field), &named(&field), &problem, &cure)
    })?;
    Ok(Some(settings))
}

/// Editors on Windows put one at the beginning.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn step(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// The setting as it is called in errors.
fn named(field: &[&str]) -> String {
    std::iter::once("otel").chain(field.iter().copied()).collect::<Vec<_>>().join(".")
}

/// Line and column of a setting; of the innermost one around it that is there, if it is not.
fn place(text: &str, field: &[&str]) -> (usize, usize) {
    let json = without_mark(text);
    let Ok(document) = serde_json::from_str::<&RawValue>(json) else { return (1, 1) };
    let mut value = document;
    for step in std::iter::once(&"otel").chain(field) {
        let inner = match Fields::of(value) {
            Some(fields) => fields.get(step),
            None => step.parse().ok().and_then(|index: usize| elements(value)?.get(index).copied()),
        };
        let Some(inner) = inner else { break };
        value = inner;
    }
    position(json, value)
}

/// Line and column, from 1, of a value that was borrowed from `text`.
fn position(text: &str, value: &RawValue) -> (usize, usize) {
    let offset = (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Something that may not stand in a config file, whatever it means.
struct Flaw<'a> {
    at: &'a RawValue,
    field: Vec<String>,
    problem: String,
    cure: &'static str,
}

/// Looks for secrets and for what cannot be told apart, before any error quotes a value.
fn inspect<'a>(value: &'a RawValue, field: &mut Vec<String>) -> Result<(), Flaw<'a>> {
    let flaw = |field: &[String], problem: String, cure| {
        Err(Flaw { at: value, field: field.to_vec(), problem, cure })
    };
    if field.len() > MAX_DEPTH {
        return flaw(&field[..1], "it is nested too deeply".to_owned(), "correct this field");
    }
    if let Ok(text) = serde_json::from_str::<String>(value.get()) {
        return match secret::in_literal(&text) {
            Some(kind) => {
                flaw(field, format!("here stands a literal secret ({kind})"), secret::CURE)
            }
            None => Ok(()),
        };
    }
    let is_list = value.get().starts_with('[');
    if is_list && ["tls", "queue", "log"].iter().any(|group| field[..] == [*group]) {
        let problem = "expected an object, not a list".to_owned();
        return flaw(field, problem, "correct this field");
    }
    if let Some(fields) = Fields::of(value) {
        let mut seen = Vec::new();
        for (name, inner) in fields.0 {
            if secret::in_literal(&name).is_some() {
                let problem = "the name of a field here is a literal secret".to_owned();
                return flaw(field, problem, secret::CURE);
            }
            if seen.contains(&name) {
                field.push(name);
                let problem = "this field stands here twice".to_owned();
                return Err(Flaw { at: inner, field: field.clone(), problem, cure: "remove one" });
            }
            field.push(name.clone());
            inspect(inner, field)?;
            field.pop();
            seen.push(name);
        }
    }
    for (index, inner) in elements(value).into_iter().flatten().enumerate() {
        field.push(index.to_string());
        inspect(inner, field)?;
        field.pop();
    }
    Ok(())
}

/// The fields of a JSON object as they stand in the text, repeated ones included.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// `None` if the value is no object.
    fn of(value: &'a RawValue) -> Option<Self> {
        value.get().starts_with('{').then(|| serde_json::from_str(value.get()).ok())?
    }

    /// Where a field of this name stands once more. Who reads the first one must not be misled.
    fn second(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| *value).nth(1)
    }

    /// The field of this name; the last, as parsers of JSON have it.
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// The elements of a JSON list as they stand in the text; `None` if it is none.
fn elements(value: &RawValue) -> Option<Vec<&RawValue>> {
    value.get().starts_with('[').then(|| serde_json::from_str(value.get()).ok())?
}

/// A message of serde's for somebody who writes JSON and no Rust, without the value it quotes: that
/// may be a secret in the wrong place. And the cure.
fn in_plain_words(message: &str, written: Option<&str>) -> (String, String) {
    let told = message.rsplit_once(" at line ").map_or(message, |(told, _)| told);
    let choices: Vec<&str> = told
        .split_once("expected")
        .map(|(_, choices)| choices.split('`').skip(1).step_by(2).collect())
        .unwrap_or_default();
    if told.starts_with("unknown field") {
        let nearest = written.and_then(|written| nearest(written, &choices));
        let cure = match nearest {
            Some(nearest) => format!("did you mean \"{nearest}\"?"),
            None => format!("there are {}", choices.join(", ")),
        };
        return ("there is no such setting".to_owned(), cure);
    }
    if told.starts_with("unknown variant") {
        return ("it has no such value".to_owned(), format!("write {}", quoted(&choices)));
    }
    if told == "expected value" {
        return ("expected a string".to_owned(), "correct this field".to_owned());
    }
    let told = told.replacen("invalid value: ", "invalid type: ", 1);
    let kinds = [
        ("string", "a string"),
        ("integer `-", "a number below zero"),
        ("integer", "a number"),
        ("floating point", "this one"),
        ("boolean", "true or false"),
        ("sequence", "a list"),
        ("map", "an object"),
        ("null", "null"),
    ];
    if let Some(rest) = told.strip_prefix("invalid type: ") {
        let found = kinds.iter().find(|(kind, _)| rest.starts_with(kind));
        let found = found.map_or("something else", |(_, words)| words);
        let expected = rest.rsplit_once("expected ").map_or("something else", |(_, words)| words);
        let expected = match expected {
            "u64" => "a whole number",
            "f64" => "a number",
            "a map" => "an object",
            "a sequence" => "a list",
            "a boolean" => "true or false",
            words if words.starts_with("struct ") => "an object",
            words if words.starts_with("enum ") => "a string",
            words => words,
        };
        return (format!("expected {expected}, not {found}"), "correct this field".to_owned());
    }
    (told, "correct this field".to_owned())
}

fn quoted(choices: &[&str]) -> String {
    choices.iter().map(|choice| format!("\"{choice}\"")).collect::<Vec<_>>().join(" or ")
}

/// The one of `choices` that somebody who wrote `written` may have meant.
pub(super) fn nearest<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let alike = choices.iter().map(|choice| (strsim::jaro_winkler(written, choice), *choice));
    let best = alike.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(alike, _)| *alike > 0.75).map(|(_, choice)| choice)
}
