//! The host's usage block, as any of its versions writes it.

use crate::entry::lenient::{Count, JsonText, Lenient, Number, Object};
use crate::entry::provider::ModelProvider;
use crate::entry::token_counts::{TokenCounts, tokens};
use crate::entry::usage::{CacheCreation, Usage};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// Anomalous fields beyond this number are not reported one by one.
const MAX_UNKNOWN_FIELDS: usize = 4;

/// The usage block of an entry. Its input does not contain the cached part.
#[derive(Debug, Default)]
pub(super) struct UsageBlock {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_creation: Option<u64>,
    split: Object<CacheCreationFields>,
    /// Only for `OpenAI`: the sum of all counts.
    total: Option<u64>,
    details: Object<InputTokensDetails>,
    /// Unknown fields with an amount, and known fields without a valid count.
    anomalous_fields: Vec<String>,
}

/// Cache writes by their time to live.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CacheCreationFields {
    ephemeral_5m_input_tokens: Lenient<Count>,
    ephemeral_1h_input_tokens: Lenient<Count>,
}

impl CacheCreationFields {
    /// A missing part is zero if the other one is there.
    fn split(&self) -> Option<CacheCreation> {
        let five_minutes = tokens(&self.ephemeral_5m_input_tokens);
        let one_hour = tokens(&self.ephemeral_1h_input_tokens);
        five_minutes.or(one_hour)?;
        Some(CacheCreation::Split {
            five_minutes: five_minutes.unwrap_or(0),
            one_hour: one_hour.unwrap_or(0),
        })
    }
}

/// `OpenAI`'s own split of the input. With it, the input contains the cached part.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InputTokensDetails {
    cached_tokens: Lenient<Count>,
}

impl UsageBlock {
    /// The tokens of the call.
    pub(super) fn usage(&self) -> Usage {
        let mut input = self.input;
        let mut cache_read = self.cache_read;
        let details = self.details.0.as_ref();
        if let (None, Some(cached)) = (cache_read, details.and_then(|it| tokens(&it.cached_tokens)))
        {
            // Older hosts store OpenAI's own numbers, and their input contains the cached part.
            input = input.map(|input| input.saturating_sub(cached));
            cache_read = Some(cached);
        }
        let cache_creation = match (self.cache_creation, self.split()) {
            (Some(total), Some(split)) if split.total() == total => Some(split),
            (Some(total), _) => Some(CacheCreation::Total(total)),
            (None, split) => split,
        };
        Usage { input, output: self.output, cache_read, cache_creation }
    }

    /// Unknown fields with an amount, and known fields without a valid count.
    pub(super) fn anomalous_fields(&self) -> &[String] {
        &self.anomalous_fields
    }

    /// Whether the parts do not add up to their sums, or the response contains other counts than
    /// these.
    pub(super) fn disagrees(&self, response: Option<TokenCounts>, provider: ModelProvider) -> bool {
        let split = self.split().map(CacheCreation::total);
        let whole_input = self.input.map(|input| {
            let cached = self.cache_read.unwrap_or(0);
            input.saturating_add(cached).saturating_add(self.cache_creation.unwrap_or(0))
        });
        let sum = whole_input.zip(self.output).map(|(input, output)| input.saturating_add(output));
        let response_disagrees = response.is_some_and(|counts| {
            let input_disagrees = if provider == ModelProvider::Anthropic {
                differ(tokens(&counts.input), self.input)
                    || differ(tokens(&counts.cache_read), self.cache_read)
                    || differ(tokens(&counts.cache_creation), self.cache_creation)
            } else {
                // On the Responses wire the input contains the cached part.
                differ(tokens(&counts.input), whole_input)
            };
            input_disagrees || differ(tokens(&counts.output), self.output)
        });
        differ(self.cache_creation, split) || differ(sum, self.total) || response_disagrees
    }

    fn split(&self) -> Option<CacheCreation> {
        self.split.0.as_ref().and_then(CacheCreationFields::split)
    }

    fn note_anomalous(&mut self, field: &str) {
        if self.anomalous_fields.len() < MAX_UNKNOWN_FIELDS {
            self.anomalous_fields.push(field.to_owned());
        }
    }

    /// The count in `value`. An invalid one is an anomaly; `null` is only "not reported".
    fn count(&mut self, field: &str, value: Option<Lenient<Count>>) -> Option<u64> {
        let count = tokens(&value?);
        if count.is_none() {
            self.note_anomalous(field);
        }
        count
    }
}

/// Whether both are known and are not equal.
fn differ(a: Option<u64>, b: Option<u64>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a != b)
}

impl<'de> Deserialize<'de> for UsageBlock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UsageVisitor)
    }
}

struct UsageVisitor;

impl<'de> Visitor<'de> for UsageVisitor {
    type Value = UsageBlock;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a usage block")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut usage = UsageBlock::default();
        while let Some(key) = map.next_key::<Lenient<JsonText<'de>>>()? {
            let field = key.text_or_empty();
            match field {
                "input_tokens" => usage.input = usage.count(field, map.next_value()?),
                "output_tokens" => usage.output = usage.count(field, map.next_value()?),
                "cache_read_input_tokens" => {
                    usage.cache_read = usage.count(field, map.next_value()?);
                }
                "cache_creation_input_tokens" => {
                    usage.cache_creation = usage.count(field, map.next_value()?);
                }
                "total_tokens" => usage.total = usage.count(field, map.next_value()?),
                "cache_creation" => usage.split = map.next_value()?,
                "input_tokens_details" => usage.details = map.next_value()?,
                _ => {
                    let value: Lenient<Number> = map.next_value()?;
                    let is_amount = value.number().is_some_and(|amount| amount > 0.0);
                    if is_amount && !crate::catalog::is_unused_usage_field(field) {
                        usage.note_anomalous(field);
                    }
                }
            }
        }
        Ok(usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> UsageBlock {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn unknown_fields_with_an_amount_are_anomalous() {
        for (json, anomalous) in [
            (r#"{"input_tokens":1,"output_tokens":2,"service_tier":"standard"}"#, vec![]),
            (r#"{"server_tool_use":{"web_search_requests":1},"iterations":[1],"x":0}"#, vec![]),
            (r#"{"input_tokens":null,"_ccxrayUsageNormalized":true}"#, vec![]),
            (r#"{"thinking_output_tokens":7}"#, vec!["thinking_output_tokens"]),
            (
                r#"{"input_tokens":"12","cache_read_input_tokens":[]}"#,
                vec!["input_tokens", "cache_read_input_tokens"],
            ),
            (r#"{"output_tokens":-1,"total_tokens":1e300}"#, vec!["output_tokens", "total_tokens"]),
            (r#"{"num_sources_used":3,"cost_in_usd_ticks":12}"#, vec![]),
        ] {
            assert_eq!(fields(json).anomalous_fields(), anomalous, "{json}");
        }
    }

    #[test]
    fn responses_input_contains_the_cached_part() {
        let host = fields(
            r#"{"input_tokens":60,"output_tokens":5,"cache_read_input_tokens":40,"total_tokens":105}"#,
        );
        let counts = |input: u64, output: u64| {
            let count = |count| Lenient(Some(Count(count)));
            Some(TokenCounts {
                input: count(input),
                output: count(output),
                ..TokenCounts::default()
            })
        };
        assert!(!host.disagrees(counts(100, 5), ModelProvider::OpenAi));
        assert!(host.disagrees(counts(101, 5), ModelProvider::OpenAi));
        assert!(host.disagrees(counts(100, 6), ModelProvider::Xai));
        assert!(!host.disagrees(counts(60, 5), ModelProvider::Anthropic));
        let older = fields(
            r#"{"input_tokens":100,"output_tokens":5,"input_tokens_details":{"cached_tokens":40}}"#,
        );
        assert!(!older.disagrees(counts(100, 5), ModelProvider::OpenAi));
        assert_eq!(older.usage().input, Some(60));
    }
}
