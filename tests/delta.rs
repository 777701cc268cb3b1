//! Delta temporality with the real SDK: the intervals add up to the cumulative sums and do not overlap.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::metrics::attribute_value::AttributeValue;
use otel_native::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use otel_native::metrics::registry::Metric;
use otel_native::metrics::scrub::own_text;
use otel_native::otlp::delivered_series::DeliveredSeries;
use otel_native::otlp::request::MetricsRequest;
use otel_native::otlp::temporality::Baseline;
use proptest::prelude::*;
use serde_json::Value as Json;
use std::collections::BTreeMap;

mod support;
use support::Recording;

/// A measurement, or something that happens to the current interval.
#[derive(Clone, Debug)]
enum Step {
    Tokens(u8, u64),
    Cost(u8, f64),
    Latency(u8, f64),
    Quota(f64),
    /// The interval is exported and ends.
    End,
    /// The interval is previewed and goes on.
    Preview,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u8..4, 0_u64..5).prop_map(|(model, count)| Step::Tokens(model, count)),
        3 => (0_u8..4, 0.0..3.0).prop_map(|(model, usd)| Step::Cost(model, usd)),
        3 => (0_u8..4, 0.0..9.0).prop_map(|(model, seconds)| Step::Latency(model, seconds)),
        1 => (0.0..1.0).prop_map(Step::Quota),
        2 => Just(Step::End),
        1 => Just(Step::Preview),
    ]
}

fn measurement(step: &Step) -> Option<Measurement> {
    let name = |model: &u8| own_text(&format!("model-{model}")).unwrap();
    let provider = AttributeValue::constant("anthropic");
    let provider_and_model = |model| [provider.clone(), name(model), ABSENT];
    let model_and_provider = |model| [name(model), provider.clone(), ABSENT];
    Some(match step {
        Step::Tokens(model, count) => Measurement {
            metric: Metric::TokensInput,
            attributes: provider_and_model(model),
            value: MeasuredValue::Count(*count),
        },
        Step::Cost(model, usd) => Measurement {
            metric: Metric::CostUsd,
            attributes: provider_and_model(model),
            value: MeasuredValue::Amount(*usd),
        },
        Step::Latency(model, seconds) => Measurement {
            metric: Metric::RequestDuration,
            attributes: model_and_provider(model),
            value: MeasuredValue::Amount(*seconds),
        },
        Step::Quota(ratio) => Measurement {
            metric: Metric::QuotaUtilization,
            attributes: provider_and_model(&0),
            value: MeasuredValue::Amount(*ratio),
        },
        Step::End | Step::Preview => return None,
    })
}

/// By series: its value, count, sum and buckets in a row.
type Sums = BTreeMap<String, Vec<f64>>;

fn metrics(json: &Json) -> &[Json] {
    json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap()
}

fn number(value: &Json) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0.0)
}

/// Every data point of every sum and histogram, with its start and its end in Unix nanoseconds.
fn points(json: &Json) -> Vec<(String, Vec<f64>, u64, u64)> {
    let mut points = Vec::new();
    for metric in metrics(json) {
        let data = if metric["sum"].is_object() { &metric["sum"] } else { &metric["histogram"] };
        for point in data["dataPoints"].as_array().into_iter().flatten() {
            let buckets = point["bucketCounts"].as_array().into_iter().flatten().map(number);
            let scalars = ["asInt", "asDouble", "count", "sum"].map(|key| number(&point[key]));
            let key = format!("{} {}", metric["name"], point["attributes"]);
            let timestamp = |key: &str| point[key].as_str().unwrap().parse().unwrap();
            let numbers = scalars.into_iter().chain(buckets).collect();
            points.push((key, numbers, timestamp("startTimeUnixNano"), timestamp("timeUnixNano")));
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
    fn intervals_add_up_to_the_sums_without_gap_or_overlap(steps in prop::collection::vec(step(), 0..60)) {
        let mut recording = Recording::open();
        let mut baseline = Baseline::default();
        let mut added = Sums::new();
        let mut ends = BTreeMap::new();
        for step in steps.iter().chain([&Step::End]) {
            if let Some(measurement) = measurement(step) {
                recording.series.record(measurement);
                continue;
            }
            let cumulative = recording.request();
            let json = json_of(&baseline.interval(&cumulative));
            prop_assert!(temporalities(&json).iter().all(|it| **it == 1), "{json}");
            if matches!(step, Step::Preview) {
                continue;
            }
            baseline.advance(&cumulative);
            for (key, numbers, start, end) in points(&json) {
                prop_assert!(numbers.iter().any(|number| *number != 0.0), "no increment: {key}");
                prop_assert!(start < end);
                let name = key.split(' ').next().unwrap().to_owned();
                if let Some(last) = ends.get(&name) {
                    prop_assert_eq!(*last, start, "{} starts where the last interval of its metric ended", key);
                }
                add(&mut added, key, &numbers);
            }
            // The interval of a metric without increments ends as well.
            for (key, _, _, end) in points(&json_of(&cumulative)) {
                ends.insert(key.split(' ').next().unwrap().to_owned(), end);
            }
        }
        let mut expected_sums = Sums::new();
        for (key, numbers, ..) in points(&recording.json()) {
            if numbers.iter().any(|number| *number != 0.0) {
                add(&mut expected_sums, key, &numbers);
            }
        }
        prop_assert_eq!(added.keys().collect::<Vec<_>>(), expected_sums.keys().collect::<Vec<_>>());
        for (key, expected) in &expected_sums {
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
fn gauges_keep_their_value_in_each_interval() {
    let mut recording = Recording::open();
    let mut baseline = Baseline::default();
    for ratio in [0.5, 0.5] {
        recording.series.record(measurement(&Step::Quota(ratio)).unwrap());
        let cumulative = recording.request();
        let json = json_of(&baseline.interval(&cumulative));
        let metrics = metrics(&json);
        let gauge =
            metrics.iter().find(|it| it["name"] == "ccxray.quota.utilization_ratio").unwrap();
        assert_eq!(gauge["gauge"]["dataPoints"][0]["asDouble"], 0.5);
        baseline.advance(&cumulative);
    }
}

/// The data points of all exponential histograms: count, sum, scale and filled buckets.
fn exponential_points(json: &Json) -> Vec<(f64, f64, i64, Vec<f64>)> {
    let data = metrics(json).iter().map(|metric| &metric["exponentialHistogram"]);
    let points = data.filter_map(|data| data["dataPoints"].as_array()).flatten();
    points
        .map(|point| {
            let buckets = point["positive"]["bucketCounts"].as_array().into_iter().flatten();
            let scale = point["scale"].as_i64().unwrap_or_default();
            (number(&point["count"]), number(&point["sum"]), scale, buckets.map(number).collect())
        })
        .collect()
}

#[test]
fn intervals_of_exponential_histograms_add_up_although_their_buckets_become_coarser() {
    let exponential = (
        "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
        "base2_exponential_bucket_histogram",
    );
    let mut recording = Recording::open_with(&[("CCXRAY_OTEL_TIER", "1"), exponential], "{}");
    let (mut baseline, mut delivered) = (Baseline::default(), DeliveredSeries::default());
    let (mut count, mut sum, mut scales) = (0.0, 0.0, Vec::new());
    for values in [&[1.0, 1.001, 1.002][..], &[0.5], &[], &[0.001, 900.0], &[1.0]] {
        for seconds in values {
            recording.series.record(measurement(&Step::Latency(0, *seconds)).unwrap());
        }
        let cumulative = recording.request();
        let zeros = delivered.zero_points(&cumulative).map(|zeros| json_of(&zeros));
        if count == 0.0 {
            let zeros = exponential_points(&zeros.unwrap());
            assert!(
                matches!(&zeros[..], [(0.0, 0.0, _, buckets)] if buckets.iter().all(|it| *it == 0.0))
            );
        } else {
            assert!(zeros.is_none_or(|zeros| exponential_points(&zeros).is_empty()));
        }
        delivered.add(&cumulative);
        let json = json_of(&baseline.interval(&cumulative));
        baseline.advance(&cumulative);
        let points = exponential_points(&json);
        assert_eq!(points.len(), usize::from(!values.is_empty()), "no point without a value");
        for (of_interval, total, scale, buckets) in points {
            let in_buckets: f64 = buckets.iter().sum();
            assert!((in_buckets - of_interval).abs() < 1e-9, "each value is in a bucket");
            assert!((of_interval - number(&values.len().into())).abs() < 1e-9);
            (count, sum) = (count + of_interval, sum + total);
            scales.push(scale);
        }
    }
    let [(expected_count, expected_sum, ..)] = &exponential_points(&recording.json())[..] else {
        unreachable!("there is one series")
    };
    assert!(
        (count - expected_count).abs() < 1e-9 && (sum - expected_sum).abs() < 1e-9,
        "{count} {sum}"
    );
    assert!(scales.first() > scales.last(), "the buckets became coarser: {scales:?}");
}
