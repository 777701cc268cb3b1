//! How many values an attribute may take: the table's word, or the project's.

use crate::metrics::privacy::{ValueOrigin, origin};
use crate::metrics::registry::{Attribute, Definition};
use std::collections::BTreeMap;

/// No metric has more series, whatever a project says.
const MAX_SERIES: usize = 20_000;

/// The limits of one project.
#[derive(Clone, Debug, Default)]
pub struct CardinalityLimits(BTreeMap<String, usize>);

impl CardinalityLimits {
    /// The table's, but for the attributes with these keys. What comes out of this program's own text
    /// keeps its budget.
    pub fn new(overrides: BTreeMap<String, usize>) -> Self {
        Self(overrides)
    }

    /// How many values `attribute` may take in one metric.
    pub fn values(&self, attribute: Attribute) -> usize {
        let own = match origin(attribute) {
            ValueOrigin::Closed => None,
            ValueOrigin::Name | ValueOrigin::Vocabulary => self.0.get(attribute.key()),
        };
        own.copied().unwrap_or(attribute.budget())
    }

    /// How many series a metric may have: as many more as its attributes have values.
    pub fn series(&self, definition: &Definition) -> usize {
        let grown =
            definition.attributes.iter().fold(definition.max_series, |series, attribute| {
                let (values, usual) = (self.values(*attribute), attribute.budget());
                if values > usual { (series * values).div_ceil(usual) } else { series }
            });
        grown.min(MAX_SERIES.max(definition.max_series))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::registry::METRICS;

    #[test]
    fn a_project_can_change_the_budgets_of_names_and_of_nothing_else() {
        let keys = ["tool", "provider", "state"].map(|key| (key.to_owned(), 100));
        let limits = CardinalityLimits::new(keys.into());
        let values = [Attribute::Tool, Attribute::Provider, Attribute::State, Attribute::Model];
        assert_eq!(values.map(|attribute| limits.values(attribute)), [100, 8, 5, 20]);
    }

    #[test]
    fn a_metric_has_room_for_what_its_attributes_may_say() {
        let (usual, more) = (
            CardinalityLimits::default(),
            CardinalityLimits::new([("tool".to_owned(), 100)].into()),
        );
        for definition in METRICS {
            assert_eq!(usual.series(definition), definition.max_series, "{}", definition.name);
            let twice = definition.attributes.contains(&Attribute::Tool);
            let expected = definition.max_series * if twice { 2 } else { 1 };
            assert_eq!(more.series(definition), expected, "{}", definition.name);
        }
    }
}
