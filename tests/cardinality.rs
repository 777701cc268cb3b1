//! Series and requests with the real SDK: no count is lost, no attribute exceeds its cardinality
//! limit, and a new series is sent at zero first.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use opentelemetry_sdk::metrics::SdkMeterProvider;
use otel_native::metrics::attribute_value::AttributeValue;
use otel_native::metrics::cardinality::CardinalityLimits;
use otel_native::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use otel_native::metrics::registry::{METRICS, Metric, OVERFLOW};
use otel_native::metrics::scrub::own_text;
use otel_native::metrics::series::SeriesTable;
use otel_native::otlp::delivered_series::DeliveredSeries;
use otel_native::otlp::request::MetricsRequest;
use proptest::prelude::*;
use serde_json::Value as Json;

#[path = "support/points.rs"]
mod points;
mod support;
use points::{points, total};
use support::Recording;

fn named(name: &str) -> AttributeValue {
    own_text(name).unwrap()
}

fn skill(name: &str, count: u64) -> Measurement {
    let attributes = [named(name), AttributeValue::constant("anthropic"), ABSENT];
    Measurement { metric: Metric::SkillActivations, attributes, value: MeasuredValue::Count(count) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// For any names, the sum is right and the limit is kept.
    #[test]
    fn every_count_is_kept_within_the_limit(names in prop::collection::vec("[a-z]{1,3}", 0..300)) {
        let mut recording = Recording::open();
        for name in &names {
            recording.series.record(skill(name, 1));
        }
        let json = recording.json();
        let points = points(&json, "ccxray.skill.activations_total");
        prop_assert!(points.len() <= 51, "{} series", points.len());
        prop_assert_eq!(total(&json, "ccxray.skill.activations_total"), names.len() as u64);
        let beyond = points.iter().filter(|point| point.attributes.contains(OVERFLOW));
        let overflowed: u64 = beyond.map(|point| point.count).sum();
        prop_assert_eq!(total(&json, "ccxray.metrics.overflow_total"), overflowed);
    }
}

#[test]
fn a_metric_also_has_a_limit_on_its_series() {
    let mut recording = Recording::open();
    for server in 0..30 {
        for tool in 0..50 {
            let attributes =
                [named(&format!("server-{server}")), named(&format!("tool-{tool}")), ABSENT];
            let (metric, value) = (Metric::McpInvocations, MeasuredValue::Count(1));
            recording.series.record(Measurement { metric, attributes, value });
        }
    }
    assert!(recording.series.series_count(Metric::McpInvocations) <= 601);
    let json = recording.json();
    assert_eq!(total(&json, "ccxray.mcp.invocations_total"), 1500);
    assert_eq!(total(&json, "ccxray.metrics.overflow_total"), 1500 - 600);
    assert!(
        !json.to_string().contains("otel.metric.overflow"),
        "the SDK's own limit is never reached"
    );
}

#[test]
fn only_series_that_can_be_listed_start_at_zero() {
    let json = Recording::open().json();
    let zeros = |name| points(&json, name).iter().filter(|point| point.count == 0).count();
    assert_eq!(zeros("ccxray.otel.entries_dropped_total"), 9);
    assert_eq!(zeros("ccxray.auto_compact.triggered_total"), 3);
    assert_eq!(zeros("ccxray.file_writes_total"), 1);
    assert_eq!(points(&json, "ccxray.tokens.input_total").len(), 0);
}

#[test]
fn every_metric_is_sent_with_its_name_and_unit() {
    let mut recording = Recording::open();
    for row in METRICS {
        use otel_native::metrics::registry::Instrument::{
            Counter, FractionalCounter, Gauge, Histogram, RatioGauge,
        };
        let value = match row.instrument {
            Counter => MeasuredValue::Count(1),
            FractionalCounter | Gauge | Histogram(_) => MeasuredValue::Amount(1.0),
            RatioGauge => MeasuredValue::Part { part: 1, whole: 2 },
        };
        let mut attributes = [ABSENT, ABSENT, ABSENT];
        for attribute in attributes.iter_mut().take(row.attributes.len()) {
            *attribute = AttributeValue::constant("value");
        }
        recording.series.record(Measurement { metric: row.metric, attributes, value });
    }
    let json = recording.json();
    let metrics =
        json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap().clone();
    assert_eq!(metrics.len(), METRICS.len());
    for row in METRICS {
        let metric = metrics.iter().find(|metric| metric["name"] == row.name);
        let metric = metric.unwrap_or_else(|| panic!("{} is missing", row.name));
        assert_eq!(metric["unit"].as_str().unwrap_or_default(), row.unit, "{}", row.name);
        let data = metric["sum"]
            .as_object()
            .or(metric["gauge"].as_object())
            .or(metric["histogram"].as_object());
        let points = data.unwrap()["dataPoints"].as_array().unwrap();
        let keys =
            points.iter().map(|point| point["attributes"].as_array().map_or(0, Vec::len)).max();
        assert_eq!(keys, Some(row.attributes.len()), "{}", row.name);
    }
}

#[test]
fn a_new_series_is_sent_at_zero_once() {
    let mut recording = Recording::open();
    let mut delivered = DeliveredSeries::default();
    delivered.add(&recording.request());
    assert_eq!(delivered.zero_points(&recording.request()), None, "nothing is new");

    recording.series.record(skill("release", 3));
    let attributes = [AttributeValue::constant("m"), AttributeValue::constant("p"), ABSENT];
    let (metric, value) = (Metric::RequestDuration, MeasuredValue::Amount(1.5));
    recording.series.record(Measurement { metric, attributes, value });
    let request = recording.request();
    let zeros: Json = json_of(&delivered.zero_points(&request).unwrap());
    assert_eq!(total(&zeros, "ccxray.skill.activations_total"), 0);
    assert_eq!(points(&zeros, "ccxray.skill.activations_total").len(), 1);
    assert_eq!(points(&zeros, "ccxray.request.duration")[0].count, 0);
    assert!(!zeros.to_string().contains("ccxray.file_writes_total"), "only what is new");
    let (zero, first) = (time_of(&zeros), time_of(&json_of(&request)));
    assert!(zero < first && first - zero <= 2_000_000_000, "{zero} {first}");

    delivered.add(&request);
    recording.series.record(skill("release", 1));
    assert_eq!(delivered.zero_points(&recording.request()), None);
}

fn json_of(request: &MetricsRequest) -> Json {
    serde_json::from_str(&request.to_json().unwrap()).unwrap()
}

fn time_of(json: &Json) -> u64 {
    let metrics = json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
    let metric = metrics.iter().find(|metric| metric["name"] == "ccxray.skill.activations_total");
    let time = &metric.unwrap()["sum"]["dataPoints"][0]["timeUnixNano"];
    time.as_str().unwrap().parse().unwrap()
}

#[test]
fn the_resource_names_the_user_only_if_both_tiers_are_2() {
    let project = r#"{"otel":{"tier":2,"project":"shop","team":"payments"}}"#;
    let identity = ("CCXRAY_OTEL_IDENTITY", "night owl");
    for (case, tier, named) in [("tier 1", "1", false), ("tier 2", "2", true)] {
        let variables = [("CCXRAY_OTEL_TIER", tier), identity, ("CCXRAY_OTEL_TRUST", "1")];
        let recording = Recording::open_with(&variables, project);
        let json = recording.json();
        let resource = json["resourceMetrics"][0]["resource"]["attributes"].as_array().unwrap();
        let value = |key: &str| {
            let attribute = resource.iter().find(|attribute| attribute["key"] == key)?;
            attribute["value"]["stringValue"].as_str()
        };
        assert_eq!(value("enduser.id"), named.then_some("night owl"), "{case}");
        assert_eq!((value("project.name"), value("team")), (Some("shop"), Some("payments")));
        let expected = 7 + usize::from(named) - usize::from(value("service.version").is_none());
        assert_eq!(resource.len(), expected, "{case}: nothing else about this machine is sent");
    }
}

#[test]
fn requests_with_equal_sums_differ_only_in_their_times() {
    let text = |names: [&str; 3]| {
        let mut recording = Recording::open();
        for name in names {
            recording.series.record(skill(name, 1));
        }
        let json = recording.json().to_string();
        let mut pieces = json.split("imeUnixNano\":\"");
        let head = pieces.next().unwrap().to_owned();
        pieces.fold(head, |all, piece| all + piece.trim_start_matches(|c: char| c.is_ascii_digit()))
    };
    assert_eq!(text(["a", "b", "c"]), text(["c", "a", "b"]));
}

#[test]
fn recording_without_a_reader_does_not_fail() {
    use opentelemetry::metrics::MeterProvider as _;
    let provider = SdkMeterProvider::builder().build();
    let mut series =
        SeriesTable::new(&provider.meter("x"), CardinalityLimits::default(), &Vec::new());
    series.record(skill("a", 1));
}
