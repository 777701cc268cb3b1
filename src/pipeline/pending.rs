//! What waits in files, for people, and what is removed when the user does not agree any more.

use crate::config::Level;
use crate::config::{Environment, Outcome, Resolution, config_directory};
use crate::pending::directory::{PendingDirectory, Waiting};
use serde::Serialize;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What waits in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingFile {
    /// The directory of the project's config file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// `project.name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Where it is sent.
    pub endpoint: String,
    /// The tier at which it was recorded.
    pub tier: u8,
    /// Since when something waits, in Unix milliseconds.
    pub since_ms: u64,
    /// At a coarse resolution: when the period of the sums ends, in Unix milliseconds. They are not sent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_end_ms: Option<u64>,
    /// How finely the receiver can tell when they were recorded: `minute`, `hour` or `day`.
    pub resolution: &'static str,
    /// When the file was written, in Unix milliseconds.
    pub stored_at_ms: u64,
    /// The size of the file.
    pub bytes: u64,
    /// Whether a running process has it.
    pub is_running: bool,
}

impl From<Waiting> for PendingFile {
    fn from(waiting: Waiting) -> Self {
        let Waiting { origin, since_unix_ms, period_end_unix_ms, bytes, modified, is_running } =
            waiting;
        Self {
            directory: origin.directory,
            project: origin.project,
            endpoint: origin.endpoint,
            tier: origin.tier,
            since_ms: since_unix_ms,
            period_end_ms: period_end_unix_ms,
            resolution: origin.resolution.as_str(),
            stored_at_ms: unix_ms(modified),
            bytes,
            is_running,
        }
    }
}

/// What waits, the oldest first. Empty without a home directory.
pub fn pending(environment: &Environment) -> Vec<PendingFile> {
    let files = directory(environment).map(|mut it| it.waiting());
    files.into_iter().flatten().map(PendingFile::from).collect()
}

/// Removes everything that waits. Returns how many files those are.
///
/// # Errors
/// The first error of the system.
pub fn clear_pending(environment: &Environment) -> io::Result<u64> {
    directory(environment).map_or(Ok(0), |mut it| it.clear())
}

/// Removes what waits of the project in `cwd`, because its approval is revoked.
///
/// # Errors
/// The first error of the system.
pub fn withdraw(cwd: &Path, environment: &Environment) -> io::Result<u64> {
    let (Some(mut pending), Some(project)) = (directory(environment), config_directory(cwd)) else {
        return Ok(0);
    };
    pending.withdraw(Some(&project.to_string_lossy()))
}

/// Removes what waits of a project that a side has turned off.
pub(super) fn withdraw_if_off(cwd: &Path, resolution: &Resolution, environment: &Environment) {
    let is_off = matches!(resolution.outcome, Outcome::Off { .. })
        && resolution.level == Level::Disabled
        && resolution.decided_by != "default";
    let Some(mut pending) = directory(environment).filter(|_| is_off) else { return };
    let project = resolution.directory.clone().or_else(|| config_directory(cwd));
    let project = project.as_deref().map(Path::to_string_lossy);
    // What cannot be removed is not sent either: a config that turns telemetry off sends nothing.
    let _ = pending.withdraw(project.as_deref());
}

fn directory(environment: &Environment) -> Option<PendingDirectory> {
    environment.own_directory().map(|it| PendingDirectory::within(&it))
}

fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
