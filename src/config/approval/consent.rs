//! The user approves what a project asks for, or revokes that.

use crate::config::approval::approvals_file::{ApprovalsFile, Recorded};
use crate::config::approval::proposal::Proposal;
use crate::config::approval::terms::ConsentTerms;
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::file::search_path::{PERSONAL_FILE, PROJECT_FILE, SearchPath};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the user has approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The directory of the project's config.
    pub directory: PathBuf,
    /// The terms; `None` if nothing needs approval.
    pub terms: Option<ConsentTerms>,
    /// What is different from the approval before.
    pub changes: Vec<String>,
    /// The file in which the approval is recorded.
    pub recorded_in: Option<PathBuf>,
}

/// Records that the user approves what the config of the project in `cwd` asks for. No variable needs
/// to be set for it. With a `hash`, only the terms with this hash are approved: the config may have
/// changed after the user saw them.
///
/// # Errors
/// If the config cannot be used, its terms have another hash, or the approval cannot be recorded.
pub(crate) fn approve(
    cwd: &Path,
    environment: &Environment,
    hash: Option<&str>,
    now: SystemTime,
) -> Result<Consent, ConfigError> {
    let files = Files::read(cwd, environment)?;
    if let Some(hash) = hash {
        let Some(terms) = terms_of(&files, environment)? else {
            let (problem, cure) = ("Nothing needs your approval here.", "Leave the hash out.");
            return Err(ConfigError::in_options("hash", problem, cure));
        };
        if terms.hash() != hash {
            let problem = "The config has changed since you saw it.";
            let cure = "Look at it again, then approve it.";
            return Err(ConfigError::of_file(files.asking(), "", problem, cure));
        }
    }
    approve_files(&files, environment, now)
}

/// The same as [`approve`], for files that have been read already.
pub(crate) fn approve_files(
    files: &Files,
    environment: &Environment,
    now: SystemTime,
) -> Result<Consent, ConfigError> {
    let directory = files.directory().to_owned();
    let Some(terms) = terms_of(files, environment)? else {
        return Ok(Consent { directory, terms: None, changes: Vec::new(), recorded_in: None });
    };
    let approvals = approvals_file(environment)?;
    let changes = match approvals.recorded(&directory, &terms)? {
        Recorded::Changed(approved) => terms.changes_since(&approved),
        Recorded::Approved { .. } | Recorded::Nothing => Vec::new(),
    };
    approvals.approve(&directory, terms.clone(), now)?;
    let recorded_in = Some(approvals.path().to_owned());
    Ok(Consent { directory, terms: Some(terms), changes, recorded_in })
}

/// The terms that the user still has to approve.
pub(crate) fn not_yet_approved(
    files: &Files,
    environment: &Environment,
) -> Result<Option<ConsentTerms>, ConfigError> {
    let Some(proposal) = Proposal::in_files(files, environment)? else { return Ok(None) };
    let is_free = proposal.free.is_some();
    let asks = |terms: &ConsentTerms| !is_free || !terms.personal.is_empty();
    let Some(terms) = proposal.terms.filter(asks) else { return Ok(None) };
    let recorded = approvals_file(environment)?.recorded(files.directory(), &terms)?;
    Ok((!matches!(recorded, Recorded::Approved { .. })).then_some(terms))
}

/// What a project asks for; `None` if telemetry is off or all settings are the user's own.
fn terms_of(files: &Files, environment: &Environment) -> Result<Option<ConsentTerms>, ConfigError> {
    Ok(Proposal::in_files(files, environment)?.and_then(|proposal| proposal.terms))
}

/// Revokes the approval of the project in `cwd`. Whether there was one.
///
/// # Errors
/// If the record cannot be changed. A config that cannot be used does not matter.
pub fn revoke(cwd: &Path, environment: &Environment) -> Result<bool, ConfigError> {
    let approvals = approvals_file(environment)?;
    if let Some(directory) = config_directory(cwd) {
        return approvals.revoke(&directory);
    }
    let search_path = SearchPath::of(cwd);
    // The file has been deleted. It was in the nearest directory that has a record.
    for directory in search_path.directories() {
        if approvals.revoke(directory)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The directory of the config files that count in `cwd`. `None` if there are none.
pub fn config_directory(cwd: &Path) -> Option<PathBuf> {
    let has_config = |directory: &&Path| {
        [PROJECT_FILE, PERSONAL_FILE].iter().any(|file| directory.join(file).exists())
    };
    SearchPath::of(cwd).directories().find(has_config).map(Path::to_owned)
}

fn approvals_file(environment: &Environment) -> Result<ApprovalsFile, ConfigError> {
    let directory = environment.own_directory();
    directory.map(|directory| ApprovalsFile::within(&directory)).ok_or_else(|| {
        let problem = "There is no home directory to record approvals in.";
        ConfigError::in_environment("HOME", problem, "Set HOME or CCXRAY_HOME.")
    })
}
