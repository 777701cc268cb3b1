//! Why an export failed.

use crate::export::http::TransportError;
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
    Transport(#[from] TransportError),
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
            Self::Transport(error) => error.class().into(),
            Self::Deadline => "timeout".into(),
            Self::Internal(_) => "internal".into(),
        }
    }
}
