//! Why an export failed.

use opentelemetry_sdk::error::OTelSdkError;
use std::borrow::Cow;

/// Why an export failed. The words hold no secret and no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The backend said no.
    #[error("the backend answered HTTP {0}")]
    Status(u16),
    /// There was no answer.
    #[error("{0}")]
    HttpClient(#[from] TransportError),
    /// There was no answer in time.
    #[error("no answer in time")]
    Deadline,
    /// Our own code failed.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

impl From<OTelSdkError> for Failure {
    fn from(_: OTelSdkError) -> Self {
        Self::Internal("collection failed")
    }
}

impl Failure {
    /// The word in the log.
    pub(super) fn class(&self) -> Cow<'static, str> {
        match self {
            Self::Status(status) => format!("http_{status}").into(),
            Self::HttpClient(error) => error.class().into(),
            Self::Deadline => "timeout".into(),
            Self::Internal(_) => "internal".into(),
        }
    }
}

/// Why there is no answer. The words hold no secret and no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The system's certificates cannot be read.
    #[error("no usable system certificates")]
    NoCertificates,
    /// A certificate or key that a config names cannot be used.
    #[error("the file of {0} is no usable certificate or key in PEM")]
    CertificateFile(&'static str),
    /// Nobody accepts a connection.
    #[error("no connection")]
    NoConnection,
    /// The connection broke before the answer began.
    #[error("the connection broke")]
    Broken,
    /// It broke in the middle of the answer.
    #[error("the connection broke within the answer")]
    ResponseBroken,
    /// The two sides do not agree on who they are.
    #[error("the TLS handshake failed")]
    Tls,
    /// What the config calls an endpoint is none.
    #[error("the endpoint is not usable as a URL")]
    Endpoint,
    /// The answer is larger than any that OTLP knows.
    #[error("the answer is too large")]
    ResponseTooLarge,
}

impl TransportError {
    /// Whether another try may go better.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::NoConnection | Self::Broken | Self::ResponseBroken)
    }

    /// The word in the log.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::NoCertificates | Self::CertificateFile(_) => "certificates",
            Self::NoConnection => "no_connection",
            Self::Broken | Self::ResponseBroken => "connection_broken",
            Self::Tls => "tls",
            Self::Endpoint => "endpoint",
            Self::ResponseTooLarge => "answer_too_large",
        }
    }
}
