//! When the user first chose tier 2, for a personal file that was written by hand.

use crate::config::approval::consent::{self, Consent};
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::init::plan::PersonalPlan;
use crate::config::init::write::{personal_edit, write};
use std::path::Path;
use std::time::SystemTime;

/// Approves what the project in `cwd` asks for. With `hash`: only if the terms have it. If the user's own file in the home directory has tier 2 without the time of
/// that choice, the time is written.
///
/// # Errors
/// If the config cannot be used, if the terms have another hash, or if a record cannot be written.
pub fn approve(
    cwd: &Path,
    environment: &Environment,
    hash: Option<&str>,
    now: SystemTime,
) -> Result<Consent, ConfigError> {
    let consent = consent::approve(cwd, environment, hash, now)?;
    let own = Files::read(cwd, environment)?.personal_at_home;
    // A link may lead to a file that the user keeps elsewhere. It would be replaced by a file.
    let own = own.filter(|file| !file.path.is_symlink());
    if let Some(file) = own {
        let edit = personal_edit(file.path, &PersonalPlan::default(), now)?;
        if edit.before.as_ref() != Some(&edit.after) {
            write(&edit)?;
        }
    }
    Ok(consent)
}
