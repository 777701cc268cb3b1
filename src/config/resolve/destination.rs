//! The endpoint, and how to connect to it. Both are from the same source: headers and certificates of
//! the environment are never used for an endpoint of a file.

use crate::config::approval::target::{Target, refuse_unencrypted};
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::settings::{PersonalSettings, ProjectSettings, TlsFiles};
use crate::config::value::choice::{Compression, Protocol};
use crate::config::value::endpoint::{Endpoint, InvalidEndpoint};
use crate::config::value::headers::{self, Headers};
use crate::config::value::range::RequestKibibytes;
use crate::config::value::secret::quotable;
use crate::config::value::source::Source;
use crate::config::value::template::Template;
use crate::config::value::text::Text;
use crate::config::value::tls::{PemFile, Tls};
use crate::config::variable_names;
use crate::config::variables::Variables;
use std::collections::BTreeMap;
use std::path::Path;

/// The most that one request may have before compression, if nothing is set: 4 MiB, the limit of gRPC
/// servers that set none.
pub(crate) const MAX_REQUEST_BYTES: usize = 4 << 20;

/// Where requests are sent, with all variables filled in.
pub(crate) struct Destination {
    pub(crate) endpoint: Result<Endpoint, InvalidEndpoint>,
    pub(crate) connection: Connection,
}

/// How to connect to the endpoint.
pub(crate) struct Connection {
    pub(crate) protocol: Protocol,
    pub(crate) headers: Headers,
    pub(crate) compression: Compression,
    pub(crate) max_request_bytes: usize,
    pub(crate) tls: Tls,
    pub(crate) source: Source,
}

impl Destination {
    /// Fills in the variables of a target.
    pub(crate) fn of(target: &Target<'_>, env: &Variables) -> Result<Self, ConfigError> {
        match target {
            Target::Project(file, endpoint) => {
                let ProjectSettings { headers, insecure, tls, .. } = &file.otel;
                let encoding = Encoding {
                    protocol: file.otel.protocol,
                    compression: file.otel.compression,
                    max_request: file.otel.max_request_kibibytes,
                };
                let destination = of_file(file, endpoint, encoding, headers, tls, env)?;
                encrypted(destination, file, *insecure)
            }
            Target::Home(file, endpoint) => {
                let PersonalSettings { headers, insecure, tls, .. } = &file.otel;
                let encoding = Encoding {
                    protocol: file.otel.protocol,
                    compression: file.otel.compression,
                    max_request: file.otel.max_request_kibibytes,
                };
                let destination = of_file(file, endpoint, encoding, headers, tls, env)?;
                encrypted(destination, file, *insecure)
            }
            Target::Environment { variable, endpoint } => {
                of_environment(variable, endpoint.clone(), env)
            }
        }
    }
}

/// How a file says that requests are encoded.
struct Encoding {
    protocol: Option<Protocol>,
    compression: Option<Compression>,
    max_request: Option<RequestKibibytes>,
}

fn of_file<T>(
    file: &ConfigFile<T>,
    endpoint: &Template,
    Encoding { protocol, compression, max_request }: Encoding,
    headers: &BTreeMap<String, Template>,
    tls: &TlsFiles,
    env: &Variables,
) -> Result<Destination, ConfigError> {
    let connection = Connection {
        protocol: protocol.unwrap_or_default(),
        headers: headers_of_file(file, headers, env)?,
        compression: compression.unwrap_or_default(),
        max_request_bytes: max_request.map_or(MAX_REQUEST_BYTES, RequestKibibytes::bytes),
        tls: tls_of_file(file, tls, env)?,
        source: Source::File(file.path.clone()),
    };
    let endpoint = Endpoint::from_base(&file.fill_in(&["endpoint"], endpoint, env)?);
    Ok(Destination { endpoint: endpoint.and_then(|it| of_protocol(it, &connection)), connection })
}

/// The endpoint as the protocol needs it.
fn of_protocol(endpoint: Endpoint, connection: &Connection) -> Result<Endpoint, InvalidEndpoint> {
    if connection.protocol == Protocol::Grpc { endpoint.for_grpc() } else { Ok(endpoint) }
}

/// The destination, if its headers are not sent unencrypted to another machine.
fn encrypted<T>(
    destination: Destination,
    file: &ConfigFile<T>,
    insecure: Option<bool>,
) -> Result<Destination, ConfigError> {
    let has_headers = destination.connection.headers.iter().next().is_some();
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
    env: &Variables,
) -> Result<Tls, ConfigError> {
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
                format!("A certificate and its key belong together: \"{missing}\" is missing.");
            return Err(file.error(&["tls"], &problem, &format!("Add \"{missing}\".")));
        }
    };
    Ok(Tls { ca: path("ca_file", ca_file)?, client })
}

fn of_environment(
    variable: &'static str,
    endpoint: Result<Endpoint, InvalidEndpoint>,
    env: &Variables,
) -> Result<Destination, ConfigError> {
    let either = |names: [&'static str; 2]| {
        names.into_iter().find_map(|name| Some((name, env.get(name)?.trim())))
    };
    let protocol = match either(variable_names::PROTOCOL) {
        None => Protocol::default(),
        Some((_, variable_names::HTTP_PROTOBUF)) => Protocol::HttpProtobuf,
        Some((_, variable_names::HTTP_JSON)) => Protocol::HttpJson,
        Some((_, variable_names::GRPC)) => Protocol::Grpc,
        Some((name, value)) => {
            return Err(not_supported(name, value, "Use http/protobuf, http/json or grpc."));
        }
    };
    let compression = match either(variable_names::COMPRESSION) {
        None | Some((_, "gzip")) => Compression::Gzip,
        Some((_, "none")) => Compression::None,
        Some((name, value)) => {
            return Err(not_supported(name, value, "Use gzip or none."));
        }
    };
    let headers = either(variable_names::HEADERS)
        .map(|(name, text)| Headers::from_environment(name, text))
        .transpose()?
        .unwrap_or_default();
    let path = |names| {
        either(names)
            .map(|(name, path)| PemFile::within(Path::new(""), Text::from_variable(path, name)))
    };
    let certificate = path(variable_names::CLIENT_CERTIFICATE);
    let key = path(variable_names::CLIENT_KEY);
    let client = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (certificate, _) => {
            let ([_, set], [_, missing]) =
                (variable_names::CLIENT_CERTIFICATE, variable_names::CLIENT_KEY);
            let missing = if certificate.is_some() { missing } else { set };
            let problem = "A client certificate and its key belong together, and this is not set.";
            let cure = "Set both, or neither.";
            return Err(ConfigError::in_environment(missing, problem, cure));
        }
    };
    let ca = path(variable_names::CERTIFICATE);
    let source = Source::Environment(variable);
    let tls = Tls { ca, client };
    let max_request_bytes = MAX_REQUEST_BYTES;
    let connection = Connection { protocol, headers, compression, max_request_bytes, tls, source };
    Ok(Destination { endpoint: endpoint.and_then(|it| of_protocol(it, &connection)), connection })
}

fn not_supported(variable: &str, value: &str, cure: &str) -> ConfigError {
    let problem = format!("{} is not supported.", quotable(value));
    ConfigError::in_environment(variable, &problem, cure)
}
