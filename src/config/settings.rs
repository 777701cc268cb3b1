//! The two config files as they are written: every setting, and what it may say.
//!
//! `schema/*.json` are made from these types; a test compares them.

use crate::config::error::ConfigError;
use crate::config::file::{ConfigFile, nearest};
use crate::config::headers;
use crate::config::template::Template;
use crate::config::tier::Level;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a project decides for everyone who works on it: `otel` in `.ccxray.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(super) struct ProjectSettings {
    /// `false` is the same as tier 0.
    pub(super) enabled: Option<bool>,
    /// The most that may leave: 0 nothing, 1 anonymous numbers, 2 with a name that the engineer chose.
    pub(super) tier: Option<Level>,
    /// Base URL of the OTLP receiver. For HTTP, `/v1/metrics` is added if it is not there.
    pub(super) endpoint: Option<Template>,
    /// The OTLP protocol. Default: `http/protobuf`.
    pub(super) protocol: Option<Protocol>,
    /// Headers of every request. Secrets stand here as `${VAR}` only.
    pub(super) headers: BTreeMap<String, Template>,
    /// How request bodies are compressed. Default: `gzip`.
    pub(super) compression: Option<Compression>,
    /// How sums are told. Default: `cumulative`.
    pub(super) temporality: Option<Temporality>,
    /// Seconds between exports, 1 to 3600. Default: 60.
    pub(super) interval_seconds: Option<IntervalSeconds>,
    /// Seconds that one export may take with all its tries, 1 to 60. Default: 10.
    pub(super) timeout_seconds: Option<TimeoutSeconds>,
    /// The resource attribute `project.name`.
    pub(super) project: Option<Template>,
    /// The resource attribute `team`.
    pub(super) team: Option<Template>,
    /// More resource attributes. Keys that tell who somebody is, or which machine, are left out.
    pub(super) resource_attributes: BTreeMap<String, Template>,
    /// Which names of tools, servers, skills, agents and models leave at tier 1. Default: `known`.
    pub(super) names: Option<Names>,
    /// Names of the project's own that may leave at tier 1, beside the published ones.
    pub(super) known_names: Vec<Template>,
    /// How many values of an attribute are told apart, 1 to 500, by the attribute's key.
    pub(super) cardinality_overrides: BTreeMap<String, Budget>,
    /// Certificates, for https. Relative paths start at this file.
    pub(super) tls: TlsFiles,
    /// How much may wait before the oldest gives way. Counts for the project given to `init`.
    pub(super) queue: QueueLimits,
    /// `otel.log`, of failed exports. Its limits count for the project given to `init`.
    pub(super) log: LogLimits,
}

/// What an engineer decides for themselves: `otel` in `.ccxray.user.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(super) struct PersonalSettings {
    /// The most that this engineer lets out: 0 nothing, 1 anonymous numbers, 2 with `identity`.
    pub(super) tier: Option<Level>,
    /// A name that the engineer chose, for tier 2: the resource attribute `enduser.id`.
    pub(super) identity: Option<Template>,
    /// When the engineer first agreed to tier 2: RFC 3339, UTC.
    pub(super) opt_in_acknowledged_at: Option<AcknowledgedAt>,
    /// At home only: base URL of the OTLP receiver, where no project names one.
    pub(super) endpoint: Option<Template>,
    /// At home only: the protocol of `endpoint`. Default: `http/protobuf`.
    pub(super) protocol: Option<Protocol>,
    /// At home only: sent to `endpoint`, and to no other.
    pub(super) headers: BTreeMap<String, Template>,
    /// At home only: how request bodies to `endpoint` are compressed. Default: `gzip`.
    pub(super) compression: Option<Compression>,
    /// At home only: certificates for `endpoint`. Relative paths start at this file.
    pub(super) tls: TlsFiles,
}

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
}

impl Protocol {
    /// The name in files and variables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HttpProtobuf => "http/protobuf",
            Self::HttpJson => "http/json",
        }
    }
}

/// How request bodies are compressed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// As in every OTLP receiver.
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

/// How sums are told.
/// Source: <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#temporality>
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Temporality {
    /// Since the start of the process.
    #[default]
    Cumulative,
    /// Since the last export.
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

/// Which names leave at tier 1.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Names {
    /// Published ones, and those of `known_names`; any other is `custom` or `other`.
    #[default]
    Known,
    /// All of them.
    All,
}

impl Names {
    /// The word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::All => "all",
        }
    }
}

/// Files in PEM.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are the names in the file")]
pub(super) struct TlsFiles {
    /// The certificates that the receiver's own must lead to, instead of the system's.
    pub(super) ca_file: Option<Template>,
    /// The certificate to show to the receiver.
    pub(super) certificate_file: Option<Template>,
    /// Its private key.
    pub(super) key_file: Option<Template>,
}

/// How much may wait between the host and the worker.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(super) struct QueueLimits {
    /// Entries, 1 to 65536. Default: 2048.
    pub(super) max_entries: Option<QueueEntries>,
    /// Mebibytes, 1 to 1024. Default: 64.
    pub(super) max_mebibytes: Option<QueueMebibytes>,
}

/// How much the log may hold.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(super) struct LogLimits {
    /// Whether there is one. Default: `true`.
    pub(super) enabled: Option<bool>,
    /// Mebibytes of one file, 1 to 100. Default: 1.
    pub(super) max_mebibytes: Option<LogMebibytes>,
    /// Older files that are kept, 0 to 20. Default: 5.
    pub(super) keep: Option<LogFiles>,
}

/// A number that a file may only give within its range.
macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident($number:ty), $least:literal, $most:literal, $from:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[cfg_attr(test, schemars(inline, extend("minimum" = $least, "maximum" = $most)))]
        #[serde(try_from = $from)]
        pub(super) struct $name(pub(super) $number);

        impl TryFrom<$number> for $name {
            type Error = String;

            fn try_from(number: $number) -> Result<Self, String> {
                if ($least..=$most).contains(&number) {
                    Ok(Self(number))
                } else {
                    Err(format!("{number} is out of range (expected {} to {})", $least, $most))
                }
            }
        }
    };
}

ranged!(
    /// Seconds between exports.
    IntervalSeconds(f64), 1.0, 3600.0, "f64"
);
ranged!(
    /// Seconds that one export may take.
    TimeoutSeconds(f64), 1.0, 60.0, "f64"
);
ranged!(
    /// How many values of an attribute are told apart.
    Budget(u64), 1, 500, "u64"
);
ranged!(
    /// Entries that may wait.
    QueueEntries(u64), 1, 65_536, "u64"
);
ranged!(
    /// Mebibytes that may wait.
    QueueMebibytes(u64), 1, 1024, "u64"
);
ranged!(
    /// Mebibytes of a log file.
    LogMebibytes(u64), 1, 100, "u64"
);
ranged!(
    /// Log files that are kept.
    LogFiles(u64), 0, 20, "u64"
);

/// A moment: RFC 3339, UTC.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline, extend("format" = "date-time")))]
#[serde(try_from = "String")]
pub(super) struct AcknowledgedAt(String);

impl TryFrom<String> for AcknowledgedAt {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match humantime::parse_rfc3339(&text) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err("it is no moment in UTC, such as 2026-01-31T09:00:00Z".to_owned()),
        }
    }
}

impl ProjectSettings {
    /// What the project says about the tier.
    pub(super) fn level(&self) -> Option<Level> {
        if self.enabled == Some(false) { Some(Level::Disabled) } else { self.tier }
    }
}

/// Attributes whose budgets a project may change.
const OVERRIDABLE: [&str; 5] = ["model", "server", "skill", "tool", "type"];

impl ConfigFile<ProjectSettings> {
    /// Whether there is something in it that no project may say, whatever comes of it.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for key in self.otel.cardinality_overrides.keys() {
            if !OVERRIDABLE.contains(&key.as_str()) {
                let cure = match nearest(key, &OVERRIDABLE) {
                    Some(nearest) => format!("did you mean \"{nearest}\"?"),
                    None => format!("there are {}", OVERRIDABLE.join(", ")),
                };
                let field = ["cardinality_overrides", key.as_str()];
                return Err(self.error(&field, "no attribute of this name has a budget", &cure));
            }
        }
        headers::check(self, &self.otel.headers, true)
    }
}

impl ConfigFile<PersonalSettings> {
    /// Whether there is something in it that no engineer may say, whatever comes of it.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        headers::check(self, &self.otel.headers, false)
    }
}
