//! Measurements: what the rules produce and the series take.

use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::registry::Metric;

/// One measurement. Its attribute values stand in the order of the metric's attributes; an empty one is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Of which metric.
    pub metric: Metric,
    /// Its attributes' values.
    pub labels: AttributeValues,
    /// What was measured.
    pub value: Value,
}

/// Values for the attributes of a metric, padded with [`ABSENT`].
pub type AttributeValues = [AttributeValue; 3];

/// The label of an attribute that is not there.
pub const ABSENT: AttributeValue = AttributeValue::constant("");

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// So many more.
    Count(u64),
    /// So much, or so much more.
    Amount(f64),
    /// A part of a whole; both are summed up before they are divided.
    Part {
        /// The part.
        part: u64,
        /// The whole.
        whole: u64,
    },
}
