//! Whatever an entry contains, each value has a bound, and the time to read it grows like its
//! text.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../bench/adversarial.rs"]
mod adversarial;
#[path = "support/turns.rs"]
mod turns;

use adversarial::{Adversarial, entries};
use otel_native::entry::{Anomaly, EntrySource, ToolCall, Turn, parse};
use otel_native::metrics::derive::derive;
use otel_native::metrics::privacy::PrivacyGate;
use otel_native::metrics::registry::Metric;
use otel_native::metrics::sessions::Sessions;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};
use turns::{anthropic, count, first_values, measure, merged, turn, websocket};

/// The processor time of the fastest of three runs, or the time where a thread's processor time is
/// not known.
#[expect(clippy::disallowed_methods, reason = "the test measures")]
fn time(entry: &Adversarial) -> Duration {
    let run = || {
        let (start, start_cpu) = (Instant::now(), processor_time());
        let turn = parse(entry.source()).unwrap();
        derive(&turn, &mut Sessions::default(), &PrivacyGate::default(), &mut |_| {});
        match (start_cpu, processor_time()) {
            (Some(start), Some(end)) => end.saturating_sub(start),
            _ => start.elapsed(),
        }
    };
    (0..3).map(|_| run()).min().unwrap()
}

/// How long this thread has run on a processor.
#[cfg(unix)]
fn processor_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

/// How long this thread has run on a processor.
#[cfg(not(unix))]
fn processor_time() -> Option<Duration> {
    None
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "lengths of texts are far below 2^53")]
fn the_time_grows_like_the_text() {
    let sizes = [16 << 10, 128 << 10];
    let [small, large] = sizes.map(entries);
    for ((name, small), (_, large)) in small.iter().zip(&large) {
        let (small_time, large_time) = (time(small), time(large));
        let growth = large.len() as f64 / small.len() as f64;
        let allowed = small_time.mul_f64(growth * 3.0) + Duration::from_millis(20);
        assert!(large_time <= allowed, "{name}: {small_time:?}, {large_time:?}");
    }
}

/// The reasons of the anomalies that mark an entry, as `parser reason`.
fn fallbacks(turn: &Turn) -> Vec<String> {
    let fallbacks = turn.anomalies.iter().filter_map(|anomaly| match anomaly {
        Anomaly::Fallback { parser, reason } => {
            Some(format!("{} {}", parser.as_str(), reason.as_str()))
        }
        _ => None,
    });
    fallbacks.collect()
}

/// Whether a value of this parser was refused.
fn is_refused(turn: &Turn, parser: &str) -> bool {
    fallbacks(turn).contains(&format!("{parser} out_of_bounds"))
}

#[test]
fn calls_beyond_ten_thousand_are_refused_as_a_whole() {
    let names = |names: usize, calls: u64| -> Json {
        (0..names)
            .map(|it| (format!("t{it}"), json!(calls)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    for (label, counts, calls, refused) in [
        ("no calls", json!({}), Some(0), false),
        ("the bound", json!({"Bash": 9_999, "Read": 1}), Some(10_000), false),
        ("one more", json!({"Bash": 10_000, "Read": 1}), None, true),
        ("a count beyond all", json!({"Bash": 9_000_000_000_000_000_u64}), None, true),
        ("counts whose sum overflows", names(5_000, 9_000_000_000_000_000), None, true),
        ("as many tools as there can be", names(256, 2), Some(512), false),
        ("one tool more", names(257, 1), None, true),
        ("many names with many calls", names(10_000, 10_000), None, true),
        ("zero, null and false", json!({"Bash": 0, "Read": null, "Edit": false}), Some(0), true),
        ("a negative count", json!({"Bash": -1, "Read": 2}), Some(2), true),
        ("a fraction", json!({"Bash": 1.5, "Read": 2}), Some(2), true),
        ("a whole float", json!({"Bash": 2.0}), Some(2), false),
        ("a string", json!({"Bash": "3"}), Some(0), true),
        ("a number near the end of f64", json!({"Bash": 1e308}), Some(0), true),
    ] {
        let anthropic = turn(&anthropic(json!({"turnToolCalls": counts})));
        let codex =
            json!({"provider": "openai", "agent": "codex", "msgCount": 1, "toolCalls": counts});
        let codex = turn(&codex);
        let found = anthropic.tool_calls.as_deref().map(ToolCall::count);
        assert_eq!((found, is_refused(&anthropic, "tools")), (calls, refused), "{label}");
        if calls != Some(0) {
            assert_eq!(codex.tool_calls.as_deref().map(ToolCall::count), calls, "{label}");
            assert_eq!(is_refused(&codex, "tools"), refused, "{label}");
        }
        let made = measure(std::slice::from_ref(&anthropic));
        assert_eq!(count(&made, Metric::ToolInvocations), calls.unwrap_or(0), "{label}");
    }
}

#[test]
fn calls_by_their_ids_have_the_same_bound() {
    for (ids, calls, refused) in [(10_000, Some(10_000), false), (10_001, None, true)] {
        let ids: serde_json::Map<_, _> =
            (0..ids).map(|it| (it.to_string(), json!("shell"))).collect();
        let turn = turn(&websocket(json!({"turnToolCallIds": ids})));
        let found = turn.tool_calls.as_deref().map(ToolCall::count);
        assert_eq!((found, is_refused(&turn, "tools")), (calls, refused));
    }
}

#[test]
fn a_count_costs_no_memory() {
    let turn = turn(&anthropic(json!({"turnToolCalls": {"Acme": 9_000, "Write": 1_000}})));
    assert_eq!(turn.tool_calls.as_ref().map(Vec::len), Some(2));
    let made = measure(std::slice::from_ref(&turn));
    assert_eq!(count(&made, Metric::ToolInvocations), 10_000);
    assert_eq!(count(&made, Metric::UnknownTool), 9_000);
    assert_eq!(count(&made, Metric::FileWrites), 1_000);
}

#[test]
fn a_long_name_is_not_a_name() {
    for (length, kept) in [(256, true), (257, false), (100_000, false)] {
        let name = "n".repeat(length);
        let turn = turn(&anthropic(json!({"turnToolCalls": {name: 3}})));
        let calls = turn.tool_calls.as_deref().unwrap();
        assert_eq!((calls[0].times, !calls[0].name.is_empty()), (3, kept), "{length}");
        let made = measure(std::slice::from_ref(&turn));
        assert_eq!(first_values(&made, Metric::ToolInvocations), ["custom"]);
        assert_eq!(count(&made, Metric::UnknownTool), 3);
    }
}

#[test]
fn times_have_bounds() {
    const T: u64 = 1_787_205_803_000;
    const DAY: u64 = 86_400_000;
    let token = |at: u64| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}, "_ts": at});
    let events =
        |first: u64, last: u64| json!([token(first), {"type": "message_stop", "_ts": last}]);
    for (label, fields, seconds, first, refused) in [
        ("the host's measure", json!({"elapsed": "18.7"}), Some(18.7), None, false),
        ("a day", json!({"elapsed": "86400"}), Some(86_400.0), None, false),
        ("more than a day", json!({"elapsed": "86400.1"}), None, None, true),
        ("a million years", json!({"elapsed": "1e18"}), None, None, true),
        ("the end of f64", json!({"elapsed": 1e308}), None, None, true),
        ("a negative one", json!({"elapsed": "-1"}), None, None, true),
        ("negative zero", json!({"elapsed": "-0.0"}), Some(0.0), None, false),
        ("not a number", json!({"elapsed": "NaN"}), None, None, true),
        ("infinite", json!({"elapsed": "inf"}), None, None, true),
        ("a list", json!({"elapsed": [1]}), None, None, true),
        ("not reported", json!({"elapsed": null}), None, None, false),
        ("an empty text", json!({"elapsed": ""}), None, None, false),
        (
            "events",
            json!({"receivedAt": T, "elapsed": "9", "res": events(T + 500, T + 2_000)}),
            Some(2.0),
            Some(0.5),
            false,
        ),
        (
            "events of a day",
            json!({"receivedAt": T, "res": events(T + 500, T + DAY)}),
            Some(86_400.0),
            Some(0.5),
            false,
        ),
        (
            "events of more than a day",
            json!({"receivedAt": T, "elapsed": "9", "res": events(T + 500, T + DAY + 1)}),
            None,
            Some(0.5),
            true,
        ),
        (
            "a clock that starts in 1970",
            json!({"receivedAt": 5_000, "elapsed": "1", "res": events(T, T)}),
            None,
            None,
            true,
        ),
        (
            "a clock beyond all years",
            json!({"receivedAt": T, "res": events(T, 9_000_000_000_000_000)}),
            None,
            Some(0.0),
            true,
        ),
        (
            "a clock that was set back",
            json!({"receivedAt": T, "elapsed": "1", "res": events(T - 500, T - 400)}),
            Some(1.0),
            None,
            false,
        ),
        (
            "events of another age",
            json!({"receivedAt": T, "elapsed": "1", "res": events(1, 1)}),
            Some(1.0),
            None,
            true,
        ),
        (
            "an arrival that is no time",
            json!({"receivedAt": -5, "elapsed": "1", "res": events(T, T)}),
            Some(1.0),
            None,
            true,
        ),
        (
            "a first piece of another age",
            json!({"receivedAt": T, "res": events(1, T + 1_000)}),
            Some(1.0),
            None,
            true,
        ),
    ] {
        let turn = turn(&merged(anthropic(json!({"elapsed": null, "receivedAt": null})), fields));
        let found =
            [turn.duration, turn.time_to_first_token].map(|it| it.map(|it| it.as_secs_f64()));
        assert_eq!((found, is_refused(&turn, "time")), ([seconds, first], refused), "{label}");
    }
}

#[test]
fn a_window_that_cannot_be_true_is_refused() {
    for (window, tokens, known, refused) in [
        (json!(200_000), 50_000, true, false),
        (json!(200_000), 2_000_000, true, false),
        (json!(200_000), 2_000_001, false, true),
        (json!(1), 1_000_000_000, false, true),
        (json!(1_000_000_000), 1, true, false),
        (json!(1_000_000_001), 1, false, true),
        (json!(1e308), 1, false, true),
        (json!(-1), 1, false, true),
        (json!("200000"), 1, false, true),
        (json!(0), 1, false, false),
        (json!(null), 1, false, false),
    ] {
        let usage = json!({"input_tokens": tokens, "output_tokens": 1});
        let turn = turn(&anthropic(json!({"maxContext": window, "usage": usage})));
        let found = (turn.context_window.is_some(), is_refused(&turn, "usage"));
        assert_eq!(found, (known, refused), "{window} {tokens}");
    }
}

#[test]
fn a_list_that_is_too_long_costs_only_its_facts() {
    let objects = |object: &str, count: usize| format!("[{}]", vec![object; count].join(","));
    let entry = |more: &str| {
        format!(
            r#"{{"provider":"anthropic","agent":"claude","model":"claude-opus-5","sessionId":"s","msgCount":1,"status":200,"usage":{{"input_tokens":3,"output_tokens":4}}{more}}}"#
        )
    };
    for (label, response) in [
        ("content", r#"{"type":"message","stop_reason":"end_turn","content":LIST}"#),
        ("output", r#"{"object":"response","status":"completed","output":LIST}"#),
        ("a message", r#"[{"type":"message_start","message":{"content":LIST}}]"#),
        ("a response", r#"[{"type":"response.completed","response":{"output":LIST}}]"#),
    ] {
        for (count, is_read) in [(20_000, true), (20_001, false)] {
            let response = response.replace("LIST", &objects("{}", count));
            let turn = read(&entry(""), Some(&response));
            assert_eq!(turn.tool_calls.is_some(), is_read, "{label}");
            assert_eq!(is_refused(&turn, "tools"), !is_read, "{label}");
            assert_eq!(turn.usage.and_then(|usage| usage.input), Some(3), "{label}");
        }
        let zeros = response.replace("LIST", &objects("0", 200_000));
        assert_eq!(read(&entry(""), Some(&zeros)).tool_calls, Some(vec![]), "{label}");
    }
    for (count, failed) in [(20_000, Some(20_000)), (20_001, None)] {
        let results = objects(r#"{"toolFail":true}"#, count);
        let turn = read(&entry(&format!(r#","turnToolResults":{results}"#)), None);
        assert_eq!(
            (turn.failed_tool_results, is_refused(&turn, "entry")),
            (failed, failed.is_none())
        );
    }
    for name in ["messages", "input", "system"] {
        for (count, refused) in [(100_000, false), (100_001, true)] {
            let request = format!(r#"{{"{name}":{}}}"#, objects("0", count));
            let source = EntrySource {
                entry: &entry(""),
                request: Some(&request),
                ..EntrySource::default()
            };
            assert_eq!(is_refused(&parse(source).unwrap(), "request"), refused, "{name} {count}");
        }
    }
}

#[test]
fn calls_in_a_response_have_the_same_bound() {
    let block = |it| format!(r#"{{"type":"tool_use","id":"{it}","name":"Bash","input":{{}}}}"#);
    let item = |it| format!(r#"{{"type":"function_call","call_id":"{it}","name":"shell"}}"#);
    let starts = |it| {
        format!(r#"{{"type":"content_block_start","index":{it},"content_block":{}}}"#, block(it))
    };
    for (count, calls) in [(10_000, Some(10_000)), (10_001, None), (12_000, None)] {
        let list = |element: &dyn Fn(usize) -> String| {
            (0..count).map(element).collect::<Vec<_>>().join(",")
        };
        for response in [
            format!(r#"{{"type":"message","content":[{}]}}"#, list(&block)),
            format!(r#"{{"object":"response","output":[{}]}}"#, list(&item)),
            format!("[{}]", list(&starts)),
        ] {
            let turn = read(&anthropic(json!({})).to_string(), Some(&response));
            let found = turn.tool_calls.as_deref().map(ToolCall::count);
            assert_eq!((found, is_refused(&turn, "tools")), (calls, calls.is_none()));
        }
    }
}

/// Reads an entry from its text, beside a response.
fn read(entry: &str, response: Option<&str>) -> Turn {
    parse(EntrySource { entry, response, ..EntrySource::default() }).unwrap()
}

#[test]
fn an_unacceptable_value_costs_only_its_field() {
    let entry = |fields: &str| {
        format!(
            r#"{{"provider":"anthropic","agent":"claude","model":"claude-opus-5","sessionId":"s","msgCount":1,"status":200,{fields}}}"#
        )
    };
    let usage = r#""usage":{"input_tokens":3,"output_tokens":4}"#;
    for (label, fields, input) in [
        (
            "a count beyond f64",
            r#""usage":{"input_tokens":1e400,"output_tokens":4}"#.to_owned(),
            None,
        ),
        ("a field beyond f64", format!(r#""elapsed":-1e999,{usage}"#), Some(3)),
        (
            "an unused field beyond f64 in a list",
            format!(r#""turnToolResults":[1e400],{usage}"#),
            Some(3),
        ),
        ("a field given twice", format!(r#""elapsed":"1","elapsed":"2",{usage}"#), Some(3)),
        ("another spelling", format!(r#""elapsed":"1","\u0065lapsed":"2",{usage}"#), Some(3)),
        (
            "a count given twice",
            r#""usage":{"input_tokens":3,"input_tokens":5,"output_tokens":4}"#.to_owned(),
            None,
        ),
        ("the usage given twice", format!("{usage},{usage}"), None),
        (
            "deep nesting",
            format!(r#""res":[{}1{}],{usage}"#, r#"{"data":"#.repeat(300), "}".repeat(300)),
            Some(3),
        ),
    ] {
        let turn = read(&entry(&fields), None);
        assert!(is_refused(&turn, "entry"), "{label}");
        assert_eq!(turn.usage.and_then(|usage| usage.input), input, "{label}");
        assert_eq!(
            (turn.model.as_deref(), turn.duration),
            (Some("claude-opus-5"), None),
            "{label}"
        );
    }
    let response = r#"[{"type":"content_block_start","index":0,"index":1,"content_block":{"type":"tool_use","id":"a","name":"Bash","input":{"command":"rm -rf x"}},"x":1e400},{"type":"message_stop","type":"message_stop"}]"#;
    let turn = read(&entry(usage), Some(response));
    assert!(is_refused(&turn, "response"));
    assert_eq!(turn.tool_calls.as_deref().map(ToolCall::count), Some(1));
    for malformed in [r#"{"a":1e400"#, r#"{"a":1,"a":2]"#, r#"{"elapsed":NaN}"#, "[1e400]"] {
        let source = EntrySource { entry: malformed, ..EntrySource::default() };
        assert!(parse(source).is_err(), "{malformed}");
    }
}
