//! OTLP export requests, with their data points in a stable order.

use crate::config::{Compression, Protocol};
use crate::otlp::grpc_frame;
use crate::otlp::json;
use crate::otlp::points::{point_count, remove_empty};
use crate::otlp::series_id::value_of;

use bytes::Bytes;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, NumberDataPoint};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use prost::Message;
use std::io::{self, Read, Write};

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
        remove_empty(&mut request.resource_metrics);
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

    /// The message before compression.
    ///
    /// # Errors
    /// If the JSON cannot be written. That would be a defect of this package.
    pub fn serialize(&self, protocol: Protocol) -> io::Result<Vec<u8>> {
        Ok(match protocol {
            Protocol::HttpProtobuf | Protocol::Grpc => self.0.encode_to_vec(),
            Protocol::HttpJson => self.to_json()?.into_bytes(),
        })
    }

    /// How many data points it has.
    pub fn point_count(&self) -> usize {
        self.metrics().map(point_count).sum()
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

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedRequest {
    /// As it is sent.
    pub bytes: Bytes,
    /// The number of bytes before compression.
    pub size: usize,
}

impl EncodedRequest {
    /// From a message in the form of `protocol`.
    ///
    /// # Errors
    /// If the message is too long for gRPC.
    pub fn new(message: Vec<u8>, protocol: Protocol, compression: Compression) -> io::Result<Self> {
        let size = message.len();
        let message = match compression {
            Compression::None => message,
            Compression::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(&message)?;
                encoder.finish()?
            }
        };
        let bytes = match protocol {
            Protocol::HttpProtobuf | Protocol::HttpJson => message,
            Protocol::Grpc => grpc_frame::framed(&message, compression == Compression::Gzip)
                .ok_or_else(|| io::Error::other("the message is too long for gRPC"))?,
        };
        Ok(Self { bytes: bytes.into(), size })
    }

    /// The request of a body in protobuf.
    ///
    /// # Errors
    /// If it is not such a body.
    pub fn request(
        &self,
        protocol: Protocol,
        compression: Compression,
    ) -> io::Result<MetricsRequest> {
        let message = match protocol {
            Protocol::HttpProtobuf | Protocol::HttpJson => self.bytes.clone(),
            Protocol::Grpc => grpc_frame::payload(&self.bytes)
                .ok_or_else(|| io::Error::other("the body has no message"))?,
        };
        let message = match compression {
            Compression::None => message,
            Compression::Gzip => {
                let mut plain = Vec::with_capacity(self.size);
                GzDecoder::new(&message[..]).read_to_end(&mut plain)?;
                plain.into()
            }
        };
        let request = ExportMetricsServiceRequest::decode(message).map_err(io::Error::other)?;
        Ok(MetricsRequest(request))
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
