//! The data points of a metric, whatever its kind.

use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, ResourceMetrics};
use std::ops::Range;

/// How many data points a metric has.
pub(super) fn point_count(metric: &Metric) -> usize {
    match &metric.data {
        Some(Data::Sum(it)) => it.data_points.len(),
        Some(Data::Gauge(it)) => it.data_points.len(),
        Some(Data::Histogram(it)) => it.data_points.len(),
        Some(Data::ExponentialHistogram(it)) => it.data_points.len(),
        Some(Data::Summary(it)) => it.data_points.len(),
        None => 0,
    }
}

/// Leaves out the data points that are not in the range.
pub(super) fn keep_points(metric: &mut Metric, range: Range<usize>) {
    fn keep<T>(points: &mut Vec<T>, range: Range<usize>) {
        points.truncate(range.end);
        points.drain(..range.start);
    }
    match &mut metric.data {
        Some(Data::Sum(it)) => keep(&mut it.data_points, range),
        Some(Data::Gauge(it)) => keep(&mut it.data_points, range),
        Some(Data::Histogram(it)) => keep(&mut it.data_points, range),
        Some(Data::ExponentialHistogram(it)) => keep(&mut it.data_points, range),
        Some(Data::Summary(it)) => keep(&mut it.data_points, range),
        None => {}
    }
}

/// Leaves out metrics without data points, which backends refuse, and what contains nothing else.
pub(super) fn remove_empty(resources: &mut Vec<ResourceMetrics>) {
    for resource in &mut *resources {
        for scope in &mut resource.scope_metrics {
            scope.metrics.retain(|metric| point_count(metric) > 0);
        }
        resource.scope_metrics.retain(|scope| !scope.metrics.is_empty());
    }
    resources.retain(|resource| !resource.scope_metrics.is_empty());
}
