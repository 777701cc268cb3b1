//! The end of a cumulative stream whose process has ended: its series go on as they were, with the same resource and
//! start, and with a new time.
//!
//! A backend sees an increase only between two values. So the values that it has confirmed are sent once more, then the
//! newest ones. Values never fall, and a repetition of the newest ones changes nothing.

use crate::otlp::points::remove_empty;
use crate::otlp::request::{MetricsRequest, TIME_RESOLUTION_NANOS};
use crate::otlp::series_id::SeriesHasher;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint,
    exponential_histogram_data_point::Buckets,
};
use prost::Message;
use std::collections::HashMap;
use std::io;

/// What is left of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumed {
    /// What the backend has confirmed, with zero for series that it does not know. Empty without sums.
    pub confirmed: MetricsRequest,
    /// The newest values.
    pub newest: MetricsRequest,
    /// The newest time of a data point, in Unix nanoseconds.
    pub last_time: u64,
}

impl Resumed {
    /// From requests in protobuf.
    ///
    /// # Errors
    /// If they are not requests.
    pub fn new(confirmed: Option<&[u8]>, newest: &[u8]) -> io::Result<Self> {
        let decode = |bytes| ExportMetricsServiceRequest::decode(bytes).map_err(io::Error::other);
        let known = confirmed.map(decode).transpose()?.map(MetricsRequest);
        let newest = MetricsRequest(decode(newest)?);
        let last_time = known.iter().chain([&newest]).map(newest_time).max().unwrap_or_default();
        let confirmed = Confirmed::of(known.as_ref()).values_of(&newest);
        Ok(Self { confirmed, newest, last_time })
    }

    /// The two requests dated now, or a little later than their last data points if the clock was set back.
    #[must_use]
    pub fn dated(self, now: u64) -> [MetricsRequest; 2] {
        let first = now.max(self.last_time.saturating_add(TIME_RESOLUTION_NANOS));
        self.set_times(first, first.saturating_add(TIME_RESOLUTION_NANOS))
    }

    /// The two requests dated at a time of a timetable, which tells nothing about the process.
    #[must_use]
    pub fn dated_at(self, time: u64) -> [MetricsRequest; 2] {
        self.set_times(time.saturating_sub(TIME_RESOLUTION_NANOS), time)
    }

    fn set_times(mut self, first: u64, second: u64) -> [MetricsRequest; 2] {
        set_time(&mut self.confirmed, first);
        set_time(&mut self.newest, second);
        [self.confirmed, self.newest]
    }
}

/// The data points that a backend has confirmed, by series.
#[derive(Default)]
struct Confirmed {
    hasher: SeriesHasher,
    numbers: HashMap<u64, Option<Value>>,
    histograms: HashMap<u64, HistogramDataPoint>,
    exponential: HashMap<u64, ExponentialHistogramDataPoint>,
}

impl Confirmed {
    fn of(request: Option<&MetricsRequest>) -> Self {
        let mut confirmed = Self::default();
        for metric in request.into_iter().flat_map(MetricsRequest::metrics) {
            let id = |attributes: &[KeyValue]| confirmed.hasher.id(&metric.name, attributes);
            match &metric.data {
                Some(Data::Sum(it)) => confirmed.numbers.extend(
                    it.data_points.iter().map(|point| (id(&point.attributes), point.value)),
                ),
                Some(Data::Histogram(it)) => confirmed.histograms.extend(
                    it.data_points.iter().map(|point| (id(&point.attributes), point.clone())),
                ),
                Some(Data::ExponentialHistogram(it)) => confirmed.exponential.extend(
                    it.data_points.iter().map(|point| (id(&point.attributes), point.clone())),
                ),
                _ => {}
            }
        }
        confirmed
    }

    /// The confirmed values of all series that a request has. Gauges are left out.
    fn values_of(&self, newest: &MetricsRequest) -> MetricsRequest {
        let mut request = newest.clone();
        for resource in &mut request.0.resource_metrics {
            for scope in &mut resource.scope_metrics {
                scope.metrics.retain_mut(|metric| {
                    let name = metric.name.clone();
                    let id = |attributes: &[KeyValue]| self.hasher.id(&name, attributes);
                    match &mut metric.data {
                        Some(Data::Sum(it)) => {
                            for point in &mut it.data_points {
                                self.set_number(point, id(&point.attributes));
                            }
                        }
                        Some(Data::Histogram(it)) => {
                            for point in &mut it.data_points {
                                self.set_histogram(point, id(&point.attributes));
                            }
                        }
                        Some(Data::ExponentialHistogram(it)) => {
                            for point in &mut it.data_points {
                                self.set_exponential(point, id(&point.attributes));
                            }
                        }
                        _ => return false,
                    }
                    true
                });
            }
        }
        remove_empty(&mut request.0.resource_metrics);
        request
    }

    fn set_number(&self, point: &mut NumberDataPoint, id: u64) {
        point.value = match (self.numbers.get(&id), point.value) {
            (Some(known), _) => *known,
            (None, Some(Value::AsInt(_))) => Some(Value::AsInt(0)),
            (None, Some(Value::AsDouble(_))) => Some(Value::AsDouble(0.0)),
            (None, None) => None,
        };
    }

    fn set_histogram(&self, point: &mut HistogramDataPoint, id: u64) {
        if let Some(known) = self.histograms.get(&id) {
            point.count = known.count;
            point.sum = known.sum;
            point.bucket_counts.clone_from(&known.bucket_counts);
        } else {
            point.count = 0;
            point.sum = point.sum.map(|_| 0.0);
            point.bucket_counts.fill(0);
        }
    }

    fn set_exponential(&self, point: &mut ExponentialHistogramDataPoint, id: u64) {
        if let Some(known) = self.exponential.get(&id) {
            let (attributes, start) =
                (std::mem::take(&mut point.attributes), point.start_time_unix_nano);
            *point = known.clone();
            point.attributes = attributes;
            point.start_time_unix_nano = start;
        } else {
            point.count = 0;
            point.sum = point.sum.map(|_| 0.0);
            point.zero_count = 0;
            point.positive = point.positive.take().map(|_| Buckets::default());
            point.negative = point.negative.take().map(|_| Buckets::default());
        }
    }
}

fn newest_time(request: &MetricsRequest) -> u64 {
    let times = request.metrics().map(|metric| match &metric.data {
        Some(Data::Sum(it)) => newest(it.data_points.iter().map(|it| it.time_unix_nano)),
        Some(Data::Gauge(it)) => newest(it.data_points.iter().map(|it| it.time_unix_nano)),
        Some(Data::Histogram(it)) => newest(it.data_points.iter().map(|it| it.time_unix_nano)),
        Some(Data::ExponentialHistogram(it)) => {
            newest(it.data_points.iter().map(|it| it.time_unix_nano))
        }
        Some(Data::Summary(_)) | None => 0,
    });
    newest(times)
}

fn newest(times: impl Iterator<Item = u64>) -> u64 {
    times.max().unwrap_or_default()
}

fn set_time(request: &mut MetricsRequest, time: u64) {
    let scopes = request.0.resource_metrics.iter_mut().flat_map(|it| &mut it.scope_metrics);
    for metric in scopes.flat_map(|it| &mut it.metrics) {
        match &mut metric.data {
            Some(Data::Sum(it)) => {
                it.data_points.iter_mut().for_each(|it| it.time_unix_nano = time);
            }
            Some(Data::Gauge(it)) => {
                it.data_points.iter_mut().for_each(|it| it.time_unix_nano = time);
            }
            Some(Data::Histogram(it)) => {
                it.data_points.iter_mut().for_each(|it| it.time_unix_nano = time);
            }
            Some(Data::ExponentialHistogram(it)) => {
                it.data_points.iter_mut().for_each(|it| it.time_unix_nano = time);
            }
            Some(Data::Summary(_)) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
    use opentelemetry_proto::tonic::metrics::v1::{
        Gauge, Histogram, Metric, ResourceMetrics, ScopeMetrics, Sum,
    };

    fn attributes(model: &str) -> Vec<KeyValue> {
        let value = Some(any_value::Value::StringValue(model.to_owned()));
        vec![KeyValue {
            key: "model".to_owned(),
            value: Some(AnyValue { value }),
            ..KeyValue::default()
        }]
    }

    fn number(model: &str, value: i64, time: u64) -> NumberDataPoint {
        NumberDataPoint {
            attributes: attributes(model),
            value: Some(Value::AsInt(value)),
            start_time_unix_nano: 5,
            time_unix_nano: time,
            ..NumberDataPoint::default()
        }
    }

    fn request(numbers: Vec<NumberDataPoint>, buckets: Vec<u64>) -> Vec<u8> {
        let point = HistogramDataPoint {
            count: buckets.iter().sum(),
            sum: Some(1.5),
            bucket_counts: buckets,
            ..HistogramDataPoint::default()
        };
        let gauge = vec![number("a", 9, 40)];
        let data = [
            ("gauge", Data::Gauge(Gauge { data_points: gauge })),
            (
                "histogram",
                Data::Histogram(Histogram { data_points: vec![point], aggregation_temporality: 2 }),
            ),
            (
                "sum",
                Data::Sum(Sum {
                    data_points: numbers,
                    aggregation_temporality: 2,
                    is_monotonic: true,
                }),
            ),
        ];
        let metrics = data.map(|(name, data)| Metric {
            name: name.to_owned(),
            data: Some(data),
            ..Metric::default()
        });
        let scope = ScopeMetrics { metrics: metrics.into(), ..ScopeMetrics::default() };
        let resource = ResourceMetrics { scope_metrics: vec![scope], ..ResourceMetrics::default() };
        ExportMetricsServiceRequest { resource_metrics: vec![resource] }.encode_to_vec()
    }

    fn numbers(request: &MetricsRequest) -> Vec<(Option<Value>, u64, u64)> {
        let sums = request.metrics().filter_map(|metric| match &metric.data {
            Some(Data::Sum(it)) => Some(&it.data_points),
            _ => None,
        });
        let points = sums.flatten();
        points.map(|it| (it.value, it.start_time_unix_nano, it.time_unix_nano)).collect()
    }

    #[test]
    fn the_confirmed_values_come_first_and_new_series_begin_at_zero() {
        let known = request(vec![number("a", 3, 50)], vec![1, 0]);
        let newest = request(vec![number("a", 7, 60), number("b", 2, 60)], vec![1, 4]);
        let resumed = Resumed::new(Some(&known), &newest).unwrap();
        assert_eq!(resumed.last_time, 60);
        let [first, second] = resumed.dated(2_000_000);
        let int = |value| Some(Value::AsInt(value));
        assert_eq!(numbers(&first), [(int(3), 5, 2_000_000), (int(0), 5, 2_000_000)]);
        assert_eq!(numbers(&second), [(int(7), 5, 3_000_000), (int(2), 5, 3_000_000)]);
        assert_eq!(
            first.metrics().map(|it| it.name.as_str()).collect::<Vec<_>>(),
            ["histogram", "sum"]
        );
        let counts = |request: &MetricsRequest| {
            let found = request.metrics().find_map(|metric| match &metric.data {
                Some(Data::Histogram(it)) => Some(it.data_points[0].bucket_counts.clone()),
                _ => None,
            });
            found.unwrap()
        };
        assert_eq!((counts(&first), counts(&second)), (vec![1, 0], vec![1, 4]));
    }

    #[test]
    fn time_does_not_go_back_when_the_clock_does() {
        let newest = request(vec![number("a", 7, 9_000_000)], vec![1]);
        let [first, second] = Resumed::new(None, &newest).unwrap().dated(1_000_000);
        assert_eq!((newest_time(&first), newest_time(&second)), (10_000_000, 11_000_000));
    }

    #[test]
    fn bytes_that_are_no_request_are_refused() {
        assert!(Resumed::new(None, b"\xff\xff").is_err());
        assert!(Resumed::new(Some(b"\xff\xff"), &request(Vec::new(), Vec::new())).is_err());
    }
}
