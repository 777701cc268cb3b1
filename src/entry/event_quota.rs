//! The quotas in an event of a stream: a record of the limits, or headers that the event repeats.
//!
//! The events are not documented; they are as public clients of the backend read them.

use crate::entry::lenient::{JsonText, Lenient, List, Number, Object, OrderedMap};
use crate::entry::quota::Quotas;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The limit to which the quotas of a subscription belong. Other limits are of single models.
const MAIN_LIMIT: &str = "codex";

/// The limits in an event.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct EventLimits {
    primary: Object<LimitWindow>,
    secondary: Object<LimitWindow>,
}

/// One limit.
#[derive(Default, Deserialize)]
#[serde(default)]
struct LimitWindow {
    used_percent: Lenient<Number>,
    window_minutes: Lenient<Number>,
    #[serde(rename = "limit_window_seconds")]
    window_seconds: Lenient<Number>,
}

/// The headers in an event.
pub(super) type EventHeaders<'a> = OrderedMap<'a, &'a RawValue>;

/// The quotas in an event. `limit` is the name of the limit, if the event has one.
pub(super) fn read(
    limits: Option<&EventLimits>,
    limit: Option<&str>,
    headers: &EventHeaders<'_>,
) -> Quotas {
    let mut quotas = Quotas::default();
    let is_main = limit.is_none_or(|limit| limit == MAIN_LIMIT);
    if let Some(limits) = limits.filter(|_| is_main) {
        let windows = [&limits.primary, &limits.secondary];
        for window in windows.into_iter().filter_map(|window| window.0.as_ref()) {
            let seconds = || window.window_seconds.number().map(|seconds| seconds / 60.0);
            let minutes = window.window_minutes.number().or_else(seconds);
            if let Some((minutes, used)) = minutes.zip(window.used_percent.number()) {
                quotas.add_window(minutes, used);
            }
        }
    }
    let headers: Vec<(String, String)> = headers
        .0
        .iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.to_string(), header_text(value)?)))
        .collect();
    quotas.add_newer(Quotas::of_headers(&headers));
    quotas
}

/// The value of a header: a string, a number, or the first string of a list.
fn header_text(value: &RawValue) -> Option<String> {
    let json = value.get();
    if json.starts_with('[') {
        let list: List<Lenient<JsonText<'_>>> = serde_json::from_str(json).ok()?;
        return list.iter().find_map(Lenient::text).map(str::to_owned);
    }
    if json.starts_with('"') {
        let Lenient(text): Lenient<JsonText<'_>> = serde_json::from_str(json).ok()?;
        return text.map(|JsonText(text)| text.into_owned());
    }
    Some(json.to_owned())
}
