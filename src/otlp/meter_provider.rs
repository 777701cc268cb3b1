//! The metrics SDK of one project: views, aggregation and a reader that is asked for the sums.

use crate::config::{Config, HistogramAggregation};
use crate::metrics::cardinality::CardinalityLimits;
use crate::metrics::registry::{Definition, Family, Instrument as Kind, METRICS, PROJECT_LABELS};
use crate::otlp::resource::resource;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::{InstrumentationScope, Key};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Stream,
    Temporality,
};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The SDK's meter provider of one project, with the reader that collects from it.
#[derive(Debug)]
pub struct MeterProvider {
    sdk: SdkMeterProvider,
    reader: SharedReader,
}

impl MeterProvider {
    /// Sets up the SDK for a project. `instance` is the random id of this launch.
    pub fn new(config: &Config, limits: &CardinalityLimits, instance: &str) -> Self {
        let (limits, histograms) = (limits.clone(), config.histograms);
        let has_labels = config.project_labels;
        let reader = SharedReader(Arc::new(
            ManualReader::builder().with_temporality(Temporality::Cumulative).build(),
        ));
        let sdk = SdkMeterProvider::builder()
            .with_resource(resource(config, instance))
            .with_reader(reader.clone())
            .with_view(move |instrument: &Instrument| {
                let definition = METRICS.iter().find(|it| it.name == instrument.name())?;
                view(definition, limits.of_metric(definition), histograms, has_labels)
            })
            .build();
        Self { sdk, reader }
    }

    /// The meter that creates the instruments.
    pub fn meter(&self) -> Meter {
        let scope = InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION"));
        self.sdk.meter_with_scope(scope.build())
    }

    /// Collects all cumulative sums.
    ///
    /// # Errors
    /// If the SDK cannot collect.
    pub fn collect(&self) -> Result<ResourceMetrics, OTelSdkError> {
        let mut metrics = ResourceMetrics::default();
        self.reader.collect(&mut metrics).map(|()| metrics)
    }
}

/// The name of the scope of all metrics.
pub(super) const SCOPE: &str = "ccxray";

/// The most buckets of an exponential histogram, and its finest scale: the defaults of the specification.
/// Source: <https://opentelemetry.io/docs/specs/otel/metrics/sdk/#base2-exponential-bucket-histogram-aggregation>
const MAX_BUCKETS: u32 = 160;
const MAX_SCALE: i8 = 20;

/// A second check behind the privacy gate and the cardinality limits: the SDK drops attributes that
/// the registry does not list. Its own cardinality limit is higher than ours, so it never applies.
fn view(
    definition: &Definition,
    max_series: usize,
    histograms: HistogramAggregation,
    has_labels: bool,
) -> Option<Stream> {
    let has_labels = has_labels && definition.family == Family::Cost;
    let labels = PROJECT_LABELS.iter().filter(|_| has_labels).map(|(attribute, _)| attribute);
    let keys = definition.attributes.iter().chain(labels);
    let keys = keys.map(|it| Key::from_static_str(it.key()));
    let stream =
        Stream::builder().with_allowed_attribute_keys(keys).with_cardinality_limit(max_series + 2);
    let stream = match definition.instrument {
        Kind::Histogram(_) if histograms == HistogramAggregation::Base2Exponential => stream
            .with_aggregation(Aggregation::Base2ExponentialHistogram {
                max_size: MAX_BUCKETS,
                max_scale: MAX_SCALE,
                record_min_max: false,
            }),
        Kind::Histogram(bounds) => stream.with_aggregation(Aggregation::ExplicitBucketHistogram {
            boundaries: bounds.to_vec(),
            record_min_max: false,
        }),
        Kind::Counter | Kind::FractionalCounter | Kind::Gauge | Kind::RatioGauge => stream,
    };
    stream.build().ok()
}

/// The SDK takes ownership of its reader; this one can still be asked to collect afterwards.
#[derive(Clone, Debug)]
struct SharedReader(Arc<ManualReader>);

impl MetricReader for SharedReader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}
