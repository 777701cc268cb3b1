//! From options, files and environment to one resolved [`Config`], or to the reason why not.
//!
//! Nothing else in the crate reads the environment or a config file.

mod endpoint;
mod env;
mod error;
mod file;
mod tier;
mod trust;
mod written;

pub use endpoint::{Endpoint, Headers, InvalidEndpoint};
pub use env::Env;
pub use error::ConfigError;
pub use tier::{Level, Tier};

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use written::Written;

/// Where settings are looked for: the same for every project of a process.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The engineer's home directory.
    pub home: Option<PathBuf>,
    /// The environment of this launch.
    pub env: Env,
    /// The version of the host, for `service.version`.
    pub host_version: Option<String>,
}

impl Surroundings {
    /// Whether the environment says no for every project.
    pub fn is_switched_off(&self) -> bool {
        self.env.is_on("OTEL_SDK_DISABLED")
            || self.env.is_on("DO_NOT_TRACK")
            || self.env.get("CCXRAY_OTEL_TIER").is_some_and(|tier| tier.trim() == "0")
    }
}

/// Everything that is known of one project's telemetry. No option left, nothing left to parse.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What may leave; never less strict than any side said.
    pub tier: Tier,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// What is sent along.
    pub headers: Headers,
    /// Time between exports. Default: 60 s.
    pub interval: Duration,
    /// The longest that one export may take.
    pub timeout: Duration,
    /// `project.name`.
    pub project: Option<String>,
    /// `team`.
    pub team: Option<String>,
    /// `service.version`.
    pub host_version: Option<String>,
}

/// Whether a project exports, and why.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It does.
    On(Box<Config>),
    /// It does not, because somebody did not agree. The normal case.
    Off {
        /// One line for `status`.
        reason: String,
    },
    /// It should, and cannot.
    Degraded {
        /// The tier that was agreed to.
        tier: u8,
        /// One line for `status`.
        reason: String,
    },
}

/// An [`Outcome`] with its history, so that `status` can answer "why?".
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// Whether the project exports.
    pub outcome: Outcome,
    /// Whose word the tier is.
    pub decided_by: &'static str,
    /// Each setting that was made, in words that hold no secret.
    pub settings: Vec<Setting>,
    /// What the engineer should know.
    pub warnings: Vec<String>,
}

/// One setting and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The setting's name.
    pub name: &'static str,
    /// Its value, without secrets.
    pub value: String,
    /// Where it was made.
    pub source: Source,
}

/// Where a setting was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the default.
    Default,
    /// An environment variable.
    Environment(&'static str),
    /// A config file.
    File(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Environment(variable) => f.write_str(variable),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Finds out whether the project in `cwd` exports, and how.
///
/// # Errors
/// [`ConfigError`] if a file is malformed, a variable is unusable, or tier 1 or 2 is agreed to but
/// no endpoint is named.
pub fn resolve(cwd: &Path, surroundings: &Surroundings) -> Result<Resolution, ConfigError> {
    let Surroundings { home, env, .. } = surroundings;
    let launch = env.get("CCXRAY_OTEL_TIER").map(launch_tier).transpose();
    if !cwd.is_absolute() {
        let reason = "the project's directory is not an absolute path".to_owned();
        return Ok(Resolution {
            outcome: Outcome::Off { reason },
            decided_by: "default",
            settings: Vec::new(),
            warnings: Vec::new(),
        });
    }
    if surroundings.is_switched_off() {
        // Not even a broken file is worth an error then.
        return Written::default().resolution(surroundings, launch.ok().flatten());
    }
    let project = file::find_project(cwd)?;
    let directory = project.as_ref().and_then(|file| file.path.parent()).unwrap_or(cwd);
    let at_home = home.as_deref().map(file::read_personal).transpose()?.flatten();
    let beside = match home.as_deref() {
        Some(home) if home == directory => None,
        _ => file::read_personal(directory)?,
    };
    Written { project, at_home, beside }.resolution(surroundings, launch?)
}

fn launch_tier(text: &str) -> Result<Level, ConfigError> {
    text.trim().parse().ok().and_then(|number: u64| Level::try_from(number).ok()).ok_or_else(|| {
        ConfigError::in_environment("CCXRAY_OTEL_TIER", "it is no tier", "set it to 0, 1 or 2")
    })
}
