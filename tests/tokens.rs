//! Which token counts and which cost are exported: the response's own, or else the host's.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/turns.rs"]
mod turns;

use otel_native::diagnostics::drift::Occurrences;
use otel_native::entry::{Anomaly, CacheCreation, Cost, Mismatch, Turn, Usage};
use otel_native::metrics::registry::Metric;
use serde_json::{Value as Json, json};
use turns::{anthropic, count, first_values, measure, merged, turn, websocket};

/// Input, output, cache reads and cache writes.
type Counts = [Option<u64>; 4];

fn counts(usage: &Usage) -> Counts {
    [usage.input, usage.output, usage.cache_read, usage.cache_creation.map(CacheCreation::total)]
}

fn counts_of(turn: &Turn) -> Counts {
    turn.usage.as_ref().map_or([None; 4], counts)
}

fn differs(turn: &Turn, counts: Mismatch) -> bool {
    turn.anomalies.contains(&Anomaly::Mismatch(counts))
}

fn event(kind: &str, fields: Json) -> Json {
    merged(json!({"type": kind, "_ts": 1_000_050}), fields)
}

fn start(usage: Json) -> Json {
    event("message_start", json!({"message": {"usage": usage}}))
}

fn delta(usage: Json) -> Json {
    event("message_delta", json!({"delta": {"stop_reason": "end_turn"}, "usage": usage}))
}

fn stop() -> Json {
    event("message_stop", json!({}))
}

/// What the host keeps of a stream that starts with 100 input tokens.
fn host() -> Json {
    json!({"input_tokens": 100, "output_tokens": 20, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0})
}

/// An Anthropic turn with this response, and with the host's figures from [`host`].
fn answered(res: Json) -> Turn {
    turn(&anthropic(json!({"usage": host(), "res": res})))
}

/// A Codex turn over HTTP, with these usage blocks in the host's record and in the response.
fn codex(host: Json, response: Json) -> Turn {
    let end = json!({"type": "response.completed", "response": {"status": "completed", "usage": response}});
    codex_with(host, json!([{"event": "response.completed", "data": end, "_ts": 2}]))
}

fn codex_with(host: Json, res: Json) -> Turn {
    turn(&json!({
        "provider": "openai", "agent": "codex", "model": "gpt-5.5", "msgCount": 1, "status": 200,
        "sessionId": "s-3", "agentKey": "default", "isSSE": true, "stopReason": "completed",
        "usage": host, "res": res,
    }))
}

const ZEROS: Json = Json::Null;

/// Checks the counts of a stream with these events: with its terminal event, and without it.
fn check_stream(label: &str, events: &[Json], expected: Counts) {
    const HOSTS: Counts = [Some(100), Some(20), Some(0), Some(0)];
    let with_end: Vec<Json> = events.iter().cloned().chain([stop()]).collect();
    let read = answered(json!(with_end));
    assert_eq!(counts_of(&read), expected, "{label}");
    assert_eq!(differs(&read, Mismatch::TokenSum), expected != HOSTS, "{label}");
    if !events.iter().any(|event| event["type"] == "message_stop") {
        let cut = answered(json!(events));
        assert_eq!(counts_of(&cut), HOSTS, "{label}: without its end the host's figures count");
        assert!(!differs(&cut, Mismatch::TokenSum), "{label}: nor is there a difference");
    }
}

#[test]
fn usage_grows_while_a_stream_runs() {
    let zeros = json!({"input_tokens": 0, "output_tokens": 0});
    let first = json!({"input_tokens": 100, "output_tokens": 3, "cache_read_input_tokens": 0});
    let cached = json!({"input_tokens": 100, "output_tokens": 3, "cache_read_input_tokens": 500,
        "cache_creation_input_tokens": 70});
    for (label, events, expected) in [
        (
            "a later input",
            vec![start(first.clone()), delta(json!({"input_tokens": 900, "output_tokens": 20}))],
            [Some(900), Some(20), Some(0), Some(0)],
        ),
        (
            "several outputs",
            vec![
                start(first.clone()),
                delta(json!({"output_tokens": 20})),
                delta(json!({"output_tokens": 400})),
            ],
            [Some(100), Some(400), Some(0), Some(0)],
        ),
        (
            "zeros at first",
            vec![
                start(zeros),
                delta(
                    json!({"input_tokens": 700, "output_tokens": 9, "cache_read_input_tokens": 50}),
                ),
            ],
            [Some(700), Some(9), Some(50), Some(0)],
        ),
        (
            "zeros for what the last event does not know",
            vec![
                start(cached.clone()),
                delta(json!({"input_tokens": 0, "output_tokens": 20, "cache_read_input_tokens": 0,
                    "cache_creation_input_tokens": 0})),
            ],
            [Some(100), Some(20), Some(500), Some(70)],
        ),
        (
            "an estimate that becomes smaller",
            vec![start(cached), delta(json!({"input_tokens": 40, "output_tokens": 20}))],
            [Some(40), Some(20), Some(500), Some(70)],
        ),
    ] {
        check_stream(label, &events, expected);
    }
}

#[test]
fn the_ends_of_a_stream_can_have_figures() {
    let zeros = json!({"input_tokens": 0, "output_tokens": 0});
    let first = json!({"input_tokens": 100, "output_tokens": 3, "cache_read_input_tokens": 0});
    for (label, events, expected) in [
        (
            "figures in the last event",
            vec![
                start(first.clone()),
                event("message_stop", json!({"usage": {"input_tokens": 120, "output_tokens": 33}})),
            ],
            [Some(120), Some(33), Some(0), Some(0)],
        ),
        (
            "figures in the message of the last event",
            vec![
                start(first.clone()),
                event("message_stop", json!({"message": {"usage": {"output_tokens": 34}}})),
            ],
            [Some(100), Some(34), Some(0), Some(0)],
        ),
        (
            "figures of Amazon Bedrock",
            vec![
                start(zeros),
                event(
                    "message_stop",
                    json!({"amazon-bedrock-invocationMetrics":
                    {"inputTokenCount": 77, "outputTokenCount": 5, "invocationLatency": 900}}),
                ),
            ],
            [Some(77), Some(5), Some(0), Some(0)],
        ),
        (
            "only the placeholder of the first event",
            vec![start(first.clone())],
            [Some(100), Some(3), Some(0), Some(0)],
        ),
        (
            "an output of zero",
            vec![start(first.clone()), delta(json!({"output_tokens": 0}))],
            [Some(100), Some(0), Some(0), Some(0)],
        ),
        (
            "no first event",
            vec![delta(json!({"input_tokens": 5, "output_tokens": 6}))],
            [Some(5), Some(6), Some(0), Some(0)],
        ),
        (
            "values that are no counts",
            vec![
                start(first),
                delta(
                    json!({"input_tokens": "900", "output_tokens": -4, "cache_read_input_tokens": 2.5,
                    "cache_creation_input_tokens": null}),
                ),
                delta(json!({"input_tokens": 5_000_000_000_u64, "output_tokens": 21})),
            ],
            [Some(100), Some(21), Some(0), Some(0)],
        ),
        ("no figures", vec![], [Some(100), Some(20), Some(0), Some(0)]),
    ] {
        check_stream(label, &events, expected);
    }
}

#[test]
fn a_value_that_is_not_a_count_is_an_anomaly() {
    let read = answered(json!([
        start(json!({"input_tokens": 100, "output_tokens": null})),
        delta(json!({"input_tokens": "900", "output_tokens": 20})),
        delta(json!({"input_tokens": "901", "output_tokens": 20})),
        stop(),
    ]));
    assert_eq!(read.anomalies, [Anomaly::UnknownKind("usage:input_tokens".to_owned())]);
}

#[test]
fn a_body_reports_its_usage() {
    let body = |usage: Json| json!({"type": "message", "content": [], "stop_reason": "end_turn", "usage": usage});
    let usage = json!({"input_tokens": 200, "output_tokens": 30});
    assert_eq!(counts_of(&answered(body(usage))), [Some(200), Some(30), Some(0), Some(0)]);
    assert_eq!(counts_of(&answered(body(json!({})))), [Some(100), Some(20), Some(0), Some(0)]);
    assert_eq!(counts_of(&answered(json!("<html>"))), [Some(100), Some(20), Some(0), Some(0)]);
    let older = anthropic(
        json!({"usage": null, "cost": null, "res": body(json!({"input_tokens": 2, "output_tokens": 3}))}),
    );
    let older = turn(&older);
    assert_eq!(counts_of(&older), [Some(2), Some(3), None, None]);
    assert_eq!((older.cost, older.anomalies), (Cost::Unpriced, vec![]));
}

#[test]
fn cache_writes_of_different_events_are_not_mixed() {
    let split =
        |five, one| json!({"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": one});
    let written = |total: Json, split: Json| json!({"output_tokens": 1, "cache_creation_input_tokens": total, "cache_creation": split});
    let both = |five_minutes, one_hour| Some(CacheCreation::Split { five_minutes, one_hour });
    for (label, first, later, expected, disagrees) in [
        ("both at first", written(json!(9), split(4, 5)), ZEROS, both(4, 5), false),
        (
            "the same total later",
            written(json!(9), split(4, 5)),
            written(json!(9), ZEROS),
            both(4, 5),
            false,
        ),
        (
            "another total later",
            written(json!(9), split(4, 5)),
            written(json!(7), ZEROS),
            Some(CacheCreation::Total(7)),
            false,
        ),
        (
            "both later",
            written(json!(0), split(0, 0)),
            written(json!(7), split(0, 7)),
            both(0, 7),
            false,
        ),
        (
            "zeros later",
            written(json!(9), split(4, 5)),
            written(json!(0), split(0, 0)),
            both(4, 5),
            false,
        ),
        ("only a split", written(ZEROS, split(4, 5)), ZEROS, both(4, 5), false),
        (
            "another split in the same event",
            written(json!(9), split(4, 4)),
            ZEROS,
            Some(CacheCreation::Total(9)),
            true,
        ),
    ] {
        let events = json!([start(first), delta(later), stop()]);
        let turn = turn(&anthropic(json!({"usage": null, "res": events})));
        assert_eq!(turn.usage.unwrap().cache_creation, expected, "{label}");
        assert_eq!(differs(&turn, Mismatch::TokenSum), disagrees, "{label}");
    }
}

/// A stream that ends with these counts and these iterations.
fn iterated(input: u64, output: u64, iterations: Json) -> Turn {
    let usage = json!({"input_tokens": input, "output_tokens": output, "iterations": iterations});
    answered(json!([start(json!({"input_tokens": 100, "output_tokens": 2})), delta(usage), stop()]))
}

fn iteration(model: Option<&str>, input: u64, output: u64) -> Json {
    let counts = json!({"type": "message", "input_tokens": input, "output_tokens": output,
        "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0});
    model.map_or(counts.clone(), |model| merged(counts, json!({"model": model})))
}

#[test]
fn iterations_count_under_their_models() {
    let dated = "claude-sonnet-4-6-20260301";
    let (other, unknown) = ("claude-opus-5", "acme-9");
    for (label, turn, own, others, context) in [
        ("one", iterated(100, 20, json!([iteration(None, 100, 20)])), (100, 20), vec![], 100),
        (
            "a summary first: the counts beside them are of the last one",
            iterated(40, 20, json!([iteration(None, 9000, 300), iteration(None, 40, 20)])),
            (9040, 320),
            vec![],
            40,
        ),
        (
            "another spelling of the model",
            iterated(7, 8, json!([iteration(None, 3, 4), iteration(Some(dated), 4, 4)])),
            (7, 8),
            vec![],
            4,
        ),
        (
            "advice of other models",
            iterated(
                9,
                8,
                json!([
                    iteration(None, 4, 4),
                    iteration(Some(other), 70, 6),
                    iteration(Some(unknown), 1, 1),
                    iteration(Some(other), 30, 4),
                    iteration(None, 5, 4)
                ]),
            ),
            (9, 8),
            vec![(Some(other), 100, 10), (Some(unknown), 1, 1)],
            5,
        ),
        (
            "another model takes over",
            iterated(80, 9, json!([iteration(Some(dated), 60, 0), iteration(Some(other), 80, 9)])),
            (60, 0),
            vec![(Some(other), 80, 9)],
            60,
        ),
        (
            "another model does everything",
            iterated(80, 9, json!([iteration(Some(other), 80, 9)])),
            (0, 0),
            vec![(Some(other), 80, 9)],
            80,
        ),
        (
            "only the advice is listed",
            iterated(5, 700, json!([iteration(Some(other), 80, 9)])),
            (5, 700),
            vec![(Some(other), 80, 9)],
            5,
        ),
        ("zeros", iterated(5, 7, json!([iteration(None, 0, 0)])), (5, 7), vec![], 5),
        ("an empty list", iterated(5, 7, json!([])), (5, 7), vec![], 5),
        ("no list", iterated(5, 7, json!({"a": 1})), (5, 7), vec![], 5),
        ("other elements", iterated(5, 7, json!([1, null, "x", [], {}])), (5, 7), vec![], 5),
        (
            "an element without counts",
            iterated(5, 7, json!([{"type": "message"}, iteration(None, 4, 9)])),
            (4, 9),
            vec![],
            4,
        ),
    ] {
        let usage = turn.usage.unwrap();
        assert_eq!((usage.input.unwrap(), usage.output.unwrap()), own, "{label}");
        let found: Vec<_> = turn
            .other_usage
            .iter()
            .map(|it| (it.model.as_deref(), it.usage.input.unwrap(), it.usage.output.unwrap()))
            .collect();
        assert_eq!(found, others, "{label}");
        assert_eq!(turn.context_tokens, Some(context), "{label}");
        let all = (others.iter().fold(own, |sum, it| (sum.0 + it.1, sum.1 + it.2))) != (100, 20);
        assert_eq!(differs(&turn, Mismatch::TokenSum), all, "{label}");
        let made = measure(&[turn]);
        assert_eq!(first_values(&made, Metric::ProviderDistribution), ["anthropic"], "{label}");
    }
}

#[test]
fn a_wrong_count_of_an_iteration_is_an_anomaly() {
    let negative = json!([{"input_tokens": -1, "output_tokens": 9}, iteration(None, 100, 11)]);
    let turn = iterated(100, 20, negative);
    assert_eq!(counts_of(&turn)[..2], [Some(100), Some(20)]);
    assert_eq!(turn.anomalies, [Anomaly::UnknownKind("usage:iterations".to_owned())]);
    let many: Vec<Json> = (0..3).map(|_| iteration(None, 900_000_000, 1)).collect();
    let turn = iterated(100, 20, json!(many));
    assert_eq!(counts_of(&turn)[0], Some(100), "a sum beyond the limit is not used");
    assert!(turn.anomalies.contains(&Anomaly::UnknownKind("usage:iterations".to_owned())));
}

#[test]
fn the_number_of_models_in_a_call_is_limited() {
    let names: Vec<String> = (0..50).map(|number| format!("acme-{number}")).collect();
    let mut list: Vec<Json> = names.iter().map(|name| iteration(Some(name), 10, 1)).collect();
    list.push(iteration(None, 100, 20));
    let turn = iterated(100, 20, json!(list));
    assert_eq!(counts_of(&turn)[..2], [Some(100), Some(20)]);
    assert_eq!(turn.other_usage.len(), 9, "8 models, and all others together");
    assert_eq!(turn.other_usage[8].model, None);
    let made = measure(&[turn]);
    assert_eq!(count(&made, Metric::TokensInput), 600);
    assert_eq!(count(&made, Metric::CostUnpriced), 1 + 9, "no price for any of them");
}

#[test]
fn the_cached_part_of_the_responses_input_is_subtracted() {
    let details =
        |cached: u64, written: u64| json!({"cached_tokens": cached, "cache_write_tokens": written});
    let nothing = json!(null);
    for (label, host, response, expected) in [
        (
            "a cached part",
            nothing.clone(),
            json!({"input_tokens": 100, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 40}}),
            [Some(60), Some(5), Some(40), None],
        ),
        (
            "a written part",
            nothing.clone(),
            json!({"input_tokens": 100, "output_tokens": 5, "input_tokens_details": details(40, 25)}),
            [Some(35), Some(5), Some(40), Some(25)],
        ),
        (
            "all of it is cached",
            nothing.clone(),
            json!({"input_tokens": 65, "output_tokens": 5, "input_tokens_details": details(40, 25)}),
            [Some(0), Some(5), Some(40), Some(25)],
        ),
        (
            "an input without the cached part",
            nothing.clone(),
            json!({"input_tokens": 39, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 40}}),
            [Some(39), Some(5), Some(40), None],
        ),
        (
            "an input without both parts",
            nothing.clone(),
            json!({"input_tokens": 60, "output_tokens": 5, "input_tokens_details": details(40, 25)}),
            [Some(60), Some(5), Some(40), Some(25)],
        ),
        (
            "names of chat completions",
            nothing.clone(),
            json!({"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105,
                "prompt_tokens_details": {"cached_tokens": 40}, "completion_tokens_details": {}}),
            [Some(60), Some(5), Some(40), None],
        ),
        (
            "counts that are missing are those of the host",
            json!({"input_tokens": 9, "output_tokens": 8, "cache_read_input_tokens": 7}),
            json!({"output_tokens": 5}),
            [Some(9), Some(5), Some(7), None],
        ),
        (
            "parts that only the host knows are in the input, too",
            json!({"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2}),
            json!({"input_tokens": 16, "output_tokens": 5}),
            [Some(11), Some(5), Some(3), Some(2)],
        ),
        (
            "no usage in the response",
            json!({"input_tokens": 9, "output_tokens": 8}),
            json!(null),
            [Some(9), Some(8), None, None],
        ),
    ] {
        assert_eq!(counts_of(&codex(host, response)), expected, "{label}");
    }
}

#[test]
fn equal_counts_in_another_form_do_not_differ() {
    for (label, host, response) in [
        (
            "the host has subtracted the cached part",
            json!({"input_tokens": 60, "output_tokens": 5, "total_tokens": 105, "cache_read_input_tokens": 40,
                "cache_creation_input_tokens": 0, "input_tokens_details": {"cached_tokens": 40}}),
            json!({"input_tokens": 100, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 40}}),
        ),
        (
            "an older host has not",
            json!({"input_tokens": 100, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 9}}),
            json!({"input_tokens": 100, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 9}}),
        ),
        (
            "the host also knows the written part",
            json!({"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2}),
            json!({"input_tokens": 15, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 3}}),
        ),
        (
            "the host has the other names",
            json!({"prompt_tokens": 10, "completion_tokens": 5}),
            json!({"input_tokens": 10, "output_tokens": 5}),
        ),
    ] {
        let turn = codex(host, response);
        assert_eq!(turn.anomalies, [], "{label}");
        assert!(turn.differences.is_empty(), "{label}");
    }
}

#[test]
fn cache_writes_in_the_hosts_details_are_not_input() {
    let host = json!({"input_tokens": 3900, "output_tokens": 40, "total_tokens": 3940, "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 3207}});
    let reduced = json!([{"type": "response.completed", "_ts": 2}]);
    let over_socket = turn(&websocket(json!({"usage": host, "cost": null, "res": reduced})));
    assert_eq!(counts_of(&over_socket), [Some(693), Some(40), Some(0), Some(3207)]);
    assert!(differs(&over_socket, Mismatch::TokenSum), "the host's own page shows 3900 and 0");
    let knowing = json!({"input_tokens": 693, "output_tokens": 40, "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 3207, "input_tokens_details": {"cache_write_tokens": 3207}});
    let turn = codex(knowing, json!(null));
    assert_eq!(counts_of(&turn), [Some(693), Some(40), Some(0), Some(3207)]);
    assert!(!differs(&turn, Mismatch::TokenSum));
}

#[test]
fn every_terminal_event_with_usage_counts() {
    let usage = json!({"input_tokens": 100, "output_tokens": 5});
    for kind in ["response.completed", "response.done", "response.failed", "response.incomplete"] {
        let end = json!({"type": kind, "response": {"usage": usage}});
        let framed = codex_with(json!(null), json!([{"event": kind, "data": end, "_ts": 2}]));
        assert_eq!(counts_of(&framed)[..2], [Some(100), Some(5)], "{kind} over HTTP");
        let flat = turn(&websocket(json!({"res": [merged(end, json!({"_ts": 2}))]})));
        assert_eq!(
            counts_of(&flat)[..2],
            [Some(50), Some(5)],
            "{kind}: the host's 50 cached ones are in it"
        );
    }
    let created = json!({"type": "response.created", "response": {"usage": usage}});
    let open =
        codex_with(json!(null), json!([{"event": "response.created", "data": created, "_ts": 2}]));
    assert_eq!(counts_of(&open), [None; 4], "no other event has usage");
}

/// An Anthropic turn whose response has 1,000 input tokens, instead of the host's 100.
fn priced(cost: Json) -> Turn {
    let usage = json!({"input_tokens": 1000, "output_tokens": 20});
    let events = json!([start(usage.clone()), delta(usage), stop()]);
    turn(&anthropic(json!({"usage": host(), "cost": cost, "res": events})))
}

#[test]
fn the_cost_follows_the_tokens() {
    let rates = json!({"input": 3, "output": 15, "cache_create": 3.75, "cache_read": 0.3});
    for (label, cost, expected, differing) in [
        ("rates", json!({"cost": 0.0006, "rates": rates}), Some(0.0033), true),
        ("the host's price is zero", json!({"cost": 0, "rates": rates}), Some(0.0033), true),
        ("the host has no price", json!({"cost": null, "rates": rates}), Some(0.0033), false),
        ("the same price", json!({"cost": 0.0033, "rates": rates}), Some(0.0033), false),
        (
            "a difference of rounding",
            json!({"cost": 0.003_300_000_000_1, "rates": rates}),
            Some(0.0033),
            false,
        ),
        ("no rates", json!({"cost": 0.0006}), None, false),
        ("wrong rates", json!({"cost": 0.0006, "rates": {"input": -3, "output": 15}}), None, false),
        ("no cost", json!(null), None, false),
    ] {
        let turn = priced(cost);
        match (turn.cost, expected) {
            (Cost::Usd(usd), Some(expected)) => assert!((usd - expected).abs() < 1e-12, "{label}"),
            (Cost::Unpriced, None) => {}
            (found, _) => panic!("{label}: {found:?}"),
        }
        assert!(differs(&turn, Mismatch::TokenSum), "{label}");
        assert_eq!(differs(&turn, Mismatch::Cost), differing, "{label}");
        let made = measure(&[turn]);
        let mismatches = count(&made, Metric::ReconciliationMismatch);
        assert_eq!(mismatches, 1 + u64::from(differing), "{label}");
        assert_eq!(count(&made, Metric::ParserMismatch), mismatches, "{label}");
    }
}

#[test]
fn the_host_has_not_priced_a_count_that_it_lacks() {
    let rates = json!({"input": 3, "output": 15, "cache_create": 3.75, "cache_read": 0.3});
    let usage =
        json!({"input_tokens": 100, "output_tokens": 20, "cache_read_input_tokens": 500_000});
    let events = json!([start(usage.clone()), delta(usage), stop()]);
    for (host, is_priced_by_host) in [
        (json!({"input_tokens": 100, "output_tokens": 20}), false),
        (json!({"prompt_tokens": 100, "completion_tokens": 20}), false),
        (json!(null), false),
        (
            json!({"input_tokens": 100, "output_tokens": 20, "cache_read_input_tokens": 500_000, "cache_creation_input_tokens": 0}),
            true,
        ),
    ] {
        let cost = json!({"cost": 0.0006, "rates": rates});
        let turn = turn(&anthropic(json!({"usage": host, "cost": cost, "res": events})));
        let Cost::Usd(usd) = turn.cost else { panic!("{host}: {:?}", turn.cost) };
        let expected = if is_priced_by_host { 0.0006 } else { 0.1506 };
        assert!((usd - expected).abs() < 1e-12, "{host}: {usd}");
        assert_eq!(differs(&turn, Mismatch::Cost), !is_priced_by_host, "{host}");
    }
}

#[test]
fn only_iterations_of_the_conversation_fill_the_context() {
    let round = |kind: &str, input: u64| merged(iteration(None, input, 1), json!({"type": kind}));
    for (rounds, context) in [
        (json!([round("compaction", 900), round("message", 40)]), 40),
        (json!([round("message", 900), round("message", 950)]), 950),
        (json!([round("message", 900), round("advisor_message", 7)]), 900),
    ] {
        let turn = iterated(40, 20, rounds);
        assert_eq!(turn.context_tokens, Some(context));
    }
}

#[test]
fn one_hour_writes_have_their_own_rate_in_a_new_price() {
    let usage = json!({"input_tokens": 100, "output_tokens": 420, "cache_creation_input_tokens": 1000,
        "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 800}});
    let host = merged(usage.clone(), json!({"output_tokens": 20}));
    let rates = json!({"input": 3, "output": 15, "cache_create": 3.75, "cache_read": 0.3});
    let cost = json!({"cost": 0.004_35, "rates": rates});
    let with = |host: &Json| {
        let events = json!([start(usage.clone()), delta(usage.clone()), stop()]);
        turn(&anthropic(json!({"usage": host, "cost": cost, "res": events})))
    };
    let Cost::Usd(usd) = with(&host).cost else { panic!("there are rates") };
    assert!((usd - (100.0 * 3.0 + 420.0 * 15.0 + 200.0 * 3.75 + 800.0 * 6.0) / 1e6).abs() < 1e-12);
    let same = with(&usage);
    assert_eq!(same.cost, Cost::Usd(0.004_35), "the host's price of the same tokens stays");
    assert_eq!(same.anomalies, []);
}

#[test]
fn the_price_of_the_own_model_leaves_out_others() {
    let usage = json!({"input_tokens": 100, "output_tokens": 20,
        "iterations": [iteration(None, 100, 20), iteration(Some("claude-opus-5"), 9000, 10)]});
    let entry = anthropic(
        json!({"usage": host(), "cost": {"cost": 0.0006, "rates": {"input": 3, "output": 15}},
        "res": [start(json!({})), delta(usage), stop()]}),
    );
    let turn = turn(&entry);
    assert_eq!(turn.cost, Cost::Usd(0.0006));
    assert!(differs(&turn, Mismatch::TokenSum) && !differs(&turn, Mismatch::Cost));
    let made = measure(&[turn]);
    assert_eq!(count(&made, Metric::CostUnpriced), 1);
}

#[test]
fn a_price_for_tokens_of_other_models_only_is_a_difference() {
    let usage = json!({"input_tokens": 80, "output_tokens": 9,
        "iterations": [iteration(Some("claude-opus-5"), 80, 9)]});
    let cost = json!({"cost": 0.0006, "rates": {"input": 3, "output": 15}});
    let entry = anthropic(json!({"usage": host(), "cost": cost,
        "res": [start(json!({})), delta(usage), stop()]}));
    let turn = turn(&entry);
    assert_eq!(turn.cost, Cost::NotReported);
    assert!(differs(&turn, Mismatch::Cost));
    assert_eq!(count(&measure(&[turn]), Metric::CostUnpriced), 1);
}

#[test]
fn a_difference_of_figures_does_not_degrade_a_turn() {
    let made = measure(&[priced(json!({"cost": 0.0006, "rates": {"input": 3, "output": 15}}))]);
    let turns = made.iter().find(|it| it.metric == Metric::ProviderDistribution).unwrap();
    assert_eq!(turns.attributes[1].as_str(), "");
    let entry = merged(
        anthropic(json!({"turnToolCalls": {"Bash": 2}})),
        json!({"res": [start(host()), delta(host()), stop()]}),
    );
    let made = measure(&[turn(&entry)]);
    let turns = made.iter().find(|it| it.metric == Metric::ProviderDistribution).unwrap();
    assert_eq!(turns.attributes[1].as_str(), "true", "a missing call was not understood");
}

#[test]
fn drift_contains_how_far_the_figures_are_apart() {
    let turn = priced(json!({"cost": 0.0006, "rates": {"input": 3, "output": 15}}));
    let found: Vec<String> = turn
        .anomalies
        .iter()
        .flat_map(|anomaly| Occurrences::of(anomaly, &turn, 1).differences.iter())
        .map(|(figure, it)| format!("{} {} {} {}", figure.as_str(), it.turns, it.host, it.response))
        .collect();
    assert_eq!(found, ["input 1 100 1000", "cost 1 0.0006 0.0033"]);
}

#[test]
fn numbers_of_another_turn_are_not_compared() {
    let stranger =
        turn(&websocket(json!({"res": [{"type": "response.output_item.done", "_ts": 2}]})));
    assert_eq!(counts_of(&stranger), [None; 4]);
    assert!(stranger.differences.is_empty() && stranger.cost == Cost::NotReported);
}
