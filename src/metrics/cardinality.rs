//! Cardinality limits: the registry's, or those that a project's config sets instead.

use crate::metrics::privacy::{ValueOrigin, origin};
use crate::metrics::registry::{Attribute, Definition};
use std::collections::BTreeMap;

/// The most series that a project's config can raise a metric to.
const MAX_SERIES: usize = 20_000;

/// The cardinality limits of one project.
#[derive(Clone, Debug, Default)]
pub struct CardinalityLimits {
    /// Attribute keys with their own limits.
    overrides: BTreeMap<String, usize>,
}

impl CardinalityLimits {
    /// The registry's limits, except for the attributes with these keys. An attribute whose values
    /// all come from this program's own text keeps the registry's limit.
    pub fn new(overrides: BTreeMap<String, usize>) -> Self {
        Self { overrides }
    }

    /// How many different values `attribute` may have in one metric.
    pub fn of_attribute(&self, attribute: Attribute) -> usize {
        let own = match origin(attribute) {
            ValueOrigin::Closed | ValueOrigin::Config => None,
            ValueOrigin::Name | ValueOrigin::Vocabulary => self.overrides.get(attribute.key()),
        };
        own.copied().unwrap_or(attribute.cardinality_limit())
    }

    /// How many series a metric may have. A raised limit of an attribute raises it by the same
    /// factor.
    pub fn of_metric(&self, definition: &Definition) -> usize {
        let raised =
            definition.attributes.iter().fold(definition.max_series, |series, attribute| {
                let (own, usual) = (self.of_attribute(*attribute), attribute.cardinality_limit());
                if own > usual { (series * own).div_ceil(usual) } else { series }
            });
        raised.min(MAX_SERIES.max(definition.max_series))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::registry::METRICS;

    #[test]
    fn a_project_cannot_change_the_limits_of_closed_attributes() {
        let keys = ["tool", "provider", "state"].map(|key| (key.to_owned(), 100));
        let limits = CardinalityLimits::new(keys.into());
        let attributes = [Attribute::Tool, Attribute::Provider, Attribute::State, Attribute::Model];
        let found = attributes.map(|attribute| limits.of_attribute(attribute));
        assert_eq!(found, [100, 8, 5, 20]);
    }

    #[test]
    fn a_raised_limit_raises_the_number_of_series() {
        let (usual, raised) = (
            CardinalityLimits::default(),
            CardinalityLimits::new([("tool".to_owned(), 100)].into()),
        );
        for definition in METRICS {
            assert_eq!(usual.of_metric(definition), definition.max_series, "{}", definition.name);
            let is_doubled = definition.attributes.contains(&Attribute::Tool);
            let expected = definition.max_series * if is_doubled { 2 } else { 1 };
            assert_eq!(raised.of_metric(definition), expected, "{}", definition.name);
        }
    }
}
