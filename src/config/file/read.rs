//! Reading a file.

use crate::config::error::ConfigError;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// A config has a few hundred bytes. A larger file is something else.
const MAX_BYTES: u64 = 1 << 20;

/// The file's text; `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let unreadable = |problem: &str| {
        Err(ConfigError::of_file(path, "", problem, "Make it a readable file, or remove it."))
    };
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Ok(metadata) if metadata.is_file() && metadata.len() > MAX_BYTES => {
            return unreadable("This file is larger than 1 MiB.");
        }
        Ok(metadata) if !metadata.is_file() => return unreadable("This is not a file."),
        Ok(_) | Err(_) => {}
    }
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) => unreadable(&format!("This file cannot be read ({}).", error.kind())),
    }
}
