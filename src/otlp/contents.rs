//! What a request contains, as a summary for people shows it.

use crate::otlp::points::attributes_of;
use crate::otlp::request::MetricsRequest;
use crate::otlp::series_id::value_of;
use std::collections::{BTreeMap, BTreeSet};

/// What a request contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The resource attributes: key and value.
    pub resource: BTreeMap<String, String>,
    /// The names of the metrics.
    pub metrics: BTreeSet<String>,
    /// How many data points there are. Each one is of another series.
    pub points: usize,
    /// The values of the data points' attributes: by the key of the attribute, then by the metric.
    values: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Contents {
    /// Of a request.
    pub fn of(request: &MetricsRequest) -> Self {
        let mut contents = Self::default();
        let resources = request.0.resource_metrics.iter().filter_map(|it| it.resource.as_ref());
        for attribute in resources.flat_map(|resource| &resource.attributes) {
            contents.resource.insert(attribute.key.clone(), value_of(attribute).to_owned());
        }
        for metric in request.metrics() {
            contents.metrics.insert(metric.name.clone());
            for point in attributes_of(metric) {
                contents.points += 1;
                for attribute in point {
                    let by_metric = contents.values.entry(attribute.key.clone()).or_default();
                    let values = by_metric.entry(metric.name.clone()).or_default();
                    values.insert(value_of(attribute).to_owned());
                }
            }
        }
        contents
    }

    /// The keys of the data points' attributes.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The metrics in which an attribute has this value.
    pub fn metrics_with<'c>(&'c self, key: &str, value: &'c str) -> impl Iterator<Item = &'c str> {
        let by_metric = self.values.get(key).into_iter().flatten();
        let with_value = by_metric.filter(move |(_, values)| values.contains(value));
        with_value.map(|(metric, _)| metric.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
    use opentelemetry_proto::tonic::metrics::v1::metric::Data;
    use opentelemetry_proto::tonic::metrics::v1::{
        Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
        ScopeMetrics,
    };
    use opentelemetry_proto::tonic::resource::v1::Resource;

    fn attribute(key: &str, value: Value) -> KeyValue {
        KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            ..KeyValue::default()
        }
    }

    fn text(key: &str, value: &str) -> KeyValue {
        attribute(key, Value::StringValue(value.to_owned()))
    }

    #[test]
    fn every_metric_attribute_and_point_is_listed() {
        let number = |attributes| NumberDataPoint { attributes, ..NumberDataPoint::default() };
        let numbers = vec![
            number(vec![text("model", "a"), attribute("degraded", Value::BoolValue(true))]),
            number(vec![text("model", "b")]),
        ];
        let histogram = HistogramDataPoint {
            attributes: vec![text("model", "a")],
            ..HistogramDataPoint::default()
        };
        let metric = |name: &str, data| Metric {
            name: name.to_owned(),
            data: Some(data),
            ..Metric::default()
        };
        let metrics = vec![
            metric("one", Data::Gauge(Gauge { data_points: numbers })),
            metric(
                "two",
                Data::Histogram(Histogram { data_points: vec![histogram], ..Histogram::default() }),
            ),
        ];
        let resource = ResourceMetrics {
            resource: Some(Resource { attributes: vec![text("team", "x")], ..Resource::default() }),
            scope_metrics: vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }],
            ..ResourceMetrics::default()
        };
        let request = ExportMetricsServiceRequest { resource_metrics: vec![resource] };
        let contents = Contents::of(&MetricsRequest(request));
        assert_eq!(contents.points, 3);
        assert_eq!(contents.resource, [("team".to_owned(), "x".to_owned())].into());
        assert_eq!(contents.attributes().collect::<Vec<_>>(), ["degraded", "model"]);
        let with = |key, value| contents.metrics_with(key, value).collect::<Vec<_>>();
        assert_eq!(with("model", "a"), ["one", "two"]);
        assert_eq!(with("model", "b"), ["one"]);
        assert_eq!(with("degraded", "true"), ["one"]);
        assert_eq!(with("tool", "a"), [""; 0]);
    }
}
