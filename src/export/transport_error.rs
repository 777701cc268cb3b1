//! Why there is no usable answer of a backend.

use crate::config::UnusablePem;
use crate::export::tls_problem::TlsProblem;

/// Why there is no usable answer of the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TransportError {
    /// The system has no usable certificates.
    NoCertificates,
    /// A certificate or a key of the config cannot be used.
    CertificateFile(UnusablePem),
    /// The name of the host has no address.
    UnknownHost,
    /// The connection was not accepted.
    NoConnection {
        /// The error code of the operating system, if there is one.
        os_error: Option<i32>,
    },
    /// The connection broke before the answer.
    Broken,
    /// The connection broke in the middle of the answer.
    ResponseBroken,
    /// TLS could not be negotiated, or a certificate is not trusted.
    Tls(TlsProblem),
    /// The other side speaks TLS, and the endpoint is http.
    NeedsTls,
    /// The other side answered with a page for a browser.
    Page,
    /// The endpoint cannot be used as a request URL.
    Endpoint,
    /// The answer is larger than an OTLP response can be.
    ResponseTooLarge,
    /// The other side does not speak the protocol of the request.
    OtherProtocol,
    /// The proxy does not accept its user and password.
    ProxyAuthorization,
    /// The proxy does not connect to the endpoint.
    ProxyRefused,
}

impl TransportError {
    /// Whether another try may succeed.
    pub(super) const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::UnknownHost
                | Self::NoConnection { .. }
                | Self::Broken
                | Self::ResponseBroken
                | Self::ProxyRefused
        )
    }

    /// Whether it happened before the request was sent.
    pub(super) const fn is_before_request(&self) -> bool {
        matches!(
            self,
            Self::NoCertificates
                | Self::CertificateFile(_)
                | Self::UnknownHost
                | Self::NoConnection { .. }
                | Self::Tls(_)
                | Self::Endpoint
                | Self::ProxyAuthorization
                | Self::ProxyRefused
        )
    }

    pub(super) const fn class(&self) -> &'static str {
        match self {
            Self::NoCertificates | Self::CertificateFile(_) => "certificates",
            Self::UnknownHost | Self::NoConnection { .. } => "no_connection",
            Self::Broken | Self::ResponseBroken => "connection_broken",
            Self::Tls(_) | Self::NeedsTls => "tls",
            Self::Page => "not_otlp",
            Self::Endpoint => "endpoint",
            Self::ResponseTooLarge => "answer_too_large",
            Self::OtherProtocol => "other_protocol",
            Self::ProxyAuthorization | Self::ProxyRefused => "proxy",
        }
    }
}
