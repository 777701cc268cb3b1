//! Reading a file.

use crate::config::error::ConfigError;
use crate::util::bounded_file::{self, Refusal};
use std::path::Path;

/// A config has a few hundred bytes. A larger file is something else.
pub(crate) const MAX_BYTES: u64 = 256 << 10;

/// The file's text; `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let unreadable = |problem: &str| {
        Err(ConfigError::of_file(path, "", problem, "Make it a readable file, or remove it."))
    };
    match bounded_file::read(path, MAX_BYTES).map(String::from_utf8) {
        Ok(Ok(text)) => Ok(Some(text)),
        Ok(Err(_)) => unreadable("This file is not text in UTF-8."),
        Err(Refusal::Missing) => Ok(None),
        Err(Refusal::NotAFile) => unreadable("This is not a file."),
        Err(Refusal::TooLarge) => unreadable("This file is larger than 256 KiB."),
        Err(Refusal::Failed(kind)) => unreadable(&format!("This file cannot be read ({kind}).")),
    }
}
