//! Writing config files, after a confirmation of everything that the user has not asked for.

use crate::config::approval::consent;
use crate::config::approval::target::Target;
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::files::Files;
use crate::config::file::read::read;
use crate::config::file::search_path::{PERSONAL_FILE, PROJECT_FILE, SearchPath};
use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use crate::config::git::ignore::is_ignored;
use crate::config::git::tracking::{Tracking, tracking};
use crate::config::init::edit::{Edit, edit, set, set_headers, set_tier};
use crate::config::init::plan::{InitPlan, Initialized, PersonalPlace, PersonalPlan, ProjectPlan};
use crate::config::printable::printable_path;
use crate::config::value::tier::Level;
use crate::util::private_file::{self, Durability, Readers};
use jsonc_parser::cst::CstInputValue;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Writes config files, and records that the user approves what the project asks for.
///
/// # Errors
/// If the new settings or those that exist already cannot be used, or if a file cannot be written. Then
/// nothing is written, except for the files before one that the disk refuses.
pub fn init(
    cwd: &Path,
    environment: &Environment,
    plan: &InitPlan,
    now: SystemTime,
) -> Result<Initialized, ConfigError> {
    let search_path = SearchPath::of(cwd);
    let mut found = Files::read(cwd, environment)?;
    // A personal file that the user has just chosen.
    let is_new = found.personal_in_project.is_none();
    let existed = found.project.is_some() || found.personal_in_project.is_some();
    let mut edits = Vec::new();
    let mut asks = Vec::new();
    if let Some(plan) = &plan.project {
        let edit = project_edit(&search_path, plan)?;
        found.project = ConfigFile::parse(edit.path.clone(), edit.after.clone())?;
        if let Some(file) = &found.project {
            refuse_invalid_endpoint(file)?;
        }
        edits.push(edit);
    }
    if let Some(plan) = &plan.personal {
        let path = personal_path(&search_path, environment, plan.place)?;
        if plan.place == PersonalPlace::Project && search_path.is_in_git() {
            let ignore = keep_out_of_git(&search_path, &path)?;
            if let Some(edit) = ignore {
                asks.push(format!("Add {PERSONAL_FILE} to {}", printable_path(&edit.path)));
                edits.push(edit);
            }
        }
        let edit = personal_edit(path, plan, now)?;
        let parsed = ConfigFile::parse(edit.path.clone(), edit.after.clone())?;
        match plan.place {
            PersonalPlace::Home => found.personal_at_home = parsed,
            PersonalPlace::Project => found.personal_in_project = parsed,
        }
        edits.push(edit);
    }
    for edit in &edits {
        edit.refuse_link(&search_path)?;
    }
    // This fails before anything is written, if the result could not be used. Settings that the user
    // has just chosen need no confirmation; settings that were in the project before do.
    let terms = consent::not_yet_approved(&found, environment)?;
    let is_asked = existed && (!is_new || is_asked_without_personal(&mut found, environment)?);
    if let Some(terms) = terms.filter(|_| is_asked) {
        let directory = printable_path(found.directory());
        let lines = terms.text().replace('\n', "\n  ");
        asks.push(format!("The project in {directory} asks for:\n  {lines}"));
    }
    if !asks.is_empty() && !plan.yes {
        return Ok(Initialized { asks, ..Initialized::default() });
    }
    let mut done = Initialized::default();
    for edit in edits {
        if edit.before.as_ref() == Some(&edit.after) {
            done.unchanged.push(edit.path);
            continue;
        }
        write(&edit)?;
        done.written.push(edit.path);
    }
    done.consent = Some(consent::approve_files(&found, environment, now)?);
    Ok(done)
}

/// Writes the file as it is after a change.
pub(super) fn write(Edit { path, readers, after, .. }: &Edit) -> Result<(), ConfigError> {
    private_file::replace(path, after, *readers, Durability::Power).map_err(|error| {
        let problem = format!("This file cannot be written ({}).", error.kind());
        ConfigError::of_file(path, "", &problem, "Make its directory writable.")
    })
}

/// Whether the user still has to approve something besides the personal file in the project.
fn is_asked_without_personal(
    found: &mut Files,
    environment: &Environment,
) -> Result<bool, ConfigError> {
    let personal = found.personal_in_project.take();
    let terms = consent::not_yet_approved(found, environment)?;
    found.personal_in_project = personal;
    Ok(terms.is_some())
}

/// Refuses an invalid endpoint, even if telemetry is off.
fn refuse_invalid_endpoint(file: &ConfigFile<ProjectSettings>) -> Result<(), ConfigError> {
    let target = file.otel.endpoint.as_ref().map(|endpoint| Target::Project(file, endpoint));
    target.and_then(|target| target.invalid_endpoint()).map_or(Ok(()), Err)
}

fn project_edit(search_path: &SearchPath, plan: &ProjectPlan) -> Result<Edit, ConfigError> {
    let there = search_path.candidates(PROJECT_FILE).find(|path| path.exists());
    let path = there.unwrap_or_else(|| search_path.top().join(PROJECT_FILE));
    let ProjectPlan { tier, endpoint, project, team, headers, temporality } = plan;
    edit(path, Readers::Everyone, |otel| {
        set_tier(otel, *tier);
        for (name, value) in [("endpoint", endpoint), ("project", project), ("team", team)] {
            set(otel, name, value.as_ref().map(|text| text.as_str().into()));
        }
        set(otel, "temporality", temporality.map(|it| it.as_str().into()));
        set_headers(otel, headers);
    })
}

fn personal_path(
    search_path: &SearchPath,
    environment: &Environment,
    wanted: PersonalPlace,
) -> Result<PathBuf, ConfigError> {
    if wanted == PersonalPlace::Project {
        let there = search_path.candidates(PERSONAL_FILE).find(|path| path.exists());
        return Ok(there.unwrap_or_else(|| search_path.top().join(PERSONAL_FILE)));
    }
    environment.home().map(|home| home.join(PERSONAL_FILE)).ok_or_else(|| {
        let cure = "Set HOME to an absolute path.";
        ConfigError::in_environment("HOME", "There is no home directory.", cure)
    })
}

pub(super) fn personal_edit(
    path: PathBuf,
    plan: &PersonalPlan,
    now: SystemTime,
) -> Result<Edit, ConfigError> {
    let before = read(&path)?
        .map(|text| ConfigFile::<PersonalSettings>::parse(path.clone(), text))
        .transpose()?
        .flatten()
        .map(|file| file.otel)
        .unwrap_or_default();
    // A file written by hand can have the tier without the time.
    let tier = plan.tier.or(before.tier);
    let first = tier == Some(Level::Named) && before.opt_in_acknowledged_at.is_none();
    let timestamp = first.then(|| humantime::format_rfc3339_seconds(now).to_string());
    edit(path, Readers::Owner, |otel| {
        set_tier(otel, plan.tier);
        set(otel, "identity", plan.identity.as_deref().map(CstInputValue::from));
        set(otel, "opt_in_acknowledged_at", timestamp.map(CstInputValue::from));
    })
}

/// The change that keeps the personal file out of git; `None` if none is needed.
fn keep_out_of_git(search_path: &SearchPath, file: &Path) -> Result<Option<Edit>, ConfigError> {
    if tracking(file) == Tracking::Yes {
        let cure = format!("Take it out of git first: git rm --cached {PERSONAL_FILE}");
        return Err(ConfigError::of_file(
            file,
            "",
            "This file is in git, so others can read it.",
            &cure,
        ));
    }
    if is_ignored(search_path.top(), file) {
        return Ok(None);
    }
    let path = search_path.top().join(".gitignore");
    let before = read(&path)?;
    let text = before.clone().unwrap_or_default();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    let after = format!("{text}{gap}{PERSONAL_FILE}{newline}");
    Ok(Some(Edit { path, readers: Readers::Everyone, before, after }))
}
