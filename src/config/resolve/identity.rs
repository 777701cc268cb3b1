//! Who the engineer says they are, for tier 2, and whether it is theirs to say.

use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::file::git::{self, Answer};
use crate::config::file::place::{PERSONAL_FILE, Place};
use crate::config::printable::printable;
use crate::config::value::source::Source;
use crate::config::value::text::Text;
use crate::config::value::tier::{Level, Tier};
use crate::config::variables::Env;
use std::path::Path;

/// The variable that names the engineer for this launch.
const VARIABLE: &str = "CCXRAY_OTEL_IDENTITY";

/// The effective tier, and where the engineer's name stands. Without a name tier 2 is tier 1.
pub(crate) fn tier(
    files: &Files,
    level: Level,
    launch: Option<Level>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<(Tier, Option<Source>), ConfigError> {
    if level != Level::Named || !is_own_word(files, launch, env, warnings) {
        return Ok((Tier::Anonymous, None));
    }
    let named = name(files, env, warnings)?;
    let named = named.filter(|(name, _)| !name.reveal().trim().is_empty());
    if let Some((identity, source)) = named {
        return Ok((Tier::Named { identity }, Some(source)));
    }
    warnings.push(
        "tier 2 needs an identity (\"identity\" in your .ccxray.user.json, or \
         CCXRAY_OTEL_IDENTITY); tier 1 is used"
            .to_owned(),
    );
    Ok((Tier::Anonymous, None))
}

/// Whether it is the engineer who has said tier 2, at home or for this launch, or in a file beside the
/// project's that has not come along with it.
fn is_own_word(
    files: &Files,
    launch: Option<Level>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> bool {
    let at_home = files.at_home.as_ref().and_then(|file| file.otel.tier);
    let beside = files.beside.as_ref();
    let elsewhere = launch.or(at_home).is_some();
    elsewhere || beside.is_none_or(|file| is_private(&file.path, "tier 2", env, warnings))
}

/// The name for this launch, else that in the engineer's file in the project, else the one at home.
fn name(
    files: &Files,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<Option<(Text, Source)>, ConfigError> {
    if let Some(name) = env.get(VARIABLE) {
        return Ok(Some((Text::literal(name), Source::Environment(VARIABLE))));
    }
    for file in [&files.beside, &files.at_home].into_iter().flatten() {
        if let Some(template) = &file.otel.identity
            && is_private(&file.path, "the identity", env, warnings)
        {
            let name = file.fill_in(&["identity"], template, env)?;
            return Ok(Some((name, Source::File(file.path.clone()))));
        }
    }
    Ok(None)
}

/// Whether the engineer's file is theirs alone: whoever clones a repository gets what is in git.
fn is_private(file: &Path, what: &str, env: &Env, warnings: &mut Vec<String>) -> bool {
    // A link that git does not know may lead to a file that it does.
    let target = file.canonicalize().ok().filter(|target| target != file);
    let is_in_git =
        |file: &&Path| file.parent().is_some_and(|directory| Place::of(directory).is_in_git());
    let places = [Some(file), target.as_deref()].into_iter().flatten().filter(is_in_git);
    let answers: Vec<_> = places.map(|file| git::is_tracked(file, env)).collect();
    let worst = [Answer::Yes, Answer::Unknown].into_iter().find(|it| answers.contains(it));
    let shown = printable(&file.to_string_lossy());
    let told = match worst.unwrap_or(Answer::No) {
        Answer::No => return true,
        Answer::Yes => format!(
            "{shown} is in git, so {what} in it is not used; take it out with: git rm --cached \
             {PERSONAL_FILE}"
        ),
        Answer::Unknown => format!(
            "git does not say whether {shown} is in the repository, so {what} in it is not used; put \
             it into the file of your home, or into CCXRAY_OTEL_TIER and {VARIABLE}"
        ),
    };
    warnings.push(told);
    false
}
