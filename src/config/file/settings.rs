//! The two config files as they are written: every setting, and what it may say.
//!
//! `schema/*.json` are made from these types; a test compares them.

use crate::config::value::choice::{Compression, Names, Protocol, Temporality};
use crate::config::value::range::{
    Budget, IntervalSeconds, LogFiles, LogMebibytes, QueueEntries, QueueMebibytes, TimeoutSeconds,
};
use crate::config::value::template::Template;
use crate::config::value::tier::Level;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a project decides for everyone who works on it: `otel` in `.ccxray.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProjectSettings {
    /// `false` is the same as tier 0.
    pub(crate) enabled: Option<bool>,
    /// The most that may leave: 0 nothing, 1 anonymous numbers, 2 with a name that the engineer chose.
    pub(crate) tier: Option<Level>,
    /// Base URL of the OTLP receiver. For HTTP, `/v1/metrics` is added if it is not there.
    pub(crate) endpoint: Option<Template>,
    /// The OTLP protocol. Default: `http/protobuf`.
    pub(crate) protocol: Option<Protocol>,
    /// Headers of every request. Secrets stand here as `${VAR}` only.
    pub(crate) headers: BTreeMap<String, Template>,
    /// How request bodies are compressed. Default: `gzip`.
    pub(crate) compression: Option<Compression>,
    /// How sums are told. Default: `cumulative`.
    pub(crate) temporality: Option<Temporality>,
    /// Seconds between exports, 1 to 3600. Default: 60.
    pub(crate) interval_seconds: Option<IntervalSeconds>,
    /// Seconds that one export may take with all its tries, 1 to 60. Default: 10.
    pub(crate) timeout_seconds: Option<TimeoutSeconds>,
    /// The resource attribute `project.name`.
    pub(crate) project: Option<Template>,
    /// The resource attribute `team`.
    pub(crate) team: Option<Template>,
    /// More resource attributes. Keys that tell who somebody is, or which machine, are left out.
    pub(crate) resource_attributes: BTreeMap<String, Template>,
    /// Which names of tools, servers, skills, agents and models leave at tier 1. Default: `known`.
    pub(crate) names: Option<Names>,
    /// Names of the project's own that may leave at tier 1, beside the published ones.
    pub(crate) known_names: Vec<Template>,
    /// How many values of an attribute are told apart, 1 to 500, by the attribute's key.
    pub(crate) cardinality_overrides: BTreeMap<String, Budget>,
    /// Certificates, for https. Relative paths start at this file.
    pub(crate) tls: TlsFiles,
    /// How much may wait before the oldest gives way. Counts for the project given to `init`.
    pub(crate) queue: QueueLimits,
    /// `otel.log`, of failed exports. Its limits count for the project given to `init`.
    pub(crate) log: LogLimits,
}

/// What an engineer decides for themselves: `otel` in `.ccxray.user.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PersonalSettings {
    /// The most that this engineer lets out: 0 nothing, 1 anonymous numbers, 2 with `identity`.
    pub(crate) tier: Option<Level>,
    /// A name that the engineer chose, for tier 2: the resource attribute `enduser.id`.
    pub(crate) identity: Option<Template>,
    /// When the engineer first agreed to tier 2: RFC 3339, UTC.
    pub(crate) opt_in_acknowledged_at: Option<AcknowledgedAt>,
    /// At home only: base URL of the OTLP receiver, where no project names one.
    pub(crate) endpoint: Option<Template>,
    /// At home only: the protocol of `endpoint`. Default: `http/protobuf`.
    pub(crate) protocol: Option<Protocol>,
    /// At home only: sent to `endpoint`, and to no other.
    pub(crate) headers: BTreeMap<String, Template>,
    /// At home only: how request bodies to `endpoint` are compressed. Default: `gzip`.
    pub(crate) compression: Option<Compression>,
    /// At home only: certificates for `endpoint`. Relative paths start at this file.
    pub(crate) tls: TlsFiles,
}

/// Files in PEM.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are the names in the file")]
pub(crate) struct TlsFiles {
    /// The certificates that the receiver's own must lead to, instead of the system's.
    pub(crate) ca_file: Option<Template>,
    /// The certificate to show to the receiver.
    pub(crate) certificate_file: Option<Template>,
    /// Its private key.
    pub(crate) key_file: Option<Template>,
}

/// How much may wait between the host and the worker.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QueueLimits {
    /// Entries, 1 to 65536. Default: 2048.
    pub(crate) max_entries: Option<QueueEntries>,
    /// Mebibytes, 1 to 1024. Default: 64.
    pub(crate) max_mebibytes: Option<QueueMebibytes>,
}

/// How much the log may hold.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogLimits {
    /// Whether there is one. Default: `true`.
    pub(crate) enabled: Option<bool>,
    /// Mebibytes of one file, 1 to 100. Default: 1.
    pub(crate) max_mebibytes: Option<LogMebibytes>,
    /// Older files that are kept, 0 to 20. Default: 5.
    pub(crate) keep: Option<LogFiles>,
}

/// A moment: RFC 3339, UTC.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline, extend("format" = "date-time")))]
#[serde(try_from = "String")]
pub(crate) struct AcknowledgedAt(String);

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
    pub(crate) fn level(&self) -> Option<Level> {
        if self.enabled == Some(false) { Some(Level::Disabled) } else { self.tier }
    }
}
