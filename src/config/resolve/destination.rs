//! Where to send, and what along, all from one and the same source: a variable may be set for another
//! program, and a file may be a stranger's.

use crate::config::approval::target::Target;
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::settings::{PersonalSettings, ProjectSettings, TlsFiles};
use crate::config::value::choice::{Compression, Protocol};
use crate::config::value::endpoint::{Endpoint, InvalidEndpoint};
use crate::config::value::headers::{self, Headers};
use crate::config::value::source::Source;
use crate::config::value::template::Template;
use crate::config::value::text::Text;
use crate::config::value::tls::{PemFile, Tls};
use crate::config::variables::Env;
use std::collections::BTreeMap;
use std::path::Path;

/// Where to send, with everything filled in.
pub(crate) struct Destination {
    pub(crate) endpoint: Result<Endpoint, InvalidEndpoint>,
    pub(crate) way: Way,
}

/// How to send, and what along.
pub(crate) struct Way {
    pub(crate) protocol: Protocol,
    pub(crate) headers: Headers,
    pub(crate) compression: Compression,
    pub(crate) tls: Tls,
    pub(crate) source: Source,
}

impl Destination {
    /// Fills in everything that a target says.
    pub(crate) fn of(target: Target<'_>, env: &Env) -> Result<Self, ConfigError> {
        match target {
            Target::Project(file, endpoint) => {
                let ProjectSettings { protocol, headers, compression, tls, .. } = &file.otel;
                of_file(file, endpoint, (*protocol, *compression), headers, tls, env)
            }
            Target::Home(file, endpoint) => {
                let PersonalSettings { protocol, headers, compression, tls, .. } = &file.otel;
                of_file(file, endpoint, (*protocol, *compression), headers, tls, env)
            }
            Target::Environment { variable, endpoint } => of_environment(variable, endpoint, env),
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
        headers: headers_of_file(file, headers, env)?,
        compression: compression.unwrap_or_default(),
        tls: tls_of_file(file, tls, env)?,
        source: Source::File(file.path.clone()),
    };
    let endpoint = file.fill_in(&["endpoint"], endpoint, env)?;
    Ok(Destination { endpoint: Endpoint::from_base(&endpoint), way })
}

fn headers_of_file<T>(
    file: &ConfigFile<T>,
    written: &BTreeMap<String, Template>,
    env: &Env,
) -> Result<Headers, ConfigError> {
    let header = |(name, template): (&String, &Template)| {
        let field = ["headers", name.as_str()];
        let value = file.fill_in(&field, template, env)?;
        headers::header(name, &value)
            .ok_or_else(|| file.error(&field, headers::PROBLEM, headers::CURE))
    };
    written.iter().map(header).collect()
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
