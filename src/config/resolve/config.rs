//! The config of a project that exports: nothing in it is left open, or to be parsed.

use crate::config::file::settings::{LogLimits, QueueLimits};
use crate::config::value::choice::{Compression, Names, Protocol, Temporality};
use crate::config::value::endpoint::Endpoint;
use crate::config::value::headers::Headers;
use crate::config::value::text::Text;
use crate::config::value::tier::Tier;
use crate::config::value::tls::Tls;
use std::collections::BTreeMap;
use std::time::Duration;

/// Everything that is known of one project's telemetry. No option left, nothing left to parse.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What may leave; never less strict than any side said.
    pub tier: Tier,
    /// Which names leave at tier 1.
    pub names: Names,
    /// Names of the project's own that leave at tier 1 as well.
    pub known_names: Vec<Text>,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// How requests are encoded.
    pub protocol: Protocol,
    /// What is sent along.
    pub headers: Headers,
    /// How request bodies are compressed.
    pub compression: Compression,
    /// How sums are told.
    pub temporality: Temporality,
    /// Certificates, for https.
    pub tls: Tls,
    /// Time between exports. Default: 60 s.
    pub interval: Duration,
    /// The longest that one export may take. Default: 10 s.
    pub timeout: Duration,
    /// `project.name`.
    pub project: Option<Text>,
    /// `team`.
    pub team: Option<Text>,
    /// More resource attributes.
    pub resource_attributes: BTreeMap<String, Text>,
    /// Budgets of attributes that are not the table's, by key.
    pub budgets: BTreeMap<String, usize>,
    /// How much may wait before the oldest gives way.
    pub queue: Queue,
    /// How much `otel.log` may hold.
    pub log: Log,
    /// Agents whose own telemetry is on as well.
    pub agents_own: Vec<&'static str>,
    /// `service.version`.
    pub host_version: Option<String>,
}

impl Config {
    /// Whether the value of a resource attribute came out of a variable.
    pub fn is_filled_in(&self, key: &str) -> bool {
        let value = match (key, &self.tier) {
            ("project.name", _) => self.project.as_ref(),
            ("team", _) => self.team.as_ref(),
            ("enduser.id", Tier::Named { identity }) => Some(identity),
            _ => self.resource_attributes.get(key),
        };
        value.is_some_and(Text::is_filled_in)
    }
}

/// How much may wait before the oldest gives way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Entries, where somebody sets it.
    pub max_entries: Option<usize>,
    /// Bytes, where somebody sets it.
    pub max_bytes: Option<usize>,
}

impl Queue {
    pub(crate) fn of(limits: &QueueLimits) -> Self {
        let QueueLimits { max_entries, max_mebibytes } = limits;
        // Both are far below what any machine can address.
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            max_entries: max_entries.map(|entries| size(entries.0)),
            max_bytes: max_mebibytes.map(|mebibytes| size(mebibytes.0 << 20)),
        }
    }
}

/// How much `otel.log` may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// Whether there is one.
    pub enabled: bool,
    /// Bytes of one file. Default: 1 MiB.
    pub max_bytes: u64,
    /// Older files that are kept. Default: 5.
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
        let usual = Self::default();
        Self {
            enabled: enabled.unwrap_or(usual.enabled),
            max_bytes: max_mebibytes.map_or(usual.max_bytes, |mebibytes| mebibytes.0 << 20),
            keep: keep.map_or(usual.keep, |files| files.0),
        }
    }
}
