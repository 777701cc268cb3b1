//! OTLP export requests, with their data points in a stable order.

use crate::config::{Compression, Protocol};
use crate::otlp::json;
use crate::otlp::series_id::value_of;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, NumberDataPoint};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use prost::Message;
use std::io::Write;

/// The resolution of timestamps in Prometheus: one millisecond. Two data points of a series must not
/// be closer, or one replaces the other.
pub(super) const TIME_RESOLUTION_NANOS: u64 = 1_000_000;

/// One export request, not encoded yet.
///
/// Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-request>
#[derive(Clone, Debug, PartialEq)]
pub struct MetricsRequest(pub(super) ExportMetricsServiceRequest);

impl MetricsRequest {
    /// Converts the SDK's aggregates, and sorts them. The SDK iterates over a hash map, so its own
    /// order changes from export to export.
    pub fn new(metrics: &ResourceMetrics) -> Self {
        let mut request = ExportMetricsServiceRequest::from(metrics);
        for resource in &mut request.resource_metrics {
            if let Some(resource) = &mut resource.resource {
                sort_attributes(&mut resource.attributes);
            }
            for scope in &mut resource.scope_metrics {
                scope.metrics.sort_unstable_by(|a, b| a.name.cmp(&b.name));
                scope.metrics.iter_mut().for_each(sort_data_points);
            }
        }
        Self(request)
    }

    /// The request as OTLP/JSON. It is indented, so that a preview shows exactly what is sent. Gzip
    /// removes the cost of the indents.
    ///
    /// # Errors
    /// If the JSON cannot be written. That would be a defect of this package.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        json::indented(&self.0)
    }

    /// Replaces the values of the resource attributes for which `is_secret` returns `true` by `***`.
    pub fn mask(&mut self, is_secret: impl Fn(&str) -> bool) {
        let resources = self.0.resource_metrics.iter_mut().filter_map(|it| it.resource.as_mut());
        for attribute in resources.flat_map(|it| &mut it.attributes) {
            if is_secret(&attribute.key) {
                attribute.value = Some(masked());
            }
        }
    }

    /// The same for the attributes of data points for whose key and value `is_secret` returns `true`.
    pub fn mask_names(&mut self, is_secret: impl Fn(&str, &str) -> bool) {
        let scopes = self.0.resource_metrics.iter_mut().flat_map(|it| &mut it.scope_metrics);
        for data in scopes.flat_map(|it| &mut it.metrics).filter_map(|it| it.data.as_mut()) {
            let attributes: Vec<&mut KeyValue> = match data {
                Data::Sum(it) => {
                    it.data_points.iter_mut().flat_map(|it| &mut it.attributes).collect()
                }
                Data::Gauge(it) => {
                    it.data_points.iter_mut().flat_map(|it| &mut it.attributes).collect()
                }
                Data::Histogram(it) => {
                    it.data_points.iter_mut().flat_map(|it| &mut it.attributes).collect()
                }
                Data::ExponentialHistogram(it) => {
                    it.data_points.iter_mut().flat_map(|it| &mut it.attributes).collect()
                }
                Data::Summary(_) => Vec::new(),
            };
            for attribute in attributes {
                if is_secret(&attribute.key, value_of(attribute)) {
                    attribute.value = Some(masked());
                }
            }
        }
    }

    /// The request body.
    ///
    /// # Errors
    /// If the JSON cannot be written. That would be a defect of this package.
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

    /// Whether it contains sums or histograms, and not gauges alone.
    pub fn has_increments(&self) -> bool {
        let has_increments = |data: &Data| {
            matches!(data, Data::Sum(_) | Data::Histogram(_) | Data::ExponentialHistogram(_))
        };
        self.metrics().any(|it| it.data.as_ref().is_some_and(has_increments))
    }

    /// All metrics of all scopes.
    pub(super) fn metrics(&self) -> impl Iterator<Item = &Metric> {
        let scopes = self.0.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        scopes.flat_map(|scope| &scope.metrics)
    }
}

/// Stands for the value of a variable.
fn masked() -> AnyValue {
    AnyValue { value: Some(any_value::Value::StringValue("***".to_owned())) }
}

fn sort_data_points(metric: &mut Metric) {
    match &mut metric.data {
        Some(Data::Sum(sum)) => sort_numbers(&mut sum.data_points),
        Some(Data::Gauge(gauge)) => sort_numbers(&mut gauge.data_points),
        Some(Data::Histogram(histogram)) => {
            for point in &mut histogram.data_points {
                sort_attributes(&mut point.attributes);
            }
            histogram.data_points.sort_by_cached_key(|point| values_of(&point.attributes));
        }
        Some(Data::ExponentialHistogram(histogram)) => {
            for point in &mut histogram.data_points {
                sort_attributes(&mut point.attributes);
            }
            histogram.data_points.sort_by_cached_key(|point| values_of(&point.attributes));
        }
        _ => {}
    }
}

fn sort_numbers(points: &mut [NumberDataPoint]) {
    for point in &mut *points {
        sort_attributes(&mut point.attributes);
    }
    points.sort_by_cached_key(|point| values_of(&point.attributes));
}

fn sort_attributes(attributes: &mut [KeyValue]) {
    attributes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
}

fn values_of(attributes: &[KeyValue]) -> Vec<String> {
    attributes.iter().map(|attribute| value_of(attribute).to_owned()).collect()
}
