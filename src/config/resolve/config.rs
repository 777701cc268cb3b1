//! The config of a project that exports: every setting has its final value.

use crate::config::file::settings::{LogLimits, QueueLimits};
use crate::config::value::choice::{
    Compression, HistogramAggregation, Names, Protocol, Temporality, TimeResolution,
};
use crate::config::value::endpoint::Endpoint;
use crate::config::value::headers::Headers;
use crate::config::value::proxy::Proxy;
use crate::config::value::text::Text;
use crate::config::value::tier::Tier;
use crate::config::value::tls::{SystemCertificates, Tls};
use std::collections::BTreeMap;
use std::time::Duration;

/// All settings of one project's telemetry.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What may be sent: never more than any side allows.
    pub tier: Tier,
    /// Which names are sent at tier 1.
    pub names: Names,
    /// Names of this project that are sent at tier 1 as well.
    pub known_names: Vec<Text>,
    /// Where requests are sent.
    pub endpoint: Endpoint,
    /// The HTTP proxy on the way there.
    pub proxy: Option<Proxy>,
    /// How requests are encoded.
    pub protocol: Protocol,
    /// The headers of requests.
    pub headers: Headers,
    /// How request bodies are compressed.
    pub compression: Compression,
    /// The most that one request may have before compression, in bytes. Default: 4 MiB.
    pub max_request_bytes: usize,
    /// Aggregation temporality of sums.
    pub temporality: Temporality,
    /// How histograms divide their values.
    pub histograms: HistogramAggregation,
    /// `service.name`, if the user has chosen one.
    pub service_name: Option<Text>,
    /// Certificates, for https.
    pub tls: Tls,
    /// Where the system's certificates are, for https.
    pub system_certificates: SystemCertificates,
    /// Time between exports. Default: 60 s.
    pub interval: Duration,
    /// How finely the receiver can tell when something happened.
    pub resolution: TimeResolution,
    /// How long one export may take, including retries. Default: 10 s.
    pub timeout: Duration,
    /// `project.name`.
    pub project: Option<Text>,
    /// `team`.
    pub team: Option<Text>,
    /// Whether the data points of cost and tokens have the project and the team as attributes.
    pub project_labels: bool,
    /// More resource attributes.
    pub resource_attributes: BTreeMap<String, Text>,
    /// Cardinality limits that the project overrides, by attribute key.
    pub cardinality_limits: BTreeMap<String, usize>,
    /// The size of the queue.
    pub queue: Queue,
    /// The size of `otel.log`.
    pub log: Log,
    /// Agents whose own telemetry is on too.
    pub agents_own: Vec<&'static str>,
    /// `service.version`.
    pub host_version: Option<String>,
}

impl Config {
    /// Whether the value of a resource attribute is from a variable.
    pub fn is_filled_in(&self, key: &str) -> bool {
        let value = match (key, &self.tier) {
            ("project.name", _) => self.project.as_ref(),
            ("team", _) => self.team.as_ref(),
            ("service.name", _) => self.service_name.as_ref(),
            ("enduser.id", Tier::Named { identity }) => Some(identity),
            _ => None,
        };
        let value = value.or_else(|| self.resource_attributes.get(key));
        value.is_some_and(Text::is_filled_in)
    }

    /// The resource attribute with this key, as it is set.
    pub fn resource_attribute(&self, key: &str) -> Option<&Text> {
        let setting = match key {
            "project.name" => self.project.as_ref(),
            "team" => self.team.as_ref(),
            _ => None,
        };
        setting.or_else(|| self.resource_attributes.get(key))
    }

    /// Whether a name of a turn is one of `known_names` whose value is from a variable.
    pub fn is_name_filled_in(&self, name: &str) -> bool {
        let filled_in = self.known_names.iter().filter(|known| known.is_filled_in());
        // A long name is sent without its end.
        filled_in.map(Text::reveal).any(|known| !name.is_empty() && known.starts_with(name))
    }
}

/// The size of the queue. When it is full, it drops the oldest entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Entries, if set.
    pub max_entries: Option<usize>,
    /// Bytes, if set.
    pub max_bytes: Option<usize>,
}

impl Queue {
    pub(crate) fn of(limits: &QueueLimits) -> Self {
        let QueueLimits { max_entries, max_mebibytes } = limits;
        // Both are far below the address space of any machine.
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            max_entries: max_entries.map(|entries| size(entries.0)),
            max_bytes: max_mebibytes.map(|mebibytes| size(mebibytes.0 << 20)),
        }
    }
}

/// The size of `otel.log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// Whether the log is written.
    pub enabled: bool,
    /// Size of one file in bytes. Default: 1 MiB.
    pub max_bytes: u64,
    /// How many older files are kept. Default: 5.
    pub keep: u64,
}

impl Default for Log {
    fn default() -> Self {
        Self { enabled: true, max_bytes: 1 << 20, keep: 5 }
    }
}

impl Log {
    pub(crate) fn of(limits: &LogLimits) -> Self {
        let LogLimits { enabled, max_mebibytes, keep } = limits;
        let default = Self::default();
        Self {
            enabled: enabled.unwrap_or(default.enabled),
            max_bytes: max_mebibytes.map_or(default.max_bytes, |mebibytes| mebibytes.0 << 20),
            keep: keep.map_or(default.keep, |files| files.0),
        }
    }
}
