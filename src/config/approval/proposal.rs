//! What a project asks for, before any variable is filled in.

use crate::config::approval::approval::Approval;
use crate::config::approval::certificates;
use crate::config::approval::decision::{TierSettings, decide};
use crate::config::approval::target::Target;
use crate::config::approval::terms::ConsentTerms;
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::file::settings::ProjectSettings;
use crate::config::value::tier::Level;
use crate::config::variables::Variables;

/// What a project asks for.
pub(crate) struct Proposal<'a> {
    pub(crate) target: Target<'a>,
    /// What an approval covers; `None` if all settings are the user's own.
    pub(crate) terms: Option<ConsentTerms>,
    /// Why the project may export without an approval; `None` if it may not.
    pub(crate) free: Option<Approval>,
}

impl<'a> Proposal<'a> {
    /// Of a project with a tier above 0.
    pub(crate) fn of(
        files: &'a Files,
        launch: Option<Level>,
        env: &Variables,
    ) -> Result<Self, ConfigError> {
        let (project, at_home) = (files.project.as_ref(), files.personal_at_home.as_ref());
        let target = Target::of(project, at_home, env)?.ok_or_else(|| no_endpoint(files))?;
        target.refuse_unencrypted()?;
        let in_project = files.personal_in_project.as_ref().map(|file| &file.otel);
        let has_own_tier = launch.is_some() || at_home.is_some_and(|file| file.otel.tier.is_some());
        let has_tier_in_project_only =
            !has_own_tier && in_project.is_some_and(|settings| settings.tier.is_some());
        let has_identity = in_project.is_some_and(|settings| settings.identity.is_some());
        let project = project.map(|file| &file.otel);
        let level = project.map_or(in_project.and_then(|it| it.tier), ProjectSettings::level);
        let terms = ConsentTerms {
            tls: files.project.as_ref().map(certificates::described).unwrap_or_default(),
            ..ConsentTerms::of(project, in_project, level.map(Level::number), target.shown())
        };
        // Every file in the project's directory may be part of a cloned repository. So no variable is
        // read for one, and no name is taken from one, without approval.
        let is_of_project = project.is_some() || has_tier_in_project_only;
        let is_anonymous = decide(TierSettings::of(files, launch)).level <= Level::Anonymous
            && terms.are_anonymous();
        let free = if !is_of_project {
            Some(Approval::OwnSettings)
        } else if is_anonymous && target.is_loopback() {
            Some(Approval::Loopback)
        } else {
            None
        };
        let terms = (is_of_project || has_identity).then_some(terms);
        Ok(Self { target, terms, free })
    }

    /// What these files ask for, if the tier is above 0.
    pub(crate) fn in_files(
        files: &'a Files,
        environment: &Environment,
    ) -> Result<Option<Self>, ConfigError> {
        files.check()?;
        // A project can be approved even if telemetry is off for this launch.
        let launch = environment.launch()?.filter(|level| *level != Level::Disabled);
        if decide(TierSettings::of(files, launch)).level == Level::Disabled {
            return Ok(None);
        }
        let proposal = Self::of(files, launch, &environment.variables)?;
        match proposal.target.invalid_endpoint() {
            Some(error) => Err(error),
            None => Ok(Some(proposal)),
        }
    }
}

/// The error about files and an environment without an endpoint.
pub(crate) fn no_endpoint(files: &Files) -> ConfigError {
    let (field, problem, cure) = (
        "otel.endpoint",
        "Telemetry is on, but there is no endpoint.",
        "Add \"endpoint\": \"http://127.0.0.1:4318\" to .ccxray.json, or set \
         OTEL_EXPORTER_OTLP_ENDPOINT.",
    );
    let project = files.project.as_ref().map(|file| (&file.path, file.position(&["tier"])));
    let personal = || {
        let file = files.personal_at_home.as_ref().or(files.personal_in_project.as_ref());
        file.map(|file| (&file.path, file.position(&["tier"])))
    };
    match project.or_else(personal) {
        Some((path, position)) => ConfigError::at(path, position, field, problem, cure),
        None => ConfigError::missing(field, problem, cure),
    }
}
