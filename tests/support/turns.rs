//! Entries in the host's form, their turns and their measurements.

use otel_native::entry::{EntrySource, Turn, parse};
use otel_native::metrics::derive::derive;
use otel_native::metrics::measurement::{MeasuredValue, Measurement};
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::registry::Metric;
use otel_native::metrics::sessions::Sessions;
use serde_json::{Value as Json, json};

/// The turn of a whole entry.
pub(crate) fn turn(entry: &Json) -> Turn {
    parse(EntrySource { entry: &entry.to_string(), ..EntrySource::default() }).unwrap()
}

/// The measurements of turns that arrive one after the other in one process.
pub(crate) fn measure(turns: &[Turn]) -> Vec<Measurement> {
    let mut sessions = Sessions::default();
    let mut all = Vec::new();
    for turn in turns {
        derive(turn, &mut sessions, &PrivacyGate::default(), &mut |m| all.push(m));
    }
    all
}

/// The sum of a metric's counts. A measurement that is not a count adds one.
pub(crate) fn count(measurements: &[Measurement], metric: Metric) -> u64 {
    let of_metric = measurements.iter().filter(|measurement| measurement.metric == metric);
    of_metric.map(|m| if let MeasuredValue::Count(count) = m.value { count } else { 1 }).sum()
}

/// The value of the first attribute in each measurement of a metric.
pub(crate) fn first_values(measurements: &[Measurement], metric: Metric) -> Vec<String> {
    let of_metric = measurements.iter().filter(|measurement| measurement.metric == metric);
    of_metric.map(|m| m.attributes[0].as_str().to_owned()).collect()
}

/// An Anthropic index line with the fields that every turn has, and with `fields`.
pub(crate) fn anthropic(fields: Json) -> Json {
    merged(
        json!({
            "provider": "anthropic", "agent": "claude", "model": "claude-sonnet-4-6", "msgCount": 3,
            "sessionId": "s-1", "agentKey": "orchestrator", "isSSE": true, "status": 200,
            "receivedAt": 1_000_000, "elapsed": "1.5", "stopReason": "end_turn",
            "usage": {"input_tokens": 10, "output_tokens": 5},
        }),
        fields,
    )
}

/// A Codex entry over WebSocket, with `fields`.
pub(crate) fn websocket(fields: Json) -> Json {
    merged(
        json!({
            "provider": "openai", "agent": "codex", "model": "gpt-5.5", "msgCount": 1, "status": 101,
            "sessionId": "s-2", "agentKey": "default", "isSSE": false, "maxContext": 400_000,
            "responseMetadata": {"transport": "websocket", "capture": "transport-only"},
            "usage": {"input_tokens": 100, "output_tokens": 10, "cache_read_input_tokens": 50},
            "cost": {"cost": 0.5}, "stopReason": "completed",
        }),
        fields,
    )
}

/// `base` with `fields` in place of its own.
pub(crate) fn merged(mut base: Json, fields: Json) -> Json {
    base.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    base
}
