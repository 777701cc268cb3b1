//! The limits: which series exist, and what becomes of a measurement that would be one too many.
//!
//! Every series is bound to the SDK once, so that recording costs one look-up and one addition.

use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::cardinality::CardinalityLimits;
use crate::metrics::measurement::{ABSENT, AttributeValues, Measurement, Value};
use crate::metrics::registry::{Attribute, Definition, Instrument, METRICS, Metric, OVERFLOW};
use hashbrown::{HashMap, HashSet};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{
    BoundCounter, BoundGauge, BoundHistogram, Counter, Gauge, Histogram, Meter,
};

/// Counts what may be counted, within the limits.
#[derive(Debug)]
pub struct SeriesTable {
    instruments: Vec<InstrumentSeries>,
    limits: CardinalityLimits,
}

/// One metric: its instrument and its series.
#[derive(Debug)]
struct InstrumentSeries {
    definition: &'static Definition,
    source: Source,
    series: HashMap<AttributeValues, Series>,
    /// Per attribute, the values that have a place in its budget.
    admitted: [HashSet<AttributeValue>; 3],
}

/// The SDK's instrument.
#[derive(Debug)]
enum Source {
    Counter(Counter<u64>),
    FractionalCounter(Counter<f64>),
    Gauge(Gauge<f64>),
    Histogram(Histogram<f64>),
}

/// One series, bound to the SDK.
#[derive(Debug)]
enum Series {
    Counter(BoundCounter<u64>),
    FractionalCounter(BoundCounter<f64>),
    Gauge(BoundGauge<f64>),
    Ratio { gauge: BoundGauge<f64>, part: u64, whole: u64 },
    Histogram(BoundHistogram<f64>),
}

impl SeriesTable {
    /// Opens an instrument for every metric, and the series that are known beforehand at zero.
    pub fn new(meter: &Meter, limits: CardinalityLimits) -> Self {
        let instruments = METRICS.iter().map(|row| InstrumentSeries::new(row, meter)).collect();
        let mut series = Self { instruments, limits };
        for instrument in &mut series.instruments {
            for labels in known_beforehand(instrument.definition) {
                let series = instrument.open(labels);
                series.start_at_zero();
            }
        }
        series
    }

    /// Records a measurement; over budget, as [`OVERFLOW`] and counted.
    pub fn record(&mut self, measurement: Measurement) {
        let Measurement { metric, labels, value } = measurement;
        let Some(instrument) = self.instruments.get_mut(metric as usize) else { return };
        if let Some(series) = instrument.series.get_mut(&labels) {
            series.record(value);
            return;
        }
        let (labels, overflowed) = instrument.admit(labels, &self.limits);
        instrument.open(labels).record(value);
        for attribute in overflowed.into_iter().flatten() {
            self.record(Measurement {
                metric: Metric::Overflow,
                labels: [
                    AttributeValue::constant(metric.definition().name),
                    AttributeValue::constant(attribute),
                    ABSENT,
                ],
                value: Value::Count(1),
            });
        }
    }

    /// How many series a metric has.
    pub fn series(&self, metric: Metric) -> usize {
        self.instruments.get(metric as usize).map_or(0, |instrument| instrument.series.len())
    }
}

impl InstrumentSeries {
    fn new(definition: &'static Definition, meter: &Meter) -> Self {
        let Definition { name, unit, brief, instrument, .. } = *definition;
        let source = match instrument {
            Instrument::Counter => Source::Counter(
                meter.u64_counter(name).with_unit(unit).with_description(brief).build(),
            ),
            Instrument::FractionalCounter => Source::FractionalCounter(
                meter.f64_counter(name).with_unit(unit).with_description(brief).build(),
            ),
            Instrument::Gauge | Instrument::RatioGauge => {
                Source::Gauge(meter.f64_gauge(name).with_unit(unit).with_description(brief).build())
            }
            Instrument::Histogram(bounds) => Source::Histogram(
                meter
                    .f64_histogram(name)
                    .with_unit(unit)
                    .with_description(brief)
                    .with_boundaries(bounds.to_vec())
                    .build(),
            ),
        };
        Self { definition, source, series: HashMap::new(), admitted: Default::default() }
    }

    /// The labels as the limits allow them, and the attributes whose budget is used up.
    fn admit(
        &mut self,
        mut labels: AttributeValues,
        limits: &CardinalityLimits,
    ) -> (AttributeValues, [Option<&'static str>; 3]) {
        let mut overflowed = [None; 3];
        for (i, attribute) in self.definition.attributes.iter().enumerate() {
            let (admitted, label) = (&mut self.admitted[i], &mut labels[i]);
            if *label == ABSENT || admitted.contains(label) {
                continue;
            }
            if admitted.len() < limits.values(*attribute) {
                admitted.insert(label.clone());
            } else {
                *label = AttributeValue::constant(OVERFLOW);
                overflowed[i] = Some(attribute.key());
            }
        }
        let full = self.series.len() >= limits.series(self.definition);
        if full && !self.series.contains_key(&labels) {
            for (i, attribute) in self.definition.attributes.iter().enumerate() {
                labels[i] = AttributeValue::constant(OVERFLOW);
                overflowed[i] = overflowed[i].or((i == 0).then(|| attribute.key()));
            }
        }
        (labels, overflowed)
    }

    fn open(&mut self, labels: AttributeValues) -> &mut Series {
        let Self { definition, source, series, .. } = self;
        series.entry(labels).or_insert_with_key(|labels| {
            let labels = definition.attributes.iter().zip(labels);
            let labels = labels.filter(|(_, label)| **label != ABSENT);
            let attributes: Vec<_> =
                labels.map(|(attribute, label)| key_value(*attribute, label)).collect();
            match source {
                Source::Counter(counter) => Series::Counter(counter.bind(&attributes)),
                Source::FractionalCounter(counter) => {
                    Series::FractionalCounter(counter.bind(&attributes))
                }
                Source::Gauge(gauge) if definition.instrument == Instrument::RatioGauge => {
                    Series::Ratio { gauge: gauge.bind(&attributes), part: 0, whole: 0 }
                }
                Source::Gauge(gauge) => Series::Gauge(gauge.bind(&attributes)),
                Source::Histogram(histogram) => Series::Histogram(histogram.bind(&attributes)),
            }
        })
    }
}

impl Series {
    #[expect(clippy::cast_precision_loss, reason = "ratios of token counts far below 2^53")]
    fn record(&mut self, value: Value) {
        match (self, value) {
            (Self::Counter(counter), Value::Count(count)) => counter.add(count),
            (Self::FractionalCounter(counter), Value::Amount(amount)) => counter.add(amount),
            (Self::Gauge(gauge), Value::Amount(amount)) => gauge.record(amount),
            (Self::Histogram(histogram), Value::Amount(amount)) => histogram.record(amount),
            (Self::Ratio { gauge, part, whole }, Value::Part { part: more, whole: of }) => {
                *part = part.saturating_add(more);
                *whole = whole.saturating_add(of);
                gauge.record(*part as f64 / *whole as f64);
            }
            // A rule that measures in another kind than the table says; the rules' tests see it.
            (series, value) => debug_assert!(false, "{value:?} recorded on {series:?}"),
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

fn key_value(attribute: Attribute, label: &AttributeValue) -> KeyValue {
    match attribute {
        Attribute::Degraded => KeyValue::new(attribute.key(), true),
        _ => KeyValue::new(attribute.key(), label.as_str().to_owned()),
    }
}

/// The series of counters and gauges whose attributes' values are all known beforehand.
fn known_beforehand(definition: &Definition) -> Vec<AttributeValues> {
    let counts =
        !matches!(definition.instrument, Instrument::Histogram(_) | Instrument::RatioGauge);
    let values: Option<Vec<_>> = definition.attributes.iter().map(|a| closed_set(*a)).collect();
    let Some(values) = values.filter(|_| counts) else { return Vec::new() };
    let mut all = vec![[ABSENT, ABSENT, ABSENT]];
    for (i, values) in values.into_iter().enumerate() {
        all = all
            .into_iter()
            .flat_map(|labels| {
                values.iter().map(move |value| {
                    let mut labels = labels.clone();
                    labels[i] = AttributeValue::constant(value);
                    labels
                })
            })
            .collect();
    }
    all
}

/// The values of an attribute that can be listed, where a zero of each is worth a series.
fn closed_set(attribute: Attribute) -> Option<Vec<&'static str>> {
    let listed: &[&str] = match attribute {
        Attribute::Pattern => return Some(crate::catalog::danger_classes().collect()),
        Attribute::Trigger => &["auto", "manual", "unknown"],
        Attribute::MismatchType => &["tool_count", "token_sum"],
        Attribute::State => crate::metrics::registry::STATES,
        Attribute::Signal => &["metrics"],
        Attribute::ExportDropReason => crate::metrics::registry::EXPORT_DROP_REASONS,
        Attribute::EntryDropReason => crate::metrics::registry::ENTRY_DROP_REASONS,
        _ => return None,
    };
    Some(listed.to_vec())
}
