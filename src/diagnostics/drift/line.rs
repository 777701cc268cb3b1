//! The lines of `parser-drift.log`: one JSON object for each row.

use crate::diagnostics::drift::figures::FigureFields;
use crate::diagnostics::drift::{AnomalyKey, AnomalyRow, Occurrences, name};
use crate::entry::{ComparedFigure, Differences};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The maximum length of a line in bytes.
const MAX_LINE_BYTES: usize = 1024;
/// The maximum length of a category, a provider or a version in bytes.
const MAX_WORD_BYTES: usize = 24;
/// The maximum number of figures in a line. A later version may compare more figures.
const MAX_FIGURES: usize = 2 * ComparedFigure::ALL.len();

/// A line as `serde_json` writes and reads it. Its fields are the format of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DriftLine<'a> {
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
    /// Lines of older versions have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    differences: Vec<FigureFields<'a>>,
}

impl DriftLine<'_> {
    /// Whether this package can have written the line.
    fn is_ours(&self) -> bool {
        let is_word = |word: &str| {
            word.len() <= MAX_WORD_BYTES
                && word.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')
        };
        let is_version = |version: &Cow<'_, str>| {
            version.len() <= MAX_WORD_BYTES
                && version.bytes().all(|it| it.is_ascii_digit() || it == b'.')
        };
        is_word(&self.category)
            && is_word(&self.provider)
            && self.token.iter().all(|token| name::is_name(token))
            && self.hash.iter().all(|hash| name::is_hash(hash))
            && self.agent_version.iter().all(is_version)
            && self.differences.len() <= MAX_FIGURES
            && self.differences.iter().all(FigureFields::is_ours)
    }
}

/// All rows, one line each.
pub fn to_lines(rows: &[AnomalyRow]) -> String {
    let mut text = String::new();
    for AnomalyRow { key, occurrences } in rows {
        let AnomalyKey { category, provider, name, hash, agent_version } = key;
        let line = DriftLine {
            category: category.as_ref().into(),
            provider: provider.as_ref().into(),
            token: name.as_deref().map(Cow::Borrowed),
            hash: hash.as_deref().map(Cow::Borrowed),
            agent_version: agent_version.as_deref().map(Cow::Borrowed),
            first_seen: format_time(occurrences.first_ms).into(),
            last_seen: format_time(occurrences.last_ms).into(),
            count: occurrences.count,
            differences: FigureFields::of(occurrences.differences).collect(),
        };
        // Strings and numbers always serialise.
        text += &serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
    }
    text
}

/// The row of a line, or `None` if another program wrote the line. Users copy rows into public
/// issues, so a row is accepted only if this package can have written it.
pub fn parse_line(line: &str) -> Option<AnomalyRow> {
    if line.len() > MAX_LINE_BYTES {
        return None;
    }
    let line: DriftLine<'_> = serde_json::from_str(line).ok()?;
    let is_ours = line.is_ours();
    let DriftLine {
        category,
        provider,
        token,
        hash,
        agent_version,
        first_seen,
        last_seen,
        count,
        differences: figures,
    } = Some(line).filter(|_| is_ours)?;
    let key = AnomalyKey {
        category: category.into_owned().into(),
        provider: provider.into_owned().into(),
        name: token.map(Cow::into_owned),
        hash: hash.map(Cow::into_owned),
        agent_version: agent_version.map(Cow::into_owned),
    };
    let (first_ms, last_ms) = (parse_time(&first_seen)?, parse_time(&last_seen)?);
    let mut differences = Differences::default();
    for figure in figures {
        figure.add_to(&mut differences);
    }
    Some(AnomalyRow { key, occurrences: Occurrences { first_ms, last_ms, count, differences } })
}

fn format_time(unix_ms: u64) -> String {
    humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(unix_ms)).to_string()
}

fn parse_time(time: &str) -> Option<u64> {
    let time: SystemTime = humantime::parse_rfc3339(time).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Difference;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_one_json_object() {
        let key = AnomalyKey {
            category: "tool".into(),
            provider: "anthropic".into(),
            name: Some("acme_deploy".into()),
            hash: None,
            agent_version: Some("2.1.7".into()),
        };
        let occurrences = Occurrences {
            count: 3,
            last_ms: 1_769_850_060_000,
            ..Occurrences::at(1_769_850_000_123, 1)
        };
        let line = to_lines(&[AnomalyRow { key, occurrences }]);
        assert_eq!(
            line,
            r#"{"category":"tool","provider":"anthropic","token":"acme_deploy","agentVersion":"2.1.7","firstSeen":"2026-01-31T09:00:00.123Z","lastSeen":"2026-01-31T09:01:00.000Z","count":3}"#.to_owned() + "\n"
        );
    }

    #[test]
    fn figures_that_differ_are_in_the_line() {
        let sums = r#""differences":[{"figure":"input","turns":2,"ccxray":4280,"response":19750},{"figure":"cost","turns":1,"ccxray":0.0141,"response":0.037305}]"#;
        let written = with_times(r#""category":"mismatch","provider":"xai","token":"token_sum""#)
            .replace('}', &format!(",{sums}}}"));
        let row = parse_line(&written).unwrap();
        assert_eq!(row.occurrences.differences.iter().count(), 2);
        assert_eq!(to_lines(&[row]), written + "\n");
    }

    #[test]
    fn a_figure_of_a_later_version_is_ignored() {
        let line = |figures: &str| {
            let line = with_times(r#""category":"mismatch","provider":"xai","token":"cost""#);
            line.replace('}', &format!(",\"differences\":[{figures}]}}"))
        };
        let later = r#"{"figure":"picture","turns":2,"ccxray":1,"response":2,"unit":"px"}"#;
        let row = parse_line(&line(later)).unwrap();
        assert!(row.occurrences.differences.is_empty());
        let negative = r#"{"figure":"input","turns":2,"ccxray":-1,"response":2}"#;
        assert_eq!(parse_line(&line(negative)), None);
        assert_eq!(parse_line(&line(&[later; 11].join(","))), None);
    }

    #[test]
    fn a_line_of_another_program_is_not_a_row() {
        for line in [
            "",
            "null",
            "{}",
            "x",
            r#"{"category":"a","provider":"b","firstSeen":"never","lastSeen":"","count":1}"#,
            &with_times(r#""category":"acme plan","provider":"xai""#),
            &with_times(r#""category":"tool","provider":"mika@acme.example""#),
            &with_times(r#""category":"tool","provider":"xai","token":"rm -rf x""#),
            &with_times(r#""category":"tool","provider":"xai","hash":"acme""#),
            &with_times(r#""category":"tool","provider":"xai","agentVersion":"1.2.3-mika""#),
        ] {
            assert_eq!(parse_line(line), None, "{line}");
        }
        assert_eq!(parse_line(&" ".repeat(MAX_LINE_BYTES + 1)), None);
    }

    /// A line with these fields, and with the times and the count that each line has.
    fn with_times(fields: &str) -> String {
        let times = r#""firstSeen":"2026-01-31T09:00:00.123Z","lastSeen":"2026-01-31T09:01:00.000Z","count":3"#;
        format!("{{{fields},{times}}}")
    }

    proptest! {
        #[test]
        fn a_written_row_is_read_back(
            category in "[a-z_]{1,12}",
            // No word of it begins like a secret.
            name in prop::option::of("acme[a-z]{0,8}_[a-z]{1,11}"),
            first_ms in 0_u64..4_000_000_000_000,
            after in 0_u64..1_000_000,
            count in any::<u64>(),
            differing in prop::collection::vec(
                (0_usize..5, any::<u64>(), any::<u32>(), any::<u32>()), 0..4
            ),
        ) {
            let key = AnomalyKey {
                category: category.into(),
                provider: "xai".into(),
                hash: name.is_none().then(|| "sha256:0123456789ab".to_owned()),
                name,
                agent_version: None,
            };
            let mut differences = Differences::default();
            for (figure, turns, host, response) in differing {
                let figure = ComparedFigure::ALL[figure];
                let (host, response) = (f64::from(host), f64::from(response));
                differences.add(figure, Difference { turns, host, response });
            }
            let occurrences =
                Occurrences { first_ms, last_ms: first_ms + after, count, differences };
            let row = AnomalyRow { key, occurrences };
            let line = to_lines(std::slice::from_ref(&row));
            prop_assert_eq!(parse_line(line.trim_end()), Some(row));
        }
    }
}
