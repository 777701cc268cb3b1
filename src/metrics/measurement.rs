//! Measurements: a derivation rule produces them, and a series records them.

use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::registry::Metric;

/// One measurement of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The metric.
    pub metric: Metric,
    /// The values of the metric's attributes, in the order of the registry.
    pub attributes: AttributeValues,
    /// What was measured.
    pub value: MeasuredValue,
}

/// The values of a metric's attributes, padded with [`ABSENT`].
pub type AttributeValues = [AttributeValue; 3];

/// The value of an attribute that a data point does not have.
pub const ABSENT: AttributeValue = AttributeValue::constant("");

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MeasuredValue {
    /// How much a counter of whole numbers goes up.
    Count(u64),
    /// How much a counter of fractions goes up, the new value of a gauge, or one value of a
    /// histogram.
    Amount(f64),
    /// A part of a whole. A ratio adds up all parts and all wholes before it divides.
    Part {
        /// The part.
        part: u64,
        /// The whole.
        whole: u64,
    },
}
