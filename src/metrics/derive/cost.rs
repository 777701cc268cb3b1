//! The family "Cost": tokens and dollars.

use crate::entry::{CacheCreation, Cost, Usage};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::derive::rules::Rules;
use crate::metrics::measurement::MeasuredValue;
use crate::metrics::registry::Metric;

impl Rules<'_> {
    pub(super) fn tokens(&mut self) {
        let Some(usage) = &self.turn.usage else { return };
        let Usage { input, output, cache_read, cache_creation } = *usage;
        for (metric, tokens) in [
            (Metric::TokensInput, input),
            (Metric::TokensOutput, output),
            (Metric::TokensCacheRead, cache_read),
        ] {
            if let Some(tokens) = tokens {
                self.count(metric, self.by_provider_and_model(), tokens);
            }
        }
        match cache_creation {
            Some(CacheCreation::Split { five_minutes, one_hour }) => {
                self.tokens_written(five_minutes, "5m");
                self.tokens_written(one_hour, "1h");
            }
            Some(CacheCreation::Total(tokens)) => self.tokens_written(tokens, "unknown"),
            None => {}
        }
        if let (Some(part), Some(whole @ 1..)) = (cache_read, usage.context_tokens()) {
            let value = MeasuredValue::Part { part, whole };
            self.record(Metric::CacheHitRatio, self.by_provider_and_model(), value);
        }
    }

    fn tokens_written(&mut self, tokens: u64, ttl: &'static str) {
        let ttl = AttributeValue::constant(ttl);
        let attributes = [self.provider.clone(), self.model.clone(), ttl];
        self.count(Metric::TokensCacheCreation, attributes, tokens);
    }

    pub(super) fn cost(&mut self) {
        match self.turn.cost {
            Cost::Usd(usd) => self.amount(Metric::CostUsd, self.by_provider_and_model(), usd),
            Cost::Unpriced => self.count(Metric::CostUnpriced, self.by_provider_and_model(), 1),
            Cost::NotReported => {}
        }
    }
}
