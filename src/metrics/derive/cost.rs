//! The family "Cost": tokens and dollars.

use crate::entry::{CacheCreation, Cost, ModelUsage, Usage};
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::derive::rules::{Rules, two};
use crate::metrics::measurement::MeasuredValue;
use crate::metrics::registry::Metric;

impl Rules<'_> {
    /// The tokens of the turn's model, and those of other models within the call.
    pub(super) fn tokens(&mut self) {
        let turn = self.turn;
        if let Some(usage) = &turn.usage {
            self.tokens_of(&self.model.clone(), usage);
        }
        for ModelUsage { model, usage } in &turn.other_usage {
            self.tokens_of(&self.gate.model(model.as_deref()), usage);
        }
    }

    fn tokens_of(&mut self, model: &AttributeValue, usage: &Usage) {
        let Usage { input, output, cache_read, cache_creation } = *usage;
        let attributes = two(self.provider.clone(), model.clone());
        for (metric, tokens) in [
            (Metric::TokensInput, input),
            (Metric::TokensOutput, output),
            (Metric::TokensCacheRead, cache_read),
        ] {
            if let Some(tokens) = tokens {
                self.count(metric, attributes.clone(), tokens);
            }
        }
        match cache_creation {
            Some(CacheCreation::Split { five_minutes, one_hour }) => {
                self.tokens_written(model, five_minutes, "5m");
                self.tokens_written(model, one_hour, "1h");
            }
            Some(CacheCreation::Total(tokens)) => self.tokens_written(model, tokens, "unknown"),
            None => {}
        }
        if let (Some(part), Some(whole @ 1..)) = (cache_read, usage.context_tokens()) {
            let value = MeasuredValue::Part { part, whole };
            self.record(Metric::CacheHitRatio, attributes, value);
        }
    }

    fn tokens_written(&mut self, model: &AttributeValue, tokens: u64, ttl: &'static str) {
        let ttl = AttributeValue::constant(ttl);
        let attributes = [self.provider.clone(), model.clone(), ttl];
        self.count(Metric::TokensCacheCreation, attributes, tokens);
    }

    /// What the turn's model cost. The host knows no price of another model within the call.
    pub(super) fn cost(&mut self) {
        match self.turn.cost {
            Cost::Usd(usd) => self.amount(Metric::CostUsd, self.by_provider_and_model(), usd),
            Cost::Unpriced => self.count(Metric::CostUnpriced, self.by_provider_and_model(), 1),
            Cost::NotReported => {}
        }
        let turn = self.turn;
        for ModelUsage { model, .. } in &turn.other_usage {
            let attributes = two(self.provider.clone(), self.gate.model(model.as_deref()));
            self.count(Metric::CostUnpriced, attributes, 1);
        }
    }
}
