//! Records measurements as a project does, and returns the requests.

use otel_native::config::{Environment, Outcome, Variables, resolve};
use otel_native::metrics::cardinality::CardinalityLimits;
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::series::SeriesTable;
use otel_native::otlp::meter_provider::MeterProvider;
use otel_native::otlp::request::MetricsRequest;
use serde_json::Value as Json;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, process};

/// The series table and the meter provider of one project.
pub(crate) struct Recording {
    provider: MeterProvider,
    pub(crate) series: SeriesTable,
}

impl Recording {
    /// Of a project at tier 1.
    pub(crate) fn open() -> Self {
        Self::open_with(&[("CCXRAY_OTEL_TIER", "1")], r"{}")
    }

    /// Of a project with these variables and this `.ccxray.json`, beside an endpoint on loopback.
    pub(crate) fn open_with(variables: &[(&str, &str)], project: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("ccxray-recording-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(".ccxray.json"), project).unwrap();
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
        let env: Variables = variables
            .iter()
            .chain([&endpoint])
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let environment = Environment { variables: env, ..Environment::default() };
        let resolution = resolve(&directory, &environment).unwrap();
        fs::remove_dir_all(&directory).unwrap();
        let Outcome::On(config) = resolution.outcome else {
            unreachable!("switched on by the caller")
        };
        let limits = CardinalityLimits::new(config.cardinality_limits.clone());
        let provider = MeterProvider::new(&config, &limits, "00000000-0000-4000-8000-000000000000");
        let series =
            SeriesTable::new(&provider.meter(), limits, &PrivacyGate::project_labels(&config));
        Self { provider, series }
    }

    pub(crate) fn request(&self) -> MetricsRequest {
        MetricsRequest::new(&self.provider.collect().unwrap())
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.request().to_json().unwrap()).unwrap()
    }
}
