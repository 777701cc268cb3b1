//! What the offline store costs the file-writer thread: `cargo bench --bench pending`.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
};
use otel_native::config::TimeResolution;
use otel_native::pending::content::{PendingContent, Sums};
use otel_native::pending::directory::PendingDirectory;
use otel_native::pending::origin::Origin;
use otel_native::util::clock::Timestamp;
use prost::Message;
use std::hint::black_box;
use std::path::PathBuf;
use std::{env, fs, process};

/// More series than one project can have.
const SERIES: usize = 5_000;
/// The series of a usual project.
const USUAL_SERIES: usize = 100;
/// How many processes have ended during an outage.
const FILES: usize = 100;
const METRICS: usize = 20;

/// A directory that exists for one bench.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("ccxray-bench-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn directory(&self) -> PendingDirectory {
        PendingDirectory::within(&self.0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A directory that remains in the temporary directory of the system is harmless.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn attribute(key: &str, value: String) -> KeyValue {
    let value = Some(AnyValue { value: Some(any_value::Value::StringValue(value)) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

/// A request with so many series, as a project with many tools and models has them.
fn request(series: usize) -> Bytes {
    let points = |metric: usize| {
        (metric..series).step_by(METRICS).map(|number| NumberDataPoint {
            attributes: vec![
                attribute("provider", "anthropic".to_owned()),
                attribute("model", format!("claude-sonnet-4-{}", number % 20)),
                attribute("tool", format!("tool-of-the-bench-{number}")),
            ],
            start_time_unix_nano: 1_787_205_802_118_000_000,
            time_unix_nano: 1_787_205_862_118_000_000,
            value: Some(Value::AsInt(i64::try_from(number).unwrap() * 1_000)),
            ..NumberDataPoint::default()
        })
    };
    let metrics = (0..METRICS).map(|metric| Metric {
        name: format!("ccxray.bench.metric_{metric}_total"),
        data: Some(Data::Sum(Sum {
            data_points: points(metric).collect(),
            aggregation_temporality: 2,
            is_monotonic: true,
        })),
        ..Metric::default()
    });
    let scope = ScopeMetrics { metrics: metrics.collect(), ..ScopeMetrics::default() };
    let resource = ResourceMetrics { scope_metrics: vec![scope], ..ResourceMetrics::default() };
    let request = ExportMetricsServiceRequest { resource_metrics: vec![resource] };
    request.encode_to_vec().into()
}

fn origin() -> Origin {
    Origin {
        directory: Some("/home/ada/shop".to_owned()),
        project: Some("shop".to_owned()),
        endpoint: "https://otlp.example.com/v1/metrics".to_owned(),
        tier: 1,
        resolution: TimeResolution::Minute,
        terms: 7,
    }
}

fn content(series: usize) -> PendingContent {
    let newest = request(series);
    let sums =
        Sums::Cumulative { confirmed: Some(newest.clone()), newest, may_be_confirmed: false };
    PendingContent {
        origin: origin(),
        since_unix_ms: 1_787_205_802_118,
        period_end_unix_ms: None,
        replaces: Vec::new(),
        sums,
    }
}

/// One write of what an export has not delivered, with the wait for the disk. The target is 5 ms.
fn write(c: &mut Criterion) {
    let mut group = c.benchmark_group("store, 5,000 series");
    let content = content(SERIES);
    let bytes = content.encode().unwrap();
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("encode", |b| b.iter(|| black_box(&content).encode().unwrap()));
    let scratch = Scratch::new("write");
    let mut directory = scratch.directory();
    group.bench_function("encode and write", |b| {
        b.iter(|| directory.store("key-one", &black_box(&content).encode().unwrap()).unwrap());
    });
    group.finish();
}

/// What the first export of a process waits for if many have ended during an outage. The target is 50 ms.
fn claim(c: &mut Criterion) {
    let mut group = c.benchmark_group("claim");
    group.sample_size(10);
    let scratch = Scratch::new("claim");
    let bytes = content(USUAL_SERIES).encode().unwrap();
    let mut writer = scratch.directory();
    for number in 0..FILES {
        writer.store(&format!("key-{number}"), &bytes).unwrap();
    }
    // Their process has ended.
    drop(writer);
    let origin = origin();
    group.bench_function("100 files", |b| {
        b.iter_batched(
            || scratch.directory(),
            |mut directory| {
                let claims = directory.claim(&origin, Timestamp::now().wall());
                assert_eq!(claims.claimed.len(), FILES);
                (directory, claims)
            },
            // Each has the locks until it is dropped.
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, write, claim);
criterion_main!(benches);
