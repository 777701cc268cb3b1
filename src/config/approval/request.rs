//! What a project asks for, before anything is filled in.

use crate::config::approval::decision::{Decision, Sides, decide};
use crate::config::approval::target::Target;
use crate::config::approval::terms::Terms;
use crate::config::environment::Surroundings;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::file::settings::ProjectSettings;
use crate::config::value::endpoint::InvalidEndpoint;
use crate::config::value::source::Source;
use crate::config::value::tier::Level;
use crate::config::variables::Env;

/// What a project asks for.
pub(crate) struct Request<'a> {
    pub(crate) decision: Decision,
    pub(crate) target: Target<'a>,
    /// What the engineer has to agree to; `None` if it is all their own word.
    pub(crate) terms: Option<Terms>,
}

impl<'a> Request<'a> {
    /// Of a project that all sides let export something.
    pub(crate) fn of(
        files: &'a Files,
        decision: Decision,
        launch: Option<Level>,
        env: &Env,
    ) -> Result<Self, ConfigError> {
        let target = Target::of(files.project.as_ref(), files.at_home.as_ref(), env);
        let target = target.ok_or_else(|| no_endpoint(files))?;
        let own_word =
            launch.is_some() || files.at_home.as_ref().is_some_and(|file| file.otel.tier.is_some());
        let only_beside =
            !own_word && files.beside.as_ref().is_some_and(|it| it.otel.tier.is_some());
        let project = files.project.as_ref().map(|file| &file.otel);
        let beside = files.beside.as_ref().map(|file| &file.otel);
        let level = project.map_or(beside.and_then(|it| it.tier), ProjectSettings::level);
        let terms = Terms::of(project, beside, level.map(Level::number), target.shown());
        // Whatever lies in the project's directory may be a stranger's, so no variable is read for it
        // either.
        let asks = project.is_some() || only_beside || !terms.variables.is_empty();
        let terms = asks.then_some(terms);
        Ok(Self { decision, target, terms })
    }

    /// What these files ask for, if all sides agree to something.
    pub(crate) fn in_files(
        files: &'a Files,
        surroundings: &Surroundings,
    ) -> Result<Option<Self>, ConfigError> {
        files.check()?;
        // What is off for this launch only can be allowed all the same.
        let launch = surroundings.launch()?.filter(|level| *level != Level::Disabled);
        let decision = decide(Sides::of(files, launch));
        if decision.level == Level::Disabled {
            return Ok(None);
        }
        let request = Self::of(files, decision, launch, &surroundings.env)?;
        match request.no_endpoint() {
            Some((invalid, source)) => {
                let problem = format!("{invalid} ({source})");
                let cure = "write it as http://127.0.0.1:4318";
                Err(ConfigError::missing("otel.endpoint", &problem, cure))
            }
            None => Ok(Some(request)),
        }
    }

    /// Whether it is plain to see that nothing leaves this machine, and nothing of it is read.
    pub(crate) fn stays_here(&self) -> bool {
        let Self { decision: _, target, terms } = self;
        let reads = |terms: &Terms| !terms.variables.is_empty() || terms.shows_certificate();
        target.is_loopback() && !terms.as_ref().is_some_and(reads)
    }

    /// What is plain to see to be no endpoint, whatever the environment holds.
    pub(crate) fn no_endpoint(&self) -> Option<(InvalidEndpoint, Source)> {
        self.target.is_no_endpoint()
    }
}

fn no_endpoint(files: &Files) -> ConfigError {
    let (problem, cure) = (
        "telemetry is switched on, but no endpoint is named",
        "add \"endpoint\": \"http://127.0.0.1:4318\" to .ccxray.json, or set \
         OTEL_EXPORTER_OTLP_ENDPOINT",
    );
    let Files { place: _, project, at_home, beside } = files;
    let project = project.as_ref().map(|file| (&file.path, file.position(&["tier"])));
    let own = || {
        let file = at_home.as_ref().or(beside.as_ref());
        file.map(|file| (&file.path, file.position(&["tier"])))
    };
    match project.or_else(own) {
        Some((path, position)) => ConfigError::at(path, position, "otel.endpoint", problem, cure),
        None => ConfigError::missing("otel.endpoint", problem, cure),
    }
}
