//! What is the same for every project of a process: the home, the variables, the host.

use crate::config::error::ConfigError;
use crate::config::value::tier::Level;
use crate::config::variables::Env;
use std::path::PathBuf;

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
    pub(crate) fn says_no(&self) -> Option<&'static str> {
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
    pub(crate) fn launch(&self) -> Result<Option<Level>, ConfigError> {
        let Some(text) = self.env.get("CCXRAY_OTEL_TIER") else { return Ok(None) };
        let level = text.trim().parse().ok().and_then(|number: u64| Level::try_from(number).ok());
        level.map(Some).ok_or_else(|| {
            ConfigError::in_environment("CCXRAY_OTEL_TIER", "it is no tier", "set it to 0, 1 or 2")
        })
    }
}
