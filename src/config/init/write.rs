//! Writing config files for somebody who wants telemetry, and asking before anything else changes.

use crate::config::approval::consent;
use crate::config::approval::target::Target;
use crate::config::environment::Surroundings;
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::files::Files;
use crate::config::file::git::{self, Answer};
use crate::config::file::place::{PERSONAL_FILE, PROJECT_FILE, Place};
use crate::config::file::read::read;
use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use crate::config::init::edit::{Edit, edit, set, set_tier};
use crate::config::init::plan::{InitPlan, Initialized, PersonalPlace, PersonalPlan, ProjectPlan};
use crate::config::printable::printable;
use crate::config::value::tier::Level;
use crate::files::{self, Durability, Readers};
use jsonc_parser::cst::CstInputValue;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Writes config files, and notes that the engineer allows what the project's asks for.
///
/// # Errors
/// If what is wanted, or what is there already, is no usable config; or a file cannot be written.
/// Nothing is written then, but for what was before a file that the disk refuses.
pub fn init(
    cwd: &Path,
    surroundings: &Surroundings,
    plan: &InitPlan,
    now: SystemTime,
) -> Result<Initialized, ConfigError> {
    let place = Place::of(cwd);
    let mut found = Files::read(cwd, surroundings)?;
    let there_already = found.project.is_some() || found.beside.is_some();
    let mut edits = Vec::new();
    let mut asks = Vec::new();
    if let Some(plan) = &plan.project {
        let edit = project_edit(&place, plan)?;
        found.project = ConfigFile::parse(edit.path.clone(), edit.after.clone())?;
        if let Some(file) = &found.project {
            refuse_no_endpoint(file)?;
        }
        edits.push(edit);
    }
    if let Some(plan) = &plan.personal {
        let path = personal_path(&place, surroundings, plan.place)?;
        if plan.place == PersonalPlace::Project && place.is_in_git() {
            let ignore = keep_out_of_git(&place, &path, surroundings)?;
            if let Some(edit) = ignore {
                asks.push(format!("add {PERSONAL_FILE} to {}", edit.path.display()));
                edits.push(edit);
            }
        }
        let edit = personal_edit(path, plan, now)?;
        let parsed = ConfigFile::parse(edit.path.clone(), edit.after.clone())?;
        match plan.place {
            PersonalPlace::Home => found.at_home = parsed,
            PersonalPlace::Project => found.beside = parsed,
        }
        edits.push(edit);
    }
    for edit in &edits {
        edit.refuse_links(&place)?;
    }
    // What would be refused later on is refused before anything is written. What the engineer has just
    // said needs no question; what stood in the project before does.
    let unsaid = consent::unsaid(&found, surroundings)?;
    if let Some(terms) = unsaid.filter(|_| there_already) {
        let directory = found.directory().display();
        asks.push(printable(&format!("allow what the config in {directory} asks for: {terms}")));
    }
    if !asks.is_empty() && !plan.yes {
        return Ok(Initialized { asks, ..Initialized::default() });
    }
    let mut done = Initialized::default();
    for Edit { path, readers, before, after } in edits {
        if before.as_ref() == Some(&after) {
            done.unchanged.push(path);
            continue;
        }
        files::replace(&path, &after, readers, Durability::Power).map_err(|error| {
            let problem = format!("it cannot be written ({})", error.kind());
            ConfigError::of_file(&path, "", &problem, "make its directory writable")
        })?;
        done.written.push(path);
    }
    done.consent = Some(consent::agree(&found, surroundings, now)?);
    Ok(done)
}

/// An endpoint that is none is refused even while nothing is on.
fn refuse_no_endpoint(file: &ConfigFile<ProjectSettings>) -> Result<(), ConfigError> {
    let target = file.otel.endpoint.as_ref().map(|endpoint| Target::Project(file, endpoint));
    match target.and_then(|target| target.is_no_endpoint()) {
        Some((invalid, _)) => {
            let cure = "write it as http://127.0.0.1:4318";
            Err(file.error(&["endpoint"], &invalid.to_string(), cure))
        }
        None => Ok(()),
    }
}

fn project_edit(place: &Place, plan: &ProjectPlan) -> Result<Edit, ConfigError> {
    let there = place.candidates(PROJECT_FILE).find(|path| path.exists());
    let path = there.unwrap_or_else(|| place.top().join(PROJECT_FILE));
    let ProjectPlan { tier, endpoint, project, team } = plan;
    edit(path, Readers::Everyone, |otel| {
        set_tier(otel, *tier);
        for (name, value) in [("endpoint", endpoint), ("project", project), ("team", team)] {
            set(otel, name, value.as_ref().map(|text| text.as_str().into()));
        }
    })
}

fn personal_path(
    place: &Place,
    surroundings: &Surroundings,
    wanted: PersonalPlace,
) -> Result<PathBuf, ConfigError> {
    if wanted == PersonalPlace::Project {
        let there = place.candidates(PERSONAL_FILE).find(|path| path.exists());
        return Ok(there.unwrap_or_else(|| place.top().join(PERSONAL_FILE)));
    }
    surroundings.home.as_deref().map(|home| home.join(PERSONAL_FILE)).ok_or_else(|| {
        ConfigError::in_environment("HOME", "there is no home directory", "set HOME")
    })
}

fn personal_edit(path: PathBuf, plan: &PersonalPlan, now: SystemTime) -> Result<Edit, ConfigError> {
    let acknowledged = read(&path)?
        .map(|text| ConfigFile::<PersonalSettings>::parse(path.clone(), text))
        .transpose()?
        .flatten()
        .is_some_and(|file| file.otel.opt_in_acknowledged_at.is_some());
    let first = plan.tier == Some(Level::Named) && !acknowledged;
    let moment = first.then(|| humantime::format_rfc3339_seconds(now).to_string());
    edit(path, Readers::Engineer, |otel| {
        set_tier(otel, plan.tier);
        set(otel, "identity", plan.identity.as_deref().map(CstInputValue::from));
        set(otel, "opt_in_acknowledged_at", moment.map(CstInputValue::from));
    })
}

/// What has to be done so that the engineer's file stays theirs; `None` if nothing has.
fn keep_out_of_git(
    place: &Place,
    file: &Path,
    surroundings: &Surroundings,
) -> Result<Option<Edit>, ConfigError> {
    if git::is_tracked(file, &surroundings.env) == Answer::Yes {
        let cure = format!("take it out first with: git rm --cached {PERSONAL_FILE}");
        return Err(ConfigError::of_file(file, "", "this file is in git", &cure));
    }
    if git::is_ignored(file, &surroundings.env) == Answer::Yes {
        return Ok(None);
    }
    let path = place.top().join(".gitignore");
    let before = read(&path)?;
    let text = before.clone().unwrap_or_default();
    if text.lines().any(|line| line.trim().trim_start_matches('/') == PERSONAL_FILE) {
        return Ok(None);
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    let after = format!("{text}{gap}{PERSONAL_FILE}{newline}");
    Ok(Some(Edit { path, readers: Readers::Everyone, before, after }))
}
