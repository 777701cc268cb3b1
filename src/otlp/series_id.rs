//! Ids of series, so that two requests can be compared series by series.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use std::hash::{BuildHasher, RandomState};

/// Computes the ids of series: keyed hashes of the metric's name and the attributes. Ids of different
/// hashers cannot be compared.
#[derive(Debug, Default)]
pub(super) struct SeriesHasher(RandomState);

impl SeriesHasher {
    /// The id of the series that `metric_name` has with these attributes.
    pub(super) fn id(&self, metric_name: &str, attributes: &[KeyValue]) -> u64 {
        let attributes: Vec<_> =
            attributes.iter().map(|attribute| (&attribute.key, value_of(attribute))).collect();
        self.0.hash_one((metric_name, attributes))
    }
}

/// The value of an attribute as text. Attributes of this package are strings or `true`.
pub(super) fn value_of(attribute: &KeyValue) -> &str {
    match &attribute.value {
        Some(AnyValue { value: Some(any_value::Value::StringValue(text)) }) => text,
        Some(AnyValue { value: Some(any_value::Value::BoolValue(true)) }) => "true",
        _ => "",
    }
}
