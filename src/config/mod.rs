//! From options, files and environment to one resolved [`Config`], or to the reason why not.
//!
//! Nothing else in the crate reads the environment or a config file.

mod consent;
mod effective;
mod endpoint;
mod env;
mod error;
mod file;
mod git;
mod headers;
mod identity;
mod init;
mod lookup;
mod printable;
mod resolver;
mod resource;
#[cfg(test)]
mod schema;
mod secret;
mod settings;
mod store;
mod target;
mod template;
mod terms;
mod text;
mod tier;
mod tls;

pub use consent::{Consent, trust, untrust};
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use env::Env;
pub use error::ConfigError;
pub use headers::Headers;
pub use init::{InitPlan, Initialized, PersonalPlace, PersonalPlan, ProjectPlan, init};
pub use printable::printable;
pub use resource::is_address;
pub use settings::{Compression, Names, Protocol, Temporality};
pub use template::{Template, Unset};
pub use terms::Terms;
pub use text::Text;
pub use tier::{Level, Tier};
pub use tls::{PemFile, Tls};

use crate::config::file::{ConfigFile, first_of};
use crate::config::lookup::{PERSONAL_FILE, PROJECT_FILE, Place};
use crate::config::resolver::Written;
use crate::config::settings::{LogLimits, PersonalSettings, ProjectSettings, QueueLimits};
use crate::config::tier::Decision;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
        self.says_no().is_some()
    }

    /// What in the environment says no for every project.
    fn says_no(&self) -> Option<&'static str> {
        let no = ["OTEL_SDK_DISABLED", "DO_NOT_TRACK"];
        if no.iter().any(|variable| self.env.is_not_off(variable)) {
            return Some("OTEL_SDK_DISABLED or DO_NOT_TRACK");
        }
        let tier = self.env.get("CCXRAY_OTEL_TIER");
        tier.is_some_and(|tier| tier.trim() == "0").then_some("CCXRAY_OTEL_TIER")
    }

    /// Where ccxray keeps its own files: `CCXRAY_HOME`, else `.ccxray` in the engineer's home.
    pub fn own_directory(&self) -> Option<PathBuf> {
        let named = self.env.get("CCXRAY_HOME").map(PathBuf::from).filter(|it| it.is_absolute());
        let home = self.home.as_deref().filter(|home| home.is_absolute());
        named.or_else(|| home.map(|home| home.join(".ccxray")))
    }

    /// The engineer's word for this launch.
    fn launch(&self) -> Result<Option<Level>, ConfigError> {
        let Some(text) = self.env.get("CCXRAY_OTEL_TIER") else { return Ok(None) };
        let level = text.trim().parse().ok().and_then(|number: u64| Level::try_from(number).ok());
        level.map(Some).ok_or_else(|| {
            ConfigError::in_environment("CCXRAY_OTEL_TIER", "it is no tier", "set it to 0, 1 or 2")
        })
    }
}

/// Everything that is known of one project's telemetry. No option left, nothing left to parse.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What may leave; never less strict than any side said.
    pub tier: Tier,
    /// Which names leave at tier 1.
    pub names: Names,
    /// Names of the project's own that leave at tier 1 as well.
    pub known_names: Vec<Text>,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// How requests are encoded.
    pub protocol: Protocol,
    /// What is sent along.
    pub headers: Headers,
    /// How request bodies are compressed.
    pub compression: Compression,
    /// How sums are told.
    pub temporality: Temporality,
    /// Certificates, for https.
    pub tls: Tls,
    /// Time between exports. Default: 60 s.
    pub interval: Duration,
    /// The longest that one export may take. Default: 10 s.
    pub timeout: Duration,
    /// `project.name`.
    pub project: Option<Text>,
    /// `team`.
    pub team: Option<Text>,
    /// More resource attributes.
    pub resource_attributes: BTreeMap<String, Text>,
    /// Budgets of attributes that are not the table's, by key.
    pub budgets: BTreeMap<String, usize>,
    /// How much may wait before the oldest gives way.
    pub queue: Queue,
    /// How much `otel.log` may hold.
    pub log: Log,
    /// Agents whose own telemetry is on as well.
    pub agents_own: Vec<&'static str>,
    /// `service.version`.
    pub host_version: Option<String>,
}

impl Config {
    /// Whether the value of a resource attribute came out of a variable.
    pub fn is_filled_in(&self, key: &str) -> bool {
        let value = match (key, &self.tier) {
            ("project.name", _) => self.project.as_ref(),
            ("team", _) => self.team.as_ref(),
            ("enduser.id", Tier::Named { identity }) => Some(identity),
            _ => self.resource_attributes.get(key),
        };
        value.is_some_and(Text::is_filled_in)
    }
}

/// How much may wait before the oldest gives way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Entries, where somebody sets it.
    pub max_entries: Option<usize>,
    /// Bytes, where somebody sets it.
    pub max_bytes: Option<usize>,
}

impl Queue {
    fn of(limits: &QueueLimits) -> Self {
        let QueueLimits { max_entries, max_mebibytes } = limits;
        // Both are far below what any machine can address.
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            max_entries: max_entries.map(|entries| size(entries.0)),
            max_bytes: max_mebibytes.map(|mebibytes| size(mebibytes.0 << 20)),
        }
    }
}

/// How much `otel.log` may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// Whether there is one.
    pub enabled: bool,
    /// Bytes of one file. Default: 1 MiB.
    pub max_bytes: u64,
    /// Older files that are kept. Default: 5.
    pub keep: u64,
}

impl Default for Log {
    fn default() -> Self {
        Self { enabled: true, max_bytes: 1 << 20, keep: 5 }
    }
}

impl Log {
    fn of(limits: &LogLimits) -> Self {
        let LogLimits { enabled, max_mebibytes, keep } = limits;
        let usual = Self::default();
        Self {
            enabled: enabled.unwrap_or(usual.enabled),
            max_bytes: max_mebibytes.map_or(usual.max_bytes, |mebibytes| mebibytes.0 << 20),
            keep: keep.map_or(usual.keep, |files| files.0),
        }
    }
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
    /// The tier that all sides agree to; what leaves may still be less.
    pub level: Level,
    /// Whose word the tier is.
    pub decided_by: &'static str,
    /// Why the engineer's agreement stands; `None` while nothing is on.
    pub trust: Option<Trust>,
    /// What the project asks for, while it waits for the engineer's agreement.
    pub asks: Option<Asks>,
    /// Each setting that was made, in words that hold no secret.
    pub settings: Vec<Setting>,
    /// What the engineer should know.
    pub warnings: Vec<String>,
}

impl Resolution {
    /// Of a project that does not export.
    fn off(decision: &Decision) -> Self {
        let reason = match decision.decided_by {
            "default" => "no side switched telemetry on".to_owned(),
            side => format!("switched off by {side}"),
        };
        Self {
            outcome: Outcome::Off { reason },
            level: decision.level,
            decided_by: decision.decided_by,
            trust: None,
            asks: None,
            settings: Vec::new(),
            warnings: decision.note.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Of a project whose config cannot be used, where nobody is there to be told by an exception.
    pub fn broken(error: &ConfigError) -> Self {
        let nobody = Decision { level: Level::Disabled, decided_by: "config error", note: None };
        let outcome = Outcome::Degraded { tier: 0, reason: error.to_string() };
        Self { outcome, ..Self::off(&nobody) }
    }
}

/// What a project asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asks {
    /// The directory of the project's config.
    pub directory: PathBuf,
    /// What has to be agreed to.
    pub terms: Terms,
    /// What is different from what had been agreed to before.
    pub changes: Vec<String>,
}

/// Why the engineer's agreement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nothing but their own word is in it.
    OwnWord,
    /// Nothing leaves the machine.
    Loopback,
    /// A team manages the machine: `CCXRAY_OTEL_TRUST`.
    Managed,
    /// They have allowed this very config.
    Allowed,
}

impl Trust {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnWord => "your own word",
            Self::Loopback => "nothing leaves this machine",
            Self::Managed => "CCXRAY_OTEL_TRUST",
            Self::Allowed => "allowed by you",
        }
    }
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
/// [`ConfigError`] if a file is malformed, holds a literal secret or names a variable that is not
/// set, if a variable is unusable, or if tier 1 or 2 is agreed to but no endpoint is named.
pub fn resolve(cwd: &Path, surroundings: &Surroundings) -> Result<Resolution, ConfigError> {
    let nobody = |decided_by| Decision { level: Level::Disabled, decided_by, note: None };
    // Not even a broken file is worth an error then.
    if let Some(side) = surroundings.says_no() {
        return Ok(Resolution::off(&nobody(side)));
    }
    if !cwd.is_absolute() {
        let reason = "the project's directory is not an absolute path".to_owned();
        return Ok(Resolution {
            outcome: Outcome::Off { reason },
            ..Resolution::off(&nobody("default"))
        });
    }
    let launch = surroundings.launch();
    read(cwd, surroundings)?.resolution(surroundings, launch?)
}

/// Whether `text` can stand in a project's file.
///
/// # Errors
/// As those of [`resolve`], but for what only the environment can tell.
pub fn check_project(text: &str) -> Result<(), ConfigError> {
    let file = ConfigFile::<ProjectSettings>::parse(PathBuf::from(PROJECT_FILE), text.to_owned())?;
    file.map_or(Ok(()), |file| file.check())
}

/// Whether `text` can stand in an engineer's own file.
///
/// # Errors
/// As those of [`resolve`], but for what only the environment can tell.
pub fn check_personal(text: &str) -> Result<(), ConfigError> {
    let file =
        ConfigFile::<PersonalSettings>::parse(PathBuf::from(PERSONAL_FILE), text.to_owned())?;
    file.map_or(Ok(()), |file| file.check())
}

/// Reads the files that have a say about the project in `cwd`.
fn read(cwd: &Path, surroundings: &Surroundings) -> Result<Written, ConfigError> {
    let place = Place::of(cwd);
    let project = first_of(place.candidates(PROJECT_FILE))?;
    let home = surroundings.home.as_deref().map(|home| home.join(PERSONAL_FILE));
    let at_home = first_of::<PersonalSettings>(home.iter().cloned())?;
    let of_home = home.and_then(|path| path.canonicalize().ok());
    let in_project = place.candidates(PERSONAL_FILE);
    let beside = first_of(
        in_project.filter(|path| path.canonicalize().ok() != of_home || of_home.is_none()),
    )?;
    Ok(Written { place, project, at_home, beside })
}
