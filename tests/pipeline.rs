//! The pipeline, called by many threads at the same time, as JavaScript's worker threads do.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use otel_native::config::{Environment, Variables};
use otel_native::entry::payload::Payload;
use otel_native::pipeline;
use otel_native::record::entry::Entry;
use otel_native::util::reply::Reply;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Telemetry is on, with a port that refuses connections, or off.
fn environment(on: bool) -> Environment {
    let vars = [("CCXRAY_OTEL_TIER", "1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")];
    let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let variables: Variables = vars.into_iter().filter(|_| on).collect();
    Environment { variables, ..Environment::default() }
}

fn start(on: bool) {
    pipeline::start(PathBuf::from("/nonexistent"), environment(on), true).unwrap();
}

/// Calls one function that a JS thread may call at any time.
fn call_one(number: usize, on: bool, replies: &mpsc::Sender<bool>) {
    let Some(pipeline) = pipeline::current() else { return };
    let replies = replies.clone();
    let reply = Reply::new(move |delivered| replies.send(delivered).unwrap());
    match number % 5 {
        0 => pipeline.flush(Duration::from_millis(5), reply),
        1 => pipeline.shutdown(Duration::from_millis(5), reply),
        2 => {
            let entry = Payload::from(r#"{"provider":"anthropic","msgCount":1}"#);
            let _ = pipeline.accepts(None) && pipeline.enqueue(Entry { entry, parts: None });
        }
        3 => assert!(pipeline.status(None).entries.is_balanced()),
        _ => start(on),
    }
}

/// Several threads call functions, each in its own order.
fn call_at_the_same_time(on: bool, calls: usize) {
    const THREADS: usize = 4;
    let (done, all_done) = mpsc::channel();
    let (replies, answers) = mpsc::channel();
    start(on);
    for seed in 0..THREADS {
        let (done, replies) = (done.clone(), replies.clone());
        let work = move || {
            let mut number = seed + 1;
            for _ in 0..calls {
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                call_one(number >> 33, on, &replies);
            }
            done.send(()).unwrap();
        };
        thread::Builder::new().spawn(work).unwrap();
    }
    for _ in 0..THREADS {
        all_done.recv_timeout(Duration::from_mins(1)).expect("a thread hangs");
    }
    drop(replies);
    // The channel disconnects when each reply was sent or dropped, and a dropped reply is sent,
    // too.
    loop {
        match answers.recv_timeout(Duration::from_secs(10)) {
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("a reply was never sent"),
        }
    }
}

#[test]
fn calls_of_several_threads_return_and_get_their_replies() {
    call_at_the_same_time(false, 100_000);
    call_at_the_same_time(true, 4000);
}
