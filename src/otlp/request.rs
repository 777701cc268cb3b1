//! OTLP requests: made from the SDK's aggregates, in a stable order, and announced.
//!
//! A counter whose first sample is 1 is invisible to Prometheus' `increase()`. So a series that a
//! backend has not seen yet is sent at zero first, as it stood a moment before.

use crate::config::{Compression, Protocol};
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, Sum,
};
use opentelemetry_sdk::metrics::data;
use prost::Message;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;

/// How long before the first value its zero is dated.
const ZERO_LEAD_NANOS: u64 = 1_000_000_000;
/// The finest step that a Prometheus sample can tell.
pub(super) const MIN_STEP_NANOS: u64 = 1_000_000;

/// One request body, not encoded yet.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricsRequest(pub(super) ExportMetricsServiceRequest);

impl MetricsRequest {
    /// From what the SDK has added up.
    pub fn new(metrics: &data::ResourceMetrics) -> Self {
        let mut request = ExportMetricsServiceRequest::from(metrics);
        for resource in &mut request.resource_metrics {
            if let Some(resource) = &mut resource.resource {
                sort_attributes(&mut resource.attributes);
            }
            for scope in &mut resource.scope_metrics {
                scope.metrics.sort_unstable_by(|a, b| a.name.cmp(&b.name));
                scope.metrics.iter_mut().for_each(sort_points);
            }
        }
        Self(request)
    }

    /// OTLP/JSON, the same for people and for the wire: what a preview shows is what is sent, and
    /// gzip takes the indents out.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&self.0)
    }

    /// Makes the resource attributes that are `secret` unreadable.
    pub fn mask(&mut self, secret: impl Fn(&str) -> bool) {
        let resources = self.0.resource_metrics.iter_mut().filter_map(|it| it.resource.as_mut());
        for attribute in resources.flat_map(|it| &mut it.attributes) {
            if secret(&attribute.key) {
                let value = Some(any_value::Value::StringValue("***".to_owned()));
                attribute.value = Some(AnyValue { value });
            }
        }
    }

    /// The body on the wire.
    pub fn encode(&self, protocol: Protocol, compression: Compression) -> std::io::Result<Vec<u8>> {
        let body = match protocol {
            Protocol::HttpProtobuf => self.0.encode_to_vec(),
            Protocol::HttpJson => self.to_json()?.into_bytes(),
        };
        match compression {
            Compression::None => Ok(body),
            Compression::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(&body)?;
                encoder.finish()
            }
        }
    }

    /// Whether there is anything in it but how things stand.
    pub fn has_increments(&self) -> bool {
        self.metrics().any(|it| matches!(it.data, Some(Data::Sum(_) | Data::Histogram(_))))
    }

    /// All metrics, of all scopes.
    pub(super) fn metrics(&self) -> impl Iterator<Item = &Metric> {
        let scopes = self.0.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        scopes.flat_map(|scope| &scope.metrics)
    }
}

/// Tells series apart, as keyed hashes of their names and attributes.
#[derive(Debug, Default)]
pub(super) struct SeriesIds(RandomState);

impl SeriesIds {
    /// Of a metric's series with these attributes.
    pub(super) fn of(&self, metric: &Metric, attributes: &[KeyValue]) -> u64 {
        self.of_name(&metric.name, attributes)
    }

    /// Of the series with these attributes of the metric called `name`.
    pub(super) fn of_name(&self, name: &str, attributes: &[KeyValue]) -> u64 {
        let attributes: Vec<_> =
            attributes.iter().map(|attribute| (&attribute.key, text_of(attribute))).collect();
        self.0.hash_one((name, attributes))
    }
}

/// The series that the backend has seen.
#[derive(Debug, Default)]
pub struct AnnouncedSeries {
    seen: HashSet<u64>,
    ids: SeriesIds,
}

impl AnnouncedSeries {
    /// The request to send first: every counter and histogram series that is new, at zero. `None`
    /// if there is no such series.
    pub fn zeros(&self, request: &MetricsRequest) -> Option<MetricsRequest> {
        let MetricsRequest(ExportMetricsServiceRequest { resource_metrics }) = request;
        let mut zeros = Vec::new();
        for resource in resource_metrics {
            let mut scopes = Vec::new();
            for scope in &resource.scope_metrics {
                let metrics: Vec<_> =
                    scope.metrics.iter().filter_map(|metric| self.zero(metric)).collect();
                if !metrics.is_empty() {
                    let mut scope = scope.clone();
                    scope.metrics = metrics;
                    scopes.push(scope);
                }
            }
            if !scopes.is_empty() {
                zeros.push(ResourceMetrics {
                    resource: resource.resource.clone(),
                    scope_metrics: scopes,
                    schema_url: resource.schema_url.clone(),
                });
            }
        }
        let any = !zeros.is_empty();
        any.then_some(MetricsRequest(ExportMetricsServiceRequest { resource_metrics: zeros }))
    }

    /// Takes note that the backend has got `request`.
    pub fn confirm(&mut self, request: &MetricsRequest) {
        for metric in request.metrics() {
            let identities: Vec<_> = match &metric.data {
                Some(Data::Sum(sum)) => sum
                    .data_points
                    .iter()
                    .map(|point| self.ids.of(metric, &point.attributes))
                    .collect(),
                Some(Data::Histogram(histogram)) => histogram
                    .data_points
                    .iter()
                    .map(|point| self.ids.of(metric, &point.attributes))
                    .collect(),
                _ => continue,
            };
            self.seen.extend(identities);
        }
    }

    /// The new series of a metric, at zero. A point that is zero itself needs no announcement.
    fn zero(&self, metric: &Metric) -> Option<Metric> {
        let data = match &metric.data {
            Some(Data::Sum(sum)) => {
                let new = sum.data_points.iter().filter(|point| !is_zero(point));
                let new = new.filter(|point| !self.has(metric, &point.attributes));
                let data_points: Vec<_> = new.cloned().map(zero_number).collect();
                let Sum { aggregation_temporality, is_monotonic, .. } = *sum;
                let any = !data_points.is_empty();
                any.then_some(Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic }))
            }
            Some(Data::Histogram(histogram)) => {
                let new = histogram.data_points.iter();
                let new = new.filter(|point| !self.has(metric, &point.attributes));
                let data_points: Vec<_> = new.cloned().map(zero_histogram).collect();
                let Histogram { aggregation_temporality, .. } = *histogram;
                let any = !data_points.is_empty();
                any.then_some(Data::Histogram(Histogram { data_points, aggregation_temporality }))
            }
            _ => None,
        };
        Some(Metric {
            name: metric.name.clone(),
            description: metric.description.clone(),
            unit: metric.unit.clone(),
            metadata: Vec::new(),
            data: Some(data?),
        })
    }

    fn has(&self, metric: &Metric, attributes: &[KeyValue]) -> bool {
        self.seen.contains(&self.ids.of(metric, attributes))
    }
}

fn sort_points(metric: &mut Metric) {
    match &mut metric.data {
        Some(Data::Sum(sum)) => sort_numbers(&mut sum.data_points),
        Some(Data::Gauge(gauge)) => sort_numbers(&mut gauge.data_points),
        Some(Data::Histogram(histogram)) => {
            for point in &mut histogram.data_points {
                sort_attributes(&mut point.attributes);
            }
            histogram.data_points.sort_by_cached_key(|point| key_of(&point.attributes));
        }
        _ => {}
    }
}

fn sort_numbers(points: &mut [NumberDataPoint]) {
    for point in &mut *points {
        sort_attributes(&mut point.attributes);
    }
    points.sort_by_cached_key(|point| key_of(&point.attributes));
}

fn sort_attributes(attributes: &mut [KeyValue]) {
    attributes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
}

fn key_of(attributes: &[KeyValue]) -> Vec<String> {
    attributes.iter().map(|attribute| text_of(attribute).to_owned()).collect()
}

fn text_of(attribute: &KeyValue) -> &str {
    match &attribute.value {
        Some(AnyValue { value: Some(any_value::Value::StringValue(text)) }) => text,
        Some(AnyValue { value: Some(any_value::Value::BoolValue(true)) }) => "true",
        _ => "",
    }
}

fn is_zero(point: &NumberDataPoint) -> bool {
    match point.value {
        Some(Value::AsInt(value)) => value == 0,
        Some(Value::AsDouble(value)) => value == 0.0,
        None => true,
    }
}

fn zero_number(mut point: NumberDataPoint) -> NumberDataPoint {
    point.value = point.value.map(|value| match value {
        Value::AsInt(_) => Value::AsInt(0),
        Value::AsDouble(_) => Value::AsDouble(0.0),
    });
    point.time_unix_nano = before(point.start_time_unix_nano, point.time_unix_nano);
    point
}

fn zero_histogram(mut point: HistogramDataPoint) -> HistogramDataPoint {
    point.count = 0;
    point.sum = point.sum.map(|_| 0.0);
    point.bucket_counts.fill(0);
    point.time_unix_nano = before(point.start_time_unix_nano, point.time_unix_nano);
    point
}

/// A moment before `time`, and not before the series' own start if that leaves a step between.
fn before(start: u64, time: u64) -> u64 {
    let lead = time.saturating_sub(ZERO_LEAD_NANOS);
    lead.max(start).min(time.saturating_sub(MIN_STEP_NANOS))
}
