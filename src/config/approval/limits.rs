//! Limits of a project that need approval: those with which it takes more than the defaults do, of this
//! machine's memory and disk or of the receiver.

use crate::config::file::settings::{LogLimits, ProjectSettings, QueueLimits};

/// The most that a project may set without approval.
const QUEUE_ENTRIES: u64 = 2048;
const QUEUE_MEBIBYTES: u64 = 64;
const LOG_MEBIBYTES: u64 = 1;
const LOG_FILES: u64 = 5;
/// The shortest interval without approval, in seconds.
const INTERVAL_SECONDS: f64 = 5.0;
/// The default cardinality limits of the attributes whose limits a project may change.
pub(crate) const CARDINALITY: [(&str, u64); 5] =
    [("model", 20), ("server", 30), ("skill", 50), ("tool", 50), ("type", 20)];

/// The limits beyond what is safe without approval, as in the file.
pub(crate) fn beyond_safe(settings: &ProjectSettings) -> Vec<String> {
    let ProjectSettings { interval_seconds, cardinality_overrides, queue, log, .. } = settings;
    let QueueLimits { max_entries, max_mebibytes } = queue;
    let LogLimits { enabled: _, max_mebibytes: log_mebibytes, keep } = log;
    let mut limits = Vec::new();
    if let Some(seconds) = interval_seconds.filter(|seconds| seconds.0 < INTERVAL_SECONDS) {
        limits.push(format!("interval_seconds={}", seconds.0));
    }
    for (key, most) in cardinality_overrides {
        let safe = CARDINALITY.iter().find(|(name, _)| name == key).map_or(0, |(_, safe)| *safe);
        if most.0 > safe {
            limits.push(format!("cardinality_overrides.{key}={}", most.0));
        }
    }
    for (name, value, safe) in [
        ("queue.max_entries", max_entries.map(|it| it.0), QUEUE_ENTRIES),
        ("queue.max_mebibytes", max_mebibytes.map(|it| it.0), QUEUE_MEBIBYTES),
        ("log.max_mebibytes", log_mebibytes.map(|it| it.0), LOG_MEBIBYTES),
        ("log.keep", keep.map(|it| it.0), LOG_FILES),
    ] {
        if let Some(value) = value.filter(|value| *value > safe) {
            limits.push(format!("{name}={value}"));
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_limits_beyond_the_defaults_need_approval() {
        for (json, expected) in [
            ("{}", vec![]),
            (r#"{"interval_seconds":5,"cardinality_overrides":{"tool":50,"type":20}}"#, vec![]),
            (r#"{"queue":{"max_entries":2048,"max_mebibytes":64}}"#, vec![]),
            (r#"{"log":{"enabled":false,"max_mebibytes":1,"keep":5}}"#, vec![]),
            (r#"{"interval_seconds":4.9}"#, vec!["interval_seconds=4.9"]),
            (
                r#"{"cardinality_overrides":{"tool":51,"model":20}}"#,
                vec!["cardinality_overrides.tool=51"],
            ),
            (r#"{"queue":{"max_entries":2049}}"#, vec!["queue.max_entries=2049"]),
            (r#"{"queue":{"max_mebibytes":65}}"#, vec!["queue.max_mebibytes=65"]),
            (r#"{"log":{"max_mebibytes":2,"keep":6}}"#, vec!["log.max_mebibytes=2", "log.keep=6"]),
        ] {
            let settings: ProjectSettings = serde_json::from_str(json).unwrap();
            assert_eq!(beyond_safe(&settings), expected, "{json}");
        }
    }
}
