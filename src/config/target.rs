//! Where to send, and what along, all from one and the same source: a variable may be set for another
//! program, and a file may be a stranger's.

use crate::config::Source;
use crate::config::endpoint::{Endpoint, InvalidEndpoint};
use crate::config::env::Env;
use crate::config::error::ConfigError;
use crate::config::file::ConfigFile;
use crate::config::headers::Headers;
use crate::config::settings::{Compression, PersonalSettings, ProjectSettings, Protocol, TlsFiles};
use crate::config::template::Template;
use crate::config::text::Text;
use crate::config::tls::{PemFile, Tls};
use std::collections::BTreeMap;
use std::path::Path;

/// Who names the endpoint. Nothing is filled in yet.
pub(super) enum Target<'a> {
    Project(&'a ConfigFile<ProjectSettings>, &'a Template),
    Home(&'a ConfigFile<PersonalSettings>, &'a Template),
    Environment { variable: &'static str, endpoint: Result<Endpoint, InvalidEndpoint> },
}

/// Where to send, with everything filled in.
pub(super) struct Destination {
    pub(super) endpoint: Result<Endpoint, InvalidEndpoint>,
    pub(super) way: Way,
}

/// How to send, and what along.
pub(super) struct Way {
    pub(super) protocol: Protocol,
    pub(super) headers: Headers,
    pub(super) compression: Compression,
    pub(super) tls: Tls,
    pub(super) source: Source,
}

impl<'a> Target<'a> {
    /// The project's endpoint, else that of the engineer's file at home, else the environment's.
    pub(super) fn of(
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
    pub(super) fn shown(&self) -> String {
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
    pub(super) fn is_no_endpoint(&self) -> Option<(InvalidEndpoint, Source)> {
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
    pub(super) fn is_loopback(&self) -> bool {
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

    /// Fills everything in.
    pub(super) fn destination(self, env: &Env) -> Result<Destination, ConfigError> {
        match self {
            Self::Project(file, endpoint) => {
                let ProjectSettings { protocol, headers, compression, tls, .. } = &file.otel;
                of_file(file, endpoint, (*protocol, *compression), headers, tls, env)
            }
            Self::Home(file, endpoint) => {
                let PersonalSettings { protocol, headers, compression, tls, .. } = &file.otel;
                of_file(file, endpoint, (*protocol, *compression), headers, tls, env)
            }
            Self::Environment { variable, endpoint } => of_environment(variable, endpoint, env),
        }
    }
}

fn of_file<T>(
    file: &ConfigFile<T>,
    endpoint: &Template,
    (protocol, compression): (Option<Protocol>, Option<Compression>),
    headers: &BTreeMap<String, Template>,
    tls: &TlsFiles,
    env: &Env,
) -> Result<Destination, ConfigError> {
    let way = Way {
        protocol: protocol.unwrap_or_default(),
        headers: Headers::from_file(file, headers, env)?,
        compression: compression.unwrap_or_default(),
        tls: tls_of_file(file, tls, env)?,
        source: Source::File(file.path.clone()),
    };
    let endpoint = file.fill_in(&["endpoint"], endpoint, env)?;
    Ok(Destination { endpoint: Endpoint::from_base(&endpoint), way })
}

fn tls_of_file<T>(file: &ConfigFile<T>, tls: &TlsFiles, env: &Env) -> Result<Tls, ConfigError> {
    let path = |name, template: &Option<Template>| {
        let path = template.as_ref().map(|it| file.fill_in(&["tls", name], it, env)).transpose()?;
        let directory = file.path.parent().unwrap_or(&file.path);
        Ok(path.map(|path| PemFile::within(directory, path)))
    };
    let TlsFiles { ca_file, certificate_file, key_file } = tls;
    let client = match (path("certificate_file", certificate_file)?, path("key_file", key_file)?) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (certificate, _) => {
            let missing = if certificate.is_some() { "key_file" } else { "certificate_file" };
            let problem =
                format!("a certificate and its key go together, and there is no {missing}");
            return Err(file.error(&["tls"], &problem, &format!("add \"{missing}\"")));
        }
    };
    Ok(Tls { ca: path("ca_file", ca_file)?, client })
}

fn of_environment(
    variable: &'static str,
    endpoint: Result<Endpoint, InvalidEndpoint>,
    env: &Env,
) -> Result<Destination, ConfigError> {
    let either = |exact: &'static str, base: &'static str| {
        [exact, base].into_iter().find_map(|name| Some((name, env.get(name)?.trim())))
    };
    let protocol =
        match either("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") {
            None => Protocol::default(),
            Some((_, "http/protobuf")) => Protocol::HttpProtobuf,
            Some((_, "http/json")) => Protocol::HttpJson,
            Some((name, _)) => {
                let cure = "set it to http/protobuf or http/json";
                return Err(ConfigError::in_environment(
                    name,
                    "it is no protocol known here",
                    cure,
                ));
            }
        };
    let compression =
        match either("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION") {
            None | Some((_, "gzip")) => Compression::Gzip,
            Some((_, "none")) => Compression::None,
            Some((name, _)) => {
                let cure = "set it to gzip or none";
                return Err(ConfigError::in_environment(
                    name,
                    "it is no compression known here",
                    cure,
                ));
            }
        };
    let headers = either("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
        .map(|(name, text)| Headers::from_environment(name, text))
        .transpose()?
        .unwrap_or_default();
    let path = |exact, base| {
        either(exact, base).map(|(_, path)| PemFile::within(Path::new(""), Text::literal(path)))
    };
    let certificate = path(
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    );
    let key = path("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY");
    let client = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (certificate, _) => {
            let (set, missing) =
                ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY");
            let missing = if certificate.is_some() { missing } else { set };
            let problem = "a certificate and its key go together, and it is not set";
            return Err(ConfigError::in_environment(
                missing,
                problem,
                "set it, or unset the other",
            ));
        }
    };
    let ca = path("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE");
    let source = Source::Environment(variable);
    let way = Way { protocol, headers, compression, tls: Tls { ca, client }, source };
    Ok(Destination { endpoint, way })
}
