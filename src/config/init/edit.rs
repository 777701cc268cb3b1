//! Changes to files that people edit too: everything else in the file stays as it is.

use crate::config::error::ConfigError;
use crate::config::file::json;
use crate::config::file::read::read;
use crate::config::file::search_path::SearchPath;
use crate::config::value::tier::Level;
use crate::util::private_file::Readers;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use std::path::PathBuf;

/// A file before and after a change.
pub(crate) struct Edit {
    pub(crate) path: PathBuf,
    pub(crate) readers: Readers,
    pub(crate) before: Option<String>,
    pub(crate) after: String,
}

impl Edit {
    /// Refuses a symbolic link in a project. It may be part of a cloned repository, and lead anywhere.
    pub(crate) fn refuse_link(&self, search_path: &SearchPath) -> Result<(), ConfigError> {
        let Self { path, .. } = self;
        let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        if is_link && path.starts_with(search_path.top()) {
            let problem = "This is a symbolic link, so it is not written.";
            return Err(ConfigError::of_file(path, "", problem, "Replace it by a file."));
        }
        Ok(())
    }
}

/// Changes settings in the `otel` section. Indentation, order and all other keys stay.
pub(crate) fn edit(
    path: PathBuf,
    readers: Readers,
    change: impl FnOnce(&CstObject),
) -> Result<Edit, ConfigError> {
    let before = read(&path)?;
    let text = before.as_deref().filter(|text| !text.trim().is_empty()).unwrap_or("{\n}\n");
    // The byte order mark of editors on Windows is not JSON, and stays.
    let json = json::without_mark(text);
    let mark = &text[..text.len() - json.len()];
    let wrong = || ConfigError::of_file(&path, "", "This is not valid JSON.", "Correct it.");
    json::parse(&json::of_file(json)).map_err(|unusable| {
        let (position, problem, cure) = unusable.explained();
        ConfigError::at(&path, position, "", problem, cure)
    })?;
    let root = CstRootNode::parse(json, &json::WITH_COMMENTS).map_err(|_| wrong())?;
    let object = root.object_value_or_create().ok_or_else(wrong)?;
    let otel = object.object_value_or_create("otel").ok_or_else(wrong)?;
    change(&otel);
    let after = format!("{mark}{root}");
    Ok(Edit { path, readers, before, after })
}

pub(crate) fn set_tier(otel: &CstObject, tier: Option<Level>) {
    set(otel, "tier", tier.map(|tier| CstInputValue::Number(tier.number().to_string())));
}

/// Sets headers, whatever the case of their names is in the file.
pub(crate) fn set_headers(otel: &CstObject, headers: &[(String, String)]) {
    if headers.is_empty() {
        return;
    }
    let Some(object) = otel.object_value_or_create("headers") else { return };
    for (name, value) in headers {
        let written = object.properties().into_iter().find_map(|property| {
            let written = property.name()?.decoded_value().ok()?;
            written.eq_ignore_ascii_case(name).then_some(written)
        });
        set(&object, written.as_deref().unwrap_or(name), Some(value.as_str().into()));
    }
}

pub(crate) fn set(otel: &CstObject, name: &str, value: Option<CstInputValue>) {
    let Some(value) = value else { return };
    match otel.get(name) {
        Some(property) => property.set_value(value),
        None => drop(otel.append(name, value)),
    }
}
