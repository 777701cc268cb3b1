//! Settings with a few values that have names.

use crate::config::variable_names;
use serde::{Deserialize, Serialize};

/// A protocol of OTLP.
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specify-protocol>
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Protocol {
    /// Protobuf in POST requests.
    #[default]
    #[serde(rename = "http/protobuf")]
    HttpProtobuf,
    /// JSON in POST requests.
    #[serde(rename = "http/json")]
    HttpJson,
    /// Protobuf over gRPC.
    #[serde(rename = "grpc")]
    Grpc,
}

impl Protocol {
    /// The name in files and variables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HttpProtobuf => variable_names::HTTP_PROTOBUF,
            Self::HttpJson => variable_names::HTTP_JSON,
            Self::Grpc => variable_names::GRPC,
        }
    }
}

/// How request bodies are compressed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Every OTLP receiver supports it.
    #[default]
    Gzip,
    /// Not at all.
    None,
}

impl Compression {
    /// The name in files and variables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::None => "none",
        }
    }
}

/// What each sum covers: aggregation temporality.
/// Source: <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#temporality>
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Temporality {
    /// The time since the start of the process.
    #[default]
    Cumulative,
    /// The time since the last export.
    Delta,
}

impl Temporality {
    /// The name in files and variables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cumulative => "cumulative",
            Self::Delta => "delta",
        }
    }
}

/// Which names are sent at tier 1.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Names {
    /// Published names, and those of `known_names`. Any other is sent as `custom` or `other`.
    #[default]
    Known,
    /// All of them.
    All,
}

impl Names {
    /// The name in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::All => "all",
        }
    }
}
