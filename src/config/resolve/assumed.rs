//! The config that a project would have if the user approved it and turned telemetry on. A preview needs
//! it: the question whether to approve comes before the approval.

use crate::config::approval::approval::Approval;
use crate::config::approval::proposal::no_endpoint;
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
    pub config: Box<Config>,
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
    let off = match resolve(cwd, environment) {
        Ok(Resolution { outcome: Outcome::On(config), .. }) => {
            if assumption == Assumption::default() {
                let endpoint = Some(config.endpoint.to_string());
                return Ok(AssumedConfig { config, endpoint, off: None });
            }
            None
        }
        now => Some(why_off(now)),
    };
    let mut files = Files::read(cwd, environment)?;
    files.check()?;
    let mut environment = environment.clone();
    if off.is_some() {
        // What is not sent needs no value of a variable.
        files.mask();
        environment.variables.remove(&HEADERS);
    }
    let env = &environment.variables;
    let set = Target::of(files.project.as_ref(), files.personal_at_home.as_ref(), env)?;
    let has_endpoint = set.is_some();
    if !has_endpoint {
        let [_, base] = ENDPOINT;
        environment.variables.set(base, NO_ENDPOINT_YET);
    }
    let (mut config, shown) = of_files(&files, &environment, assumption, off.is_some())?;
    config.names = assumption.names.unwrap_or(config.names);
    Ok(AssumedConfig { config, endpoint: has_endpoint.then_some(shown), off })
}

/// The config of these files, and where it sends to. They have an endpoint, or the environment has.
fn of_files(
    files: &Files,
    environment: &Environment,
    assumption: Assumption,
    is_masked: bool,
) -> Result<(Box<Config>, String), ConfigError> {
    let (project, at_home) = (files.project.as_ref(), files.personal_at_home.as_ref());
    let target = Target::of(project, at_home, &environment.variables)?;
    let target = target.ok_or_else(|| no_endpoint(files))?;
    target.refuse_unencrypted()?;
    if let Some(error) = target.invalid_endpoint() {
        return Err(error);
    }
    // `status` shows the warnings.
    let warnings = &mut Vec::new();
    let Destination { endpoint, connection } =
        Destination::of(&target, project, environment, warnings)?;
    let is_unread = is_masked && target.has_variables();
    let (endpoint, shown) = match endpoint {
        Ok(endpoint) if !is_unread => {
            let shown = endpoint.to_string();
            (endpoint, shown)
        }
        Err(invalid) if !is_unread => return Err(target.error(&invalid)),
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
    Ok((Box::new(effective.config), shown))
}

/// Why nothing is sent now.
fn why_off(now: Result<Resolution, ConfigError>) -> String {
    match now {
        Ok(Resolution { pending: Some(_), .. }) => {
            "You have not approved this project yet.".to_owned()
        }
        Ok(Resolution { outcome, .. }) => match outcome {
            Outcome::Off { reason } | Outcome::Degraded { reason, .. } => printable(&reason),
            Outcome::On(_) => String::new(),
        },
        Err(error) => printable(&error.to_string()),
    }
}
