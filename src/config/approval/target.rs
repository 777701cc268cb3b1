//! Who names the endpoint, and what is known of it before any variable is filled in.

use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use crate::config::value::endpoint::{Endpoint, InvalidEndpoint};
use crate::config::value::template::Template;
use crate::config::value::text::Text;
use crate::config::variable_names;
use crate::config::variables::{Variables, WITHHELD, WITHHELD_CURE};

/// The variables that decide where the environment sends and how, and how the receiver is authenticated.
const ENVIRONMENT: [[&str; 2]; 8] = [
    variable_names::ENDPOINT,
    variable_names::HEADERS,
    variable_names::CERTIFICATE,
    variable_names::CLIENT_CERTIFICATE,
    variable_names::CLIENT_KEY,
    variable_names::PROTOCOL,
    variable_names::COMPRESSION,
    variable_names::TIMEOUT,
];
/// Those of them that have one form only.
const ENVIRONMENT_ALONE: [&str; 5] = [
    variable_names::TEMPORALITY,
    variable_names::HISTOGRAMS,
    variable_names::EXPORT_TIMEOUT,
    variable_names::EXPORTERS,
    variable_names::SERVICE_NAME,
];

/// Who names the endpoint. No variable of a file is filled in yet.
pub(crate) enum Target<'a> {
    Project(&'a ConfigFile<ProjectSettings>, &'a Template),
    Home(&'a ConfigFile<PersonalSettings>, &'a Template),
    Environment { variable: &'static str, endpoint: Result<Endpoint, InvalidEndpoint> },
}

impl<'a> Target<'a> {
    /// The project's endpoint, else that of the personal file in the home directory, else that of the
    /// environment.
    pub(crate) fn of(
        project: Option<&'a ConfigFile<ProjectSettings>>,
        personal_at_home: Option<&'a ConfigFile<PersonalSettings>>,
        env: &Variables,
    ) -> Result<Option<Self>, ConfigError> {
        let of_project =
            project.and_then(|file| Some(Self::Project(file, file.otel.endpoint.as_ref()?)));
        let of_home = || {
            personal_at_home.and_then(|file| Some(Self::Home(file, file.otel.endpoint.as_ref()?)))
        };
        if let Some(of_file) = of_project.or_else(of_home) {
            return Ok(Some(of_file));
        }
        // Without one of them, the numbers could go to another receiver, or without authentication.
        match env.withheld(ENVIRONMENT.as_flattened()).or_else(|| env.withheld(&ENVIRONMENT_ALONE))
        {
            Some(variable) => {
                let problem = format!("{variable} {WITHHELD}");
                Err(ConfigError::in_environment(variable, &problem, WITHHELD_CURE))
            }
            None => Ok(Self::in_environment(env)),
        }
    }

    fn in_environment(env: &Variables) -> Option<Self> {
        let [exact, base] = variable_names::ENDPOINT;
        let (variable, endpoint) = match (env.get(exact), env.get(base)) {
            (Some(url), _) => {
                (exact, Endpoint::from_exact(&Text::literal(url)).map(Endpoint::of_variable))
            }
            (None, Some(url)) => {
                (base, Endpoint::from_base(&Text::literal(url)).map(Endpoint::of_variable))
            }
            (None, None) => return None,
        };
        Some(Self::Environment { variable, endpoint })
    }

    /// The endpoint as the user sees it before any approval. The query of a URL in a file is shown: it
    /// can decide who gets the numbers. That of a variable may be a secret and is not shown.
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

    /// Whether a file names variables in it.
    pub(crate) fn has_variables(&self) -> bool {
        match self {
            Self::Project(_, endpoint) | Self::Home(_, endpoint) => !endpoint.is_literal(),
            Self::Environment { .. } => false,
        }
    }

    /// Why the endpoint is invalid, if that does not depend on the values of variables.
    pub(crate) fn invalid_endpoint(&self) -> Option<ConfigError> {
        let invalid = match self {
            Self::Project(_, endpoint) | Self::Home(_, endpoint) => {
                if Endpoint::names_user(endpoint) {
                    InvalidEndpoint::User
                } else {
                    Endpoint::from_base(&literal(endpoint)?).err()?
                }
            }
            Self::Environment { endpoint, .. } => endpoint.as_ref().err()?.clone(),
        };
        Some(self.error(&invalid))
    }

    /// The error about an endpoint that is invalid.
    pub(crate) fn error(&self, invalid: &InvalidEndpoint) -> ConfigError {
        let (problem, cure) = (&invalid.problem(), &invalid.cure());
        let (path, position) = match self {
            Self::Project(file, _) => (&file.path, file.position(&["endpoint"])),
            Self::Home(file, _) => (&file.path, file.position(&["endpoint"])),
            Self::Environment { variable, .. } => {
                return ConfigError::in_environment(variable, problem, cure);
            }
        };
        ConfigError::at(path, position, "", problem, cure)
    }

    /// Refuses to send headers unencrypted, if that does not depend on the values of variables.
    pub(crate) fn refuse_unencrypted(&self) -> Result<(), ConfigError> {
        match self {
            Self::Project(file, endpoint) => {
                let ProjectSettings { headers, insecure, .. } = &file.otel;
                let endpoint = literal(endpoint).and_then(|url| Endpoint::from_base(&url).ok());
                let sent = (!headers.is_empty(), *insecure);
                endpoint.map_or(Ok(()), |endpoint| refuse_unencrypted(file, sent, &endpoint))
            }
            Self::Home(file, endpoint) => {
                let PersonalSettings { headers, insecure, .. } = &file.otel;
                let endpoint = literal(endpoint).and_then(|url| Endpoint::from_base(&url).ok());
                let sent = (!headers.is_empty(), *insecure);
                endpoint.map_or(Ok(()), |endpoint| refuse_unencrypted(file, sent, &endpoint))
            }
            // Its headers are the user's own, for this launch.
            Self::Environment { .. } => Ok(()),
        }
    }

    /// Whether the receiver is on this machine, whatever the values of variables.
    pub(crate) fn is_loopback(&self) -> bool {
        match self {
            Self::Project(_, endpoint) | Self::Home(_, endpoint) => literal(endpoint)
                .is_some_and(|url| Endpoint::from_base(&url).is_ok_and(|it| it.is_loopback())),
            Self::Environment { endpoint, .. } => {
                endpoint.as_ref().is_ok_and(Endpoint::is_loopback)
            }
        }
    }
}

/// Refuses to send the headers of a file unencrypted to another machine, unless the file allows it.
pub(crate) fn refuse_unencrypted<T>(
    file: &ConfigFile<T>,
    (has_headers, insecure): (bool, Option<bool>),
    endpoint: &Endpoint,
) -> Result<(), ConfigError> {
    if !has_headers || insecure == Some(true) || !endpoint.is_readable_on_the_way() {
        return Ok(());
    }
    let problem = "Headers would be sent unencrypted: the endpoint is http:// on another machine.";
    let cure = "Use https://. If the network is safe, add \"insecure\": true.";
    Err(file.error(&["headers"], problem, cure))
}

/// An endpoint without variables; `None` if it has some.
fn literal(endpoint: &Template) -> Option<Text> {
    endpoint.is_literal().then(|| Text::literal(&endpoint.literal_part()))
}
