//! The times of history that is sent later: its data points get the times at which it happened.

use crate::otlp::points::remove_empty;
use crate::otlp::request::{MetricsRequest, TIME_RESOLUTION_NANOS};
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;

/// The metrics about the exporter itself begin with this. They are about now, and not about history.
const ABOUT_EXPORTER: &str = "ccxray.otel.";

/// A part of the history, in Unix nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// When the first part of the history began.
    pub history_start: u64,
    /// When this part began.
    pub start: u64,
    /// When it ended.
    pub end: u64,
}

impl Period {
    /// Dates cumulative sums: they began with the history.
    pub fn date_cumulative(self, request: &mut MetricsRequest) {
        date(request, self.history_start, self.end);
    }

    /// Dates the sums of this part alone.
    pub fn date_delta(self, request: &mut MetricsRequest) {
        date(request, self.start, self.end);
    }

    /// Dates the zero points of series that begin in this part.
    pub fn date_zero_points(self, request: &mut MetricsRequest) {
        date(request, self.history_start, self.start + TIME_RESOLUTION_NANOS);
    }
}

/// Gives all data points the same times, and leaves out the metrics about the exporter.
fn date(request: &mut MetricsRequest, start: u64, end: u64) {
    for resource in &mut request.0.resource_metrics {
        for scope in &mut resource.scope_metrics {
            scope.metrics.retain(|metric| !metric.name.starts_with(ABOUT_EXPORTER));
            scope.metrics.iter_mut().for_each(|metric| date_metric(metric, start, end));
        }
    }
    remove_empty(&mut request.0.resource_metrics);
}

pub(super) fn date_metric(metric: &mut Metric, start: u64, end: u64) {
    let set = |start_of_point: &mut u64, end_of_point: &mut u64| {
        *start_of_point = start;
        *end_of_point = end;
    };
    match &mut metric.data {
        Some(Data::Sum(it)) => {
            for point in &mut it.data_points {
                set(&mut point.start_time_unix_nano, &mut point.time_unix_nano);
            }
        }
        Some(Data::Gauge(it)) => {
            for point in &mut it.data_points {
                set(&mut point.start_time_unix_nano, &mut point.time_unix_nano);
            }
        }
        Some(Data::Histogram(it)) => {
            for point in &mut it.data_points {
                set(&mut point.start_time_unix_nano, &mut point.time_unix_nano);
            }
        }
        Some(Data::ExponentialHistogram(it)) => {
            for point in &mut it.data_points {
                set(&mut point.start_time_unix_nano, &mut point.time_unix_nano);
            }
        }
        Some(Data::Summary(_)) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::metrics::v1::{
        ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint,
        NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
    };
    use proptest::prelude::*;

    fn request() -> MetricsRequest {
        let number = || vec![NumberDataPoint::default(); 2];
        let histogram = vec![HistogramDataPoint::default()];
        let exponential = vec![ExponentialHistogramDataPoint::default()];
        let data = [
            ("a", Data::Sum(Sum { data_points: number(), ..Sum::default() })),
            ("b", Data::Gauge(Gauge { data_points: number() })),
            ("c", Data::Histogram(Histogram { data_points: histogram, ..Histogram::default() })),
            (
                "d",
                Data::ExponentialHistogram(ExponentialHistogram {
                    data_points: exponential,
                    ..ExponentialHistogram::default()
                }),
            ),
            ("ccxray.otel.state", Data::Gauge(Gauge { data_points: number() })),
        ];
        let metric = |(name, data): (&str, Data)| Metric {
            name: name.to_owned(),
            data: Some(data),
            ..Metric::default()
        };
        let scope = ScopeMetrics { metrics: data.map(metric).into(), ..ScopeMetrics::default() };
        let resource = ResourceMetrics { scope_metrics: vec![scope], ..ResourceMetrics::default() };
        MetricsRequest(ExportMetricsServiceRequest { resource_metrics: vec![resource] })
    }

    /// The start and the end of each data point.
    fn times(request: &MetricsRequest) -> Vec<(u64, u64)> {
        let of_number = |it: &NumberDataPoint| (it.start_time_unix_nano, it.time_unix_nano);
        let of_metric = |metric: &Metric| -> Vec<_> {
            match metric.data.as_ref().unwrap() {
                Data::Sum(it) => it.data_points.iter().map(of_number).collect(),
                Data::Gauge(it) => it.data_points.iter().map(of_number).collect(),
                Data::Histogram(it) => {
                    let point =
                        |it: &HistogramDataPoint| (it.start_time_unix_nano, it.time_unix_nano);
                    it.data_points.iter().map(point).collect()
                }
                Data::ExponentialHistogram(it) => {
                    let point = |it: &ExponentialHistogramDataPoint| {
                        (it.start_time_unix_nano, it.time_unix_nano)
                    };
                    it.data_points.iter().map(point).collect()
                }
                Data::Summary(_) => Vec::new(),
            }
        };
        request.metrics().flat_map(of_metric).collect()
    }

    #[test]
    fn nothing_about_the_exporter_is_history() {
        let mut request = request();
        Period { history_start: 1, start: 2, end: 3 }.date_delta(&mut request);
        let names: Vec<_> = request.metrics().map(|metric| metric.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
    }

    proptest! {
        #[test]
        fn points_are_within_their_part_of_the_history(
            history_start in 0_u64..1 << 60, before in 0_u64..1 << 50, length in 2_000_000_u64..1 << 50,
        ) {
            let start = history_start + before;
            let period = Period { history_start, start, end: start + length };
            let dated = |date: fn(Period, &mut MetricsRequest)| {
                let mut request = request();
                date(period, &mut request);
                times(&request)
            };
            prop_assert_eq!(dated(Period::date_cumulative), vec![(history_start, period.end); 6]);
            prop_assert_eq!(dated(Period::date_delta), vec![(start, period.end); 6]);
            for (from, to) in dated(Period::date_zero_points) {
                prop_assert!(from == history_start && from < to && to > start && to < period.end);
            }
        }
    }
}
