//! The data points of a request.

use serde_json::Value as Json;

/// One data point of a counter or a histogram.
pub(crate) struct Point {
    pub(crate) attributes: String,
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
        attributes: point["attributes"].to_string(),
        count: number(&point["asInt"]).or(number(&point["count"])).unwrap_or(0),
    };
    points.into_iter().flatten().map(point).collect()
}

pub(crate) fn total(json: &Json, name: &str) -> u64 {
    points(json, name).iter().map(|point| point.count).sum()
}
