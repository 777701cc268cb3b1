//! The series of a project: which ones exist, and what happens to a measurement beyond a
//! cardinality limit.
//!
//! Each series is bound to the SDK once. Recording then costs one look-up and one addition.

use crate::catalog;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::cardinality::CardinalityLimits;
use crate::metrics::measurement::{ABSENT, AttributeValues, MeasuredValue, Measurement};
use crate::metrics::privacy::{ProjectLabels, ValueOrigin, origin};
use crate::metrics::registry::{
    self, Attribute, Definition, Family, Instrument, METRICS, Metric, OVERFLOW,
};
use hashbrown::{HashMap, HashSet};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{
    BoundCounter, BoundGauge, BoundHistogram, Counter, Gauge, Histogram, Meter,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// All series of a project. It records measurements within the cardinality limits.
#[derive(Debug)]
pub struct SeriesTable {
    /// In the order of [`METRICS`].
    instruments: Vec<InstrumentSeries>,
    limits: CardinalityLimits,
    /// What the series about cost and tokens have in addition.
    labels: Vec<KeyValue>,
}

/// How much of a cardinality limit is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ValuesInUse {
    /// The key of the attribute.
    pub attribute: &'static str,
    /// How many different values it has.
    pub values: usize,
    /// How many it may have in one metric.
    pub limit: usize,
}

/// One metric: the SDK's instrument and its series.
#[derive(Debug)]
struct InstrumentSeries {
    definition: &'static Definition,
    instrument: SdkInstrument,
    series: HashMap<AttributeValues, Series>,
    /// For each attribute, the values within its cardinality limit.
    admitted: [HashSet<AttributeValue>; 3],
}

/// An instrument of the SDK.
#[derive(Debug)]
enum SdkInstrument {
    Counter(Counter<u64>),
    FractionalCounter(Counter<f64>),
    Gauge(Gauge<f64>),
    Histogram(Histogram<f64>),
}

/// One series, bound to the SDK's instrument.
#[derive(Debug)]
enum Series {
    Counter(BoundCounter<u64>),
    FractionalCounter(BoundCounter<f64>),
    Gauge(BoundGauge<f64>),
    Ratio { gauge: BoundGauge<f64>, part: u64, whole: u64 },
    Histogram(BoundHistogram<f64>),
}

impl SeriesTable {
    /// Creates an instrument for each metric. Series that can be listed in advance start at zero.
    /// `labels` are added to each series of [`Family::Cost`].
    pub fn new(meter: &Meter, limits: CardinalityLimits, labels: &ProjectLabels) -> Self {
        let instruments = METRICS.iter().map(|row| InstrumentSeries::new(row, meter)).collect();
        let labels = labels.iter().map(|(attribute, value)| key_value(*attribute, value)).collect();
        let mut table = Self { instruments, limits, labels };
        for instrument in &mut table.instruments {
            for attributes in listed_series(instrument.definition) {
                instrument.bind(attributes, &table.labels).start_at_zero();
            }
        }
        table
    }

    /// Records a measurement. Beyond a cardinality limit it is recorded as [`OVERFLOW`] and
    /// counted.
    pub fn record(&mut self, measurement: Measurement) {
        let Measurement { metric, attributes, value } = measurement;
        let Some(instrument) = self.instruments.get_mut(metric as usize) else { return };
        if let Some(series) = instrument.series.get_mut(&attributes) {
            series.record(value);
            return;
        }
        let (attributes, overflowed) = instrument.admit(attributes, &self.limits);
        instrument.bind(attributes, &self.labels).record(value);
        for attribute in overflowed.into_iter().flatten() {
            self.record(Measurement {
                metric: Metric::Overflow,
                attributes: [
                    AttributeValue::constant(metric.definition().name),
                    AttributeValue::constant(attribute),
                    ABSENT,
                ],
                value: MeasuredValue::Count(1),
            });
        }
    }

    /// For each attribute with values from turns: how many it has in the metric in which it has most, and how
    /// many it may have.
    pub fn values_in_use(&self) -> Vec<ValuesInUse> {
        let mut in_use = BTreeMap::new();
        for InstrumentSeries { definition, admitted, .. } in &self.instruments {
            let from_turns = definition.attributes.iter().zip(admitted).filter(|(attribute, _)| {
                matches!(origin(**attribute), ValueOrigin::Name | ValueOrigin::Vocabulary)
            });
            for (attribute, values) in from_turns.filter(|(_, values)| !values.is_empty()) {
                let limit = self.limits.of_attribute(*attribute);
                let entry = in_use.entry(attribute.key()).or_insert((0, limit));
                entry.0 = values.len().max(entry.0);
            }
        }
        let in_use = in_use.into_iter();
        in_use
            .map(|(attribute, (values, limit))| ValuesInUse { attribute, values, limit })
            .collect()
    }

    /// The number of series of a metric.
    pub fn series_count(&self, metric: Metric) -> usize {
        self.instruments.get(metric as usize).map_or(0, |instrument| instrument.series.len())
    }
}

impl InstrumentSeries {
    fn new(definition: &'static Definition, meter: &Meter) -> Self {
        let Definition { name, unit, description, instrument, .. } = *definition;
        let instrument = match instrument {
            Instrument::Counter => SdkInstrument::Counter(
                meter.u64_counter(name).with_unit(unit).with_description(description).build(),
            ),
            Instrument::FractionalCounter => SdkInstrument::FractionalCounter(
                meter.f64_counter(name).with_unit(unit).with_description(description).build(),
            ),
            Instrument::Gauge | Instrument::RatioGauge => SdkInstrument::Gauge(
                meter.f64_gauge(name).with_unit(unit).with_description(description).build(),
            ),
            Instrument::Histogram(bounds) => SdkInstrument::Histogram(
                meter
                    .f64_histogram(name)
                    .with_unit(unit)
                    .with_description(description)
                    .with_boundaries(bounds.to_vec())
                    .build(),
            ),
        };
        Self { definition, instrument, series: HashMap::new(), admitted: Default::default() }
    }

    /// The attribute values within the cardinality limits, and the attributes that are at their
    /// limit.
    fn admit(
        &mut self,
        mut values: AttributeValues,
        limits: &CardinalityLimits,
    ) -> (AttributeValues, [Option<&'static str>; 3]) {
        let mut overflowed = [None; 3];
        for (i, attribute) in self.definition.attributes.iter().enumerate() {
            let (admitted, value) = (&mut self.admitted[i], &mut values[i]);
            if *value == ABSENT || admitted.contains(value) {
                continue;
            }
            if admitted.len() < limits.of_attribute(*attribute) {
                admitted.insert(value.clone());
            } else {
                *value = AttributeValue::constant(OVERFLOW);
                overflowed[i] = Some(attribute.key());
            }
        }
        let is_full = self.series.len() >= limits.of_metric(self.definition);
        if is_full && !self.series.contains_key(&values) {
            for (i, attribute) in self.definition.attributes.iter().enumerate() {
                values[i] = AttributeValue::constant(OVERFLOW);
                overflowed[i] = overflowed[i].or((i == 0).then(|| attribute.key()));
            }
        }
        (values, overflowed)
    }

    /// The series with these attribute values, which is bound to the SDK if it is new.
    fn bind(&mut self, values: AttributeValues, labels: &[KeyValue]) -> &mut Series {
        let Self { definition, instrument, series, .. } = self;
        let labels = if definition.family == Family::Cost { labels } else { &[] };
        series.entry(values).or_insert_with_key(|values| {
            let present = definition.attributes.iter().zip(values);
            let present = present.filter(|(_, value)| **value != ABSENT);
            let attributes = present.map(|(attribute, value)| key_value(*attribute, value));
            let attributes: Vec<_> = attributes.chain(labels.iter().cloned()).collect();
            match instrument {
                SdkInstrument::Counter(counter) => Series::Counter(counter.bind(&attributes)),
                SdkInstrument::FractionalCounter(counter) => {
                    Series::FractionalCounter(counter.bind(&attributes))
                }
                SdkInstrument::Gauge(gauge) if definition.instrument == Instrument::RatioGauge => {
                    Series::Ratio { gauge: gauge.bind(&attributes), part: 0, whole: 0 }
                }
                SdkInstrument::Gauge(gauge) => Series::Gauge(gauge.bind(&attributes)),
                SdkInstrument::Histogram(histogram) => {
                    Series::Histogram(histogram.bind(&attributes))
                }
            }
        })
    }
}

impl Series {
    #[expect(clippy::cast_precision_loss, reason = "ratios of token counts far below 2^53")]
    fn record(&mut self, value: MeasuredValue) {
        match (self, value) {
            (Self::Counter(counter), MeasuredValue::Count(count)) => counter.add(count),
            (Self::FractionalCounter(counter), MeasuredValue::Amount(amount)) => {
                counter.add(amount);
            }
            (Self::Gauge(gauge), MeasuredValue::Amount(amount)) => gauge.record(amount),
            (Self::Histogram(histogram), MeasuredValue::Amount(amount)) => histogram.record(amount),
            (Self::Ratio { gauge, part, whole }, MeasuredValue::Part { part: more, whole: of }) => {
                *part = part.saturating_add(more);
                *whole = whole.saturating_add(of);
                gauge.record(*part as f64 / *whole as f64);
            }
            // The value does not fit the instrument. The tests of the derivation rules find such a
            // mistake.
            (series, value) => {
                debug_assert!(false, "{value:?} recorded on {series:?}");
            }
        }
    }

    fn start_at_zero(&self) {
        match self {
            Self::Counter(counter) => counter.add(0),
            Self::FractionalCounter(counter) => counter.add(0.0),
            Self::Gauge(gauge) => gauge.record(0.0),
            Self::Ratio { .. } | Self::Histogram(_) => {}
        }
    }
}

fn key_value(attribute: Attribute, value: &AttributeValue) -> KeyValue {
    match attribute {
        Attribute::Degraded => KeyValue::new(attribute.key(), true),
        _ => KeyValue::new(attribute.key(), value.as_str().to_owned()),
    }
}

/// The series of a counter or gauge, if all values of all its attributes can be listed.
fn listed_series(definition: &Definition) -> Vec<AttributeValues> {
    let has_zero =
        !matches!(definition.instrument, Instrument::Histogram(_) | Instrument::RatioGauge);
    let values: Option<Vec<_>> = definition.attributes.iter().map(|a| listed_values(*a)).collect();
    let Some(values) = values.filter(|_| has_zero) else { return Vec::new() };
    let mut all = vec![[ABSENT, ABSENT, ABSENT]];
    for (i, values) in values.into_iter().enumerate() {
        all = all
            .into_iter()
            .flat_map(|series| {
                values.iter().map(move |value| {
                    let mut series = series.clone();
                    series[i] = AttributeValue::constant(value);
                    series
                })
            })
            .collect();
    }
    all
}

/// All values of an attribute, if they can be listed and a series at zero for each is useful.
fn listed_values(attribute: Attribute) -> Option<Vec<&'static str>> {
    let listed: &[&str] = match attribute {
        Attribute::Pattern => return Some(catalog::danger_classes().collect()),
        Attribute::Trigger => &["auto", "manual", "unknown"],
        Attribute::MismatchType => &["tool_count", "token_sum", "cost"],
        Attribute::State => registry::STATES,
        Attribute::Signal => &["metrics"],
        Attribute::ExportDropReason => registry::EXPORT_DROP_REASONS,
        Attribute::EntryDropReason => registry::ENTRY_DROP_REASONS,
        _ => return None,
    };
    Some(listed.to_vec())
}
