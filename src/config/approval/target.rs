//! Who names the endpoint: what can be said of it before anything is filled in.

use crate::config::file::config_file::ConfigFile;
use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use crate::config::value::endpoint::{Endpoint, InvalidEndpoint};
use crate::config::value::source::Source;
use crate::config::value::template::Template;
use crate::config::value::text::Text;
use crate::config::variables::Env;
use std::path::Path;

/// Who names the endpoint. Nothing is filled in yet.
pub(crate) enum Target<'a> {
    Project(&'a ConfigFile<ProjectSettings>, &'a Template),
    Home(&'a ConfigFile<PersonalSettings>, &'a Template),
    Environment { variable: &'static str, endpoint: Result<Endpoint, InvalidEndpoint> },
}

impl<'a> Target<'a> {
    /// The project's endpoint, else that of the engineer's file at home, else the environment's.
    pub(crate) fn of(
        project: Option<&'a ConfigFile<ProjectSettings>>,
        at_home: Option<&'a ConfigFile<PersonalSettings>>,
        env: &Env,
    ) -> Option<Self> {
        let of_project =
            project.and_then(|file| Some(Self::Project(file, file.otel.endpoint.as_ref()?)));
        let of_home =
            || at_home.and_then(|file| Some(Self::Home(file, file.otel.endpoint.as_ref()?)));
        of_project.or_else(of_home).or_else(|| Self::in_environment(env))
    }

    fn in_environment(env: &Env) -> Option<Self> {
        let (exact, base) = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
        let (variable, endpoint) = match (env.get(exact), env.get(base)) {
            (Some(url), _) => (exact, Endpoint::from_exact(&Text::literal(url))),
            (None, Some(url)) => (base, Endpoint::from_base(&Text::literal(url))),
            (None, None) => return None,
        };
        Some(Self::Environment { variable, endpoint })
    }

    /// The endpoint as an engineer may see it before they have agreed to anything. A file's query is
    /// there for everyone to read, and decides where the numbers go; a variable's may be a secret.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Project(_, endpoint) | Self::Home(_, endpoint) => {
                endpoint.written().trim().to_owned()
            }
            Self::Environment { variable, endpoint: Ok(endpoint) } => {
                format!("{variable}={endpoint}")
            }
            Self::Environment { variable, endpoint: Err(_) } => (*variable).to_owned(),
        }
    }

    /// What is plain to see to be no endpoint, whatever the environment holds.
    pub(crate) fn is_no_endpoint(&self) -> Option<(InvalidEndpoint, Source)> {
        let literal = |path: &Path, endpoint: &Template| {
            let source = Source::File(path.to_owned());
            if Endpoint::names_user(endpoint) {
                return Some((InvalidEndpoint, source));
            }
            let url = endpoint.is_literal().then(|| Text::literal(&endpoint.literal_part()))?;
            Some((Endpoint::from_base(&url).err()?, source))
        };
        match self {
            Self::Project(file, endpoint) => literal(&file.path, endpoint),
            Self::Home(file, endpoint) => literal(&file.path, endpoint),
            Self::Environment { variable, endpoint } => {
                Some((endpoint.clone().err()?, Source::Environment(variable)))
            }
        }
    }

    /// Whether it is plain to see that nothing leaves this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match self {
            Self::Project(_, endpoint) | Self::Home(_, endpoint) => {
                let literal =
                    endpoint.is_literal().then(|| Text::literal(&endpoint.literal_part()));
                literal
                    .is_some_and(|url| Endpoint::from_base(&url).is_ok_and(|it| it.is_loopback()))
            }
            Self::Environment { endpoint, .. } => {
                endpoint.as_ref().is_ok_and(Endpoint::is_loopback)
            }
        }
    }
}
