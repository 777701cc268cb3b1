//! What the engineer says to a project: yes, to these terms; or no more.

use crate::config::approval::record::{Store, Verdict};
use crate::config::approval::request::Request;
use crate::config::approval::terms::Terms;
use crate::config::environment::Surroundings;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::file::place::{PERSONAL_FILE, PROJECT_FILE, Place};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the engineer has agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The directory of the project's config.
    pub directory: PathBuf,
    /// The terms; `None` if there was nothing to agree to.
    pub terms: Option<Terms>,
    /// What is different from what they had agreed to before.
    pub changes: Vec<String>,
    /// The file in which it is noted.
    pub noted_in: Option<PathBuf>,
}

/// Takes note that the engineer allows what the config of the project in `cwd` asks for. Nothing is
/// filled in: it can be said without a variable being set. With a `hash` only those terms are allowed
/// that it is of: what somebody was shown may have changed since.
///
/// # Errors
/// If the config cannot be used, its terms are not those of the hash, or the note cannot be files.
pub fn trust(
    cwd: &Path,
    surroundings: &Surroundings,
    hash: Option<&str>,
    now: SystemTime,
) -> Result<Consent, ConfigError> {
    let files = Files::read(cwd, surroundings)?;
    if let Some(hash) = hash {
        let Some(terms) = asked(&files, surroundings)? else {
            let problem = "nothing is asked for here";
            return Err(ConfigError::in_options("hash", problem, "leave it out, or look again"));
        };
        if terms.hash() != hash {
            let problem = "the config has changed since its terms were shown";
            return Err(ConfigError::of_file(files.asking(), "", problem, "look at it again"));
        }
    }
    agree(&files, surroundings, now)
}

/// The same for files that have been read already.
pub(crate) fn agree(
    files: &Files,
    surroundings: &Surroundings,
    now: SystemTime,
) -> Result<Consent, ConfigError> {
    let directory = files.directory().to_owned();
    let Some(terms) = asked(files, surroundings)? else {
        return Ok(Consent { directory, terms: None, changes: Vec::new(), noted_in: None });
    };
    let store = store(surroundings)?;
    let changes = match store.verdict(&directory, &terms)? {
        Verdict::Changed(agreed) => terms.changes_since(&agreed),
        Verdict::Allowed | Verdict::Unknown => Vec::new(),
    };
    store.allow(&directory, terms.clone(), now)?;
    let noted_in = Some(store.path().to_owned());
    Ok(Consent { directory, terms: Some(terms), changes, noted_in })
}

/// What a project asks for that the engineer has not agreed to yet.
pub(crate) fn unsaid(
    files: &Files,
    surroundings: &Surroundings,
) -> Result<Option<Terms>, ConfigError> {
    let Some(request) = Request::in_files(files, surroundings)? else { return Ok(None) };
    let unneeded = request.stays_here();
    let Some(terms) = request.terms.filter(|_| !unneeded) else { return Ok(None) };
    let verdict = store(surroundings)?.verdict(files.directory(), &terms)?;
    Ok((verdict != Verdict::Allowed).then_some(terms))
}

/// What a project asks for; `None` if nothing is on, or nothing but the engineer's own word is in it.
fn asked(files: &Files, surroundings: &Surroundings) -> Result<Option<Terms>, ConfigError> {
    Ok(Request::in_files(files, surroundings)?.and_then(|request| request.terms))
}

/// Takes back what the engineer has said to the project in `cwd`. Whether there was anything.
///
/// # Errors
/// If the note cannot be changed. A config that cannot be used is no obstacle.
pub fn untrust(cwd: &Path, surroundings: &Surroundings) -> Result<bool, ConfigError> {
    let store = store(surroundings)?;
    let place = Place::of(cwd);
    let holds_config = |directory: &&Path| {
        [PROJECT_FILE, PERSONAL_FILE].iter().any(|file| directory.join(file).exists())
    };
    if let Some(directory) = place.directories().find(holds_config) {
        return store.forget(directory);
    }
    // The file is gone by now. It was in the nearest directory that something is noted for.
    for directory in place.directories() {
        if store.forget(directory)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn store(surroundings: &Surroundings) -> Result<Store, ConfigError> {
    surroundings.own_directory().map(|directory| Store::within(&directory)).ok_or_else(|| {
        let problem = "there is no home directory to note it in";
        ConfigError::in_environment("HOME", problem, "set HOME, or CCXRAY_HOME")
    })
}
