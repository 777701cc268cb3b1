//! Our own code fails: what it costs, who is told, and that the rest goes on.
//!
//! Runs with `cargo test --features failpoints --test failpoints`; a build has no such places.

#![cfg(feature = "failpoints")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fail::FailScenario;
use otel_native::config::{Environment, Variables};
use otel_native::entry::payload::Payload;
use otel_native::pipeline::status::Status;
use otel_native::pipeline::{self, Pipeline};
use otel_native::record::queue::{DropReason, Entry};
use otel_native::util::clock::Timestamp;
use otel_native::util::reply::Reply;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use std::{env, fs, process, thread};

/// A home of a test's own, and a backend that takes everything.
struct Stage {
    scenario: FailScenario<'static>,
    home: PathBuf,
    pipeline: Arc<Pipeline>,
}

impl Stage {
    fn set() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let scenario = FailScenario::setup();
        let name =
            format!("ccxray-fail-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let home = env::temp_dir().join(name);
        fs::create_dir_all(&home).unwrap();
        let endpoint = backend();
        let vars = [("CCXRAY_OTEL_TIER", "1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)];
        let env: Variables =
            vars.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let environment =
            Environment { variables: env, home: Some(home.clone()), ..Environment::default() };
        pipeline::start(home.clone(), environment).unwrap();
        Self { scenario, home, pipeline: pipeline::current().unwrap() }
    }

    /// Records an entry. Whether it was taken in.
    fn record(&self) -> bool {
        let entry =
            Payload::from(r#"{"provider":"anthropic","model":"claude-opus-4-7","msgCount":1}"#);
        self.pipeline.accepts(None) && self.pipeline.enqueue(Entry { entry, parts: None })
    }

    fn flush(&self) -> bool {
        answer(|reply| self.pipeline.flush(Duration::from_secs(5), reply))
    }

    fn status(&self) -> Status {
        self.pipeline.status(None)
    }

    /// Waits for something that happens on another thread.
    fn eventually(&self, what: &str, is: impl Fn(&Status) -> bool) -> Status {
        for _ in 0..500 {
            let status = self.status();
            if is(&status) {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        unreachable!("{what} never came about: {:?}", self.status())
    }

    /// Shuts down, and tells whether all was delivered, what the log says, and how entries ended.
    fn end(self) -> (bool, String, Status) {
        let delivered = answer(|reply| self.pipeline.shutdown(Duration::from_secs(2), reply));
        let status = self.status();
        let log = fs::read_to_string(self.home.join(".ccxray/otel.log")).unwrap_or_default();
        fs::remove_dir_all(&self.home).unwrap();
        self.scenario.teardown();
        assert!(status.entries.is_balanced());
        (delivered, log, status)
    }
}

/// A backend that takes everything, on a thread that ends with the process.
fn backend() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::Builder::new()
        .spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = vec![0; 65_536];
                // One read has the whole of a small request on loopback, or the end of one.
                while stream.read(&mut request).is_ok_and(|bytes| bytes > 0) {
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    if stream.write_all(answer.as_bytes()).is_err() {
                        break;
                    }
                }
            }
        })
        .unwrap();
    format!("http://{address}")
}

fn answer(ask: impl FnOnce(Reply)) -> bool {
    let (tell, told) = mpsc::channel();
    ask(Reply::new(move |delivered| tell.send(delivered).unwrap()));
    told.recv_timeout(Duration::from_secs(6)).unwrap()
}

fn lost_to_panics(status: &Status) -> u64 {
    status.entries.dropped[DropReason::Panic as usize]
}

#[test]
fn a_panic_on_an_entry_costs_that_entry() {
    let stage = Stage::set();
    fail::cfg("entry", "1*panic->off").unwrap();
    for _ in 0..3 {
        assert!(stage.record());
    }
    assert!(stage.flush());
    let status = stage.status();
    assert_eq!(
        (status.project.state.as_str(), status.entries.processed, lost_to_panics(&status)),
        ("active", 2, 1)
    );
    let (delivered, log, _) = stage.end();
    assert!(delivered);
    assert_eq!(log.matches(r#""event":"entry_panic""#).count(), 1, "{log}");
}

#[test]
fn a_panic_in_an_export_costs_that_export() {
    let stage = Stage::set();
    fail::cfg("export", "1*panic->off").unwrap();
    assert!(stage.record());
    assert!(!stage.flush());
    let status = stage.status();
    assert_eq!(status.project.exports.last_error.as_deref(), Some("internal error: panic"));
    assert_eq!((status.project.state.as_str(), status.project.exports.failed), ("active", 1));
    assert!(stage.flush(), "the next one says everything");
    let (delivered, log, status) = stage.end();
    assert!(delivered);
    assert_eq!(status.project.exports.delivered, 1);
    assert!(log.contains(r#""class":"internal""#), "{log}");
}

#[test]
fn exports_that_panic_again_and_again_open_the_circuit() {
    let stage = Stage::set();
    fail::cfg("export", "panic").unwrap();
    assert!(stage.record());
    for _ in 0..6 {
        assert!(!stage.flush());
    }
    assert_eq!(
        (stage.status().project.state.as_str(), stage.status().project.exports.failed),
        ("circuit_open", 5)
    );
    let (delivered, ..) = stage.end();
    assert!(!delivered);
}

#[test]
fn a_worker_that_dies_is_noticed_and_everything_it_had_is_accounted_for() {
    let stage = Stage::set();
    assert!(stage.record());
    assert!(stage.flush());
    fail::cfg("complete", "1*panic->off").unwrap();
    for _ in 0..10 {
        stage.record();
    }
    let status = stage.eventually("degraded", |status| status.project.state.as_str() == "degraded");
    assert_eq!(status.project.reason.as_deref(), Some("the thread that counts has ended"));
    let status = stage.eventually("an end of what was queued", |it| it.entries.queued == 0);
    assert_eq!(status.entries.processed, 1);
    assert_eq!(lost_to_panics(&status), status.entries.accepted - 1);
    assert!(!stage.record(), "nothing is taken in any more");
    assert!(!stage.flush(), "nobody can say that everything was counted");
    assert!(
        stage.status().project.exports.delivered > 1,
        "what was counted is exported all the same"
    );
    let (_, log, _) = stage.end();
    assert!(
        log.contains(r#""to":"degraded","reason":"the thread that counts has ended""#),
        "{log}"
    );
}

#[test]
fn an_exporter_that_dies_is_noticed_and_nobody_waits_for_it() {
    let stage = Stage::set();
    assert!(stage.record());
    assert!(stage.flush());
    fail::cfg("exporter", "panic").unwrap();
    assert!(!stage.flush());
    let status = stage.eventually("degraded", |status| status.project.state.as_str() == "degraded");
    assert_eq!(status.project.reason.as_deref(), Some("the thread that exports has ended"));
    assert!(stage.record(), "turns are counted all the same");
    stage.eventually("processing", |status| status.entries.processed == 2);
    assert!(!stage.flush());
    let begun = Timestamp::now();
    let (delivered, ..) = stage.end();
    assert!(!delivered);
    let waited = begun.instant.elapsed();
    assert!(waited < Duration::from_millis(1500), "a shutdown waits for nobody who is gone");
}

#[test]
fn the_loop_of_one_project_can_end_without_the_thread() {
    let stage = Stage::set();
    assert!(stage.record());
    assert!(stage.flush());
    fail::cfg("schedule", "1*panic->off").unwrap();
    // The loop looks again once this one is done.
    stage.flush();
    let status = stage.eventually("degraded", |status| status.project.state.as_str() == "degraded");
    assert_eq!(status.project.reason.as_deref(), Some("the loop of its exports has ended"));
    assert!(stage.record());
    assert!(!stage.flush(), "nobody exports any more, and nobody waits for it");
    let (delivered, log, _) = stage.end();
    assert!(!delivered);
    assert!(log.contains("the loop of its exports has ended"), "{log}");
}

#[test]
fn a_worker_is_not_started_again() {
    let stage = Stage::set();
    fail::cfg("worker", "panic").unwrap();
    stage.record();
    stage.eventually("degraded", |status| status.project.state.as_str() == "degraded");
    fail::cfg("worker", "off").unwrap();
    for _ in 0..5 {
        assert!(!stage.record());
    }
    assert_eq!(stage.status().project.state.as_str(), "degraded");
    stage.end();
}
