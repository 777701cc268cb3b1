//! The answer to "is it on, why, and does it work?".

use crate::clock::Moment;
use crate::config::{
    self, Approval, ConfigError, Environment, Outcome, PendingApproval, Resolution, printable,
};
use crate::export::health::Transition;
use crate::export::project::{ExportCounts, Exports, Project};
use crate::ingest::Counts;
use crate::journal::Files;
use crate::recent::{DAY, HOUR};
use std::path::Path;
use std::time::Duration;

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
    pub asks: Option<PendingApproval>,
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
    pub exports: ExportCounts,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// How long nothing will be sent.
    pub cooldown_remaining: Option<Duration>,
    /// The last changes of the state, the oldest first.
    pub transitions: Vec<Transition>,
    /// What there was in the last hour.
    pub last_hour: Lately,
    /// What there was in the last day.
    pub last_day: Lately,
    /// What became of the log and the status file.
    pub files: Files,
}

/// What there was lately, to five minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// Delivered, failed and dropped exports of the project.
    pub exports: [u64; 3],
    /// Accepted, processed and dropped entries of the process.
    pub entries: [u64; 3],
}

/// What a status tells of the process, whatever the project.
#[derive(Clone, Debug, Default)]
pub struct OfProcess {
    /// What became of the entries.
    pub entries: Counts,
    /// Accepted, processed and dropped ones of the last hour and of the last day.
    pub lately: ([u64; 3], [u64; 3]),
    /// What became of the log and the status file.
    pub files: Files,
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
    pub fn inspect(cwd: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let resolution = config::resolve(cwd, environment)?;
        let files = Files { directory: environment.own_directory(), ..Files::default() };
        let process = OfProcess { files, ..OfProcess::default() };
        Ok(Self::of(&resolution, None, process, Moment::now()))
    }

    /// Of a project, from how it was resolved and how it is doing.
    pub fn of(
        resolution: &Resolution,
        project: Option<&Project>,
        process: OfProcess,
        now: Moment,
    ) -> Self {
        let OfProcess { entries, lately: (of_hour, of_day), files } = process;
        let settings = resolution.settings.iter().map(|setting| {
            [setting.name.to_owned(), setting.value.clone(), printable(&setting.source.to_string())]
        });
        let common = Self {
            settings: settings.collect(),
            warnings: resolution.warnings.clone(),
            asks: resolution.pending.clone(),
            entries,
            last_hour: Lately { exports: [0; 3], entries: of_hour },
            last_day: Lately { exports: [0; 3], entries: of_day },
            files,
            ..Self::disabled(resolution.decided_by)
        };
        match &resolution.outcome {
            Outcome::Off { reason } => Self { reason: Some(printable(reason)), ..common },
            Outcome::Degraded { tier, reason } => {
                Self { state: "degraded", tier: *tier, reason: Some(printable(reason)), ..common }
            }
            Outcome::On(config) => {
                let on = Self {
                    state: "active",
                    tier: config.tier.number(),
                    trust: resolution.approval.map(Approval::as_str),
                    endpoint: Some(config.endpoint.to_string()),
                    project: config.project.as_ref().map(|it| printable(&it.to_string())),
                    team: config.team.as_ref().map(|it| printable(&it.to_string())),
                    interval_seconds: Some(config.interval.as_secs_f64()),
                    ..common
                };
                match project.map(Project::exports) {
                    Some(exports) => on.with(&exports, now),
                    None => on,
                }
            }
        }
    }

    /// With how the exports are doing.
    fn with(self, exports: &Exports, now: Moment) -> Self {
        let Exports { health, counts, recent } = exports;
        let failing = health.consecutive_failures() > 0;
        let last_error = counts.last_error.clone().filter(|_| failing);
        Self {
            state: health.state().as_str(),
            reason: health.broken().map(str::to_owned).or(last_error),
            consecutive_failures: health.consecutive_failures(),
            cooldown_remaining: health.cooldown_remaining(now),
            transitions: health.transitions().copied().collect(),
            last_hour: Lately { exports: recent.within(now, HOUR), ..self.last_hour },
            last_day: Lately { exports: recent.within(now, DAY), ..self.last_day },
            exports: counts.clone(),
            ..self
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
            exports: ExportCounts::default(),
            consecutive_failures: 0,
            cooldown_remaining: None,
            transitions: Vec::new(),
            last_hour: Lately::default(),
            last_day: Lately::default(),
            files: Files::default(),
        }
    }
}
