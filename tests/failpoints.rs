//! Panics in our own code: what they cost, where they are reported, and that everything else goes
//! on.
//!
//! Runs with `cargo test --features failpoints --test failpoints`. Other builds have no failpoints.

#![cfg(feature = "failpoints")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fail::FailScenario;
use otel_native::config::{Environment, Variables};
use otel_native::entry::payload::Payload;
use otel_native::pipeline::status::Status;
use otel_native::pipeline::{self, Pipeline};
use otel_native::record::entry::Entry;
use otel_native::record::entry_counts::DropReason;
use otel_native::util::clock::Timestamp;
use otel_native::util::reply::Reply;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use std::{env, fs, process, thread};

/// A pipeline with its own home directory, and a backend that accepts everything.
struct Stage {
    scenario: FailScenario<'static>,
    home: PathBuf,
    pipeline: Arc<Pipeline>,
}

impl Stage {
    fn start() -> Self {
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
        pipeline::start(home.clone(), environment, true).unwrap();
        Self { scenario, home, pipeline: pipeline::current().unwrap() }
    }

    /// Records an entry. `true` if it was accepted.
    fn record(&self) -> bool {
        let entry =
            Payload::from(r#"{"provider":"anthropic","model":"claude-opus-4-7","msgCount":1}"#);
        self.pipeline.accepts(None) && self.pipeline.enqueue(Entry { entry, parts: None })
    }

    fn flush(&self) -> bool {
        reply_to(|reply| self.pipeline.flush(Duration::from_secs(5), reply))
    }

    fn status(&self) -> Status {
        self.pipeline.status(None)
    }

    /// Waits until `condition` holds for the status.
    fn eventually(&self, what: &str, condition: impl Fn(&Status) -> bool) -> Status {
        for _ in 0..500 {
            let status = self.status();
            if condition(&status) {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        unreachable!("{what} did not happen: {:?}", self.status())
    }

    /// Shuts down. Returns whether everything was delivered, the log, and the last status.
    fn shut_down(self) -> (bool, String, Status) {
        let delivered = reply_to(|reply| self.pipeline.shutdown(Duration::from_secs(2), reply));
        let status = self.status();
        let log = fs::read_to_string(self.home.join(".ccxray/otel.log")).unwrap_or_default();
        fs::remove_dir_all(&self.home).unwrap();
        self.scenario.teardown();
        assert!(status.entries.is_balanced());
        (delivered, log, status)
    }
}

/// Starts a backend that accepts everything, on a thread that ends with the process.
fn backend() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::Builder::new()
        .spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = vec![0; 65_536];
                // Each read gets a whole small request, or the rest of one.
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

/// The reply to a call.
fn reply_to(call: impl FnOnce(Reply)) -> bool {
    let (sender, receiver) = mpsc::channel();
    call(Reply::new(move |delivered| sender.send(delivered).unwrap()));
    receiver.recv_timeout(Duration::from_secs(6)).unwrap()
}

fn dropped_by_panics(status: &Status) -> u64 {
    status.entries.dropped[DropReason::Panic as usize]
}

#[test]
fn a_panic_on_an_entry_costs_that_entry() {
    let stage = Stage::start();
    fail::cfg("entry", "1*panic->off").unwrap();
    for _ in 0..3 {
        assert!(stage.record());
    }
    assert!(stage.flush());
    let status = stage.status();
    assert_eq!(
        (status.project.state.as_str(), status.entries.processed, dropped_by_panics(&status)),
        ("active", 2, 1)
    );
    let (delivered, log, _) = stage.shut_down();
    assert!(delivered);
    assert_eq!(log.matches(r#""event":"entry_panic""#).count(), 1, "{log}");
}

#[test]
fn a_panic_in_an_export_costs_that_export() {
    let stage = Stage::start();
    fail::cfg("export", "1*panic->off").unwrap();
    assert!(stage.record());
    assert!(!stage.flush());
    let status = stage.status();
    assert_eq!(status.project.exports.last_error.as_deref(), Some("internal error: panic"));
    assert_eq!((status.project.state.as_str(), status.project.exports.failed), ("active", 1));
    assert!(stage.flush(), "the next export contains everything");
    let (delivered, log, status) = stage.shut_down();
    assert!(delivered);
    assert_eq!(status.project.exports.delivered, 1);
    assert!(log.contains(r#""class":"internal""#), "{log}");
}

#[test]
fn repeated_panics_in_exports_open_the_circuit_breaker() {
    let stage = Stage::start();
    fail::cfg("export", "panic").unwrap();
    assert!(stage.record());
    for _ in 0..6 {
        assert!(!stage.flush());
    }
    assert_eq!(
        (stage.status().project.state.as_str(), stage.status().project.exports.failed),
        ("circuit_open", 5)
    );
    let (delivered, ..) = stage.shut_down();
    assert!(!delivered);
}

#[test]
fn all_entries_of_a_failed_worker_thread_are_accounted_for() {
    let stage = Stage::start();
    assert!(stage.record());
    assert!(stage.flush());
    fail::cfg("outcome", "1*panic->off").unwrap();
    for _ in 0..10 {
        stage.record();
    }
    let status = stage.eventually("degraded", |status| status.project.state.as_str() == "degraded");
    assert_eq!(status.project.reason.as_deref(), Some("the worker thread has failed"));
    let status = stage.eventually("an empty queue", |it| it.entries.queued == 0);
    assert_eq!(status.entries.processed, 1);
    assert_eq!(dropped_by_panics(&status), status.entries.accepted - 1);
    assert!(!stage.record(), "entries are rejected");
    assert!(!stage.flush(), "some entries are not counted");
    assert!(stage.status().project.exports.delivered > 1, "entries that were counted are exported");
    let (_, log, _) = stage.shut_down();
    assert!(log.contains(r#""to":"degraded","reason":"the worker thread has failed""#), "{log}");
}

#[test]
fn a_failed_export_thread_delays_no_call() {
    let stage = Stage::start();
    assert!(stage.record());
    assert!(stage.flush());
    fail::cfg("exporter", "panic").unwrap();
    assert!(!stage.flush());
    let status = stage.eventually("degraded", |status| status.project.state.as_str() == "degraded");
    assert_eq!(status.project.reason.as_deref(), Some("the export thread has failed"));
    assert!(stage.record(), "turns are still counted");
    stage.eventually("the second processed entry", |status| status.entries.processed == 2);
    assert!(!stage.flush());
    let start = Timestamp::now();
    let (delivered, ..) = stage.shut_down();
    assert!(!delivered);
    let waited = start.instant.elapsed();
    assert!(waited < Duration::from_millis(1500), "a shutdown does not wait for a failed thread");
}

#[test]
fn the_export_loop_of_one_project_can_fail_alone() {
    let stage = Stage::start();
    assert!(stage.record());
    assert!(stage.flush());
    fail::cfg("schedule", "1*panic->off").unwrap();
    // The loop reaches the failpoint after this flush.
    stage.flush();
    let status = stage.eventually("degraded", |status| status.project.state.as_str() == "degraded");
    assert_eq!(status.project.reason.as_deref(), Some("the exporter of this project has failed"));
    assert!(stage.record());
    assert!(!stage.flush(), "this project is not exported any more");
    let (delivered, log, _) = stage.shut_down();
    assert!(!delivered);
    assert!(log.contains("the exporter of this project has failed"), "{log}");
}

#[test]
fn a_failed_worker_thread_is_not_started_again() {
    let stage = Stage::start();
    fail::cfg("worker", "panic").unwrap();
    stage.record();
    stage.eventually("degraded", |status| status.project.state.as_str() == "degraded");
    fail::cfg("worker", "off").unwrap();
    for _ in 0..5 {
        assert!(!stage.record());
    }
    assert_eq!(stage.status().project.state.as_str(), "degraded");
    stage.shut_down();
}
