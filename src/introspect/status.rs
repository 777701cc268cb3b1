//! The answer to "is it on, why, and does it work?".

use crate::config::{self, Asks, ConfigError, Outcome, Resolution, Surroundings, Trust, printable};
use crate::export::project::{Exports, Project};
use crate::ingest::Counts;
use std::path::Path;

/// How one project's telemetry stands. Holds no secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// One of [`crate::metrics::registry::STATES`].
    pub state: &'static str,
    /// Why it is not `active`.
    pub reason: Option<String>,
    /// The effective tier.
    pub tier: u8,
    /// Whose word that is.
    pub decided_by: &'static str,
    /// Why the engineer's agreement stands, while something is on.
    pub trust: Option<&'static str>,
    /// What the project asks for, while it waits for the engineer's agreement.
    pub asks: Option<Asks>,
    /// Scheme, host, port and path.
    pub endpoint: Option<String>,
    /// `project.name`.
    pub project: Option<String>,
    /// `team`.
    pub team: Option<String>,
    /// Time between exports, in seconds.
    pub interval_seconds: Option<f64>,
    /// Name, value and source of each setting that was made.
    pub settings: Vec<[String; 3]>,
    /// What the engineer should know.
    pub warnings: Vec<String>,
    /// What became of the entries of the whole process.
    pub entries: Counts,
    /// How the project's exports have gone.
    pub exports: Exports,
}

impl Status {
    /// Before `init`.
    pub fn not_started() -> Self {
        let reason = Some("init has not been called".to_owned());
        Self { reason, ..Self::disabled("default") }
    }

    /// Of a project that is not running, from its config alone.
    ///
    /// # Errors
    /// If the config cannot be used.
    pub fn inspect(cwd: &Path, surroundings: &Surroundings) -> Result<Self, ConfigError> {
        let resolution = config::resolve(cwd, surroundings)?;
        Ok(Self::of(&resolution, None, Counts::default()))
    }

    /// Of a project, from how it was resolved and how it is doing.
    pub fn of(resolution: &Resolution, project: Option<&Project>, entries: Counts) -> Self {
        let settings = resolution.settings.iter().map(|setting| {
            [setting.name.to_owned(), setting.value.clone(), printable(&setting.source.to_string())]
        });
        let common = Self {
            settings: settings.collect(),
            warnings: resolution.warnings.clone(),
            asks: resolution.asks.clone(),
            entries,
            ..Self::disabled(resolution.decided_by)
        };
        match &resolution.outcome {
            Outcome::Off { reason } => Self { reason: Some(printable(reason)), ..common },
            Outcome::Degraded { tier, reason } => {
                Self { state: "degraded", tier: *tier, reason: Some(printable(reason)), ..common }
            }
            Outcome::On(config) => {
                let exports = project.map(Project::exports);
                let exports = exports.unwrap_or(Exports { state: "active", ..Exports::default() });
                let failing = exports.consecutive_failures > 0;
                Self {
                    state: exports.state,
                    reason: exports.last_error.clone().filter(|_| failing),
                    tier: config.tier.number(),
                    trust: resolution.trust.map(Trust::as_str),
                    endpoint: Some(config.endpoint.to_string()),
                    project: config.project.as_ref().map(|it| printable(&it.to_string())),
                    team: config.team.as_ref().map(|it| printable(&it.to_string())),
                    interval_seconds: Some(config.interval.as_secs_f64()),
                    exports,
                    ..common
                }
            }
        }
    }

    fn disabled(decided_by: &'static str) -> Self {
        Self {
            state: "disabled",
            reason: None,
            tier: 0,
            decided_by,
            trust: None,
            asks: None,
            endpoint: None,
            project: None,
            team: None,
            interval_seconds: None,
            settings: Vec::new(),
            warnings: Vec::new(),
            entries: Counts::default(),
            exports: Exports::default(),
        }
    }
}
