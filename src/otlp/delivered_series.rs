//! Zero points for new series, with cumulative temporality.
//!
//! Prometheus' `increase()` compares two samples, so it misses a counter whose first sample is already
//! above zero. A new series is therefore sent as zero first, dated shortly before its first value.

use crate::otlp::exponential::zero;
use crate::otlp::request::{MetricsRequest, TIME_RESOLUTION_NANOS};
use crate::otlp::series_id::SeriesHasher;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, Sum,
};
use std::collections::HashSet;

/// How long before the first value its zero point is dated: one second.
const ZERO_POINT_LEAD_NANOS: u64 = 1_000_000_000;

/// The series that the backend has received.
#[derive(Debug, Default)]
pub struct DeliveredSeries {
    ids: HashSet<u64>,
    hasher: SeriesHasher,
}

impl DeliveredSeries {
    /// The request to send before `request`: every new counter and histogram series, at zero. `None`
    /// if there is no new series.
    pub fn zero_points(&self, request: &MetricsRequest) -> Option<MetricsRequest> {
        let MetricsRequest(ExportMetricsServiceRequest { resource_metrics }) = request;
        let resource_metrics: Vec<_> =
            resource_metrics.iter().filter_map(|it| self.zero_resource(it)).collect();
        let request = MetricsRequest(ExportMetricsServiceRequest { resource_metrics });
        Some(request).filter(|MetricsRequest(it)| !it.resource_metrics.is_empty())
    }

    /// Adds the series of a delivered request.
    pub fn add(&mut self, request: &MetricsRequest) {
        for metric in request.metrics() {
            let id = |attributes: &[KeyValue]| self.hasher.id(&metric.name, attributes);
            match &metric.data {
                Some(Data::Sum(sum)) => {
                    self.ids.extend(sum.data_points.iter().map(|point| id(&point.attributes)));
                }
                Some(Data::Histogram(histogram)) => {
                    let points = histogram.data_points.iter();
                    self.ids.extend(points.map(|point| id(&point.attributes)));
                }
                Some(Data::ExponentialHistogram(histogram)) => {
                    let points = histogram.data_points.iter();
                    self.ids.extend(points.map(|point| id(&point.attributes)));
                }
                _ => {}
            }
        }
    }

    fn zero_resource(&self, resource: &ResourceMetrics) -> Option<ResourceMetrics> {
        let scope_metrics: Vec<_> =
            resource.scope_metrics.iter().filter_map(|scope| self.zero_scope(scope)).collect();
        (!scope_metrics.is_empty()).then(|| ResourceMetrics {
            resource: resource.resource.clone(),
            scope_metrics,
            schema_url: resource.schema_url.clone(),
        })
    }

    fn zero_scope(&self, scope: &ScopeMetrics) -> Option<ScopeMetrics> {
        let metrics: Vec<_> =
            scope.metrics.iter().filter_map(|metric| self.zero_metric(metric)).collect();
        (!metrics.is_empty()).then(|| ScopeMetrics {
            scope: scope.scope.clone(),
            metrics,
            schema_url: scope.schema_url.clone(),
        })
    }

    /// The new series of a metric, at zero. A data point that is zero itself needs no zero point.
    fn zero_metric(&self, metric: &Metric) -> Option<Metric> {
        let is_new =
            |attributes: &[KeyValue]| !self.ids.contains(&self.hasher.id(&metric.name, attributes));
        let data = match &metric.data {
            Some(Data::Sum(sum)) => {
                let new = sum.data_points.iter();
                let new = new.filter(|point| !is_zero(point) && is_new(&point.attributes));
                let data_points: Vec<_> = new.cloned().map(zero_number).collect();
                let Sum { aggregation_temporality, is_monotonic, .. } = *sum;
                (!data_points.is_empty()).then_some(Data::Sum(Sum {
                    data_points,
                    aggregation_temporality,
                    is_monotonic,
                }))
            }
            Some(Data::Histogram(histogram)) => {
                let new = histogram.data_points.iter().filter(|point| is_new(&point.attributes));
                let data_points: Vec<_> = new.cloned().map(zero_histogram).collect();
                let Histogram { aggregation_temporality, .. } = *histogram;
                (!data_points.is_empty())
                    .then_some(Data::Histogram(Histogram { data_points, aggregation_temporality }))
            }
            Some(Data::ExponentialHistogram(histogram)) => {
                let new = histogram.data_points.iter().filter(|point| is_new(&point.attributes));
                let data_points = new.cloned().map(|mut point| {
                    zero(&mut point);
                    point.time_unix_nano =
                        zero_time(point.start_time_unix_nano, point.time_unix_nano);
                    point
                });
                let data_points: Vec<_> = data_points.collect();
                let ExponentialHistogram { aggregation_temporality, .. } = *histogram;
                (!data_points.is_empty()).then_some(Data::ExponentialHistogram(
                    ExponentialHistogram { data_points, aggregation_temporality },
                ))
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
    point.time_unix_nano = zero_time(point.start_time_unix_nano, point.time_unix_nano);
    point
}

fn zero_histogram(mut point: HistogramDataPoint) -> HistogramDataPoint {
    point.count = 0;
    point.sum = point.sum.map(|_| 0.0);
    point.bucket_counts.fill(0);
    point.time_unix_nano = zero_time(point.start_time_unix_nano, point.time_unix_nano);
    point
}

/// The timestamp of a zero point: not before the start of the series, but always before its first
/// value, which is at `time`.
fn zero_time(start: u64, time: u64) -> u64 {
    let lead = time.saturating_sub(ZERO_POINT_LEAD_NANOS);
    lead.max(start).min(time.saturating_sub(TIME_RESOLUTION_NANOS))
}
