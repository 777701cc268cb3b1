//! The facade under many threads at once, as worker threads of one process use it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use otel_native::config::{Environment, Variables};
use otel_native::entry::payload::Payload;
use otel_native::pipeline;
use otel_native::record::queue::Entry;
use otel_native::util::reply::Reply;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// On, with a backend that is not there (connections are refused at once), or off.
fn environment(on: bool) -> Environment {
    let vars = [("CCXRAY_OTEL_TIER", "1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")];
    let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let env: Variables = vars.into_iter().filter(|_| on).collect();
    Environment { variables: env, ..Environment::default() }
}

fn start(on: bool) {
    pipeline::start(PathBuf::from("/nonexistent"), environment(on)).unwrap();
}

/// One of the things that a JS thread may do at any time.
fn do_something(number: usize, on: bool, replies: &mpsc::Sender<bool>) {
    let Some(running) = pipeline::current() else { return };
    let replies = replies.clone();
    let reply = Reply::new(move |delivered| replies.send(delivered).unwrap());
    match number % 5 {
        0 => running.flush(Duration::from_millis(5), reply),
        1 => running.shutdown(Duration::from_millis(5), reply),
        2 => {
            let entry = Payload::from(r#"{"provider":"anthropic","msgCount":1}"#);
            let _ = running.accepts(None) && running.enqueue(Entry { entry, parts: None });
        }
        3 => assert!(running.status(None).entries.is_balanced()),
        _ => start(on),
    }
}

/// Lets several threads do things in an order of their own.
fn mingle(on: bool, steps: usize) {
    const THREADS: usize = 4;
    let (done, all_done) = mpsc::channel();
    let (replies, answers) = mpsc::channel();
    start(on);
    for seed in 0..THREADS {
        let (done, replies) = (done.clone(), replies.clone());
        let work = move || {
            let mut number = seed + 1;
            for _ in 0..steps {
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                do_something(number >> 33, on, &replies);
            }
            done.send(()).unwrap();
        };
        thread::Builder::new().spawn(work).unwrap();
    }
    for _ in 0..THREADS {
        all_done.recv_timeout(Duration::from_mins(1)).expect("a thread waits for ever");
    }
    drop(replies);
    // A reply that is dropped is given, too, so the channel ends when everybody has an answer.
    loop {
        match answers.recv_timeout(Duration::from_secs(10)) {
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("somebody was never answered"),
        }
    }
}

#[test]
fn whatever_several_threads_do_at_once_nobody_waits_for_ever_and_everybody_is_answered() {
    mingle(false, 100_000);
    mingle(true, 4000);
}
