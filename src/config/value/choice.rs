//! Settings with a few values that have names.

use crate::config::value::tier::Tier;
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
    /// All of them.
    const ALL: &[Self] = &[Self::HttpProtobuf, Self::HttpJson, Self::Grpc];

    /// The protocol with this name, in upper or lower case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str().eq_ignore_ascii_case(name))
    }

    /// All names, for a message.
    pub(crate) fn names() -> String {
        one_of(Self::ALL.iter().map(|it| it.as_str()))
    }

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
    /// All of them.
    const ALL: &[Self] = &[Self::Gzip, Self::None];

    /// The compression with this name, in upper or lower case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str().eq_ignore_ascii_case(name))
    }

    /// All names, for a message.
    pub(crate) fn names() -> String {
        one_of(Self::ALL.iter().map(|it| it.as_str()))
    }

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
    /// The temporality with this name of a preference, in upper or lower case. `lowmemory` differs from
    /// `delta` only for kinds of instruments that this package does not have.
    /// Source: <https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/otlp/#additional-environment-variable-configuration>
    pub(crate) fn from_preference(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "cumulative" => Some(Self::Cumulative),
            "delta" | "lowmemory" => Some(Self::Delta),
            _ => None,
        }
    }

    /// The name in files and variables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cumulative => "cumulative",
            Self::Delta => "delta",
        }
    }
}

/// How histograms divide their values into buckets.
/// Source: <https://opentelemetry.io/docs/specs/otel/metrics/sdk/#histogram-aggregations>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistogramAggregation {
    /// Buckets with the bounds of the table of metrics.
    #[default]
    Explicit,
    /// Buckets whose bounds are powers of two and of its roots. The range of the values decides how fine
    /// they are.
    Base2Exponential,
}

impl HistogramAggregation {
    /// All of them.
    const ALL: &[Self] = &[Self::Explicit, Self::Base2Exponential];

    /// The aggregation with this name, in upper or lower case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str().eq_ignore_ascii_case(name))
    }

    /// All names, for a message.
    pub(crate) fn names() -> String {
        one_of(Self::ALL.iter().map(|it| it.as_str()))
    }

    /// The name in variables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Explicit => "explicit_bucket_histogram",
            Self::Base2Exponential => "base2_exponential_bucket_histogram",
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

/// How finely the receiver can tell when something happened: how often requests are sent, and to what their times
/// are rounded.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord, Hash,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum TimeResolution {
    /// A request in each interval, and one at the end of each process.
    #[default]
    Minute,
    /// At most one request in each hour, with the sums of hours that have ended.
    Hour,
    /// At most one request in each day, with the sums of days that have ended.
    Day,
}

impl TimeResolution {
    /// All of them, the finest first.
    const ALL: &[Self] = &[Self::Minute, Self::Hour, Self::Day];

    /// What counts if no side sets it.
    pub(crate) const fn default_of(tier: &Tier) -> Self {
        match tier {
            Tier::Anonymous => Self::Minute,
            Tier::Named { .. } => Self::Hour,
        }
    }

    /// The resolution with this name, in upper or lower case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str().eq_ignore_ascii_case(name))
    }

    /// All names, for a message.
    pub(crate) fn names() -> String {
        one_of(Self::ALL.iter().map(|it| it.as_str()))
    }

    /// The name in files and variables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// This one and all that are finer.
    pub(crate) fn and_finer(self) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |it| *it <= self)
    }
}

/// Names in a sentence: `a, b or c`.
fn one_of(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
