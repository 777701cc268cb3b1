//! Delta temporality: what has been added since the backend was exported the last time.
//!
//! The SDK always adds up from the start. An interval is the difference between two of its answers,
//! so that a preview takes nothing away, and an interval that nobody could take is part of the next.
//! Source: <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#temporality>.

use crate::otlp::request::{MIN_STEP_NANOS, MetricsRequest, SeriesIds};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, HistogramDataPoint, Metric, NumberDataPoint,
};
use std::collections::HashMap;

/// Where the last interval ended.
#[derive(Debug, Default)]
pub struct Baseline {
    ids: SeriesIds,
    exported: HashMap<u64, LastExported>,
    /// When each metric was collected last, Unix nanoseconds.
    collected: HashMap<String, u64>,
}

#[derive(Clone, Debug)]
enum LastExported {
    Number(Value),
    Histogram { count: u64, sum: Option<f64>, buckets: Vec<u64> },
}

impl Baseline {
    /// What has been added up to `cumulative`. Series that nothing was added to are left out.
    pub fn interval(&self, cumulative: &MetricsRequest) -> MetricsRequest {
        let mut interval = cumulative.clone();
        for resource in &mut interval.0.resource_metrics {
            for scope in &mut resource.scope_metrics {
                scope.metrics.retain_mut(|metric| self.reduce(metric));
            }
        }
        interval
    }

    /// Ends an interval: the next one begins at `cumulative`.
    pub fn advance(&mut self, cumulative: &MetricsRequest) {
        for metric in cumulative.metrics() {
            let mut collected = 0;
            match &metric.data {
                Some(Data::Sum(sum)) => {
                    for point in &sum.data_points {
                        let Some(value) = point.value else { continue };
                        let id = self.ids.of(metric, &point.attributes);
                        self.exported.insert(id, LastExported::Number(value));
                        collected = collected.max(point.time_unix_nano);
                    }
                }
                Some(Data::Histogram(histogram)) => {
                    for point in &histogram.data_points {
                        let HistogramDataPoint { count, sum, bucket_counts, .. } = point;
                        let (count, sum, buckets) = (*count, *sum, bucket_counts.clone());
                        let id = self.ids.of(metric, &point.attributes);
                        self.exported.insert(id, LastExported::Histogram { count, sum, buckets });
                        collected = collected.max(point.time_unix_nano);
                    }
                }
                _ => continue,
            }
            self.collected.insert(metric.name.clone(), collected);
        }
    }

    /// Takes from a metric what was exported before. Whether anything is left.
    fn reduce(&self, metric: &mut Metric) -> bool {
        let since = self.collected.get(&metric.name).copied();
        let Metric { name, data, .. } = metric;
        let id = |attributes: &_| self.ids.of_name(name, attributes);
        match data {
            Some(Data::Sum(sum)) => {
                sum.aggregation_temporality = AggregationTemporality::Delta.into();
                sum.data_points.retain_mut(|point| {
                    begin(&mut point.start_time_unix_nano, point.time_unix_nano, since);
                    reduce_number(point, self.exported.get(&id(&point.attributes)))
                });
                !sum.data_points.is_empty()
            }
            Some(Data::Histogram(histogram)) => {
                histogram.aggregation_temporality = AggregationTemporality::Delta.into();
                histogram.data_points.retain_mut(|point| {
                    begin(&mut point.start_time_unix_nano, point.time_unix_nano, since);
                    reduce_histogram(point, self.exported.get(&id(&point.attributes)))
                });
                !histogram.data_points.is_empty()
            }
            _ => true,
        }
    }
}

/// An interval begins where the last one ended. If somebody has set the clock back since, it is as
/// short as one can be.
fn begin(start: &mut u64, end: u64, since: Option<u64>) {
    *start = since.unwrap_or(*start).min(end.saturating_sub(MIN_STEP_NANOS));
}

fn reduce_number(point: &mut NumberDataPoint, exported: Option<&LastExported>) -> bool {
    let left = match (point.value, exported) {
        (Some(Value::AsInt(now)), Some(LastExported::Number(Value::AsInt(then)))) => {
            Value::AsInt(now.saturating_sub(*then))
        }
        (Some(Value::AsDouble(now)), Some(LastExported::Number(Value::AsDouble(then)))) => {
            Value::AsDouble(now - then)
        }
        (Some(now), _) => now,
        (None, _) => return false,
    };
    point.value = Some(left);
    !matches!(left, Value::AsInt(0)) && left != Value::AsDouble(0.0)
}

fn reduce_histogram(point: &mut HistogramDataPoint, exported: Option<&LastExported>) -> bool {
    if let Some(LastExported::Histogram { count, sum, buckets }) = exported {
        point.count = point.count.saturating_sub(*count);
        point.sum = point.sum.zip(*sum).map(|(now, then)| now - then);
        for (now, then) in point.bucket_counts.iter_mut().zip(buckets) {
            *now = now.saturating_sub(*then);
        }
    }
    point.count > 0
}
