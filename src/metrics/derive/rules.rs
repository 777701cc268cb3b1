//! What all derivation rules use: the turn, its most frequent attribute values, and where
//! measurements go.

use crate::entry::Turn;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, AttributeValues, MeasuredValue, Measurement};
use crate::metrics::privacy::PrivacyGate;
use crate::metrics::registry::Metric;

/// The derivation rules for one turn. Each family of metrics adds its rules in a file of its own.
pub(super) struct Rules<'a> {
    pub(super) turn: &'a Turn,
    pub(super) gate: &'a PrivacyGate,
    pub(super) provider: AttributeValue,
    pub(super) model: AttributeValue,
    record: &'a mut dyn FnMut(Measurement),
}

impl<'a> Rules<'a> {
    pub(super) fn new(
        turn: &'a Turn,
        gate: &'a PrivacyGate,
        record: &'a mut dyn FnMut(Measurement),
    ) -> Self {
        let provider = AttributeValue::constant(turn.provider.as_str());
        Self { turn, gate, provider, model: gate.model(turn.model.as_deref()), record }
    }

    pub(super) fn by_provider(&self) -> AttributeValues {
        one(self.provider.clone())
    }

    pub(super) fn by_provider_and_model(&self) -> AttributeValues {
        two(self.provider.clone(), self.model.clone())
    }

    pub(super) fn by_model_and_provider(&self) -> AttributeValues {
        two(self.model.clone(), self.provider.clone())
    }

    pub(super) fn count(&mut self, metric: Metric, attributes: AttributeValues, count: u64) {
        self.record(metric, attributes, MeasuredValue::Count(count));
    }

    pub(super) fn amount(&mut self, metric: Metric, attributes: AttributeValues, amount: f64) {
        self.record(metric, attributes, MeasuredValue::Amount(amount));
    }

    pub(super) fn record(
        &mut self,
        metric: Metric,
        attributes: AttributeValues,
        value: MeasuredValue,
    ) {
        (self.record)(Measurement { metric, attributes, value });
    }
}

/// The values of a metric without attributes.
pub(super) const NONE: AttributeValues = [ABSENT, ABSENT, ABSENT];

/// The values of a metric with one attribute.
pub(super) fn one(value: AttributeValue) -> AttributeValues {
    [value, ABSENT, ABSENT]
}

/// The values of a metric with two attributes.
pub(super) fn two(first: AttributeValue, second: AttributeValue) -> AttributeValues {
    [first, second, ABSENT]
}
