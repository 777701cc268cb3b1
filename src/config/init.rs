//! Writing config files for somebody who wants telemetry, and asking before anything else changes.

use crate::config::consent::{self, Consent};
use crate::config::error::ConfigError;
use crate::config::file::{self, ConfigFile};
use crate::config::git::{self, Answer};
use crate::config::lookup::{PERSONAL_FILE, PROJECT_FILE, Place};
use crate::config::settings::{PersonalSettings, ProjectSettings};
use crate::config::target::Target;
use crate::config::tier::Level;
use crate::config::{Surroundings, printable, read};
use crate::util::private_file::{self, Durability, Readers};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What somebody wants to have written.
#[derive(Clone, Debug, Default)]
pub struct InitPlan {
    /// Into the project's file.
    pub project: Option<ProjectPlan>,
    /// Into the engineer's own file.
    pub personal: Option<PersonalPlan>,
    /// Whether what has to be asked for is granted.
    pub yes: bool,
}

/// Settings of a project. What is left open stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ProjectPlan {
    /// The most that may leave.
    pub tier: Option<Level>,
    /// Base URL of the OTLP receiver.
    pub endpoint: Option<String>,
    /// `project.name`.
    pub project: Option<String>,
    /// `team`.
    pub team: Option<String>,
}

/// Settings of an engineer. What is left open stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PersonalPlan {
    /// The most that this engineer lets out.
    pub tier: Option<Level>,
    /// A name that the engineer chose, for tier 2.
    pub identity: Option<String>,
    /// Where the file is.
    pub place: PersonalPlace,
}

/// Where the engineer's file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PersonalPlace {
    /// In their home, for all projects.
    #[default]
    Home,
    /// In the project, for this one.
    Project,
}

/// What was written, or what has to be granted first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Initialized {
    /// Files that were written.
    pub written: Vec<PathBuf>,
    /// Files that say already what was wanted.
    pub unchanged: Vec<PathBuf>,
    /// What has to be granted; nothing was written then.
    pub asks: Vec<String>,
    /// What the engineer has agreed to thereby.
    pub consent: Option<Consent>,
}

/// A file as it is, and as it is to be.
struct Edit {
    path: PathBuf,
    readers: Readers,
    before: Option<String>,
    after: String,
}

impl Edit {
    /// A link within a project may have come along with it, and lead anywhere.
    fn refuse_links(&self, place: &Place) -> Result<(), ConfigError> {
        let Self { path, .. } = self;
        let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        if is_link && path.starts_with(place.top()) {
            let problem = "this is a symbolic link, and what it leads to is not written";
            return Err(ConfigError::of_file(path, "", problem, "put a file in its place"));
        }
        Ok(())
    }
}

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
    let mut written = read(cwd, surroundings)?;
    let there_already = written.project.is_some() || written.beside.is_some();
    let mut edits = Vec::new();
    let mut asks = Vec::new();
    if let Some(plan) = &plan.project {
        let edit = project_edit(&place, plan)?;
        written.project = ConfigFile::parse(edit.path.clone(), edit.after.clone())?;
        if let Some(file) = &written.project {
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
            PersonalPlace::Home => written.at_home = parsed,
            PersonalPlace::Project => written.beside = parsed,
        }
        edits.push(edit);
    }
    for edit in &edits {
        edit.refuse_links(&place)?;
    }
    // What would be refused later on is refused before anything is written. What the engineer has just
    // said needs no question; what stood in the project before does.
    let unsaid = consent::unsaid(&written, surroundings)?;
    if let Some(terms) = unsaid.filter(|_| there_already) {
        let directory = written.directory().display();
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
        private_file::replace(&path, &after, readers, Durability::Power).map_err(|error| {
            let problem = format!("it cannot be written ({})", error.kind());
            ConfigError::of_file(&path, "", &problem, "make its directory writable")
        })?;
        done.written.push(path);
    }
    done.consent = Some(consent::agree(&written, surroundings, now)?);
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
    let acknowledged = file::read(&path)?
        .map(|text| ConfigFile::<PersonalSettings>::parse(path.clone(), text))
        .transpose()?
        .flatten()
        .is_some_and(|file| file.otel.opt_in_acknowledged_at.is_some());
    let first = plan.tier == Some(Level::Named) && !acknowledged;
    let moment = first.then(|| humantime::format_rfc3339_seconds(now).to_string());
    edit(path, Readers::User, |otel| {
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
    let before = file::read(&path)?;
    let text = before.clone().unwrap_or_default();
    if text.lines().any(|line| line.trim().trim_start_matches('/') == PERSONAL_FILE) {
        return Ok(None);
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    let after = format!("{text}{gap}{PERSONAL_FILE}{newline}");
    Ok(Some(Edit { path, readers: Readers::Everyone, before, after }))
}

/// Changes the settings of a file and nothing else: its indents, order and other keys stay.
fn edit(
    path: PathBuf,
    readers: Readers,
    change: impl FnOnce(&CstObject),
) -> Result<Edit, ConfigError> {
    let before = file::read(&path)?;
    let text = before.as_deref().filter(|text| !text.trim().is_empty()).unwrap_or("{\n}\n");
    // The mark that editors on Windows put at the beginning is no JSON, and stays.
    let mark = if text.starts_with('\u{feff}') { "\u{feff}" } else { "" };
    let text = &text[mark.len()..];
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let wrong = || ConfigError::of_file(&path, "", "this is not valid JSON", "correct the JSON");
    let root = CstRootNode::parse(text, &strict).map_err(|_| wrong())?;
    let object = root.object_value_or_create().ok_or_else(wrong)?;
    let otel = object.object_value_or_create("otel").ok_or_else(wrong)?;
    change(&otel);
    let after = format!("{mark}{root}");
    Ok(Edit { path, readers, before, after })
}

fn set_tier(otel: &CstObject, tier: Option<Level>) {
    set(otel, "tier", tier.map(|tier| CstInputValue::Number(tier.number().to_string())));
}

fn set(otel: &CstObject, name: &str, value: Option<CstInputValue>) {
    let Some(value) = value else { return };
    match otel.get(name) {
        Some(property) => property.set_value(value),
        None => drop(otel.append(name, value)),
    }
}
