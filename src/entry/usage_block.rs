//! A usage block: the token counts of a call, as a response or any version of the host writes them.

use crate::entry::iterations::{DividedIterations, Iterations};
use crate::entry::lenient::{Count, JsonText, Lenient, Number, Object};
use crate::entry::token_counts::{
    CacheCreationFields, InputTokensDetails, InvocationMetrics, tokens,
};
use crate::entry::usage::{CacheCreation, ModelUsage, Usage};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// Anomalous fields beyond this number are not reported one by one.
const MAX_ANOMALOUS_FIELDS: usize = 4;
/// The names of chat completions for input and output.
const CHAT_NAMES: [&str; 2] = ["prompt_tokens", "completion_tokens"];

/// A usage block. Later blocks of the same stream can be added to it.
#[derive(Clone, Debug, Default)]
pub(super) struct UsageBlock {
    input: Option<u64>,
    output: Option<u64>,
    /// The output in the first event of a stream. It counts if no later event reports the output.
    first_output: Option<u64>,
    cache_read: Option<u64>,
    cache_creation: Option<u64>,
    split: Option<CacheCreation>,
    /// Only for `OpenAI`: the sum of all counts.
    total: Option<u64>,
    details: InputTokensDetails,
    /// Input and output under the names of chat completions.
    chat: [Option<u64>; 2],
    iterations: Iterations,
    /// Unknown fields with an amount.
    unknown_fields: Vec<String>,
    /// Known fields without a valid count.
    invalid_fields: Vec<String>,
}

/// The tokens of one call by model.
pub(super) struct CallUsage {
    /// Those of the entry's model.
    pub(super) own: Usage,
    /// Those of other models.
    pub(super) others: Vec<ModelUsage>,
    /// The used part of the context window; `None` if it is all input of `own`.
    pub(super) context_tokens: Option<u64>,
}

impl CallUsage {
    /// Whether there is any count.
    pub(super) fn is_reported(&self) -> bool {
        !self.own.is_empty() || !self.others.is_empty()
    }
}

impl UsageBlock {
    /// The tokens of the call by model. `is_own` says whether a name is that of the entry's model.
    /// With `chat_names` the names of chat completions are read, too.
    ///
    /// If the block has iterations, they are what is billed: the counts beside them can describe
    /// only the newest one.
    pub(super) fn call_usage(&self, is_own: impl Fn(&str) -> bool, chat_names: bool) -> CallUsage {
        let whole = self.usage(chat_names);
        if self.iterations.is_empty() {
            return CallUsage { own: whole, others: Vec::new(), context_tokens: None };
        }
        let DividedIterations { own, context_tokens, others } = self.iterations.divide(is_own);
        let own = match own {
            Some(own) => own.or(whole),
            None if self.describes_others(&whole, &others) => Usage::ZERO,
            None => whole,
        };
        CallUsage { own, others, context_tokens: context_tokens.or(whole.context_tokens()) }
    }

    /// The tokens of the call without its iterations.
    pub(super) fn usage(&self, chat_names: bool) -> Usage {
        self.counts(chat_names, self.written().is_none_or(|written| written == 0))
    }

    /// What a reader of the block sees: cache writes that the block reports as zero are zero, even
    /// if its details contain another number.
    pub(super) fn stated_usage(&self, chat_names: bool) -> Usage {
        self.counts(chat_names, self.written().is_none())
    }

    /// Known fields without a valid count, and unknown fields with an amount.
    pub(super) fn anomalous_fields(&self, chat_names: bool) -> impl Iterator<Item = &str> {
        let names = CHAT_NAMES.iter().zip(self.chat);
        let chat = names.filter(move |(_, count)| !chat_names && count.is_some_and(|it| it > 0));
        let unknown = self.unknown_fields.iter().map(String::as_str);
        chat.map(|(name, _)| *name).chain(self.invalid_fields()).chain(unknown)
    }

    /// Known fields without a valid count.
    pub(super) fn invalid_fields(&self) -> impl Iterator<Item = &str> {
        self.invalid_fields.iter().map(String::as_str)
    }

    /// Whether the parts do not add up to their sums.
    pub(super) fn disagrees_with_itself(&self) -> bool {
        let differ =
            |a: Option<u64>, b: Option<u64>| a.zip(b).is_some_and(|(part, sum)| part != sum);
        let cached = [self.cache_read, self.cache_creation].into_iter().flatten();
        let cached = cached.fold(0, u64::saturating_add);
        let sum = self
            .input
            .zip(self.output)
            .map(|(input, output)| input.saturating_add(output).saturating_add(cached));
        differ(self.cache_creation, self.split.map(CacheCreation::total)) || differ(sum, self.total)
    }

    /// The block of the first event of a stream, in which the output is a placeholder.
    pub(super) fn into_first(mut self) -> Self {
        self.first_output = self.output.take();
        self
    }

    /// Adds a later block of the same stream. Counts are cumulative, so a later one replaces an
    /// earlier one. A zero replaces none: some gateways fill counts that they do not know with
    /// zeros.
    pub(super) fn update(&mut self, later: Self) {
        update(&mut self.input, later.input);
        update(&mut self.output, later.output);
        update(&mut self.first_output, later.first_output);
        update(&mut self.cache_read, later.cache_read);
        update(&mut self.total, later.total);
        for (count, later) in self.chat.iter_mut().zip(later.chat) {
            update(count, later);
        }
        if later.details.cached().or(later.details.written()).is_some() {
            self.details = later.details;
        }
        self.update_written(later.cache_creation, later.split);
        if !later.iterations.is_empty() {
            self.iterations = later.iterations;
        }
        for field in later.invalid_fields {
            note(&mut self.invalid_fields, &field);
        }
    }

    /// Adds the counts that Amazon Bedrock appends to a stream.
    pub(super) fn update_from(&mut self, metrics: &InvocationMetrics) {
        let Usage { input, output, cache_read, cache_creation } = metrics.usage();
        let cache_creation = cache_creation.map(CacheCreation::total);
        self.update(Self { input, output, cache_read, cache_creation, ..Self::default() });
    }

    /// The sum and its split must come from the same event, or be equal.
    fn update_written(&mut self, later: Option<u64>, split: Option<CacheCreation>) {
        let is_used = |written: Option<u64>| written.is_some_and(|written| written > 0);
        let split_total = split.map(CacheCreation::total);
        if is_used(later) || is_used(split_total) {
            let old = self.split.filter(|old| split.is_none() && Some(old.total()) == later);
            self.cache_creation = later.filter(|_| is_used(later)).or(split_total);
            self.split = split.or(old);
        } else {
            self.cache_creation = self.cache_creation.or(later);
            self.split = self.split.or(split.filter(|_| !is_used(self.cache_creation)));
        }
    }

    /// All cache writes that the block reports outside of its details.
    fn written(&self) -> Option<u64> {
        self.cache_creation.or(self.split.map(CacheCreation::total))
    }

    /// The counts. With `written_in_details` the input contains the cache writes of the details.
    fn counts(&self, chat_names: bool, written_in_details: bool) -> Usage {
        let [prompt, completion] = self.chat.map(|count| count.filter(|_| chat_names));
        let cached = self.details.cached().filter(|_| self.cache_read.is_none());
        let written = self.details.written().filter(|_| written_in_details);
        let parts = cached.unwrap_or(0).saturating_add(written.unwrap_or(0));
        // Some servers report the input without these parts. Then it is smaller than they are.
        let without_parts = |input: u64| input.checked_sub(parts).unwrap_or(input);
        let reported = CacheCreation::reported(self.cache_creation, self.split);
        let written = written.map(CacheCreation::Total);
        Usage {
            input: self.input.or(prompt).map(without_parts),
            output: self.output.or(self.first_output).or(completion),
            cache_read: self.cache_read.or(cached),
            cache_creation: written.filter(|it| it.total() > 0).or(reported).or(written),
        }
    }

    /// Whether the counts beside the iterations are those of other models.
    fn describes_others(&self, whole: &Usage, others: &[ModelUsage]) -> bool {
        let sum = others.iter().fold(Usage::default(), |sum, other| sum.plus(other.usage));
        let is_sum = (sum.input, sum.output) == (whole.input, whole.output);
        is_sum || self.iterations.ends_with(whole)
    }

    /// The count in `value`. An invalid one is an anomaly; `null` is only "not reported".
    fn count(&mut self, field: &str, value: Option<Lenient<Count>>) -> Option<u64> {
        let count = tokens(&value?);
        if count.is_none() {
            note(&mut self.invalid_fields, field);
        }
        count
    }
}

/// Replaces an earlier cumulative count by a later one.
fn update(count: &mut Option<u64>, later: Option<u64>) {
    *count = later.filter(|later| *later > 0).or(*count).or(later);
}

/// Adds a name to a short list of different names.
fn note(names: &mut Vec<String>, name: &str) {
    if names.len() < MAX_ANOMALOUS_FIELDS && !names.iter().any(|noted| noted == name) {
        names.push(name.to_owned());
    }
}

impl<'de> Deserialize<'de> for UsageBlock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UsageVisitor)
    }
}

/// The fields with a count, which must not be given twice.
const COUNT_FIELDS: [&str; 7] = [
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "total_tokens",
    CHAT_NAMES[0],
    CHAT_NAMES[1],
];

struct UsageVisitor;

impl<'de> Visitor<'de> for UsageVisitor {
    type Value = UsageBlock;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a usage block")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut usage = UsageBlock::default();
        let mut is_given = [false; COUNT_FIELDS.len()];
        while let Some(key) = map.next_key::<Lenient<JsonText<'de>>>()? {
            let field = key.text_or_empty();
            if let Some(at) = COUNT_FIELDS.iter().position(|known| *known == field)
                && std::mem::replace(&mut is_given[at], true)
            {
                // Which of the two is right is not known.
                return Err(A::Error::duplicate_field(COUNT_FIELDS[at]));
            }
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
                "cache_creation" => {
                    let Object(fields): Object<CacheCreationFields> = map.next_value()?;
                    usage.split = fields.as_ref().and_then(CacheCreationFields::split);
                }
                "input_tokens_details" | "prompt_tokens_details" => {
                    let Object(details): Object<InputTokensDetails> = map.next_value()?;
                    usage.details = details.unwrap_or(usage.details);
                }
                "iterations" => {
                    usage.iterations = map.next_value()?;
                    if usage.iterations.has_refused() {
                        note(&mut usage.invalid_fields, field);
                    }
                }
                _ if CHAT_NAMES.contains(&field) => {
                    let count = usage.count(field, map.next_value()?);
                    usage.chat[usize::from(field == CHAT_NAMES[1])] = count;
                }
                _ => {
                    let value: Lenient<Number> = map.next_value()?;
                    let is_amount = value.number().is_some_and(|amount| amount > 0.0);
                    if is_amount && !crate::catalog::is_unused_usage_field(field) {
                        note(&mut usage.unknown_fields, field);
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
    use crate::entry::usage::MAX_TOKENS;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    fn block(json: &Json) -> UsageBlock {
        serde_json::from_str(&json.to_string()).unwrap()
    }

    /// A count that may be missing, zero, wrong or too large.
    fn figure() -> impl Strategy<Value = Json> {
        prop_oneof![
            3 => (1_u64..1000).prop_map(Json::from),
            1 => Just(json!(0)),
            1 => Just(Json::Null),
            1 => Just(json!("12")),
            1 => (-9_i64..0).prop_map(Json::from),
            1 => any::<u64>().prop_map(Json::from),
            1 => any::<f64>().prop_map(Json::from),
        ]
    }

    fn with_figures() -> impl Strategy<Value = Json> {
        (figure(), figure(), figure(), figure()).prop_map(|(input, output, cached, written)| {
            json!({"input_tokens": input, "output_tokens": output,
                "cache_read_input_tokens": cached, "cache_creation_input_tokens": written})
        })
    }

    /// The count in a field, by the rule of the documentation.
    fn valid(block: &Json, field: &str) -> Option<u64> {
        let whole = |amount: f64| amount >= 0.0 && amount.fract() == 0.0 && amount <= 1e9;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        block[field].as_f64().filter(|amount| whole(*amount)).map(|amount| amount as u64)
    }

    const FIELDS: [&str; 4] =
        ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];

    proptest! {
        #[test]
        fn the_last_count_above_zero_wins(blocks in prop::collection::vec(with_figures(), 1..5)) {
            let mut all = UsageBlock::default();
            for later in &blocks {
                all.update(block(later));
            }
            let usage = all.usage(false);
            let found = [usage.input, usage.output, usage.cache_read, usage.written()];
            for (field, found) in FIELDS.into_iter().zip(found) {
                let counts: Vec<u64> = blocks.iter().filter_map(|it| valid(it, field)).collect();
                let last = counts.iter().rfind(|count| **count > 0).or(counts.first());
                prop_assert_eq!(found, last.copied(), "{}", field);
                prop_assert!(found.unwrap_or(0) <= MAX_TOKENS);
            }
        }

        #[test]
        fn iterations_of_all_models_add_up(
            list in prop::collection::vec(
                (prop::option::of("[abc]"), 1_u64..1000, 0_u64..1000), 1..20
            ),
        ) {
            let iterations: Vec<Json> = list
                .iter()
                .map(|(model, input, output)| {
                    json!({"model": model, "input_tokens": input, "output_tokens": output})
                })
                .collect();
            let call = block(&json!({"input_tokens": 5, "output_tokens": 5, "iterations": iterations}))
                .call_usage(|name| name == "a", false);
            let is_own = |model: &Option<String>| model.as_deref().is_none_or(|name| name == "a");
            let sum = |is_counted: &dyn Fn(&Option<String>) -> bool| -> u64 {
                list.iter().filter(|it| is_counted(&it.0)).map(|it| it.1).sum()
            };
            let others: u64 = call.others.iter().filter_map(|it| it.usage.input).sum();
            prop_assert_eq!(others, sum(&|model| !is_own(model)));
            if let Some(last) = list.iter().rfind(|it| is_own(&it.0)) {
                prop_assert_eq!(call.own.input, Some(sum(&is_own)));
                prop_assert_eq!(call.context_tokens, Some(last.1));
            }
        }
    }

    #[test]
    fn unknown_fields_with_an_amount_are_anomalous() {
        for (json, anomalous) in [
            (json!({"input_tokens": 1, "output_tokens": 2, "service_tier": "standard"}), vec![]),
            (
                json!({"server_tool_use": {"web_search_requests": 1}, "iterations": [1], "x": 0}),
                vec![],
            ),
            (json!({"input_tokens": null, "_ccxrayUsageNormalized": true}), vec![]),
            (json!({"thinking_output_tokens": 7}), vec!["thinking_output_tokens"]),
            (
                json!({"input_tokens": "12", "cache_read_input_tokens": []}),
                vec!["cache_read_input_tokens", "input_tokens"],
            ),
            (
                json!({"output_tokens": -1, "total_tokens": 1e300}),
                vec!["output_tokens", "total_tokens"],
            ),
            (json!({"num_sources_used": 3, "cost_in_usd_ticks": 12}), vec![]),
            (json!({"prompt_tokens": 3}), vec!["prompt_tokens"]),
        ] {
            let block = block(&json);
            assert_eq!(block.anomalous_fields(false).collect::<Vec<_>>(), anomalous, "{json}");
        }
        assert_eq!(block(&json!({"prompt_tokens": 3})).anomalous_fields(true).count(), 0);
    }
}
