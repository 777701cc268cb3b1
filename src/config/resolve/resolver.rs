//! From files and environment to what a project does.

use crate::config::approval::approval::Approval;
use crate::config::approval::basis::{Basis, NotApproved, PendingApproval, basis};
use crate::config::approval::decision::{TierDecision, TierSettings, decide};
use crate::config::approval::proposal::Proposal;
use crate::config::approval::target::Target;
use crate::config::environment::{Environment, INIT_NAMED, SwitchedOff, TIER};
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::file::settings::AcknowledgedAt;
use crate::config::printable::printable_path;
use crate::config::resolve::destination::Destination;
use crate::config::resolve::effective::Effective;
use crate::config::resolve::identity;
use crate::config::resolve::off_reason::off_reason;
use crate::config::resolve::resolution::{Outcome, Resolution};
use crate::config::resolve::warnings::{of_connection, personal_in_git};
use crate::config::value::source::{Setting, Source};
use crate::config::value::tier::Level;
use std::path::Path;

/// The variable that asks for no line on standard error.
const NOTICE: &str = "CCXRAY_OTEL_NOTICE";

/// Decides whether the project in `cwd` exports, and how.
///
/// # Errors
/// [`ConfigError`] if a file is malformed, contains a secret or names a variable that is not set, if a
/// variable cannot be used, or if tier 1 or 2 applies but there is no endpoint.
pub fn resolve(cwd: &Path, environment: &Environment) -> Result<Resolution, ConfigError> {
    // Even a malformed file is not an error then.
    if let Some(SwitchedOff { decided_by, reason }) = environment.switched_off() {
        return Ok(Resolution::off(decided_by, reason));
    }
    if !cwd.is_absolute() {
        let reason = format!(
            "Telemetry is off: the project directory \"{}\" is not an absolute path.",
            printable_path(cwd)
        );
        return Ok(Resolution::off("default", reason));
    }
    let launch = environment.launch();
    of_files(&Files::read(cwd, environment)?, environment, launch?)
}

/// The tier that all sides of these files allow.
pub(crate) fn tier_of(files: &Files, launch: Option<Level>) -> Level {
    decide(TierSettings::of(files, launch)).level
}

/// The result for these files.
fn of_files(
    files: &Files,
    environment: &Environment,
    launch: Option<Level>,
) -> Result<Resolution, ConfigError> {
    files.check()?;
    let env = &environment.variables;
    let decision = decide(TierSettings::of(files, launch));
    let TierDecision { level, decided_by, is_choice_missing, .. } = decision;
    let warning = decision.warning.map(|warning| {
        if is_choice_missing {
            format!("{warning} To choose: {}", environment.hint(INIT_NAMED))
        } else {
            warning
        }
    });
    let mut resolution = Resolution {
        level,
        settings: tiers(files, launch).into_iter().chain(opt_ins(files)).collect(),
        warnings: files.warnings().chain(warning).collect(),
        status_command: Some(environment.hint("status")),
        is_quiet: env.get(NOTICE) == Some("0"),
        ..Resolution::off(decided_by, off_reason(files, decided_by, environment))
    };
    if level == Level::Disabled {
        return Ok(resolution);
    }
    let proposal = Proposal::of(files, launch, env)?;
    let degraded = |error: &ConfigError| {
        let reason = error.to_string();
        Outcome::Degraded { tier: level.number(), reason }
    };
    if let Some(error) = proposal.target.invalid_endpoint() {
        resolution.outcome = degraded(&error);
        return Ok(resolution);
    }
    let Basis { approval, of_personal, recorded } = match basis(&proposal, files, environment) {
        Ok(basis) => basis,
        Err(NotApproved { reason, pending }) => {
            resolution.warnings = files.warnings().collect();
            resolution.outcome = Outcome::Off { reason: format!("untrusted: {reason}") };
            resolution.pending = Some(*pending);
            return Ok(resolution);
        }
    };
    resolution.approval = Some(approval);
    resolution.recorded = recorded;
    let is_of_environment = matches!(proposal.target, Target::Environment { .. });
    if let Some(error) = environment.other_exporters().filter(|_| is_of_environment) {
        resolution.outcome = degraded(&error);
        return Ok(resolution);
    }
    let project = files.project.as_ref();
    let warnings = &mut resolution.warnings;
    let Destination { endpoint, connection } =
        Destination::of(&proposal.target, project, environment, warnings)?;
    let endpoint = match endpoint {
        Ok(endpoint) => endpoint,
        Err(invalid) => {
            resolution.outcome = degraded(&proposal.target.error(&invalid));
            return Ok(resolution);
        }
    };
    warnings.extend(of_connection(&endpoint, &connection));
    warnings.extend(unused_endpoint(files));
    let tier = identity::tier(files, (level, launch), of_personal, environment, warnings)?;
    if let Some(file) = &files.personal_in_project {
        warnings.extend(personal_in_git(&file.path, warnings));
    }
    resolution.pending = left_out(&proposal, files, of_personal, level);
    let basis = (approval, environment);
    let effective = Effective::of(files, tier, endpoint, connection, basis, warnings)?;
    resolution.settings.extend(effective.settings());
    resolution.outcome = Outcome::On(Box::new(effective.config));
    Ok(resolution)
}

/// What the user can still approve although the project exports: the personal file in it.
fn left_out(
    proposal: &Proposal<'_>,
    files: &Files,
    of_personal: Option<Approval>,
    level: Level,
) -> Option<PendingApproval> {
    let is_left_out = level == Level::Named && of_personal.is_none();
    let terms = proposal.terms.as_ref().filter(|terms| is_left_out && !terms.personal.is_empty());
    let (directory, changes) = (files.directory().to_owned(), Vec::new());
    terms.map(|terms| PendingApproval { directory, terms: terms.clone(), changes })
}

/// The warning about an endpoint in a personal file that may be part of a cloned repository.
fn unused_endpoint(files: &Files) -> Option<String> {
    let file = files.personal_in_project.as_ref()?;
    file.otel.endpoint.as_ref()?;
    let (path, (line, column)) = (printable_path(&file.path), file.position(&["endpoint"]));
    Some(format!(
        "{path}:{line}:{column}: This endpoint is not used. Set it in the .ccxray.user.json of your \
         home directory."
    ))
}

/// When the user first chose tier 2, and where that is written.
fn opt_ins(files: &Files) -> impl Iterator<Item = Setting> {
    let personal = [&files.personal_in_project, &files.personal_at_home].into_iter().flatten();
    personal.filter_map(|file| {
        let AcknowledgedAt(value) = file.otel.opt_in_acknowledged_at.clone()?;
        let source = Source::File(file.path.clone());
        Some(Setting { name: "opt_in_acknowledged_at", value, source })
    })
}

/// The tier that each side sets, and where.
fn tiers(files: &Files, launch: Option<Level>) -> Vec<Setting> {
    let file = |level: Option<Level>, path: &Path| {
        level.map(|level| (level, Source::File(path.to_owned())))
    };
    let project = files.project.as_ref().and_then(|it| file(it.otel.level(), &it.path));
    let personal = [&files.personal_in_project, &files.personal_at_home].into_iter().flatten();
    let personal = personal.filter_map(|it| file(it.otel.tier, &it.path));
    let launch = launch.map(|level| (level, Source::Environment(TIER)));
    let setting = |(level, source): (Level, Source)| Setting {
        name: "tier",
        value: level.number().to_string(),
        source,
    };
    project.into_iter().chain(personal).chain(launch).map(setting).collect()
}
