//! The SDK: resource, views, aggregation. One provider per project.

use crate::config::{Config, Text, Tier};
use crate::metrics::cardinality::CardinalityLimits;
use crate::metrics::registry::{Definition, Instrument as Kind, METRICS};
use crate::metrics::scrub::{chosen_name, own_text};
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::{InstrumentationScope, Key, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Stream,
    Temporality,
};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Raised whenever a dashboard could notice a change of names, attributes or meanings.
const SCHEMA_VERSION: &str = "1";

/// The SDK's side of a project: what measurements are recorded with, and what they add up to.
#[derive(Debug)]
pub struct MeterProvider {
    sdk: SdkMeterProvider,
    reader: SharedReader,
}

impl MeterProvider {
    /// Sets up the SDK for a project. `instance` identifies this launch and nothing else.
    pub fn new(config: &Config, limits: &CardinalityLimits, instance: &str) -> Self {
        let limits = limits.clone();
        let reader = SharedReader(Arc::new(
            ManualReader::builder().with_temporality(Temporality::Cumulative).build(),
        ));
        let sdk = SdkMeterProvider::builder()
            .with_resource(resource(config, instance))
            .with_reader(reader.clone())
            .with_view(move |instrument: &Instrument| {
                let row = METRICS.iter().find(|row| row.name == instrument.name())?;
                view(row, limits.of_metric(row))
            })
            .build();
        Self { sdk, reader }
    }

    /// What instruments are made with.
    pub fn meter(&self) -> Meter {
        let scope = InstrumentationScope::builder("ccxray").with_version(env!("CARGO_PKG_VERSION"));
        self.sdk.meter_with_scope(scope.build())
    }

    /// All sums as they stand now.
    pub fn collect(&self) -> Result<ResourceMetrics, opentelemetry_sdk::error::OTelSdkError> {
        let mut metrics = ResourceMetrics::default();
        self.reader.collect(&mut metrics).map(|()| metrics)
    }
}

/// The second wall: keys outside the table are dropped, and the SDK's own limit lies above ours.
fn view(row: &Definition, max_series: usize) -> Option<Stream> {
    let keys = row.attributes.iter().map(|attribute| Key::from_static_str(attribute.key()));
    let stream =
        Stream::builder().with_allowed_attribute_keys(keys).with_cardinality_limit(max_series + 2);
    let stream = match row.instrument {
        Kind::Histogram(bounds) => stream.with_aggregation(Aggregation::ExplicitBucketHistogram {
            boundaries: bounds.to_vec(),
            record_min_max: false,
        }),
        Kind::Counter | Kind::FractionalCounter | Kind::Gauge | Kind::RatioGauge => stream,
    };
    stream.build().ok()
}

/// Built from nothing: the SDK's own detectors would read the environment.
fn resource(config: &Config, instance: &str) -> Resource {
    let text = |key: &'static str, value: &str| KeyValue::new(key, value.to_owned());
    let own = |key: String, value: &str| {
        own_text(value).map(|value| KeyValue::new(key, value.as_str().to_owned()))
    };
    let said = |key: &str, value: Option<&Text>| own(key.to_owned(), value?.reveal());
    let identity = match &config.tier {
        Tier::Anonymous => None,
        Tier::Named { identity } => Some(identity),
    };
    let more = &config.resource_attributes;
    let more = more.iter().filter_map(|(key, value)| own(key.clone(), value.reveal()));
    let others_too = !config.agents_own.is_empty();
    let attributes = [
        Some(text("service.name", "ccxray")),
        config.host_version.as_ref().and_then(|it| own("service.version".to_owned(), it)),
        Some(text("service.instance.id", instance)),
        Some(text("ccxray.source", "ccxray-proxy")),
        Some(text("ccxray.schema.version", SCHEMA_VERSION)),
        others_too.then(|| KeyValue::new("ccxray.cli_otel_active", true)),
        said("project.name", config.project.as_ref()),
        said("team", config.team.as_ref()),
        identity.and_then(|name| Some(text("enduser.id", chosen_name(name.reveal())?.as_str()))),
    ];
    Resource::builder_empty().with_attributes(more.chain(attributes.into_iter().flatten())).build()
}

/// A reader that can be asked after the SDK has taken it.
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
