//! The endpoint, and the settings that belong to it. All are from the same source: what the environment
//! sets for its own endpoint, for this or another program, is never used for an endpoint of a file.

use crate::config::approval::target::{Target, refuse_unencrypted};
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::settings::{PersonalSettings, ProjectSettings, TlsFiles};
use crate::config::resolve::connection::{Connection, MAX_REQUEST_BYTES, OfProject};
use crate::config::resolve::environment_connection::of_environment;
use crate::config::value::choice::{Compression, HistogramAggregation, Protocol, Temporality};
use crate::config::value::endpoint::{Endpoint, InvalidEndpoint};
use crate::config::value::headers::{self, Headers};
use crate::config::value::range::{RequestKibibytes, TimeoutSeconds};
use crate::config::value::source::{Source, Sourced};
use crate::config::value::template::Template;
use crate::config::value::tls::{PemFile, Tls};
use crate::config::variables::Variables;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Where requests are sent, with all variables filled in.
pub(crate) struct Destination {
    pub(crate) endpoint: Result<Endpoint, InvalidEndpoint>,
    pub(crate) connection: Connection,
}

impl Destination {
    /// An endpoint, as the protocol of its connection needs it.
    fn new(endpoint: Result<Endpoint, InvalidEndpoint>, connection: Connection) -> Self {
        let is_grpc = connection.protocol.value == Protocol::Grpc;
        let endpoint = if is_grpc { endpoint.and_then(Endpoint::for_grpc) } else { endpoint };
        Self { endpoint, connection }
    }

    /// Fills in the variables of a target. `project` may set what the source of the endpoint does not.
    pub(crate) fn of(
        target: &Target<'_>,
        project: Option<&ConfigFile<ProjectSettings>>,
        environment: &Environment,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let env = &environment.variables;
        match target {
            Target::Project(file, endpoint) => {
                let settings = OfFile::of_project(&file.otel);
                of_file(file, endpoint, settings, OfProject::of(project), env)
            }
            Target::Home(file, endpoint) => {
                let settings = OfFile::of_personal(&file.otel, environment.home());
                of_file(file, endpoint, settings, OfProject::of(project), env)
            }
            Target::Environment { variable, endpoint } => {
                let (home, endpoint) = (environment.home(), endpoint.clone());
                let connection =
                    of_environment(variable, OfProject::of(project), env, home, warnings)?;
                Ok(Self::new(endpoint, connection))
            }
        }
    }
}

/// The settings that a file has for its endpoint, as written.
struct OfFile<'a> {
    protocol: Option<Protocol>,
    compression: Option<Compression>,
    max_request: Option<RequestKibibytes>,
    temporality: Option<Temporality>,
    timeout_seconds: Option<TimeoutSeconds>,
    headers: &'a BTreeMap<String, Template>,
    insecure: Option<bool>,
    tls: &'a TlsFiles,
    /// What `~` stands for in a path.
    home: Option<&'a Path>,
}

impl<'a> OfFile<'a> {
    /// A project's file cannot use `~`: what it reads outside of the project has to be visible in what the
    /// user approves, as the variable `HOME` is.
    fn of_project(settings: &'a ProjectSettings) -> Self {
        Self {
            protocol: settings.protocol,
            compression: settings.compression,
            max_request: settings.max_request_kibibytes,
            temporality: settings.temporality,
            timeout_seconds: settings.timeout_seconds,
            headers: &settings.headers,
            insecure: settings.insecure,
            tls: &settings.tls,
            home: None,
        }
    }

    fn of_personal(settings: &'a PersonalSettings, home: Option<&'a Path>) -> Self {
        Self {
            protocol: settings.protocol,
            compression: settings.compression,
            max_request: settings.max_request_kibibytes,
            temporality: settings.temporality,
            timeout_seconds: settings.timeout_seconds,
            headers: &settings.headers,
            insecure: settings.insecure,
            tls: &settings.tls,
            home,
        }
    }
}

fn of_file<T>(
    file: &ConfigFile<T>,
    endpoint: &Template,
    settings: OfFile<'_>,
    of_project: OfProject,
    env: &Variables,
) -> Result<Destination, ConfigError> {
    let path = file.path.as_path();
    let headers = Sourced::of_file(headers_of_file(file, settings.headers, env)?, path);
    let timeout = settings.timeout_seconds.map(|it| Duration::from_secs_f64(it.0));
    let connection = Connection {
        source: Source::File(path.to_owned()),
        protocol: sourced(settings.protocol, path),
        headers,
        compression: sourced(settings.compression, path),
        max_request_bytes: settings
            .max_request
            .map_or(Sourced::default_of(MAX_REQUEST_BYTES), |it| {
                Sourced::of_file(it.bytes(), path)
            }),
        temporality: settings
            .temporality
            .map_or(of_project.temporality, |it| Sourced::of_file(it, path)),
        timeout: timeout.map_or(of_project.timeout, |it| Sourced::of_file(it, path)),
        histograms: Sourced::default_of(HistogramAggregation::default()),
        service_name: None,
        tls: tls_of_file(file, settings.tls, settings.home, env)?,
    };
    let endpoint = Endpoint::from_base(&file.fill_in(&["endpoint"], endpoint, env)?);
    encrypted(Destination::new(endpoint, connection), file, settings.insecure)
}

/// A setting of the file at `path`, or the default.
fn sourced<T: Default>(setting: Option<T>, path: &Path) -> Sourced<T> {
    setting.map_or_else(|| Sourced::default_of(T::default()), |value| Sourced::of_file(value, path))
}

/// The destination, if its headers are not sent unencrypted to another machine.
fn encrypted<T>(
    destination: Destination,
    file: &ConfigFile<T>,
    insecure: Option<bool>,
) -> Result<Destination, ConfigError> {
    let has_headers = destination.connection.headers.value.iter().next().is_some();
    if let Ok(endpoint) = &destination.endpoint {
        refuse_unencrypted(file, (has_headers, insecure), endpoint)?;
    }
    Ok(destination)
}

fn headers_of_file<T>(
    file: &ConfigFile<T>,
    written: &BTreeMap<String, Template>,
    env: &Variables,
) -> Result<Headers, ConfigError> {
    let header = |(name, template): (&String, &Template)| {
        let field = ["headers", name.as_str()];
        let value = file.fill_in(&field, template, env)?;
        headers::header(name, &value)
            .ok_or_else(|| file.error(&field, headers::PROBLEM, headers::CURE))
    };
    let headers = written.iter().map(header).collect::<Result<_, _>>()?;
    let variables = written.values().flat_map(Template::variables).map(str::to_owned).collect();
    Ok(Headers::new(headers, variables))
}

fn tls_of_file<T>(
    file: &ConfigFile<T>,
    tls: &TlsFiles,
    home: Option<&Path>,
    env: &Variables,
) -> Result<Tls, ConfigError> {
    let path = |name, template: &Option<Template>| {
        let path = template.as_ref().map(|it| file.fill_in(&["tls", name], it, env)).transpose()?;
        Ok(path.map(|path| PemFile::of_setting(name, &path, &file.path, home)))
    };
    let TlsFiles { ca_file, certificate_file, key_file } = tls;
    let client = match (path("certificate_file", certificate_file)?, path("key_file", key_file)?) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (certificate, _) => {
            let missing = if certificate.is_some() { "key_file" } else { "certificate_file" };
            let problem =
                format!("A certificate and its key belong together: \"{missing}\" is missing.");
            return Err(file.error(&["tls"], &problem, &format!("Add \"{missing}\".")));
        }
    };
    Ok(Tls { ca: path("ca_file", ca_file)?, client })
}
