//! The name that the user chooses for tier 2, and whether it is really the user's own setting.

use crate::config::environment::TIER;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::file::git::{self, Answer};
use crate::config::file::search_path::{PERSONAL_FILE, SearchPath};
use crate::config::printable::printable_path;
use crate::config::value::source::Source;
use crate::config::value::text::Text;
use crate::config::value::tier::{Level, Tier};
use crate::config::variables::Variables;
use std::path::Path;

/// The variable that sets the name for this launch.
const VARIABLE: &str = "CCXRAY_OTEL_IDENTITY";

/// The effective tier, and the source of the name. Tier 2 without a name becomes tier 1.
pub(crate) fn tier(
    files: &Files,
    level: Level,
    launch: Option<Level>,
    env: &Variables,
    warnings: &mut Vec<String>,
) -> Result<(Tier, Option<Source>), ConfigError> {
    if level != Level::Named || !is_own_choice(files, launch, env, warnings) {
        return Ok((Tier::Anonymous, None));
    }
    let named = name(files, env, warnings)?;
    let named = named.filter(|(name, _)| !name.reveal().trim().is_empty());
    if let Some((identity, source)) = named {
        return Ok((Tier::Named { identity }, Some(source)));
    }
    warnings.push(format!(
        "Tier 2 needs a name. Using tier 1. To set it: ccxray-otel init --tier 2 --identity NAME, or \
         set {VARIABLE}."
    ));
    Ok((Tier::Anonymous, None))
}

/// Whether the user has chosen tier 2: in the home directory, for this launch, or in a personal file in
/// the project that is not in git.
fn is_own_choice(
    files: &Files,
    launch: Option<Level>,
    env: &Variables,
    warnings: &mut Vec<String>,
) -> bool {
    let at_home = files.personal_at_home.as_ref().and_then(|file| file.otel.tier);
    let in_project = files.personal_in_project.as_ref();
    launch.or(at_home).is_some()
        || in_project.is_none_or(|file| is_private(&file.path, "tier 2", env, warnings))
}

/// The name for this launch, else that of the personal file in the project, else in the home directory.
fn name(
    files: &Files,
    env: &Variables,
    warnings: &mut Vec<String>,
) -> Result<Option<(Text, Source)>, ConfigError> {
    if let Some(name) = env.get(VARIABLE) {
        return Ok(Some((Text::literal(name), Source::Environment(VARIABLE))));
    }
    for file in [&files.personal_in_project, &files.personal_at_home].into_iter().flatten() {
        if let Some(template) = &file.otel.identity
            && is_private(&file.path, "the identity", env, warnings)
        {
            let name = file.fill_in(&["identity"], template, env)?;
            return Ok(Some((name, Source::File(file.path.clone()))));
        }
    }
    Ok(None)
}

/// Whether a personal file is not in git. Everyone who clones a repository gets its files.
fn is_private(file: &Path, what: &str, env: &Variables, warnings: &mut Vec<String>) -> bool {
    // A link that is not in git may lead to a file that is.
    let target = file.canonicalize().ok().filter(|target| target != file);
    let is_in_git =
        |file: &&Path| file.parent().is_some_and(|directory| SearchPath::of(directory).is_in_git());
    let places = [Some(file), target.as_deref()].into_iter().flatten().filter(is_in_git);
    let answers: Vec<_> = places.map(|file| git::is_tracked(file, env)).collect();
    let worst = [Answer::Yes, Answer::Unknown].into_iter().find(|it| answers.contains(it));
    let path = printable_path(file);
    let warning = match worst.unwrap_or(Answer::No) {
        Answer::No => return true,
        Answer::Yes => format!(
            "{path} is in git, so {what} in it is not used. Take it out of git: git rm --cached \
             {PERSONAL_FILE}"
        ),
        Answer::Unknown => format!(
            "Git cannot say whether {path} is in the repository, so {what} in it is not used. Set it \
             in the {PERSONAL_FILE} of your home directory, or set {TIER} and {VARIABLE}."
        ),
    };
    warnings.push(warning);
    false
}
