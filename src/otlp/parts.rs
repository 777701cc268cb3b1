//! A request in parts that are not too large for a backend.

use crate::config::{Compression, Protocol};
use crate::otlp::points::{keep_points, point_count, remove_empty};
use crate::otlp::request::{EncodedRequest, MetricsRequest};
use std::io;
use std::ops::Range;

/// The smallest limit. A backend that rejects less rejects everything.
const MIN_BYTES: usize = 16 << 10;

/// The most that one request may have before compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimit {
    bytes: usize,
}

impl RequestLimit {
    /// From a config.
    pub fn new(bytes: usize) -> Self {
        Self { bytes }
    }

    /// The limit in bytes.
    pub fn bytes(self) -> usize {
        self.bytes
    }

    /// Halves the limit, because a backend finds a request of `size` bytes too large. Returns whether parts
    /// of it can help: a backend that rejects a small request rejects everything.
    #[must_use]
    pub fn halve(&mut self, size: usize) -> bool {
        let is_small = size <= MIN_BYTES;
        self.bytes = (self.bytes.min(size) / 2).max(MIN_BYTES.min(self.bytes));
        !is_small
    }
}

/// The parts of a request that are still to be sent.
#[derive(Debug)]
pub struct Parts {
    /// The next one is the last.
    waiting: Vec<MetricsRequest>,
}

impl Parts {
    /// The whole request. Without data points there is nothing to send.
    pub fn new(mut request: MetricsRequest) -> Self {
        remove_empty(&mut request.0.resource_metrics);
        let waiting = if request.point_count() > 0 { vec![request] } else { Vec::new() };
        Self { waiting }
    }

    /// Takes the next part, which is within the limit if its data points allow it.
    ///
    /// # Errors
    /// If it cannot be encoded. That would be a defect of this package.
    pub fn next(
        &mut self,
        (protocol, compression): (Protocol, Compression),
        limit: RequestLimit,
    ) -> io::Result<Option<(MetricsRequest, EncodedRequest)>> {
        while let Some(part) = self.waiting.pop() {
            let serialized = part.serialize(protocol)?;
            let is_too_large = serialized.len() > limit.bytes;
            if is_too_large && self.put_back(&part) {
                continue;
            }
            let body = EncodedRequest::new(serialized, protocol, compression)?;
            return Ok(Some((part, body)));
        }
        Ok(None)
    }

    /// Gives a part back that is too large for the backend, in two parts. Returns whether that is possible.
    #[must_use]
    pub fn put_back(&mut self, part: &MetricsRequest) -> bool {
        let halves = halves(part);
        let is_possible = halves.is_some();
        self.waiting.extend(halves.into_iter().flat_map(|(first, second)| [second, first]));
        is_possible
    }
}

/// Splits a request in two with about the same number of data points: between two metrics, or within a
/// metric if it is the only one. `None` if it has less than two data points.
pub fn halves(request: &MetricsRequest) -> Option<(MetricsRequest, MetricsRequest)> {
    let counts: Vec<usize> = request.metrics().map(point_count).collect();
    let all: usize = counts.iter().sum();
    if all < 2 {
        return None;
    }
    Some(match border(&counts, all) {
        Some(border) => {
            let whole = |is_wanted: bool, points| if is_wanted { 0..points } else { 0..0 };
            (
                part(request, |index, points| whole(index < border, points)),
                part(request, |index, points| whole(index >= border, points)),
            )
        }
        None => (
            part(request, |_, points| 0..points / 2),
            part(request, |_, points| points / 2..points),
        ),
    })
}

/// The index of the first metric of the second part, so that both parts have about the same number of data
/// points. `None` if one metric has all of them.
fn border(counts: &[usize], all: usize) -> Option<usize> {
    let mut before = 0;
    let borders = counts.iter().enumerate().map(|(index, count)| {
        before += count;
        (index + 1, before)
    });
    let inner = borders.filter(|(_, before)| (1..all).contains(before));
    inner.min_by_key(|(_, before)| all.abs_diff(2 * before)).map(|(index, _)| index)
}

/// The data points in the range that `wanted` returns for the index of a metric and its number of data
/// points.
fn part(request: &MetricsRequest, wanted: impl Fn(usize, usize) -> Range<usize>) -> MetricsRequest {
    let mut part = request.clone();
    let MetricsRequest(message) = &mut part;
    let scopes = message.resource_metrics.iter_mut().flat_map(|it| &mut it.scope_metrics);
    for (index, metric) in scopes.flat_map(|scope| &mut scope.metrics).enumerate() {
        let range = wanted(index, point_count(metric));
        keep_points(metric, range);
    }
    remove_empty(&mut message.resource_metrics);
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::metrics::v1::metric::Data;
    use opentelemetry_proto::tonic::metrics::v1::{
        Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
    };
    use proptest::prelude::*;

    /// A request with so many data points in each metric. The time of a data point says which one it is.
    fn request(counts: &[usize]) -> MetricsRequest {
        let mut time = 0;
        let mut point = || {
            time += 1;
            NumberDataPoint { time_unix_nano: time, ..NumberDataPoint::default() }
        };
        let metrics = counts.iter().enumerate().map(|(index, count)| {
            let data_points = (0..*count).map(|_| point()).collect();
            let data = Some(Data::Sum(Sum { data_points, ..Sum::default() }));
            Metric { name: format!("metric{index}"), data, ..Metric::default() }
        });
        let scope = ScopeMetrics { metrics: metrics.collect(), ..ScopeMetrics::default() };
        let resource = ResourceMetrics { scope_metrics: vec![scope], ..ResourceMetrics::default() };
        MetricsRequest(ExportMetricsServiceRequest { resource_metrics: vec![resource] })
    }

    /// The name of the metric and the time of each data point.
    fn points(request: &MetricsRequest) -> Vec<(String, u64)> {
        let of_metric = |metric: &Metric| {
            let Some(Data::Sum(sum)) = &metric.data else { return Vec::new() };
            sum.data_points.iter().map(|it| (metric.name.clone(), it.time_unix_nano)).collect()
        };
        request.metrics().flat_map(of_metric).collect()
    }

    #[test]
    fn a_request_is_split_between_metrics_if_it_can_be() {
        for (counts, first, second) in [
            (&[3, 1, 2][..], &[3][..], &[1, 2][..]),
            (&[1, 9], &[1], &[9]),
            (&[0, 5, 0], &[2], &[3]),
            (&[2, 0, 2], &[2], &[2]),
        ] {
            let (one, other) = halves(&request(counts)).unwrap();
            let counts = |it: &MetricsRequest| it.metrics().map(point_count).collect::<Vec<_>>();
            assert_eq!((&counts(&one)[..], &counts(&other)[..]), (first, second));
        }
        assert_eq!(halves(&request(&[1])), None);
        assert_eq!(halves(&request(&[])), None);
    }

    #[test]
    fn a_limit_is_halved_until_parts_cannot_help() {
        let mut limit = RequestLimit::new(4 << 20);
        let mut tries = Vec::new();
        while limit.halve(limit.bytes()) {
            tries.push(limit.bytes() >> 10);
        }
        assert_eq!(tries, [2048, 1024, 512, 256, 128, 64, 32, 16]);
        let mut limit = RequestLimit::new(4 << 20);
        assert!(limit.halve(1 << 20) && limit.bytes() == 512 << 10, "half of what was rejected");
        assert!(!limit.halve(1000), "so little cannot be too large");
    }

    proptest! {
        #[test]
        fn each_data_point_is_in_one_part(
            counts in prop::collection::vec(0_usize..40, 0..8),
            max_bytes in 1_usize..600,
            is_json in any::<bool>(),
        ) {
            let whole = request(&counts);
            let expected = points(&whole);
            let protocol = if is_json { Protocol::HttpJson } else { Protocol::HttpProtobuf };
            let mut parts = Parts::new(whole);
            let mut seen = Vec::new();
            let limit = RequestLimit::new(max_bytes);
            while let Some((part, body)) = parts.next((protocol, Compression::None), limit).unwrap() {
                prop_assert!(body.size <= max_bytes || part.point_count() == 1);
                prop_assert!(part.metrics().all(|metric| point_count(metric) > 0));
                seen.extend(points(&part));
            }
            prop_assert_eq!(seen, expected);
        }
    }
}
