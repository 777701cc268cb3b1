//! Several requests of one project as one: the sums of each series are added.
//!
//! Only for intervals: cumulative sums from the same start would be counted twice.

use crate::otlp::exponential;
use crate::otlp::request::MetricsRequest;
use crate::otlp::series_id::SeriesHasher;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, Metric, NumberDataPoint};
use std::collections::HashMap;

/// Adds the sums of `other` to `request`, which keeps its resource and its times. Gauges get the values of `other`. Returns
/// whether that was possible: the histograms of another version may have other buckets. If not, `request` has changed.
#[must_use]
pub fn add(request: &mut MetricsRequest, other: MetricsRequest) -> bool {
    let scopes = request.0.resource_metrics.iter_mut().flat_map(|it| &mut it.scope_metrics);
    let Some(scope) = scopes.into_iter().next() else {
        *request = other;
        return true;
    };
    let others = other.0.resource_metrics.into_iter().flat_map(|it| it.scope_metrics);
    for metric in others.flat_map(|it| it.metrics) {
        match scope.metrics.iter_mut().find(|it| it.name == metric.name) {
            None => scope.metrics.push(metric),
            Some(own) => {
                if !add_metric(own, metric) {
                    return false;
                }
            }
        }
    }
    scope.metrics.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    true
}

fn add_metric(own: &mut Metric, other: Metric) -> bool {
    let hasher = SeriesHasher::default();
    let id = |attributes: &[KeyValue]| hasher.id("", attributes);
    match (&mut own.data, other.data) {
        (Some(Data::Sum(own)), Some(Data::Sum(other)))
            if own.aggregation_temporality == other.aggregation_temporality =>
        {
            add_points(&mut own.data_points, other.data_points, |it| id(&it.attributes), add_number)
        }
        (Some(Data::Gauge(own)), Some(Data::Gauge(other))) => add_points(
            &mut own.data_points,
            other.data_points,
            |it| id(&it.attributes),
            |own, other| {
                own.value = other.value;
                true
            },
        ),
        (Some(Data::Histogram(own)), Some(Data::Histogram(other)))
            if own.aggregation_temporality == other.aggregation_temporality =>
        {
            let (own, other) = (&mut own.data_points, other.data_points);
            add_points(own, other, |it| id(&it.attributes), add_histogram)
        }
        (Some(Data::ExponentialHistogram(own)), Some(Data::ExponentialHistogram(other)))
            if own.aggregation_temporality == other.aggregation_temporality =>
        {
            let (own, other) = (&mut own.data_points, other.data_points);
            let add = |own: &mut _, other| exponential::add(own, &other);
            add_points(own, other, |it| id(&it.attributes), add)
        }
        _ => false,
    }
}

/// Adds data points series by series. New series come last.
fn add_points<P>(
    own: &mut Vec<P>,
    others: Vec<P>,
    id: impl Fn(&P) -> u64,
    add: impl Fn(&mut P, P) -> bool,
) -> bool {
    let known: HashMap<u64, usize> =
        own.iter().enumerate().map(|(index, point)| (id(point), index)).collect();
    for point in others {
        match known.get(&id(&point)).and_then(|index| own.get_mut(*index)) {
            None => own.push(point),
            Some(own) => {
                if !add(own, point) {
                    return false;
                }
            }
        }
    }
    true
}

fn add_number(own: &mut NumberDataPoint, other: NumberDataPoint) -> bool {
    own.value = match (own.value, other.value) {
        (Some(Value::AsInt(a)), Some(Value::AsInt(b))) => Some(Value::AsInt(a.saturating_add(b))),
        (Some(Value::AsDouble(a)), Some(Value::AsDouble(b))) => Some(Value::AsDouble(a + b)),
        (None, value) | (value, None) => value,
        _ => return false,
    };
    true
}

fn add_histogram(own: &mut HistogramDataPoint, other: HistogramDataPoint) -> bool {
    if own.explicit_bounds != other.explicit_bounds
        || own.bucket_counts.len() != other.bucket_counts.len()
    {
        return false;
    }
    own.count = own.count.saturating_add(other.count);
    own.sum = own.sum.zip(other.sum).map(|(a, b)| a + b);
    for (own, other) in own.bucket_counts.iter_mut().zip(other.bucket_counts) {
        *own = own.saturating_add(other);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
    use opentelemetry_proto::tonic::metrics::v1::{
        Gauge, Histogram, ResourceMetrics, ScopeMetrics, Sum,
    };
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn point(series: u8, value: i64) -> NumberDataPoint {
        let text = any_value::Value::StringValue(series.to_string());
        let value_of = Some(AnyValue { value: Some(text) });
        let model = KeyValue { key: "model".to_owned(), value: value_of, ..KeyValue::default() };
        NumberDataPoint {
            attributes: vec![model],
            value: Some(Value::AsInt(value)),
            ..NumberDataPoint::default()
        }
    }

    fn request(values: &BTreeMap<u8, i64>, bounds: &[f64]) -> MetricsRequest {
        let data_points: Vec<_> =
            values.iter().map(|(series, value)| point(*series, *value)).collect();
        let histogram = HistogramDataPoint {
            count: 1,
            sum: Some(0.5),
            bucket_counts: vec![1; bounds.len() + 1],
            explicit_bounds: bounds.to_vec(),
            ..HistogramDataPoint::default()
        };
        let data = [
            ("gauge", Data::Gauge(Gauge { data_points: data_points.clone() })),
            (
                "histogram",
                Data::Histogram(Histogram {
                    data_points: vec![histogram],
                    aggregation_temporality: 2,
                }),
            ),
            ("sum", Data::Sum(Sum { data_points, aggregation_temporality: 2, is_monotonic: true })),
        ];
        let metrics = data.map(|(name, data)| Metric {
            name: name.to_owned(),
            data: Some(data),
            ..Metric::default()
        });
        let scope = ScopeMetrics { metrics: metrics.into(), ..ScopeMetrics::default() };
        let resource = ResourceMetrics { scope_metrics: vec![scope], ..ResourceMetrics::default() };
        MetricsRequest(ExportMetricsServiceRequest { resource_metrics: vec![resource] })
    }

    fn sums(request: &MetricsRequest, name: &str) -> BTreeMap<String, i64> {
        let metric = request.metrics().find(|it| it.name == name).unwrap();
        let points = match metric.data.as_ref().unwrap() {
            Data::Sum(it) => &it.data_points,
            Data::Gauge(it) => &it.data_points,
            _ => unreachable!("only numbers are asked for"),
        };
        let value = |point: &NumberDataPoint| match point.value {
            Some(Value::AsInt(value)) => value,
            _ => unreachable!("all are integers"),
        };
        points.iter().map(|it| (format!("{:?}", it.attributes[0].value), value(it))).collect()
    }

    proptest! {
        #[test]
        fn each_series_has_the_sum_of_all_requests(parts in prop::collection::vec(
            prop::collection::btree_map(0_u8..6, 1_i64..100, 1..6), 1..5,
        )) {
            let mut merged = request(&parts[0], &[1.0]);
            let mut expected = parts[0].clone();
            for part in &parts[1..] {
                prop_assert!(add(&mut merged, request(part, &[1.0])));
                for (series, value) in part {
                    *expected.entry(*series).or_default() += value;
                }
            }
            prop_assert_eq!(sums(&merged, "sum"), sums(&request(&expected, &[1.0]), "sum"));
            let last = parts.last().unwrap();
            for (series, value) in sums(&request(last, &[]), "gauge") {
                prop_assert_eq!(sums(&merged, "gauge")[&series], value, "the latest value of a gauge");
            }
        }
    }

    #[test]
    fn histograms_with_other_buckets_are_not_added() {
        let values = BTreeMap::from([(1, 1)]);
        assert!(!add(&mut request(&values, &[1.0]), request(&values, &[2.0])));
        let mut empty = MetricsRequest(ExportMetricsServiceRequest::default());
        assert!(add(&mut empty, request(&values, &[1.0])));
        assert_eq!(empty, request(&values, &[1.0]));
    }
}
