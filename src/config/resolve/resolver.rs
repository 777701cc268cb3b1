//! From files and environment to what a project does.

use crate::config::approval::basis::{Untrusted, basis};
use crate::config::approval::decision::{Decision, Sides, decide};
use crate::config::approval::request::Request;
use crate::config::environment::Surroundings;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::resolve::destination::Destination;
use crate::config::resolve::effective::Effective;
use crate::config::resolve::identity;
use crate::config::resolve::resolution::{Outcome, Resolution};
use crate::config::value::endpoint::InvalidEndpoint;
use crate::config::value::source::{Setting, Source};
use crate::config::value::tier::Level;
use std::path::Path;

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
    of_files(&Files::read(cwd, surroundings)?, surroundings, launch?)
}

/// What comes of these files.
fn of_files(
    files: &Files,
    surroundings: &Surroundings,
    launch: Option<Level>,
) -> Result<Resolution, ConfigError> {
    files.check()?;
    let env = &surroundings.env;
    let decision = decide(Sides::of(files, launch));
    let mut resolution = Resolution::off(&decision);
    resolution.settings = tiers(files, launch);
    if decision.level == Level::Disabled {
        return Ok(resolution);
    }
    let request = Request::of(files, decision, launch, env)?;
    let level = request.decision.level;
    let degraded = |invalid: InvalidEndpoint, source: Source| {
        let reason = format!("{invalid} ({source})");
        Outcome::Degraded { tier: level.number(), reason }
    };
    if let Some((invalid, source)) = request.no_endpoint() {
        resolution.outcome = degraded(invalid, source);
        return Ok(resolution);
    }
    match basis(&request, files, surroundings) {
        Ok(trust) => resolution.trust = Some(trust),
        Err(Untrusted { reason, asks }) => {
            resolution.warnings.clear();
            resolution.outcome = Outcome::Off { reason: format!("untrusted: {reason}") };
            resolution.asks = Some(*asks);
            return Ok(resolution);
        }
    }
    let Destination { endpoint, way } = Destination::of(request.target, env)?;
    let endpoint = match endpoint {
        Ok(endpoint) => endpoint,
        Err(invalid) => {
            resolution.outcome = degraded(invalid, way.source);
            return Ok(resolution);
        }
    };
    let warnings = &mut resolution.warnings;
    if files.beside.as_ref().is_some_and(|file| file.otel.endpoint.is_some()) {
        warnings.push(
            "the endpoint in the project's .ccxray.user.json is not used; name it in the one \
             of your home"
                .to_owned(),
        );
    }
    let tier = identity::tier(files, level, launch, env, warnings)?;
    let effective = Effective::of(files, tier, endpoint, way, surroundings, warnings)?;
    resolution.settings.extend(effective.settings());
    resolution.outcome = Outcome::On(Box::new(effective.config));
    Ok(resolution)
}

/// What each side has said about the tier, and where.
fn tiers(files: &Files, launch: Option<Level>) -> Vec<Setting> {
    let file = |level: Option<Level>, path: &Path| {
        level.map(|level| (level, Source::File(path.to_owned())))
    };
    let project = files.project.as_ref().and_then(|it| file(it.otel.level(), &it.path));
    let own = [&files.beside, &files.at_home].into_iter().flatten();
    let own = own.filter_map(|it| file(it.otel.tier, &it.path));
    let launch = launch.map(|level| (level, Source::Environment("CCXRAY_OTEL_TIER")));
    let sides = project.into_iter().chain(own).chain(launch);
    let setting = |(level, source): (Level, Source)| Setting {
        name: "tier",
        value: level.number().to_string(),
        source,
    };
    sides.map(setting).collect()
}
