//! The project and the team as attributes of data points.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::metrics::attribute_value::AttributeValue;
use otel_native::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use otel_native::metrics::registry::{Family, METRICS, Metric};
use serde_json::Value as Json;

#[expect(dead_code, reason = "other tests need no files")]
mod support;
use support::Recording;

/// Per metric: the attributes `project` and `team` of its first data point, if it has one.
fn labels(variables: &[(&str, &str)], project: &str) -> Vec<(String, [Option<String>; 2])> {
    let variables = [&[("CCXRAY_OTEL_TIER", "1")][..], variables].concat();
    let mut recording = Recording::open_with(&variables, project);
    let attributes = ["anthropic", "claude-opus", "5m"].map(AttributeValue::constant);
    for (metric, value) in [
        (Metric::TokensInput, MeasuredValue::Count(1)),
        (Metric::TokensOutput, MeasuredValue::Count(1)),
        (Metric::TokensCacheRead, MeasuredValue::Count(1)),
        (Metric::TokensCacheCreation, MeasuredValue::Count(1)),
        (Metric::CostUsd, MeasuredValue::Amount(1.0)),
        (Metric::CostUnpriced, MeasuredValue::Count(1)),
        (Metric::CacheHitRatio, MeasuredValue::Part { part: 1, whole: 2 }),
        (Metric::Sessions, MeasuredValue::Count(1)),
        (Metric::LatencyMs, MeasuredValue::Amount(1.0)),
    ] {
        let mut attributes = attributes.clone();
        for unused in attributes.iter_mut().skip(metric.definition().attributes.len()) {
            *unused = ABSENT;
        }
        recording.series.record(Measurement { metric, attributes, value });
    }
    let json = recording.json();
    let metrics = json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
    let of_point = |point: &Json| {
        ["project", "team"].map(|key| {
            let mut attributes = point["attributes"].as_array().into_iter().flatten();
            let found = attributes.find(|attribute| attribute["key"] == key)?;
            Some(found["value"]["stringValue"].as_str().unwrap().to_owned())
        })
    };
    let all = metrics.iter().map(|metric| {
        let data = ["sum", "gauge", "histogram"].into_iter().find(|kind| metric[kind].is_object());
        let points = metric[data.unwrap()]["dataPoints"].as_array().unwrap();
        for point in points {
            assert_eq!(of_point(point), of_point(&points[0]), "all points have the same labels");
        }
        (metric["name"].as_str().unwrap().to_owned(), of_point(&points[0]))
    });
    all.collect()
}

fn is_about_cost(name: &str) -> bool {
    METRICS.iter().any(|row| row.name == name && row.family == Family::Cost)
}

#[test]
fn the_points_about_cost_and_tokens_name_the_project_and_the_team() {
    let of_resource = ("OTEL_RESOURCE_ATTRIBUTES", "project.name=other,team=own");
    for (variables, settings, expected) in [
        (&[][..], r#""project":"shop","team":"payments""#, [Some("shop"), Some("payments")]),
        (&[], r#""project":"shop""#, [Some("shop"), None]),
        (&[], r#""project":"me@corp.example""#, [Some("redacted"), None]),
        (&[], "\"tier\":1", [None, None]),
        (&[of_resource], r#""project":"shop""#, [Some("shop"), Some("own")]),
    ] {
        let trust = [("CCXRAY_OTEL_TRUST", "1")];
        let variables = [&trust, variables].concat();
        let project = format!(r#"{{"otel":{{"project_labels":true,{settings}}}}}"#);
        let expected = expected.map(|value| value.map(str::to_owned));
        let found = labels(&variables, &project);
        assert!(found.iter().filter(|(name, _)| is_about_cost(name)).count() == 7);
        for (name, labels) in found {
            let expected = if is_about_cost(&name) { expected.clone() } else { [None, None] };
            assert_eq!(labels, expected, "{name} with {settings}");
        }
    }
}

#[test]
fn the_points_have_no_labels_unless_the_project_asks_for_them() {
    for asks in ["", r#","project_labels":false"#] {
        let project = format!(r#"{{"otel":{{"project":"shop","team":"payments"{asks}}}}}"#);
        for (name, labels) in labels(&[("CCXRAY_OTEL_TRUST", "1")], &project) {
            assert_eq!(labels, [None, None], "{name}");
        }
    }
}
