//! The errors that JavaScript receives.

use crate::config::ConfigError;

/// The `code` of an error.
#[derive(Clone, Copy, Debug)]
pub enum ErrorCode {
    /// The config cannot be used.
    Config,
    /// A defect of this package.
    Internal,
}

impl AsRef<str> for ErrorCode {
    fn as_ref(&self) -> &str {
        match self {
            Self::Config => "CCXRAY_OTEL_CONFIG",
            Self::Internal => "CCXRAY_OTEL_INTERNAL",
        }
    }
}

/// The result of a function that can throw.
pub(super) type Result<T> = std::result::Result<T, napi::Error<ErrorCode>>;

/// A config that cannot be used, as an error for `index.js`, which takes its parts apart: an error of
/// Node-API has no other properties.
impl From<ConfigError> for napi::Error<ErrorCode> {
    fn from(error: ConfigError) -> Self {
        Self::new(ErrorCode::Config, error.to_json())
    }
}

/// A defect of this package that appears as an error of encoding.
pub(super) fn encoding_error(error: std::io::Error) -> napi::Error<ErrorCode> {
    napi::Error::new(ErrorCode::Internal, error.to_string())
}

/// A failure of Node-API itself, as an error for JavaScript.
pub(super) fn internal_error(error: napi::Error) -> napi::Error<ErrorCode> {
    napi::Error::new(ErrorCode::Internal, error.reason.clone())
}
