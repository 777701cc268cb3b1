//! Synthetic working days at a coarse resolution: what a receiver sees of people who work at different hours.

use crate::config::{Environment, Outcome, Variables, resolve};
use crate::diagnostics::Diagnostics;
use crate::export::answer::PartialSuccess;
use crate::export::dropped_entries::DroppedEntries;
use crate::export::failure::Failure;
use crate::export::flush::{FlushKind, FlushRequest};
use crate::export::period_reader::PeriodReader;
use crate::export::project_exporter::{ExportContext, ProjectExporter};
use crate::export::runtime::runtime;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use crate::metrics::registry::Metric;
use crate::otlp::reporting_period::Timetable;
use crate::otlp::request::EncodedRequest;
use crate::project::Project;
use crate::record::queue::EntryQueue;
use crate::record::statistics::Statistics;
use crate::util::clock::Timestamp;
use proptest::prelude::*;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::Instant;

const MINUTE_MS: u64 = 60_000;
const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;
const NANOS: u64 = 1_000_000;

/// Midnight of today, in Unix milliseconds: files must not be older than a month.
fn midnight_ms() -> u64 {
    let now_ms = Timestamp::now().unix_ms;
    now_ms - now_ms % (DAY * MINUTE_MS)
}

/// What a person does, in minutes since midnight of the first day.
#[derive(Clone, Debug, Default)]
struct WorkingDays {
    /// When ccxray runs.
    launches: Vec<Range<u64>>,
    /// When sessions begin, one each.
    sessions: Vec<u64>,
    /// When nothing listens at the endpoint.
    outages: Vec<Range<u64>>,
    /// The processes that are killed: by their place in `launches`.
    killed: BTreeSet<usize>,
    /// When the wall clock is wrong, and by how many minutes.
    clocks: Vec<(Range<u64>, i64)>,
}

impl WorkingDays {
    /// What the wall clock shows, in minutes since midnight of the first day.
    fn shown(&self, minute: u64) -> u64 {
        let wrong = self.clocks.iter().find(|(range, _)| range.contains(&minute));
        minute.saturating_add_signed(wrong.map_or(0, |(_, minutes)| *minutes))
    }
}

/// One request, as a receiver sees it.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    /// What the wall clock shows, in minutes since midnight of the first day.
    minute: u64,
    body: Value,
}

/// What a receiver has seen, and how many of the sessions were stored when a process was killed.
struct Observed {
    requests: Vec<Seen>,
    lost: u64,
    files: usize,
}

struct Process {
    reader: PeriodReader,
    diagnostics: Diagnostics,
    requests: mpsc::UnboundedSender<FlushRequest>,
    /// Sessions since the last write of the file.
    unsaved: u64,
}

struct Receiver {
    minute: u64,
    is_down: bool,
    seen: Vec<Seen>,
}

fn home() -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let memory = Path::new("/dev/shm");
    let root = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let home = root.join(format!("ccxray-days-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).unwrap();
    home
}

fn launch(
    home: &Path,
    (resolution, temporality): (&str, &str),
    now: Timestamp,
    receiver: &Rc<RefCell<Receiver>>,
) -> Process {
    let variables = [
        ("CCXRAY_OTEL_TIER", "1"),
        ("CCXRAY_OTEL_RESOLUTION", resolution),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", temporality),
    ];
    let variables: Variables =
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    let environment = Environment { variables, ..Environment::default() };
    let Outcome::On(config) = resolve(Path::new("/nonexistent"), &environment).unwrap().outcome
    else {
        panic!("telemetry is on")
    };
    let diagnostics = Diagnostics::open(home.to_owned(), config.log);
    let timetable = Timetable::of(config.resolution).unwrap();
    let instance = crate::util::instance_id::random_id();
    let project = Arc::new(Project::new(*config, &instance, now));
    let context = ExportContext {
        queue: Arc::default(),
        diagnostics: diagnostics.clone(),
        status_changed: Arc::default(),
        processor: Arc::new(Semaphore::new(1)),
    };
    let mut exporter = ProjectExporter::new(project, 1, context);
    let receiver = Rc::clone(receiver);
    exporter.client.stand_in = Some(Box::new(move |body| {
        let mut receiver = receiver.borrow_mut();
        if receiver.is_down {
            return Err(Failure::Status(503).into());
        }
        let minute = receiver.minute;
        receiver.seen.push(Seen { minute, body: json(body) });
        Ok(PartialSuccess::default())
    }));
    let statistics = Arc::new(Statistics::new(Arc::new(EntryQueue::default()), now));
    let (requests, arriving) = mpsc::unbounded_channel();
    let dropped = Rc::new(DroppedEntries::new(statistics));
    let start = (now, fastrand::f64());
    let reader = PeriodReader::new(exporter, dropped, arriving, timetable, start);
    Process { reader, diagnostics, requests, unsaved: 0 }
}

fn json(body: &bytes::Bytes) -> Value {
    let body = EncodedRequest { bytes: body.clone(), size: body.len() };
    let request = body
        .request(crate::config::Protocol::HttpProtobuf, crate::config::Compression::None)
        .unwrap();
    serde_json::from_str(&request.to_json().unwrap()).unwrap()
}

/// Lives through the days, minute by minute.
fn live(work: &WorkingDays, settings: (&str, &str), days: u64) -> Observed {
    let home = home();
    let receiver = Rc::new(RefCell::new(Receiver { minute: 0, is_down: false, seen: Vec::new() }));
    let instant = Timestamp::now().instant;
    let mut lost = 0;
    let mut running: BTreeMap<usize, Process> = BTreeMap::new();
    runtime().unwrap().block_on(async {
        for minute in 0..days * DAY {
            let start = Timestamp { instant, unix_ms: midnight_ms() };
            let shown = start + Duration::from_millis(work.shown(minute) * MINUTE_MS);
            // The monotonic clock is right.
            let elapsed = Duration::from_millis(minute * MINUTE_MS);
            let now = Timestamp { instant: instant + elapsed, ..shown };
            {
                let mut receiver = receiver.borrow_mut();
                receiver.minute = work.shown(minute);
                receiver.is_down = work.outages.iter().any(|outage| outage.contains(&minute));
            }
            for (number, launched) in work.launches.iter().enumerate() {
                if launched.start == minute {
                    running.insert(number, launch(&home, settings, now, &receiver));
                }
                if launched.end == minute
                    && let Some(process) = running.remove(&number)
                {
                    let is_killed = work.killed.contains(&number);
                    lost += if is_killed { process.unsaved } else { 0 };
                    let file = process.reader.exporter.store.name().to_owned();
                    end(process, now, is_killed).await;
                    wait_for_lock(&home, &file).await;
                }
            }
            let sessions = work.sessions.iter().filter(|it| **it == minute).count() as u64;
            for process in running.values_mut() {
                assert!(process.reader.act(now).await.is_continue());
                process.unsaved = 0;
            }
            if let Some(process) = running.values_mut().next() {
                for _ in 0..sessions {
                    record_session(process.reader.exporter.project());
                }
                process.unsaved += sessions;
            }
        }
        let now = Timestamp { instant, unix_ms: midnight_ms() + days * DAY * MINUTE_MS };
        for (_, process) in running {
            end(process, now, false).await;
        }
    });
    let files = std::fs::read_dir(home.join("otel/pending")).map_or(0, Iterator::count);
    let _ = std::fs::remove_dir_all(&home);
    let requests = receiver.borrow().seen.clone();
    Observed { requests, lost, files }
}

fn record_session(project: &Project) {
    project.record(Measurement {
        metric: Metric::Sessions,
        attributes: [AttributeValue::constant("anthropic"), ABSENT, ABSENT],
        value: MeasuredValue::Count(1),
    });
    project.count_turn();
}

async fn end(process: Process, now: Timestamp, is_killed: bool) {
    let Process { mut reader, diagnostics, requests, .. } = process;
    if !is_killed {
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + Duration::from_secs(2);
        requests.send(FlushRequest { deadline, kind: FlushKind::Last, reply }).unwrap();
        reader.receive();
        assert!(reader.act(now).await.is_break());
        assert!(answer.await.unwrap(), "everything is on the disk");
    }
    drop(reader);
    let (done, ended) = oneshot::channel();
    diagnostics.finish(move || {
        let _ = done.send(());
    });
    let _ = ended.await;
}

/// Waits until the thread of an ended process has released its lock, which takes a moment. Hours pass in a test meanwhile.
async fn wait_for_lock(home: &Path, file: &str) {
    let lock = home.join("otel/pending").join(format!("{file}.lock"));
    for _ in 0..1000 {
        let is_free = std::fs::File::open(&lock).map_or(true, |lock| lock.try_lock().is_ok());
        if is_free {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// All data points of a metric in a request.
fn points<'a>(body: &'a Value, is_wanted: impl Fn(&str) -> bool + 'a) -> Vec<&'a Value> {
    let list = |value: &'a Value| value.as_array().into_iter().flatten();
    let scopes = list(&body["resourceMetrics"]).flat_map(move |it| list(&it["scopeMetrics"]));
    let metrics = scopes.flat_map(move |it| list(&it["metrics"]));
    metrics
        .filter(|it| is_wanted(it["name"].as_str().unwrap()))
        .flat_map(|it| {
            ["sum", "gauge", "histogram"]
                .into_iter()
                .flat_map(move |kind| list(&it[kind]["dataPoints"]))
        })
        .collect()
}

fn instance(body: &Value) -> String {
    let attributes = body["resourceMetrics"][0]["resource"]["attributes"].as_array().unwrap();
    let id = attributes.iter().find(|it| it["key"] == "service.instance.id").unwrap();
    id["value"]["stringValue"].as_str().unwrap().to_owned()
}

/// The sessions of all streams: the last value of each cumulative one, or the sum of the deltas.
fn sessions(requests: &[Seen], temporality: &str) -> u64 {
    let mut streams: BTreeMap<String, u64> = BTreeMap::new();
    for Seen { body, .. } in requests {
        for point in points(body, |name| name == "ccxray.sessions_total") {
            let value: u64 = point["asInt"].as_str().unwrap().parse().unwrap();
            let total = streams.entry(instance(body)).or_default();
            *total = if temporality == "delta" { *total + value } else { value };
        }
    }
    streams.values().sum()
}

/// What a receiver can compare: the requests in order, without their random ids and delays.
fn comparable(requests: &[Seen]) -> Vec<(u64, String)> {
    let comparable = requests.iter().map(|Seen { minute, body }| {
        let text = body.to_string().replace(&instance(body), "");
        (minute - minute % (6 * HOUR), text)
    });
    comparable.collect()
}

#[test]
fn an_early_and_a_late_worker_cannot_be_told_apart() {
    let early = WorkingDays {
        launches: vec![7 * HOUR..15 * HOUR, 31 * HOUR..39 * HOUR],
        sessions: vec![7 * HOUR + 5, 9 * HOUR, 11 * HOUR, 32 * HOUR],
        ..WorkingDays::default()
    };
    let late = WorkingDays {
        launches: vec![10 * HOUR..19 * HOUR, 34 * HOUR + 17..43 * HOUR],
        sessions: vec![13 * HOUR, 17 * HOUR, 18 * HOUR + 59, 42 * HOUR],
        ..WorkingDays::default()
    };
    for temporality in ["cumulative", "delta"] {
        let [early, late] =
            [&early, &late].map(|work| live(work, ("day", temporality), 2).requests);
        assert_eq!(comparable(&early), comparable(&late));
        assert_eq!(sessions(&early, temporality), 3, "the first day; the second one goes on");
        let requests: Vec<_> = early.iter().chain(&late).collect();
        for Seen { minute, body } in requests {
            assert!((36 * HOUR..=36 * HOUR + 10).contains(minute), "noon of the second day");
            for point in points(body, |_| true) {
                let time: u64 = point["timeUnixNano"].as_str().unwrap().parse().unwrap();
                let noon = (midnight_ms() + 36 * HOUR * MINUTE_MS) * NANOS;
                let midnight = (midnight_ms() + DAY * MINUTE_MS) * NANOS;
                assert!(time == noon || time == noon - NANOS || time == midnight, "{time}");
            }
        }
    }
}

#[test]
fn nothing_is_sent_at_a_start_at_an_end_or_without_turns() {
    let work = WorkingDays {
        launches: vec![9 * HOUR + 10..9 * HOUR + 40, 10 * HOUR + 15..10 * HOUR + 45, 0..3 * DAY],
        sessions: vec![9 * HOUR + 20],
        ..WorkingDays::default()
    };
    for resolution in ["hour", "day"] {
        let Observed { requests, files, .. } = live(&work, (resolution, "cumulative"), 3);
        let minutes: BTreeSet<_> = requests.iter().map(|it| it.minute).collect();
        let expected =
            if resolution == "hour" { 10 * HOUR..=10 * HOUR + 6 } else { DAY..=DAY + 10 };
        assert_eq!(minutes.len(), 1, "{minutes:?}");
        assert!(minutes.iter().all(|minute| expected.contains(minute)), "{minutes:?}");
        assert_eq!(sessions(&requests, "cumulative"), 1);
        assert_eq!(files, 0);
    }
}

#[test]
fn several_processes_of_one_period_are_one_stream() {
    let launches: Vec<_> = (0..4).map(|n| 9 * HOUR + n * 10..9 * HOUR + n * 10 + 9).collect();
    let sessions_at = launches.iter().map(|it| it.start + 2).collect();
    let launches = launches.into_iter().chain(std::iter::once(11 * HOUR + 30..13 * HOUR));
    let work = WorkingDays {
        launches: launches.collect(),
        sessions: sessions_at,
        ..WorkingDays::default()
    };
    for temporality in ["cumulative", "delta"] {
        let Observed { requests, files, .. } = live(&work, ("hour", temporality), 1);
        let streams: BTreeSet<_> = requests.iter().map(|it| instance(&it.body)).collect();
        assert_eq!(streams.len(), 1, "{streams:?}");
        assert_eq!((sessions(&requests, temporality), files), (4, 0));
    }
}

fn working_days() -> impl Strategy<Value = WorkingDays> {
    let ranges = |most: usize, longest: u64| {
        let range = (0..3 * DAY, 1..longest).prop_map(|(start, length)| start..start + length);
        prop::collection::vec(range, 0..most)
    };
    let sessions = prop::collection::vec(0..3 * DAY, 1..40);
    let killed = prop::collection::btree_set(0_usize..8, 0..4);
    let clocks = ranges(3, DAY).prop_flat_map(|ranges| {
        let by = prop::collection::vec(-2 * 1440..1440_i64, ranges.len());
        by.prop_map(move |by| ranges.iter().cloned().zip(by).collect())
    });
    (ranges(8, 10 * HOUR), sessions, ranges(3, 8 * HOUR), killed, clocks).prop_map(
        |(mut launches, sessions, outages, killed, clocks)| {
            // Two processes, which deliver the rest.
            launches.push(4 * DAY..7 * DAY);
            launches.push(4 * DAY + 5..7 * DAY);
            let killed = killed.into_iter().filter(|it| *it + 2 < launches.len()).collect();
            WorkingDays { launches, sessions, outages, killed, clocks }
        },
    )
}

/// How many are lived through. The variable `CCXRAY_SCHEDULES` sets another number when the tests are compiled.
fn cases() -> ProptestConfig {
    let cases = option_env!("CCXRAY_SCHEDULES").and_then(|it| it.parse().ok()).unwrap_or(40);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_session_arrives_once_at_a_planned_time(
        work in working_days(), is_day: bool, is_delta: bool,
    ) {
        let resolution = if is_day { "day" } else { "hour" };
        let temporality = if is_delta { "delta" } else { "cumulative" };
        let Observed { requests, lost, files } = live(&work, (resolution, temporality), 7);
        let is_running = |minute: &u64| work.launches.iter().any(|it| it.contains(minute));
        let recorded = work.sessions.iter().filter(|it| is_running(it)).count() as u64;
        prop_assert_eq!(sessions(&requests, temporality) + lost, recorded, "{} are lost", lost);
        prop_assert_eq!(files, 0);
        let (step, delay) = if is_day { (6 * HOUR, 10) } else { (HOUR, 6) };
        for Seen { minute, .. } in &requests {
            prop_assert!(minute % step <= delay, "{}", minute);
        }
    }
}
