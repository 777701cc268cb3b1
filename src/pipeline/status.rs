//! `status()`: whether telemetry is on, why, and whether it works. `ProjectStatus` is a part of it
//! and of the status file.

use crate::config::{
    self, Approval, ConfigError, Environment, Outcome, PendingApproval, RecordedApproval,
    Resolution, printable,
};
use crate::diagnostics::FileCounts;
use crate::metrics::series::ValuesInUse;
use crate::otlp::reporting_period::Timetable;
use crate::project::export_drop_reason::ExportDropReason;
use crate::project::exports::{ExportCounts, Exports, RecentExports};
use crate::project::health::Transition;
use crate::project::obstacle::{Obstacle, state_of};
use crate::project::state::State;
use crate::record::entry_counts::{DropReason, EntryCounts};
use crate::record::statistics::{RecentEntries, Statistics};
use crate::util::clock::Timestamp;
use crate::util::named_counts::serialize_named_counts;
use crate::util::recent::{DAY, HOUR};
use serde::{Serialize, Serializer};
use std::path::Path;

/// The state of one project's telemetry and of the process. Contains no secret. Serialised as
/// JavaScript sees it; `binding/types.d.ts` declares it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// What is specific to the project.
    #[serde(flatten)]
    pub project: ProjectStatus,
    /// The version of this package.
    pub version: &'static str,
    /// Every setting that was made, and where.
    pub settings: Vec<SettingStatus>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// What the user has approved, if that is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approved>,
    /// What the project asks for, while it waits for the user's approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks: Option<Asks>,
    /// What has become of the entries of the whole process.
    pub entries: EntryCounts,
    /// What has become of the log and the status file.
    pub files: FileCounts,
}

/// The part of a status that is specific to one project.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectStatus {
    /// The state.
    pub state: State,
    /// Why it is not `active`, or why the last export failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The effective tier: 0, 1 or 2.
    pub tier: u8,
    /// Which side decided the tier.
    pub decided_by: &'static str,
    /// Why the approval holds, while something is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<&'static str>,
    /// Scheme, host, port and path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// How requests are encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<&'static str>,
    /// Aggregation temporality of sums.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporality: Option<&'static str>,
    /// `project.name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// `team`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Time between exports, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<f64>,
    /// How finely the receiver can tell when something happened: `minute`, `hour` or `day`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<&'static str>,
    /// At a coarse resolution: between which times the next request may be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_request: Option<NextRequest>,
    /// How long nothing will be sent, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_remaining_ms: Option<u64>,
    /// The last changes of the state, the oldest first.
    pub transitions: Vec<Transition>,
    /// What happened in the last hour, to five minutes.
    pub last_hour: RecentCounts,
    /// What happened in the last 24 hours, to five minutes.
    pub last_day: RecentCounts,
    /// How the project's exports have gone.
    pub exports: ExportCounts,
    /// How much of the cardinality limits is in use.
    pub cardinality: Vec<ValuesInUse>,
}

/// Between which times the next request may be sent, in Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NextRequest {
    /// Not before this.
    pub from_ms: u64,
    /// Not after this.
    pub to_ms: u64,
}

/// One setting and where it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingStatus {
    /// The setting's name.
    pub name: &'static str,
    /// Its value; secrets are masked.
    pub value: String,
    /// A file, a variable, or `default`.
    pub source: String,
}

/// What the user has approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approved {
    /// When: RFC 3339, UTC.
    pub at: String,
    /// What was approved, a line each.
    pub terms: String,
}

/// What a project asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asks {
    /// The directory of the project's config.
    pub directory: String,
    /// What has to be approved, in one sentence.
    pub terms: String,
    /// What differs from what was approved before.
    pub changes: Vec<String>,
    /// The hash of these terms, for `trust`.
    pub hash: String,
}

/// What happened in the last hour, or in the last day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecentCounts {
    /// Exports of the project that the backend accepted.
    pub delivered: u64,
    /// Exports of the project that failed.
    pub failed: u64,
    /// Exports of the project that were dropped.
    pub dropped: u64,
    /// The same by reason, without zeros.
    #[serde(serialize_with = "by_export_reason")]
    pub dropped_by_reason: [u64; ExportDropReason::ALL.len()],
    /// Entries of the process that were accepted.
    pub accepted: u64,
    /// Entries of the process that were counted in the metrics.
    pub processed: u64,
    /// Entries of the process that were accepted and not counted.
    pub lost: u64,
    /// The same by reason, without zeros.
    #[serde(serialize_with = "by_entry_reason")]
    pub lost_by_reason: [u64; DropReason::ALL.len()],
}

/// The part of a status that is the same for all projects of the process.
#[derive(Clone, Debug, Default)]
pub struct ProcessStatus {
    /// What has become of the entries.
    pub entries: EntryCounts,
    /// The entries of the last hour.
    pub last_hour: RecentEntries,
    /// The entries of the last 24 hours.
    pub last_day: RecentEntries,
    /// What has become of the log and the status file.
    pub files: FileCounts,
}

impl Status {
    /// The status before `init`.
    pub fn not_started() -> Self {
        let reason = Some("Telemetry is off: init has not been called.".to_owned());
        let project = ProjectStatus { reason, ..ProjectStatus::disabled("default") };
        Self::without_resolution(project, ProcessStatus::default())
    }

    /// The status that a project would have, from its config alone.
    ///
    /// # Errors
    /// [`ConfigError`] if the config cannot be used.
    pub fn inspect(cwd: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let resolution = config::resolve(cwd, environment)?;
        let files = FileCounts { directory: environment.own_directory(), ..FileCounts::default() };
        let process = ProcessStatus { files, ..ProcessStatus::default() };
        Ok(Self::new(&resolution, None, None, process, Timestamp::now()))
    }

    /// The status of a project at `now`. `obstacle` keeps this process from exporting the project;
    /// `exports` is `None` if the process does not export it.
    pub fn new(
        resolution: &Resolution,
        obstacle: Option<Obstacle>,
        exports: Option<&Exports>,
        process: ProcessStatus,
        now: Timestamp,
    ) -> Self {
        let project = ProjectStatus::new(resolution, obstacle, exports, &process, now);
        let settings = resolution.settings.iter().map(|setting| SettingStatus {
            name: setting.name,
            value: setting.value.clone(),
            source: printable(&setting.source.to_string()),
        });
        Self {
            settings: settings.collect(),
            warnings: resolution.warnings.clone(),
            approved: resolution.recorded.as_ref().map(Approved::from),
            asks: resolution.pending.as_ref().map(Asks::from),
            ..Self::without_resolution(project, process)
        }
    }

    /// As a JSON object.
    pub fn to_json(&self) -> String {
        // Strings and numbers can always be serialised.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn without_resolution(project: ProjectStatus, process: ProcessStatus) -> Self {
        Self {
            project,
            version: env!("CARGO_PKG_VERSION"),
            settings: Vec::new(),
            warnings: Vec::new(),
            approved: None,
            asks: None,
            entries: process.entries,
            files: process.files,
        }
    }
}

impl ProjectStatus {
    /// The same part of [`Status::new`], from the same arguments.
    pub fn new(
        resolution: &Resolution,
        obstacle: Option<Obstacle>,
        exports: Option<&Exports>,
        process: &ProcessStatus,
        now: Timestamp,
    ) -> Self {
        let (state, reason) = state_of(&resolution.outcome, obstacle, exports);
        let status = Self {
            state,
            reason,
            last_hour: RecentCounts::new(RecentExports::default(), process.last_hour),
            last_day: RecentCounts::new(RecentExports::default(), process.last_day),
            ..Self::disabled(resolution.decided_by)
        };
        let config = match &resolution.outcome {
            Outcome::Off { .. } => return status,
            Outcome::Degraded { tier, .. } => return Self { tier: *tier, ..status },
            Outcome::On(config) => config,
        };
        let status = Self {
            tier: config.tier.number(),
            trust: resolution.approval.map(Approval::as_str),
            endpoint: Some(config.endpoint.to_string()),
            protocol: Some(config.protocol.as_str()),
            temporality: Some(config.temporality.as_str()),
            project: config.project.as_ref().map(|it| printable(&it.to_string())),
            team: config.team.as_ref().map(|it| printable(&it.to_string())),
            interval_seconds: Some(config.interval.as_secs_f64()),
            resolution: Some(config.resolution.as_str()),
            next_request: Timetable::of(config.resolution).map(|timetable| {
                let (from_ms, to_ms) = timetable.next_window(now.unix_ms);
                NextRequest { from_ms, to_ms }
            }),
            ..status
        };
        let Some(exports) = exports else { return status };
        let Exports { health, counts, .. } = exports;
        let cooldown = health.cooldown_remaining(now);
        let transitions = match obstacle {
            Some(Obstacle::NoThread | Obstacle::NoRoom) => Vec::new(),
            _ => health.transitions().copied().collect(),
        };
        Self {
            cooldown_remaining_ms: cooldown.and_then(|left| u64::try_from(left.as_millis()).ok()),
            transitions,
            last_hour: RecentCounts::new(exports.recent(now, HOUR), process.last_hour),
            last_day: RecentCounts::new(exports.recent(now, DAY), process.last_day),
            exports: ExportCounts {
                consecutive_failures: health.consecutive_failures(),
                ..counts.clone()
            },
            ..status
        }
    }

    fn disabled(decided_by: &'static str) -> Self {
        Self {
            state: State::Disabled,
            reason: None,
            tier: 0,
            decided_by,
            trust: None,
            endpoint: None,
            protocol: None,
            temporality: None,
            project: None,
            team: None,
            interval_seconds: None,
            resolution: None,
            next_request: None,
            cooldown_remaining_ms: None,
            transitions: Vec::new(),
            last_hour: RecentCounts::default(),
            last_day: RecentCounts::default(),
            exports: ExportCounts::default(),
            cardinality: Vec::new(),
        }
    }
}

impl ProcessStatus {
    /// The process at `now`.
    pub fn new(statistics: &Statistics, files: FileCounts, now: Timestamp) -> Self {
        let entries = statistics.observe(now);
        let (last_hour, last_day) = statistics.recent(now);
        Self { entries, last_hour, last_day, files }
    }
}

impl RecentCounts {
    fn new(exports: RecentExports, entries: RecentEntries) -> Self {
        let RecentExports { delivered, failed, dropped: dropped_by_reason } = exports;
        let RecentEntries { accepted, processed, dropped: lost_by_reason } = entries;
        let (dropped, lost) = (dropped_by_reason.iter().sum(), lost_by_reason.iter().sum());
        Self {
            delivered,
            failed,
            dropped,
            dropped_by_reason,
            accepted,
            processed,
            lost,
            lost_by_reason,
        }
    }
}

fn by_export_reason<S: Serializer>(
    counts: &[u64; ExportDropReason::ALL.len()],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serialize_named_counts(ExportDropReason::ALL.map(ExportDropReason::as_str), counts, serializer)
}

fn by_entry_reason<S: Serializer>(
    counts: &[u64; DropReason::ALL.len()],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serialize_named_counts(DropReason::ALL.map(DropReason::as_str), counts, serializer)
}

impl From<&RecordedApproval> for Approved {
    fn from(RecordedApproval { at, terms }: &RecordedApproval) -> Self {
        Self { at: printable(at), terms: terms.text() }
    }
}

impl From<&PendingApproval> for Asks {
    fn from(pending: &PendingApproval) -> Self {
        let PendingApproval { directory, terms, changes } = pending;
        Self {
            directory: directory.to_string_lossy().into_owned(),
            hash: terms.hash(),
            terms: terms.text(),
            changes: changes.iter().map(|change| printable(change)).collect(),
        }
    }
}
