//! What `init` writes, and its result.

use crate::config::approval::consent::Consent;
use crate::config::value::choice::Temporality;
use crate::config::value::tier::Level;
use std::path::PathBuf;

/// The config files to write.
#[derive(Clone, Debug, Default)]
pub struct InitPlan {
    /// The project's file.
    pub project: Option<ProjectPlan>,
    /// The personal file.
    pub personal: Option<PersonalPlan>,
    /// Whether the user says yes to everything that needs a confirmation.
    pub yes: bool,
}

/// Settings of a project. Those that are `None` are not changed.
#[derive(Clone, Debug, Default)]
pub struct ProjectPlan {
    /// The most that may be sent.
    pub tier: Option<Level>,
    /// Base URL of the OTLP receiver.
    pub endpoint: Option<String>,
    /// `project.name`.
    pub project: Option<String>,
    /// `team`.
    pub team: Option<String>,
    /// Headers, as they are to be written. Others stay as they are.
    pub headers: Vec<(String, String)>,
    /// Aggregation temporality of sums.
    pub temporality: Option<Temporality>,
}

/// Settings of a user. Those that are `None` are not changed.
#[derive(Clone, Debug, Default)]
pub struct PersonalPlan {
    /// The most that the user allows to be sent.
    pub tier: Option<Level>,
    /// A name that the user chooses, for tier 2.
    pub identity: Option<String>,
    /// Where the file is.
    pub place: PersonalPlace,
}

/// Where the personal file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PersonalPlace {
    /// In the home directory, for all projects.
    #[default]
    Home,
    /// In the project, for this project.
    Project,
}

/// What was written, or what needs a confirmation first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Initialized {
    /// Files that were written.
    pub written: Vec<PathBuf>,
    /// Files that already have these settings.
    pub unchanged: Vec<PathBuf>,
    /// What needs a confirmation; some of it in several lines. If there is any, nothing was written.
    pub asks: Vec<String>,
    /// What the user has approved with it.
    pub consent: Option<Consent>,
}
