//! The name that the user chooses for tier 2, and whether it is really the user's own setting.

use crate::config::approval::approval::Approval;
use crate::config::environment::{Environment, INIT_NAMED, TIER};
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::files::Files;
use crate::config::file::search_path::PERSONAL_FILE;
use crate::config::file::settings::PersonalSettings;
use crate::config::file::standing::doubt;
use crate::config::git::tracking::{Tracking, tracking};
use crate::config::printable::{printable_path, shell_argument};
use crate::config::value::source::Source;
use crate::config::value::text::Text;
use crate::config::value::tier::{Level, Tier};
use crate::config::variables::Variables;

/// The variable that sets the name for this launch.
const VARIABLE: &str = "CCXRAY_OTEL_IDENTITY";

/// The effective tier, and the source of the name. Tier 2 without a name becomes tier 1. `approval` is
/// that of the personal file in the project.
pub(crate) fn tier(
    files: &Files,
    (level, launch): (Level, Option<Level>),
    approval: Option<Approval>,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> Result<(Tier, Option<Source>), ConfigError> {
    if level != Level::Named {
        return Ok((Tier::Anonymous, None));
    }
    let env = &environment.variables;
    let in_project = in_project(files, env, approval, environment, warnings);
    let at_home = files.personal_at_home.as_ref();
    let own_level = launch.or(at_home.and_then(|file| file.otel.tier));
    if own_level.or(in_project.and_then(|file| file.otel.tier)).is_none() {
        return Ok((Tier::Anonymous, None));
    }
    let named = name([in_project, at_home], env)?;
    let named = named.filter(|(name, _)| !name.reveal().trim().is_empty());
    if let Some((identity, source)) = named {
        return Ok((Tier::Named { identity }, Some(source)));
    }
    let init = environment.hint(INIT_NAMED);
    warnings
        .push(format!("Tier 2 needs a name. Using tier 1. To set it: {init}, or set {VARIABLE}."));
    Ok((Tier::Anonymous, None))
}

/// The name for this launch, else that of the first file that has one.
fn name(
    files: [Option<&ConfigFile<PersonalSettings>>; 2],
    env: &Variables,
) -> Result<Option<(Text, Source)>, ConfigError> {
    if let Some(name) = env.get(VARIABLE) {
        return Ok(Some((Text::from_variable(name, VARIABLE), Source::Environment(VARIABLE))));
    }
    for file in files.into_iter().flatten() {
        if let Some(template) = &file.otel.identity {
            let name = file.fill_in(&["identity"], template, env)?;
            return Ok(Some((name, Source::File(file.path.clone()))));
        }
    }
    Ok(None)
}

/// The personal file in the project, if it is the user's own: approved, and not in git. Everyone who
/// clones a repository gets its files, and an archive can bring one too.
fn in_project<'a>(
    files: &'a Files,
    env: &Variables,
    approval: Option<Approval>,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> Option<&'a ConfigFile<PersonalSettings>> {
    let file = files.personal_in_project.as_ref()?;
    let PersonalSettings { tier, identity, .. } = &file.otel;
    let of_home = files.personal_at_home.as_ref().map(|file| &file.otel);
    // A file that only lowers the tier adds nothing.
    let is_used = identity.as_ref().is_some_and(|_| env.get(VARIABLE).is_none())
        || (tier.is_some() && of_home.is_none_or(|home| home.tier.is_none()));
    if !is_used {
        return None;
    }
    let what = if identity.is_some() { "the identity" } else { "tier 2" };
    let path = printable_path(&file.path);
    let elsewhere = format!(
        "Set it in the {PERSONAL_FILE} of your home directory, or set {TIER} and {VARIABLE}."
    );
    // Without an approval nothing else matters, so the index is not read.
    let tracking = approval.map_or(Tracking::No, |_| tracking(&file.path));
    let warning = match (tracking, approval) {
        (Tracking::No, Some(Approval::Approved)) => return Some(file),
        // A machine that a team manages has no record of this file. So it has to be the user's own.
        (Tracking::No, Some(_)) if files.search_path.is_in_git() && doubt(&file.path).is_none() => {
            return Some(file);
        }
        (Tracking::Yes, _) => format!(
            "{path} is in git, so {what} in it is not used. Take it out of git: git rm --cached \
             {PERSONAL_FILE}"
        ),
        (Tracking::Unclear, _) => format!(
            "It is unclear whether {path} is in the repository, so {what} in it is not used. \
             {elsewhere}"
        ),
        (Tracking::No, Some(_)) => {
            format!("{path} may be another person's, so {what} in it is not used. {elsewhere}")
        }
        (Tracking::No, None) => format!(
            "You have not approved {path}, so {what} in it is not used. To approve: {} trust {}",
            environment.program(),
            shell_argument(files.directory()),
        ),
    };
    warnings.push(warning);
    None
}
