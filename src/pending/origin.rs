//! Whose sums a file has, and whether they may be sent with another config.

use crate::config::{Config, Text, Tier, TimeResolution};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Where the sums of a file come from, and what their sender had agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The directory of the project's config file; absent if only the user's own settings count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// `project.name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Where they are sent, as people see it.
    pub endpoint: String,
    /// The tier at which they were recorded.
    pub tier: u8,
    /// How finely the receiver can tell when they were recorded.
    #[serde(default)]
    pub resolution: TimeResolution,
    /// A hash of the rest that decides what is sent: names, identity, resource attributes.
    pub terms: u64,
}

/// What becomes of a file, now that a project exports with a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginVerdict {
    /// This project sends it.
    Deliver,
    /// It may not be sent any more.
    Delete,
    /// It belongs to another project, or to another endpoint of this one.
    Leave,
}

impl Origin {
    /// Of a project that exports. `directory` is that of its config file, if it has one.
    pub fn of(config: &Config, directory: Option<&Path>) -> Self {
        let Config { project, team, service_name, known_names, resource_attributes, .. } = config;
        let identity = match &config.tier {
            Tier::Anonymous => None,
            Tier::Named { identity } => Some(identity),
        };
        let optional =
            [project, team, service_name].map(Option::as_ref).into_iter().chain([identity]);
        let optional = optional.map(|text| text.map_or("", Text::reveal));
        let attributes =
            resource_attributes.iter().flat_map(|(key, value)| [key.as_str(), value.reveal()]);
        let labels = if config.project_labels { "labels" } else { "" };
        let terms = [config.names.as_str(), labels].into_iter().chain(optional).chain(attributes);
        Self {
            directory: directory.map(|it| it.to_string_lossy().into_owned()),
            project: project.as_ref().map(ToString::to_string),
            endpoint: config.endpoint.to_string(),
            tier: config.tier.number(),
            resolution: config.resolution,
            terms: hash(terms.chain(known_names.iter().map(Text::reveal))),
        }
    }

    /// What becomes of sums from here if `now` is the project that exports.
    ///
    /// Whatever a project has sent before, it sends no more than its config allows now. So a lower tier, another
    /// identity, fewer names or a coarser resolution delete what is left of the time before.
    pub fn verdict(&self, now: &Self) -> OriginVerdict {
        if self.directory != now.directory || self.endpoint != now.endpoint {
            return OriginVerdict::Leave;
        }
        if self.directory.is_none() && self.project != now.project {
            return OriginVerdict::Leave;
        }
        let is_allowed =
            self.tier == now.tier && self.terms == now.terms && self.resolution >= now.resolution;
        if is_allowed { OriginVerdict::Deliver } else { OriginVerdict::Delete }
    }

    /// The beginning of the names of its files. Files of other projects can begin so, too.
    pub fn key(&self) -> String {
        let Self { directory, project, endpoint, .. } = self;
        let parts = [directory.as_deref(), project.as_deref(), Some(endpoint.as_str())];
        format!("{:016x}", hash(parts.map(Option::unwrap_or_default)))
    }
}

/// A hash that is the same in every process: FNV-1a with 64 bits.
///
/// Source: <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>
pub fn hash<'t>(texts: impl IntoIterator<Item = &'t str>) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = OFFSET;
    for text in texts {
        // No text contains this byte, so it separates them.
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            directory: Some("/shop".to_owned()),
            project: Some("shop".to_owned()),
            endpoint: "https://otlp.example.com/v1/metrics".to_owned(),
            tier: 1,
            resolution: TimeResolution::Hour,
            terms: 7,
        }
    }

    #[test]
    fn only_what_the_config_still_allows_is_delivered() {
        let now = origin();
        let own = |project: Option<&str>| Origin {
            directory: None,
            project: project.map(str::to_owned),
            ..origin()
        };
        for (stored, now, verdict) in [
            (origin(), now.clone(), OriginVerdict::Deliver),
            (Origin { tier: 2, ..origin() }, now.clone(), OriginVerdict::Delete),
            (origin(), Origin { tier: 2, ..now.clone() }, OriginVerdict::Delete),
            (Origin { terms: 8, ..origin() }, now.clone(), OriginVerdict::Delete),
            (
                Origin { resolution: TimeResolution::Minute, ..origin() },
                now.clone(),
                OriginVerdict::Delete,
            ),
            (
                Origin { resolution: TimeResolution::Day, ..origin() },
                now.clone(),
                OriginVerdict::Deliver,
            ),
            (Origin { endpoint: "x".to_owned(), ..origin() }, now.clone(), OriginVerdict::Leave),
            (
                Origin { directory: Some("/web".to_owned()), ..origin() },
                now.clone(),
                OriginVerdict::Leave,
            ),
            (
                Origin { project: Some("new".to_owned()), terms: 8, ..origin() },
                now,
                OriginVerdict::Delete,
            ),
            (own(None), own(None), OriginVerdict::Deliver),
            (own(Some("shop")), own(Some("web")), OriginVerdict::Leave),
            (own(None), origin(), OriginVerdict::Leave),
        ] {
            assert_eq!(stored.verdict(&now), verdict, "{stored:?} {now:?}");
        }
    }

    #[test]
    fn texts_are_not_mixed_up() {
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
        assert_ne!(hash(["a"]), hash(["a", ""]));
        // A published value of the function for the empty input, before the separator.
        assert_eq!(hash([]), 0xcbf2_9ce4_8422_2325);
    }
}
