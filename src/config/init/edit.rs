//! Changes to files that people write too: what is not changed stays as it is, to the letter.

use crate::config::error::ConfigError;
use crate::config::file::json;
use crate::config::file::place::Place;
use crate::config::file::read::read;
use crate::config::value::tier::Level;
use crate::files::Readers;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use std::path::PathBuf;

/// A file as it is, and as it is to be.
pub(crate) struct Edit {
    pub(crate) path: PathBuf,
    pub(crate) readers: Readers,
    pub(crate) before: Option<String>,
    pub(crate) after: String,
}

impl Edit {
    /// A link within a project may have come along with it, and lead anywhere.
    pub(crate) fn refuse_links(&self, place: &Place) -> Result<(), ConfigError> {
        let Self { path, .. } = self;
        let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        if is_link && path.starts_with(place.top()) {
            let problem = "this is a symbolic link, and what it leads to is not written";
            return Err(ConfigError::of_file(path, "", problem, "put a file in its place"));
        }
        Ok(())
    }
}

/// Changes the settings of a file and nothing else: its indents, order and other keys stay.
pub(crate) fn edit(
    path: PathBuf,
    readers: Readers,
    change: impl FnOnce(&CstObject),
) -> Result<Edit, ConfigError> {
    let before = read(&path)?;
    let text = before.as_deref().filter(|text| !text.trim().is_empty()).unwrap_or("{\n}\n");
    // The mark that editors on Windows put at the beginning is no JSON, and stays.
    let json = json::without_mark(text);
    let mark = &text[..text.len() - json.len()];
    let wrong = || ConfigError::of_file(&path, "", "this is not valid JSON", "correct the JSON");
    let root = CstRootNode::parse(json, &json::STRICT).map_err(|_| wrong())?;
    let object = root.object_value_or_create().ok_or_else(wrong)?;
    let otel = object.object_value_or_create("otel").ok_or_else(wrong)?;
    change(&otel);
    let after = format!("{mark}{root}");
    Ok(Edit { path, readers, before, after })
}

pub(crate) fn set_tier(otel: &CstObject, tier: Option<Level>) {
    set(otel, "tier", tier.map(|tier| CstInputValue::Number(tier.number().to_string())));
}

pub(crate) fn set(otel: &CstObject, name: &str, value: Option<CstInputValue>) {
    let Some(value) = value else { return };
    match otel.get(name) {
        Some(property) => property.set_value(value),
        None => drop(otel.append(name, value)),
    }
}
