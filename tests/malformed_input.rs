//! Any input: nothing panics, every loss is counted, and memory stays bounded.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::entry::payload::Payload;
use otel_native::entry::{EntrySource, parse};
use otel_native::metrics::derive::derive;
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::sessions::Sessions;
use proptest::prelude::*;
use proptest::string::string_regex;

const FIXTURE: &str = include_str!("../testkit/fixtures/captured-entries.ndjson");

/// Runs one entry through every step that reads its text. Returns the number of measurements, or
/// `None` if the entry is refused.
fn run(entry: &str, request: Option<&str>, response: Option<&str>) -> Option<usize> {
    let entry = Payload::from(entry).into_json();
    let headers = [("anthropic-ratelimit-requests-limit".to_owned(), entry.clone())];
    let turn = parse(EntrySource {
        entry: &entry,
        request,
        response,
        headers: &headers,
        request_headers: &[],
    })
    .ok()?;
    let mut made = 0;
    derive(&turn, &mut Sessions::default(), &PrivacyGate::default(), &mut |_| made += 1);
    Some(made)
}

/// Any JSON, with the field names and values that the parsers read.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| serde_json::to_string(&value).unwrap()),
        Just("-0.0".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        string_regex("(response\\.(completed|failed|output_item\\.done)|tool_use|error|message_stop|websocket|anthropic|openai)")
            .unwrap()
            .prop_map(|text| format!("\"{text}\"")),
    ];
    let key = string_regex(
        "(type|res|req|usage|cost|data|item|delta|error|response|content|output|input|messages|model|\
         provider|agent|input_tokens|cache_creation|turnToolCalls|turnToolCallIds|turnToolResults|\
         responseMetadata|transport|name|index|_ts|status|stopReason|agentKey|[a-z]{0,4})",
    )
    .unwrap()
    .boxed();
    leaf.prop_recursive(6, 96, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map(key.clone(), inner, 0..8).prop_map(|fields| {
                let fields: Vec<_> =
                    fields.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_json_is_read_or_refused(entry in json(), request in json(), response in json()) {
        let read = run(&entry, Some(&request), Some(&response));
        prop_assert_eq!(read.is_some(), entry.starts_with('{'), "only an object is an entry");
        prop_assert!(read.unwrap_or(0) < 10_000);
    }

    #[test]
    fn any_text_is_read_or_refused(entry in any::<String>(), part in any::<String>()) {
        let _ = run(&entry, Some(&part), Some(&part));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_damaged_entry_never_panics(
        which in 0_usize..28,
        at in 0.0_f64..1.0,
        byte in any::<u8>(),
    ) {
        let line = FIXTURE.lines().nth(which).unwrap();
        let entry = line.split_once("\"entry\":").unwrap().1.strip_suffix('}').unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a position within the text")]
        let at = (entry.len() as f64 * at) as usize;
        let cut = &entry[..entry.floor_char_boundary(at)];
        prop_assert_eq!(run(cut, None, None), None, "a part of an entry is malformed");
        let mut damaged = entry.as_bytes().to_vec();
        damaged[at] = byte;
        let damaged = Payload::Utf8(damaged).into_json();
        let _ = run(&damaged, None, None);
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    for (label, text, readable) in [
        (
            "in a field that is skipped",
            format!("{{\"x\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)),
            true,
        ),
        (
            "in a field that is read",
            format!("{{\"usage\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)),
            true,
        ),
        (
            "in frames within frames",
            format!("{{\"res\":[{}1{}]}}", "{\"data\":".repeat(10_000), "}".repeat(10_000)),
            true,
        ),
        ("never closed", "[".repeat(1_000_000), false),
    ] {
        assert_eq!(run(&text, None, None).is_some(), readable, "{label}");
    }
}

#[test]
fn huge_counts_are_not_counted() {
    for count in ["1e300", "9007199254740991", "-5", "18446744073709551615", "0.5", "\"12\"", "NaN"]
    {
        let entry = format!(
            "{{\"msgCount\":1,\"usage\":{{\"input_tokens\":{count}}},\"cost\":{{\"cost\":-1}}}}"
        );
        let Ok(turn) = parse(EntrySource { entry: &entry, ..EntrySource::default() }) else {
            continue;
        };
        assert_eq!(turn.usage.and_then(|usage| usage.input), None, "{count}");
    }
    let calls =
        r#"{"provider":"anthropic","msgCount":1,"turnToolCalls":{"Bash":9007199254740991}}"#;
    assert!(run(calls, None, None).unwrap() < 50_000, "a count costs no memory");
}

#[test]
fn a_string_of_fifty_megabytes_is_skipped() {
    let title = "漢".repeat(17 << 20);
    let entry = format!("{{\"provider\":\"anthropic\",\"msgCount\":1,\"title\":\"{title}\"}}");
    assert!(run(&entry, None, None).is_some());
}
