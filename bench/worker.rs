//! What an entry costs the worker, stage by stage: `cargo bench`.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "adversarial.rs"]
mod adversarial;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use otel_native::config::{Environment, Outcome, Variables, resolve};
use otel_native::entry::payload::Payload;
use otel_native::entry::{EntrySource, parse};
use otel_native::project::Project;
use otel_native::util::clock::Timestamp;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

const LINES: &str = include_str!("../testkit/fixtures/index-examples.ndjson");

/// An Anthropic stream of about `bytes`, as the host stores it.
fn response(bytes: usize, word: &str) -> String {
    let mut text = String::from(
        r#"[{"type":"message_start","message":{"id":"msg_01","type":"message","usage":{"input_tokens":8,"output_tokens":1}},"_ts":1787205803000},{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""},"_ts":1787205803001}"#,
    );
    let mut at = 1_787_205_803_002_u64;
    while text.len() < bytes {
        at += 3;
        write!(text, r#",{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{word} and"}},"_ts":{at}}}"#).unwrap();
    }
    text.push_str(r#",{"type":"content_block_stop","index":0,"_ts":1787205809000},{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_01","name":"Bash","input":{}},"_ts":1787205809001},{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"command\":\"cargo test\"}"},"_ts":1787205809002},{"type":"content_block_stop","index":1,"_ts":1787205809003},{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":300},"_ts":1787205809004},{"type":"message_stop","_ts":1787205809005}]"#);
    text
}

fn project() -> Project {
    let env: Variables =
        [("CCXRAY_OTEL_TIER", "1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
    let environment = Environment { variables: env, ..Environment::default() };
    let Outcome::On(config) = resolve(Path::new("/nonexistent"), &environment).unwrap().outcome
    else {
        unreachable!("switched on above")
    };
    Project::new(*config, "00000000-0000-4000-8000-000000000000", Timestamp::now())
}

fn stages(c: &mut Criterion, name: &str, line: &str, response: Option<&str>) {
    let mut group = c.benchmark_group(name);
    let bytes = line.len() + response.map_or(0, str::len);
    group.throughput(Throughput::Bytes(bytes as u64));
    let units = |text: &str| Payload::Utf16(text.encode_utf16().collect());
    let (line_units, response_units) = (units(line), response.map(units));
    group.bench_function("decode", |b| {
        b.iter(|| {
            (
                black_box(line_units.clone()).into_json(),
                response_units.clone().map(Payload::into_json),
            )
        });
    });
    let source = EntrySource { entry: line, response, ..EntrySource::default() };
    group.bench_function("parse", |b| b.iter(|| parse(black_box(source)).unwrap()));
    let (project, turn) = (project(), parse(source).unwrap());
    group.bench_function("derive and record", |b| b.iter(|| project.record_turn(black_box(&turn))));
    group.finish();
}

fn worker(c: &mut Criterion) {
    let line = LINES.lines().next().unwrap();
    stages(c, "index line", line, None);
    stages(c, "60 KB turn, ASCII", line, Some(&response(60_000, "word")));
    stages(c, "60 KB turn, CJK", line, Some(&response(60_000, "漢字")));
}

/// What the stream scan saves per turn. A blank before the array makes `parse` read every event
/// with `serde_json`.
fn stream_scan(c: &mut Criterion) {
    let line = LINES.lines().next().unwrap();
    let scanned = response(60_000, "word");
    let plain = format!(" {scanned}");
    let mut group = c.benchmark_group("stream scan: ours / serde_json");
    group.throughput(Throughput::Bytes(scanned.len() as u64));
    for (name, response) in [("ours", &scanned), ("serde_json", &plain)] {
        let source =
            EntrySource { entry: line, response: Some(response), ..EntrySource::default() };
        group.bench_function(name, |b| b.iter(|| parse(black_box(source)).unwrap()));
    }
    group.finish();
}

/// Entries that are made to be slow. At 5 ms per 64 KB, a row shows 12.5 MB/s; `bare JSON` is what
/// only checking the same texts costs.
fn adversarial_entries(c: &mut Criterion) {
    let mut group = c.benchmark_group("adversarial 64 KB");
    group.sample_size(10);
    let project = project();
    for (name, it) in adversarial::entries(64 << 10) {
        group.throughput(Throughput::Bytes(it.len() as u64));
        let (request, response) = (it.request.as_deref(), it.response.as_deref());
        let source = it.source();
        group.bench_function(&name, |b| {
            b.iter(|| project.record_turn(&parse(black_box(source)).unwrap()));
        });
        group.bench_function(format!("{name}: bare JSON"), |b| {
            let texts = [Some(it.entry.as_str()), request, response];
            b.iter(|| {
                texts.iter().flatten().for_each(|text| {
                    let _ = black_box(serde_json::from_str::<serde::de::IgnoredAny>(text));
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, worker, stream_scan, adversarial_entries);
criterion_main!(benches);
