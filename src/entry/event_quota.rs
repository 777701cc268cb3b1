//! The quotas in an event of a stream: a record of the limits, or headers that the event repeats.
//!
//! The events are not documented; they are as public clients of the backend read them.

use crate::entry::collection::for_each;
use crate::entry::lenient::{JsonText, Lenient, Number, Object, not_reported, skip_seq};
use crate::entry::quota::{self, Quotas};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

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

/// The headers in an event that are read; `None` if it has no headers.
#[derive(Debug, Default)]
pub(super) struct EventHeaders<'a>(pub(super) Option<Vec<(&'static str, &'a RawValue)>>);

impl<'de: 'a, 'a> Deserialize<'de> for EventHeaders<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EventHeadersVisitor).map(Self)
    }
}

struct EventHeadersVisitor;

impl<'de> Visitor<'de> for EventHeadersVisitor {
    type Value = Option<Vec<(&'static str, &'de RawValue)>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut headers: Vec<(&'static str, &RawValue)> = Vec::new();
        while let Some(name) = map.next_key::<Lenient<JsonText<'de>>>()? {
            let name = name.text_or_empty();
            let known = quota::header_names().find(|known| known.eq_ignore_ascii_case(name));
            // As in other headers, the first one of a name counts.
            match known.filter(|known| headers.iter().all(|(name, _)| name != known)) {
                Some(known) => headers.push((known, map.next_value()?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Some(headers))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_seq(seq).map(|()| None)
    }

    not_reported!();
}

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
        .filter_map(|(name, value)| Some(((*name).to_owned(), header_text(value)?)))
        .collect();
    quotas.add_newer(Quotas::of_headers(&headers));
    quotas
}

/// The value of a header: a string, a number, or the first string of a list.
fn header_text(value: &RawValue) -> Option<String> {
    let json = value.get();
    if json.starts_with('[') {
        let mut first = None;
        for_each(json, |text: Lenient<JsonText<'_>>| {
            first = first.take().or_else(|| text.text().map(str::to_owned));
        })
        .ok()?;
        return first;
    }
    if json.starts_with('"') {
        let Lenient(text): Lenient<JsonText<'_>> = serde_json::from_str(json).ok()?;
        return text.map(|JsonText(text)| text.into_owned());
    }
    Some(json.to_owned())
}
