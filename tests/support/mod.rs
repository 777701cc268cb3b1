//! A project's books and what they say on the wire.

use opentelemetry_sdk as _;
use otel_native::config::{Env, Outcome, Surroundings, resolve};
use otel_native::export::provider::Provider;
use otel_native::export::request::Request;
use otel_native::metrics::ledger::Ledger;
use serde_json::Value as Json;
use std::path::Path;

/// A ledger on a provider as a project has it.
pub(crate) struct Books {
    provider: Provider,
    pub(crate) ledger: Ledger,
}

impl Books {
    pub(crate) fn open() -> Self {
        let env: Env = [
            ("CCXRAY_OTEL_TIER".to_owned(), "1".to_owned()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), "http://127.0.0.1:9".to_owned()),
        ]
        .into_iter()
        .collect();
        let surroundings = Surroundings { env, ..Surroundings::default() };
        let resolution = resolve(Path::new("/nonexistent"), &surroundings).unwrap();
        let Outcome::On(config) = resolution.outcome else { unreachable!("switched on above") };
        let provider = Provider::new(&config, "00000000-0000-4000-8000-000000000000");
        let ledger = Ledger::new(&provider.meter());
        Self { provider, ledger }
    }

    pub(crate) fn request(&self) -> Request {
        Request::new(&self.provider.collect().unwrap())
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.request().to_json().unwrap()).unwrap()
    }
}

/// One data point of a counter or a histogram.
pub(crate) struct Point {
    pub(crate) labels: String,
    pub(crate) count: u64,
}

pub(crate) fn points(json: &Json, name: &str) -> Vec<Point> {
    let metrics = json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array();
    let metric = metrics.into_iter().flatten().find(|metric| metric["name"] == name);
    let Some(metric) = metric else { return Vec::new() };
    let points =
        metric["sum"]["dataPoints"].as_array().or(metric["histogram"]["dataPoints"].as_array());
    let number =
        |value: &Json| value.as_str().and_then(|text| text.parse().ok()).or(value.as_u64());
    let point = |point: &Json| Point {
        labels: point["attributes"].to_string(),
        count: number(&point["asInt"]).or(number(&point["count"])).unwrap_or(0),
    };
    points.into_iter().flatten().map(point).collect()
}

pub(crate) fn total(json: &Json, name: &str) -> u64 {
    points(json, name).iter().map(|point| point.count).sum()
}
