//! Rows as lines of the log: one JSON object each.

use crate::diagnostics::drift::{AnomalyKey, AnomalyRow, Occurrences, name};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// No line of ours is longer.
const MAX_LENGTH: usize = 1024;
/// No category, provider or version is longer.
const MAX_WORD: usize = 24;

/// As `serde_json` writes and reads it. Borrowed where that can be.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    category: Cow<'a, str>,
    provider: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_version: Option<Cow<'a, str>>,
    first_seen: Cow<'a, str>,
    last_seen: Cow<'a, str>,
    count: u64,
}

impl Line<'_> {
    fn is_ours(&self) -> bool {
        let is_word = |word: &str| {
            word.len() <= MAX_WORD && word.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')
        };
        let is_version = |version: &Cow<'_, str>| {
            version.len() <= MAX_WORD && version.bytes().all(|it| it.is_ascii_digit() || it == b'.')
        };
        is_word(&self.category)
            && is_word(&self.provider)
            && self.token.iter().all(|token| name::is_name(token))
            && self.hash.iter().all(|hash| name::is_hash(hash))
            && self.agent_version.iter().all(is_version)
    }
}

/// All rows, a line each.
pub fn text(rows: &[AnomalyRow]) -> String {
    let mut text = String::new();
    for AnomalyRow { kind, seen } in rows {
        let AnomalyKey { category, provider, token, hash, agent_version } = kind;
        let line = Line {
            category: category.as_ref().into(),
            provider: provider.as_ref().into(),
            token: token.as_deref().map(Cow::Borrowed),
            hash: hash.as_deref().map(Cow::Borrowed),
            agent_version: agent_version.as_deref().map(Cow::Borrowed),
            first_seen: written(seen.first_ms).into(),
            last_seen: written(seen.last_ms).into(),
            count: seen.count,
        };
        // Strings and numbers can always be written.
        text += &serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
    }
    text
}

/// The row that a line is; `None` if somebody else wrote it. What stands in the file may come to stand in
/// an issue, so nothing is taken that this process would not have written.
pub fn parse(line: &str) -> Option<AnomalyRow> {
    if line.len() > MAX_LENGTH {
        return None;
    }
    let line: Line<'_> = serde_json::from_str(line).ok()?;
    let is_ours = line.is_ours();
    let Line { category, provider, token, hash, agent_version, first_seen, last_seen, count } =
        Some(line).filter(|_| is_ours)?;
    let kind = AnomalyKey {
        category: category.into_owned().into(),
        provider: provider.into_owned().into(),
        token: token.map(Cow::into_owned),
        hash: hash.map(Cow::into_owned),
        agent_version: agent_version.map(Cow::into_owned),
    };
    let seen = Occurrences { first_ms: read(&first_seen)?, last_ms: read(&last_seen)?, count };
    Some(AnomalyRow { kind, seen })
}

fn written(unix_ms: u64) -> String {
    humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(unix_ms)).to_string()
}

fn read(time: &str) -> Option<u64> {
    let time: SystemTime = humantime::parse_rfc3339(time).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_one_json_object() {
        let kind = AnomalyKey {
            category: "tool".into(),
            provider: "anthropic".into(),
            token: Some("acme_deploy".into()),
            hash: None,
            agent_version: Some("2.1.7".into()),
        };
        let seen =
            Occurrences { first_ms: 1_769_850_000_123, last_ms: 1_769_850_060_000, count: 3 };
        let line = text(&[AnomalyRow { kind, seen }]);
        assert_eq!(
            line,
            r#"{"category":"tool","provider":"anthropic","token":"acme_deploy","agentVersion":"2.1.7","firstSeen":"2026-01-31T09:00:00.123Z","lastSeen":"2026-01-31T09:01:00.000Z","count":3}"#.to_owned() + "\n"
        );
    }

    #[test]
    fn what_is_no_line_of_ours_is_no_row() {
        for line in [
            "",
            "null",
            "{}",
            "x",
            r#"{"category":"a","provider":"b","firstSeen":"never","lastSeen":"","count":1}"#,
            &ours(r#""category":"acme plan","provider":"xai""#),
            &ours(r#""category":"tool","provider":"mika@acme.example""#),
            &ours(r#""category":"tool","provider":"xai","token":"rm -rf x""#),
            &ours(r#""category":"tool","provider":"xai","hash":"acme""#),
            &ours(r#""category":"tool","provider":"xai","agentVersion":"1.2.3-mika""#),
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
        assert_eq!(parse(&" ".repeat(MAX_LENGTH + 1)), None);
    }

    /// A line with these fields and what every line has.
    fn ours(fields: &str) -> String {
        let seen = r#""firstSeen":"2026-01-31T09:00:00.123Z","lastSeen":"2026-01-31T09:01:00.000Z","count":3"#;
        format!("{{{fields},{seen}}}")
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(
            category in "[a-z_]{1,12}",
            token in prop::option::of("[a-z]{1,12}_[a-z]{1,11}"),
            first_ms in 0_u64..4_000_000_000_000,
            after in 0_u64..1_000_000,
            count in any::<u64>(),
        ) {
            let kind = AnomalyKey {
                category: category.into(),
                provider: "xai".into(),
                hash: token.is_none().then(|| "sha256:0123456789ab".to_owned()),
                token,
                agent_version: None,
            };
            let row = AnomalyRow { kind, seen: Occurrences { first_ms, last_ms: first_ms + after, count } };
            let line = text(std::slice::from_ref(&row));
            prop_assert_eq!(parse(line.trim_end()), Some(row));
        }
    }
}
