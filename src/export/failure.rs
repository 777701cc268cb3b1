//! Why an export failed, and the message about it.

use crate::export::endpoint_description::EndpointDescription;
use crate::export::tls_problem::MAY_NEED_CLIENT_CERTIFICATE;
use crate::export::transport_error::TransportError;
use crate::export::{grpc_failure, protocol_mismatch, proxy_failure};
use crate::otlp::retry::Rejection;
use opentelemetry_sdk::error::OTelSdkError;
use std::borrow::Cow;
use std::io::{self, ErrorKind};
use std::time::Duration;
use tonic::Code;

/// The limit of a message, in bytes. Host names, paths and names of variables may be long.
const MAX_MESSAGE_BYTES: usize = 512;

/// A failed export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExportError {
    /// Why it failed.
    pub(super) failure: Failure,
    /// Set if the backend rejected the request for good.
    pub(super) rejection: Option<Rejection>,
    /// The `Retry-After` of the backend.
    pub(super) retry_after: Option<Duration>,
    /// Whether the backend may have taken the request all the same, in this try or an earlier one: its answer was lost.
    pub(super) may_have_arrived: bool,
}

/// Why an export failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The backend answered with a status that is not 2xx.
    Status(u16),
    /// The backend answered that the request should go to another URL.
    Redirect {
        /// The status of HTTP.
        status: u16,
        /// That URL without its query, if it can be shown.
        target: Option<String>,
    },
    /// The backend answered with a status of gRPC that is not OK.
    Code(Code),
    /// The backend did not answer, or its answer cannot be read.
    Transport(TransportError),
    /// The backend did not answer before the deadline.
    Deadline,
    /// A defect of this package.
    Internal(&'static str),
}

impl From<Failure> for ExportError {
    fn from(failure: Failure) -> Self {
        let may_have_arrived = !failure.is_certain();
        Self { failure, rejection: None, retry_after: None, may_have_arrived }
    }
}

impl From<OTelSdkError> for Failure {
    fn from(_: OTelSdkError) -> Self {
        Self::Internal("collection failed")
    }
}

impl Failure {
    /// Whether the backend has certainly not taken the request. Otherwise its answer may be lost.
    fn is_certain(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 400..=499 | 501 | 503),
            Self::Redirect { .. } | Self::Internal(_) => true,
            Self::Code(code) => grpc_failure::is_certain(*code),
            Self::Transport(error) => error.is_before_request(),
            Self::Deadline => false,
        }
    }

    /// The class of the failure in `otel.log`: one word, the same for each endpoint.
    pub(super) fn class(&self) -> Cow<'static, str> {
        match self {
            Self::Status(status) | Self::Redirect { status, .. } => format!("http_{status}").into(),
            Self::Code(code) => grpc_failure::class(*code).into(),
            Self::Transport(error) => error.class().into(),
            Self::Deadline => "timeout".into(),
            Self::Internal(_) => "internal".into(),
        }
    }

    /// The message in `status` and `otel.log`. It contains no secret, and at most 512 bytes.
    pub(super) fn message(&self, endpoint: &EndpointDescription) -> String {
        let mut message = match self {
            Self::Status(status) if endpoint.is_grpc => {
                protocol_mismatch::status_message(*status, endpoint)
            }
            Self::Status(status) => status_message(*status, endpoint),
            Self::Redirect { status, target } => {
                redirect_message(*status, target.as_deref(), endpoint)
            }
            Self::Code(code) => grpc_failure::message(*code, endpoint),
            Self::Transport(error) => transport_message(error, endpoint),
            Self::Deadline => "no answer in time".to_owned(),
            Self::Internal(what) => format!("internal error: {what}"),
        };
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
        message
    }
}

fn status_message(status: u16, endpoint: &EndpointDescription) -> String {
    let EndpointDescription { path, path_cure, credentials, credential_flaw, .. } = endpoint;
    let mut message = format!("the backend answered HTTP {status}");
    let mut add = |parts: &[&str]| parts.iter().for_each(|part| message.push_str(part));
    match (status, credentials) {
        (400 | 404 | 405, _) => {
            add(&[" at ", path]);
            if status == 400 && endpoint.protocol == "http/json" {
                add(&[". If it does not take http/json, use http/protobuf"]);
            }
            if !path_cure.is_empty() {
                add(&[". ", path_cure]);
            }
        }
        (415, _) => {
            let other =
                if endpoint.protocol == "http/json" { "http/protobuf" } else { "http/json" };
            add(&[" at ", path, ": it does not take ", endpoint.protocol, ". Use ", other]);
            if !path_cure.is_empty() {
                add(&[", or another URL. ", path_cure]);
            }
        }
        (401 | 403, Some(credentials)) => {
            add(&[": ", credentials, " was rejected."]);
            match credential_flaw {
                Some(flaw) => add(&[" ", flaw]),
                None if status == 403 => add(&[" It may not be allowed to write metrics."]),
                None => {}
            }
        }
        (401 | 403, None) => add(&[": no token is configured. \
             Add \"headers\": {\"authorization\": \"Bearer ${OTLP_TOKEN}\"}. \
             If the endpoint is from the environment, set OTEL_EXPORTER_OTLP_HEADERS."]),
        _ => {}
    }
    message
}

fn redirect_message(status: u16, target: Option<&str>, endpoint: &EndpointDescription) -> String {
    // The value of a variable can be a part of the other URL, too.
    let target = target.filter(|_| !endpoint.is_filled_in).unwrap_or("another URL");
    format!(
        "the backend answered HTTP {status}: it redirects to {target}, and redirects are not followed. Set \
         the endpoint to the URL that takes metrics."
    )
}

/// The message about a connection that the other side ended.
fn broken_message(endpoint: &EndpointDescription) -> String {
    let EndpointDescription { authority, is_grpc, is_https, proxy, client_certificate, .. } =
        endpoint;
    let cure = match (is_grpc, is_https) {
        (true, _) => format!(" {}", protocol_mismatch::USE_HTTP),
        (false, true) if client_certificate.is_none() => MAY_NEED_CLIENT_CERTIFICATE.to_owned(),
        (false, true) => String::new(),
        (false, false) => " If it needs TLS, write https:// in the endpoint.".to_owned(),
    };
    match proxy {
        None => format!("{authority} ended the connection before it answered.{cure}"),
        Some(_) => format!("The connection to {authority} ended before it answered.{cure}"),
    }
}

/// The message about a page that something else than the backend answers with.
fn page_message(EndpointDescription { authority, path_cure, .. }: &EndpointDescription) -> String {
    let mut message = format!(
        "{authority} answered with a web page, and not with OTLP. Either something answers in its place, such \
         as the login page of a network or of a proxy, or the URL is that of a website."
    );
    if !path_cure.is_empty() {
        message.push(' ');
        message.push_str(path_cure);
    }
    message
}

fn transport_message(error: &TransportError, endpoint: &EndpointDescription) -> String {
    let EndpointDescription { authority, host, .. } = endpoint;
    if let Some(message) = proxy_failure::message(error, endpoint) {
        return message;
    }
    let message = match error {
        TransportError::CertificateFile(unusable) => return unusable.to_string(),
        TransportError::UnknownHost => return format!("Host name {host} is unknown."),
        TransportError::NoConnection { os_error } => {
            return match os_error.map(io::Error::from_raw_os_error) {
                Some(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    format!("Nothing listens on {authority} (connection refused).")
                }
                Some(error) => format!("Cannot connect to {authority}: {error}."),
                None => format!("Cannot connect to {authority}."),
            };
        }
        TransportError::NoCertificates => "the system has no usable certificates; set tls.ca_file",
        TransportError::Broken => return broken_message(endpoint),
        TransportError::ResponseBroken => "the connection broke within the answer",
        TransportError::Tls(problem) => return problem.message(endpoint),
        TransportError::NeedsTls => {
            return format!("{authority} speaks TLS. Write https:// in the endpoint.");
        }
        TransportError::Page => return page_message(endpoint),
        TransportError::Endpoint => "the endpoint is not usable as a URL",
        TransportError::ResponseTooLarge => "the answer is too large",
        TransportError::OtherProtocol => return protocol_mismatch::message(endpoint),
        TransportError::ProxyAuthorization => "the proxy does not accept its user and password",
        TransportError::ProxyRefused => "the proxy does not connect to the endpoint",
    };
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(credentials: Option<&str>) -> EndpointDescription {
        EndpointDescription {
            url: "http://otlp.example:4318/v1/metrics".to_owned(),
            authority: "otlp.example:4318".to_owned(),
            host: "otlp.example".to_owned(),
            path: "/v1/metrics".to_owned(),
            path_cure: "Use another path",
            credentials: credentials.map(str::to_owned),
            protocol: "http/json",
            ..EndpointDescription::example()
        }
    }

    #[test]
    fn a_status_is_explained_if_the_cure_is_known() {
        let token = Some("the token in OTLP_TOKEN");
        for (status, credentials, expected) in [
            (503, token, "the backend answered HTTP 503"),
            (404, token, "the backend answered HTTP 404 at /v1/metrics. Use another path"),
            (
                415,
                token,
                "the backend answered HTTP 415 at /v1/metrics: it does not take http/json. Use \
                 http/protobuf, or another URL. Use another path",
            ),
            (401, token, "the backend answered HTTP 401: the token in OTLP_TOKEN was rejected."),
            (
                403,
                token,
                "the backend answered HTTP 403: the token in OTLP_TOKEN was rejected. It may not be \
                 allowed to write metrics.",
            ),
            (
                403,
                None,
                "the backend answered HTTP 403: no token is configured. \
                 Add \"headers\": {\"authorization\": \"Bearer ${OTLP_TOKEN}\"}. \
                 If the endpoint is from the environment, set OTEL_EXPORTER_OTLP_HEADERS.",
            ),
        ] {
            let message = Failure::Status(status).message(&endpoint(credentials));
            assert_eq!(message, expected);
        }
    }

    #[cfg(target_os = "linux")] // the codes of another system differ
    #[test]
    fn a_failed_connection_names_the_host_and_the_reason() {
        for (error, expected) in [
            (TransportError::UnknownHost, "Host name otlp.example is unknown."),
            (
                TransportError::NoConnection { os_error: Some(111) },
                "Nothing listens on otlp.example:4318 (connection refused).",
            ),
            (
                TransportError::NoConnection { os_error: Some(24) },
                "Cannot connect to otlp.example:4318: Too many open files (os error 24).",
            ),
            (
                TransportError::NoConnection { os_error: None },
                "Cannot connect to otlp.example:4318.",
            ),
        ] {
            assert_eq!(Failure::Transport(error).message(&endpoint(None)), expected);
        }
    }

    #[test]
    fn a_message_has_at_most_512_bytes() {
        let path = "/é".repeat(400);
        let message = Failure::Status(404).message(&EndpointDescription { path, ..endpoint(None) });
        assert!((510..=512).contains(&message.len()), "{}", message.len());
    }
}
