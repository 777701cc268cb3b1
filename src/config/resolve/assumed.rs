//! The config that a project would have if the user approved it and turned telemetry on. A preview needs
//! it: the question whether to approve comes before the approval.

use crate::config::approval::approval::Approval;
use crate::config::approval::target::Target;
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::printable::printable;
use crate::config::resolve::config::Config;
use crate::config::resolve::destination::Destination;
use crate::config::resolve::effective::Effective;
use crate::config::resolve::identity;
use crate::config::resolve::resolution::{Outcome, Resolution};
use crate::config::resolve::resolver::{resolve, tier_of};
use crate::config::value::choice::Names;
use crate::config::value::endpoint::Endpoint;
use crate::config::value::text::Text;
use crate::config::value::tier::{Level, Tier};
use crate::config::variable_names::{ENDPOINT, HEADERS};
use std::path::Path;

/// Stands for the name that the user has not chosen yet.
const NO_NAME_YET: &str = "(your name)";
/// Stands for the endpoint while none is set. Nothing is sent there: it is only a part of a config.
const NO_ENDPOINT_YET: &str = "http://127.0.0.1:4318";

/// What a preview assumes instead of what is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assumption {
    /// The tier, whatever each side sets.
    pub tier: Option<Level>,
    /// Which names are sent at tier 1.
    pub names: Option<Names>,
}

/// The config that a project would have.
#[derive(Clone, Debug, PartialEq)]
pub struct AssumedConfig {
    /// The config. If nothing is sent now, no variable that a file names was read for it.
    pub config: Config,
    /// Where it sends to, as the user may see it. `None` if no endpoint is set.
    pub endpoint: Option<String>,
    /// Why nothing is sent now; `None` if the project exports.
    pub off: Option<String>,
}

/// The config that the project in `cwd` would have. If it exports now and nothing else is assumed, that is
/// the config with which it exports.
///
/// # Errors
/// [`ConfigError`] if a file is malformed or contains what no file may contain, or if the endpoint cannot
/// be used.
pub fn assume(
    cwd: &Path,
    environment: &Environment,
    assumption: Assumption,
) -> Result<AssumedConfig, ConfigError> {
    let now = resolve(cwd, environment);
    if let Ok(Resolution { outcome: Outcome::On(config), .. }) = &now
        && assumption == Assumption::default()
    {
        let config = Config::clone(config);
        let endpoint = Some(config.endpoint.to_string());
        return Ok(AssumedConfig { config, endpoint, off: None });
    }
    let off = why_off(&now);
    let files = Files::read(cwd, environment)?;
    files.check()?;
    // What is not sent needs no value of a variable.
    let (files, environment) = if off.is_some() {
        let variables = environment.variables.clone().without(&HEADERS);
        (files.masked(), &Environment { variables, ..environment.clone() })
    } else {
        (files, environment)
    };
    of_files(&files, environment, assumption, off)
}

fn of_files(
    files: &Files,
    environment: &Environment,
    assumption: Assumption,
    off: Option<String>,
) -> Result<AssumedConfig, ConfigError> {
    let (project, at_home) = (files.project.as_ref(), files.personal_at_home.as_ref());
    let [_, base] = ENDPOINT;
    let variables = environment.variables.clone().with_default(base, NO_ENDPOINT_YET);
    let stand_in = Environment { variables, ..environment.clone() };
    let set = Target::of(project, at_home, &environment.variables)?;
    let (target, environment, has_endpoint) = if let Some(target) = set {
        (target, environment, true)
    } else {
        let endpoint = Endpoint::from_base(&Text::literal(NO_ENDPOINT_YET));
        (Target::Environment { variable: base, endpoint }, &stand_in, false)
    };
    target.refuse_unencrypted()?;
    if let Some(error) = target.invalid_endpoint() {
        return Err(error);
    }
    // `status` shows the warnings.
    let warnings = &mut Vec::new();
    let Destination { endpoint, connection } =
        Destination::of(&target, project, environment, warnings)?;
    let is_known = endpoint.is_ok() && (off.is_none() || !target.has_variables());
    let (endpoint, shown) = match endpoint {
        Ok(endpoint) if is_known => {
            let shown = endpoint.to_string();
            (endpoint, shown)
        }
        Err(invalid) if !target.has_variables() => return Err(target.error(&invalid)),
        // With variables that are not read, it is nothing to send to.
        Ok(_) | Err(_) => {
            let stand_in = Endpoint::from_base(&Text::literal(NO_ENDPOINT_YET));
            (stand_in.map_err(|invalid| target.error(&invalid))?, printable(&target.shown()))
        }
    };
    let launch = environment.launch()?;
    let level = match assumption.tier {
        Some(level) => level,
        None => tier_of(files, launch).max(Level::Anonymous),
    };
    let approval = Approval::Approved;
    let (tier, source) =
        identity::tier(files, (level, launch), Some(approval), environment, warnings)?;
    let is_assumed = assumption.tier == Some(Level::Named) && tier == Tier::Anonymous;
    let identity = Text::literal(NO_NAME_YET);
    let tier = if is_assumed { Tier::Named { identity } } else { tier };
    let basis = (approval, environment);
    let effective = Effective::of(files, (tier, source), endpoint, connection, basis, warnings)?;
    let mut config = effective.config;
    config.names = assumption.names.unwrap_or(config.names);
    Ok(AssumedConfig { config, endpoint: has_endpoint.then_some(shown), off })
}

/// Why nothing is sent now.
fn why_off(now: &Result<Resolution, ConfigError>) -> Option<String> {
    match now {
        Ok(Resolution { outcome: Outcome::On(_), .. }) => None,
        Ok(Resolution { pending: Some(_), .. }) => {
            Some("You have not approved this project yet.".to_owned())
        }
        Ok(Resolution {
            outcome: Outcome::Off { reason } | Outcome::Degraded { reason, .. },
            ..
        }) => Some(printable(reason)),
        Err(error) => Some(printable(&error.to_string())),
    }
}
