//! The requests of a probe: an empty one, and one with a single data point.

use crate::config::Config;
use crate::metrics::registry::CHECK_METRIC;
use crate::otlp::meter_provider::SCOPE;
use crate::otlp::request::MetricsRequest;
use crate::otlp::resource::resource;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use std::time::SystemTime;

impl MetricsRequest {
    /// A request without data points.
    pub fn empty() -> Self {
        Self(ExportMetricsServiceRequest { resource_metrics: Vec::new() })
    }

    /// A request with one data point: the gauge `ccxray.otel.check` is 1 at `now`. It has the resource of
    /// the project and no attributes. A gauge has no temporality, so every backend takes it.
    pub fn check(config: &Config, instance: &str, now: SystemTime) -> Self {
        let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let point = NumberDataPoint {
            time_unix_nano: u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX),
            value: Some(number_data_point::Value::AsInt(1)),
            ..NumberDataPoint::default()
        };
        let metric = Metric {
            name: CHECK_METRIC.to_owned(),
            description: "Sent on request, to see whether it arrives.".to_owned(),
            // In braces, so that Prometheus does not append it to the name.
            unit: "{check}".to_owned(),
            data: Some(Data::Gauge(Gauge { data_points: vec![point] })),
            ..Metric::default()
        };
        let scope = InstrumentationScope {
            name: SCOPE.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let scope_metrics =
            ScopeMetrics { scope: Some(scope), metrics: vec![metric], ..ScopeMetrics::default() };
        let resource_metrics = ResourceMetrics {
            resource: Some(Resource::from(&resource(config, instance))),
            scope_metrics: vec![scope_metrics],
            ..ResourceMetrics::default()
        };
        Self(ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] })
    }
}
