//! Delta temporality, computed from cumulative sums.
//!
//! The SDK always collects cumulative sums. An interval is the difference between two collections. So
//! a preview changes nothing, and an interval that could not be encoded becomes part of the next one.
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#temporality>

use crate::config::Temporality;
use crate::otlp::exponential::ExponentialTotal;
use crate::otlp::request::{MetricsRequest, TIME_RESOLUTION_NANOS};
use crate::otlp::series_id::SeriesHasher;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, HistogramDataPoint, Metric, NumberDataPoint,
};
use std::collections::HashMap;

/// The cumulative sums at the end of the last interval.
#[derive(Debug, Default)]
pub struct Baseline {
    hasher: SeriesHasher,
    /// By the id of the series.
    totals: HashMap<u64, Total>,
    /// When the last interval of each metric ended: Unix nanoseconds, by the metric's name.
    ends: HashMap<String, u64>,
}

/// The cumulative value of one series.
#[derive(Clone, Debug)]
enum Total {
    Number(Value),
    Histogram { count: u64, sum: Option<f64>, buckets: Vec<u64> },
    Exponential(ExponentialTotal),
}

impl Baseline {
    /// The interval from the end of the last one to `cumulative`. Counters and histograms without an
    /// increment are left out. Gauges stay as they are.
    pub fn interval(&self, cumulative: &MetricsRequest) -> MetricsRequest {
        self.difference(cumulative, false)
    }

    /// The same, with the counters that have been zero since the start. Those that were zero in this interval only are left
    /// out, because they would tell that something came before it.
    pub fn interval_with_zeros(&self, cumulative: &MetricsRequest) -> MetricsRequest {
        self.difference(cumulative, true)
    }

    fn difference(&self, cumulative: &MetricsRequest, keeps_zeros: bool) -> MetricsRequest {
        let mut interval = cumulative.clone();
        for resource in &mut interval.0.resource_metrics {
            for scope in &mut resource.scope_metrics {
                scope.metrics.retain_mut(|metric| self.to_delta(metric, keeps_zeros));
            }
        }
        interval
    }

    /// Ends the interval: the next one starts at `cumulative`.
    pub fn advance(&mut self, cumulative: &MetricsRequest) {
        for metric in cumulative.metrics() {
            let id = |attributes: &[KeyValue]| self.hasher.id(&metric.name, attributes);
            let mut end = 0;
            match &metric.data {
                Some(Data::Sum(sum)) => {
                    for point in &sum.data_points {
                        let Some(value) = point.value else { continue };
                        self.totals.insert(id(&point.attributes), Total::Number(value));
                        end = end.max(point.time_unix_nano);
                    }
                }
                Some(Data::Histogram(histogram)) => {
                    for point in &histogram.data_points {
                        let HistogramDataPoint { count, sum, bucket_counts, .. } = point;
                        let (count, sum, buckets) = (*count, *sum, bucket_counts.clone());
                        let total = Total::Histogram { count, sum, buckets };
                        self.totals.insert(id(&point.attributes), total);
                        end = end.max(point.time_unix_nano);
                    }
                }
                Some(Data::ExponentialHistogram(histogram)) => {
                    for point in &histogram.data_points {
                        let total = Total::Exponential(ExponentialTotal::of(point));
                        self.totals.insert(id(&point.attributes), total);
                        end = end.max(point.time_unix_nano);
                    }
                }
                _ => continue,
            }
            self.ends.insert(metric.name.clone(), end);
        }
    }

    /// Subtracts the baseline from a metric. Returns whether a data point is left.
    fn to_delta(&self, metric: &mut Metric, keeps_zeros: bool) -> bool {
        let last_end = self.ends.get(&metric.name).copied();
        let Metric { name, data, .. } = metric;
        let total = |attributes: &_| self.totals.get(&self.hasher.id(name, attributes));
        match data {
            Some(Data::Sum(sum)) => {
                sum.aggregation_temporality = AggregationTemporality::Delta.into();
                sum.data_points.retain_mut(|point| {
                    set_start(&mut point.start_time_unix_nano, point.time_unix_nano, last_end);
                    let is_kept = keeps_zeros && point.value.is_some_and(is_zero);
                    subtract_number(point, total(&point.attributes)) || is_kept
                });
                !sum.data_points.is_empty()
            }
            Some(Data::Histogram(histogram)) => {
                histogram.aggregation_temporality = AggregationTemporality::Delta.into();
                histogram.data_points.retain_mut(|point| {
                    set_start(&mut point.start_time_unix_nano, point.time_unix_nano, last_end);
                    subtract_histogram(point, total(&point.attributes))
                });
                !histogram.data_points.is_empty()
            }
            Some(Data::ExponentialHistogram(histogram)) => {
                histogram.aggregation_temporality = AggregationTemporality::Delta.into();
                histogram.data_points.retain_mut(|point| {
                    set_start(&mut point.start_time_unix_nano, point.time_unix_nano, last_end);
                    if let Some(Total::Exponential(then)) = total(&point.attributes) {
                        then.subtract_from(point);
                    }
                    point.count > 0
                });
                !histogram.data_points.is_empty()
            }
            _ => true,
        }
    }
}

/// Sets what the sums of a metric cover.
pub(super) fn set_temporality(metric: &mut Metric, temporality: Temporality) {
    let temporality = match temporality {
        Temporality::Cumulative => AggregationTemporality::Cumulative,
        Temporality::Delta => AggregationTemporality::Delta,
    };
    match &mut metric.data {
        Some(Data::Sum(it)) => it.aggregation_temporality = temporality.into(),
        Some(Data::Histogram(it)) => it.aggregation_temporality = temporality.into(),
        Some(Data::ExponentialHistogram(it)) => it.aggregation_temporality = temporality.into(),
        Some(Data::Gauge(_) | Data::Summary(_)) | None => {}
    }
}

/// Starts an interval where the last one ended. If the clock was set back in between, the interval gets
/// the shortest length.
fn set_start(start: &mut u64, end: u64, last_end: Option<u64>) {
    *start = last_end.unwrap_or(*start).min(end.saturating_sub(TIME_RESOLUTION_NANOS));
}

/// Returns whether there is an increment.
fn subtract_number(point: &mut NumberDataPoint, total: Option<&Total>) -> bool {
    let increment = match (point.value, total) {
        (Some(Value::AsInt(now)), Some(Total::Number(Value::AsInt(then)))) => {
            Value::AsInt(now.saturating_sub(*then))
        }
        (Some(Value::AsDouble(now)), Some(Total::Number(Value::AsDouble(then)))) => {
            Value::AsDouble(now - then)
        }
        (Some(now), _) => now,
        (None, _) => return false,
    };
    point.value = Some(increment);
    !is_zero(increment)
}

fn is_zero(value: Value) -> bool {
    matches!(value, Value::AsInt(0)) || value == Value::AsDouble(0.0)
}

/// Returns whether there is an increment.
fn subtract_histogram(point: &mut HistogramDataPoint, total: Option<&Total>) -> bool {
    if let Some(Total::Histogram { count, sum, buckets }) = total {
        point.count = point.count.saturating_sub(*count);
        point.sum = point.sum.zip(*sum).map(|(now, then)| now - then);
        for (now, then) in point.bucket_counts.iter_mut().zip(buckets) {
            *now = now.saturating_sub(*then);
        }
    }
    point.count > 0
}
