//! The settings of the two config files, and their types.
//!
//! `schema/*.json` are generated from these types. A test compares them.

use crate::config::value::choice::{Compression, Names, Protocol, Temporality, TimeResolution};
use crate::config::value::range::{
    CardinalityLimit, IntervalSeconds, LogFiles, LogMebibytes, QueueEntries, QueueMebibytes,
    RequestKibibytes, TimeoutSeconds,
};
use crate::config::value::template::Template;
use crate::config::value::tier::Level;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings of a project, for everyone who works on it: `otel` in `.ccxray.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProjectSettings {
    /// `false` is the same as tier 0.
    pub(crate) enabled: Option<bool>,
    /// The most that may be sent: 0 nothing, 1 anonymous numbers, 2 with a name that the user chooses.
    pub(crate) tier: Option<Level>,
    /// Base URL of the OTLP receiver. `/v1/metrics` is added, unless the URL ends with it.
    pub(crate) endpoint: Option<Template>,
    /// The OTLP protocol. The endpoint of `grpc` has no path. Default: `http/protobuf`.
    pub(crate) protocol: Option<Protocol>,
    /// Headers of every request. Write secrets as `${NAME}`.
    pub(crate) headers: BTreeMap<String, Template>,
    /// Whether headers may be sent unencrypted, with `http://`, to another machine. Default: `false`.
    pub(crate) insecure: Option<bool>,
    /// How request bodies are compressed. Default: `gzip`.
    pub(crate) compression: Option<Compression>,
    /// The most that one request may have before compression, in kibibytes, 16 to 65536. Default: 4096.
    pub(crate) max_request_kibibytes: Option<RequestKibibytes>,
    /// Aggregation temporality of sums. Default: `cumulative`.
    pub(crate) temporality: Option<Temporality>,
    /// Seconds between exports, 1 to 3600. Default: 60.
    pub(crate) interval_seconds: Option<IntervalSeconds>,
    /// Seconds that one export may take, including retries, 1 to 60. Default: 10.
    pub(crate) timeout_seconds: Option<TimeoutSeconds>,
    /// How finely the receiver can tell when something happened. A user can only make it coarser. Default:
    /// `minute` at tier 1, `hour` at tier 2.
    pub(crate) resolution: Option<TimeResolution>,
    /// The resource attribute `project.name`.
    pub(crate) project: Option<Template>,
    /// The resource attribute `team`.
    pub(crate) team: Option<Template>,
    /// Whether the data points of cost and tokens have `project` and `team` as attributes too, for backends
    /// that do not make labels of resource attributes. Default: `false`.
    pub(crate) project_labels: Option<bool>,
    /// More resource attributes. Those that can identify a person or a machine are not sent.
    pub(crate) resource_attributes: BTreeMap<String, Template>,
    /// Which names of tools, servers, skills, agents and models are sent at tier 1. Default: `known`.
    pub(crate) names: Option<Names>,
    /// Names of this project that are sent at tier 1, in addition to the published ones.
    pub(crate) known_names: Vec<Template>,
    /// Cardinality limit by attribute key: how many different values it may have, 1 to 500.
    pub(crate) cardinality_overrides: BTreeMap<String, CardinalityLimit>,
    /// Certificates for https. Relative paths start at the directory of this file.
    pub(crate) tls: TlsFiles,
    /// The size of the queue. When it is full, it drops the oldest entry. Read from the project given to
    /// `init` only.
    pub(crate) queue: QueueLimits,
    /// `otel.log`, the log of failed exports. Read from the project given to `init` only.
    pub(crate) log: LogLimits,
}

/// The settings of a user: `otel` in `.ccxray.user.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PersonalSettings {
    /// The most that you allow to be sent: 0 nothing, 1 anonymous numbers, 2 with `identity`.
    pub(crate) tier: Option<Level>,
    /// A name that you choose, for tier 2: the resource attribute `enduser.id`.
    pub(crate) identity: Option<Template>,
    /// How finely the receiver can tell when something happened, if that is coarser than what the project
    /// sets: `hour` or `day`.
    pub(crate) resolution: Option<TimeResolution>,
    /// When you first agreed to tier 2: RFC 3339, UTC.
    pub(crate) opt_in_acknowledged_at: Option<AcknowledgedAt>,
    /// In the home directory only: base URL of the OTLP receiver, if the project names none.
    pub(crate) endpoint: Option<Template>,
    /// In the home directory only: the protocol of `endpoint`. Default: `http/protobuf`.
    pub(crate) protocol: Option<Protocol>,
    /// In the home directory only: headers of requests to `endpoint`, and to no other.
    pub(crate) headers: BTreeMap<String, Template>,
    /// In the home directory only: whether headers may be sent unencrypted, with `http://`, to another
    /// machine. Default: `false`.
    pub(crate) insecure: Option<bool>,
    /// In the home directory only: how request bodies to `endpoint` are compressed. Default: `gzip`.
    pub(crate) compression: Option<Compression>,
    /// In the home directory only: the most that one request to `endpoint` may have before compression, in
    /// kibibytes, 16 to 65536. Default: 4096.
    pub(crate) max_request_kibibytes: Option<RequestKibibytes>,
    /// In the home directory only: aggregation temporality of sums to `endpoint`. Default: that of the
    /// project, else `cumulative`.
    pub(crate) temporality: Option<Temporality>,
    /// In the home directory only: seconds that one export to `endpoint` may take, including retries, 1 to
    /// 60. Default: those of the project, else 10.
    pub(crate) timeout_seconds: Option<TimeoutSeconds>,
    /// In the home directory only: certificates for `endpoint`. Relative paths start at the directory of
    /// this file.
    pub(crate) tls: TlsFiles,
}

/// Certificate files in PEM.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are the names in the file")]
pub(crate) struct TlsFiles {
    /// The certificate authority of the receiver, instead of those of the system.
    pub(crate) ca_file: Option<Template>,
    /// The client certificate, which the receiver sees.
    pub(crate) certificate_file: Option<Template>,
    /// The private key of the client certificate.
    pub(crate) key_file: Option<Template>,
}

/// The size of the queue between the host and the worker thread.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QueueLimits {
    /// Entries, 1 to 65536. Default: 2048.
    pub(crate) max_entries: Option<QueueEntries>,
    /// Mebibytes, 1 to 1024. Default: 64.
    pub(crate) max_mebibytes: Option<QueueMebibytes>,
}

/// The size of the log.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogLimits {
    /// Whether the log is written. Default: `true`.
    pub(crate) enabled: Option<bool>,
    /// Mebibytes of one file, 1 to 100. Default: 1.
    pub(crate) max_mebibytes: Option<LogMebibytes>,
    /// Older files that are kept, 0 to 20. Default: 5.
    pub(crate) keep: Option<LogFiles>,
}

/// A timestamp: RFC 3339, UTC.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline, extend("format" = "date-time")))]
#[serde(try_from = "String")]
pub(crate) struct AcknowledgedAt(pub(crate) String);

impl TryFrom<String> for AcknowledgedAt {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match humantime::parse_rfc3339(&text) {
            Ok(_) => Ok(Self(text)),
            Err(_) => {
                Err("This is not a time in UTC. Write it like 2026-01-31T09:00:00Z.".to_owned())
            }
        }
    }
}

impl ProjectSettings {
    /// The tier that the project sets.
    pub(crate) fn level(&self) -> Option<Level> {
        if self.enabled == Some(false) { Some(Level::Disabled) } else { self.tier }
    }
}
