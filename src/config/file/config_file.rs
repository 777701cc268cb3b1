//! One config file: the settings in its `otel` section, and their positions in the text.

use crate::config::error::ConfigError;
use crate::config::file::comments::{comments, without_comments};
use crate::config::file::scan::{Flaw, scan};
use crate::config::file::{deserialize, json};
use crate::config::value::secret;
use crate::config::value::template::{Template, Unset};
use crate::config::value::text::Text;
use crate::config::variables::{Variables, WITHHELD, WITHHELD_CURE};
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use serde::Deserialize;
use std::iter;
use std::path::{Path, PathBuf};

/// All that is remembered of a project comes from this section, so its size bounds the memory that each
/// project takes.
const MAX_SECTION_BYTES: usize = 16 << 10;

/// A config file that was found and read. It has no `Debug`: its text may contain secrets.
#[derive(Clone)]
pub(crate) struct ConfigFile<T> {
    pub(crate) path: PathBuf,
    /// The settings in `otel`.
    pub(crate) otel: T,
    text: String,
    /// Whether no variable is read for its strings.
    is_masked: bool,
}

impl<T> ConfigFile<T> {
    /// A file with this text; `None` if it has no `otel` section.
    pub(crate) fn parse(path: PathBuf, text: String) -> Result<Option<Self>, ConfigError>
    where
        T: for<'de> Deserialize<'de>,
    {
        let otel = otel(&path, json::without_mark(&text))?;
        Ok(otel.map(|otel| Self { path, otel, text, is_masked: false }))
    }

    /// Reads no variable for its strings from now on.
    pub(crate) fn mask(&mut self) {
        self.is_masked = true;
    }

    /// A setting's string with its variables filled in, or masked.
    pub(crate) fn fill_in(
        &self,
        field: &[&str],
        template: &Template,
        env: &Variables,
    ) -> Result<Text, ConfigError> {
        if self.is_masked {
            return Ok(template.masked());
        }
        template.fill_in(env).map_err(|Unset { variable }| {
            if env.withheld(&[&variable]).is_some() {
                let problem = format!("The variable {variable} {WITHHELD}");
                return self.error(field, &problem, WITHHELD_CURE);
            }
            let problem = format!("The variable {variable} is not set or is empty.");
            self.error(field, &problem, "Set it, or write \"$${\" for a literal \"${\".")
        })
    }

    /// Line and column of a setting; if it is not set, of the innermost value around it.
    pub(crate) fn position(&self, field: &[&str]) -> json::Position {
        let text = json::without_mark(&self.text);
        let json = json::of_file(&self.text);
        let Ok(root) = json::parse(&json) else { return (1, 1) };
        let path: Vec<_> = iter::once("otel").chain(field.iter().copied()).collect();
        json::position(text, json::nearest_to(&root, &path).start())
    }

    /// An error about a setting.
    pub(crate) fn error(&self, field: &[&str], problem: &str, cure: &str) -> ConfigError {
        ConfigError::at(&self.path, self.position(field), &named(field), problem, cure)
    }
}

/// The settings in `otel`. All other keys belong to the host and are ignored.
fn otel<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<Option<T>, ConfigError> {
    let at = |offset, field: &str, problem: &str, cure: &str| {
        ConfigError::at(path, json::position(text, offset), field, problem, cure)
    };
    refuse_secret_in_comment(path, text)?;
    let json = without_comments(text);
    let root = json::parse(&json).map_err(|unusable| {
        let (position, problem, cure) = unusable.explained();
        ConfigError::at(path, position, "", problem, cure)
    })?;
    let Some(object) = json::object(&root) else {
        let cure = "Write { \"otel\": { … } }.";
        return Err(at(root.start(), "", "This is not an object.", cure));
    };
    let mut named_otel = object.properties.iter().filter(|field| field.name.as_str() == "otel");
    let (first, second) = (named_otel.next(), named_otel.next());
    if let Some(second) = second {
        let offset = second.value.start();
        return Err(at(offset, "otel", "This field occurs twice.", "Remove one."));
    }
    let Some(otel) = first.map(|field| &field.value) else { return Ok(None) };
    if !matches!(otel, Value::Object(_)) {
        return Err(at(otel.start(), "otel", "This is not an object.", "Write \"otel\": { … }."));
    }
    if otel.end() - otel.start() > MAX_SECTION_BYTES {
        let problem = "This section is larger than 16 KiB.";
        return Err(at(otel.start(), "otel", problem, "Make it shorter."));
    }
    scan(otel, &mut Vec::new()).map_err(|Flaw { offset, field, problem, cure }| {
        at(offset, &named(&field), &problem, cure)
    })?;
    deserialize::settings(otel).map(Some).map_err(|wrong| {
        let field = named(&json::path_to(otel, wrong.offset()));
        at(wrong.offset(), &field, &wrong.message, "")
    })
}

/// Refuses a secret in a comment: it is as readable as one in a setting.
fn refuse_secret_in_comment(path: &Path, text: &str) -> Result<(), ConfigError> {
    for comment in comments(text) {
        let is_separator = |c: char| c.is_whitespace() || "\"',;=".contains(c);
        let mut words = text[comment.clone()].split(is_separator);
        if let Some(kind) = words.find_map(secret::in_literal) {
            let problem = format!("A comment here contains what looks like a real {kind}.");
            let at = json::position(text, comment.start);
            return Err(ConfigError::at(path, at, "", &problem, secret::CURE));
        }
    }
    Ok(())
}

/// The name of a setting in errors.
fn named(field: &[impl AsRef<str>]) -> String {
    iter::once("otel").chain(field.iter().map(AsRef::as_ref)).collect::<Vec<_>>().join(".")
}
