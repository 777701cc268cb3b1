//! Delta temporality, with the real SDK: intervals add up to the sums, and none tells anything twice.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::metrics::attribute_value::AttributeValue;
use otel_native::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use otel_native::metrics::registry::Metric;
use otel_native::metrics::scrub::own_text;
use otel_native::otlp::request::MetricsRequest;
use otel_native::otlp::temporality::Baseline;
use proptest::prelude::*;
use serde_json::Value as Json;
use std::collections::BTreeMap;

mod support;
use support::Recording;

/// What happens between two exports.
#[derive(Clone, Debug)]
enum Step {
    Calls(u8, u64),
    Cost(u8, f64),
    Latency(u8, f64),
    Fill(f64),
    /// An interval ends, and is taken.
    End,
    /// An interval is looked at, and goes on.
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u8..4, 0_u64..5).prop_map(|(model, count)| Step::Calls(model, count)),
        3 => (0_u8..4, 0.0..3.0).prop_map(|(model, usd)| Step::Cost(model, usd)),
        3 => (0_u8..4, 0.0..9.0).prop_map(|(model, seconds)| Step::Latency(model, seconds)),
        1 => (0.0..1.0).prop_map(Step::Fill),
        2 => Just(Step::End),
        1 => Just(Step::Look),
    ]
}

fn measurement(step: &Step) -> Option<Measurement> {
    let name = |model: &u8| own_text(&format!("model-{model}")).unwrap();
    let provider = AttributeValue::constant("anthropic");
    let labels = |model| [provider.clone(), name(model), ABSENT];
    let swapped = |model| [name(model), provider.clone(), ABSENT];
    Some(match step {
        Step::Calls(model, count) => Measurement {
            metric: Metric::TokensInput,
            attributes: labels(model),
            value: MeasuredValue::Count(*count),
        },
        Step::Cost(model, usd) => Measurement {
            metric: Metric::CostUsd,
            attributes: labels(model),
            value: MeasuredValue::Amount(*usd),
        },
        Step::Latency(model, seconds) => Measurement {
            metric: Metric::RequestDuration,
            attributes: swapped(model),
            value: MeasuredValue::Amount(*seconds),
        },
        Step::Fill(ratio) => Measurement {
            metric: Metric::QuotaUtilization,
            attributes: labels(&0),
            value: MeasuredValue::Amount(*ratio),
        },
        Step::End | Step::Look => return None,
    })
}

/// One series' numbers: counts, sums and buckets in a row.
type Sums = BTreeMap<String, Vec<f64>>;

fn metrics(json: &Json) -> &[Json] {
    json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap()
}

fn number(value: &Json) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0.0)
}

/// Every point of every sum and histogram, with the moments it is about.
fn points(json: &Json) -> Vec<(String, Vec<f64>, u64, u64)> {
    let mut points = Vec::new();
    for metric in metrics(json) {
        let data = if metric["sum"].is_object() { &metric["sum"] } else { &metric["histogram"] };
        for point in data["dataPoints"].as_array().into_iter().flatten() {
            let buckets = point["bucketCounts"].as_array().into_iter().flatten().map(number);
            let scalars = ["asInt", "asDouble", "count", "sum"].map(|key| number(&point[key]));
            let key = format!("{} {}", metric["name"], point["attributes"]);
            let moment = |key: &str| point[key].as_str().unwrap().parse().unwrap();
            let numbers = scalars.into_iter().chain(buckets).collect();
            points.push((key, numbers, moment("startTimeUnixNano"), moment("timeUnixNano")));
        }
    }
    points
}

fn add(sums: &mut Sums, key: String, numbers: &[f64]) {
    let sum = sums.entry(key).or_insert_with(|| vec![0.0; numbers.len()]);
    for (sum, number) in sum.iter_mut().zip(numbers) {
        *sum += number;
    }
}

fn temporalities(json: &Json) -> Vec<&Json> {
    let data = metrics(json).iter().flat_map(|metric| [&metric["sum"], &metric["histogram"]]);
    data.filter(|data| data.is_object()).map(|data| &data["aggregationTemporality"]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn intervals_add_up_to_the_sums_and_join_without_overlap(steps in prop::collection::vec(step(), 0..60)) {
        let mut recording = Recording::open();
        let mut baseline = Baseline::default();
        let mut added = Sums::new();
        let mut names = BTreeMap::new();
        for step in steps.iter().chain([&Step::End]) {
            if let Some(measurement) = measurement(step) {
                recording.series.record(measurement);
                continue;
            }
            let cumulative = recording.request();
            let json = json_of(&baseline.interval(&cumulative));
            prop_assert!(temporalities(&json).iter().all(|it| **it == 1), "{json}");
            if matches!(step, Step::Look) {
                continue;
            }
            baseline.advance(&cumulative);
            for (key, numbers, start, end) in points(&json) {
                prop_assert!(numbers.iter().any(|number| *number != 0.0), "nothing new: {key}");
                prop_assert!(start < end);
                let name = key.split(' ').next().unwrap().to_owned();
                if let Some(last) = names.get(&name) {
                    prop_assert_eq!(*last, start, "{} begins where its metric was told last", key);
                }
                add(&mut added, key, &numbers);
            }
            // A metric that was collected without change ends its interval, too.
            for (key, _, _, end) in points(&json_of(&cumulative)) {
                names.insert(key.split(' ').next().unwrap().to_owned(), end);
            }
        }
        let mut truth = Sums::new();
        for (key, numbers, ..) in points(&recording.json()) {
            if numbers.iter().any(|number| *number != 0.0) {
                add(&mut truth, key, &numbers);
            }
        }
        prop_assert_eq!(added.keys().collect::<Vec<_>>(), truth.keys().collect::<Vec<_>>());
        for (key, expected) in &truth {
            for (sum, expected) in added[key].iter().zip(expected) {
                prop_assert!((sum - expected).abs() <= 1e-9, "{key}: {sum} is not {expected}");
            }
        }
    }
}

fn json_of(request: &MetricsRequest) -> Json {
    serde_json::from_str(&request.to_json().unwrap()).unwrap()
}

#[test]
fn gauges_are_told_as_they_stand() {
    let mut recording = Recording::open();
    let mut baseline = Baseline::default();
    for ratio in [0.5, 0.5] {
        recording.series.record(measurement(&Step::Fill(ratio)).unwrap());
        let cumulative = recording.request();
        let json = json_of(&baseline.interval(&cumulative));
        let metrics = metrics(&json);
        let gauge =
            metrics.iter().find(|it| it["name"] == "ccxray.quota.utilization_ratio").unwrap();
        assert_eq!(gauge["gauge"]["dataPoints"][0]["asDouble"], 0.5);
        baseline.advance(&cumulative);
    }
}
