//! What `init` is to write, and what came of it.

use crate::config::approval::consent::Consent;
use crate::config::value::tier::Level;
use std::path::PathBuf;

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
