//! Random schedules of what can happen to exports and processes. At the end the backend has exactly what was recorded,
//! except for what is lost or repeated in ways that are counted.

use crate::config::{Compression, Environment, Outcome, Protocol, Variables, resolve};
use crate::diagnostics::Diagnostics;
use crate::export::answer::PartialSuccess;
use crate::export::failure::{ExportError, Failure};
use crate::export::project_exporter::{ExportContext, ProjectExporter};
use crate::export::runtime::runtime;
use crate::export::transport_error::TransportError;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use crate::metrics::registry::Metric;
use crate::otlp::request::EncodedRequest;
use crate::pending::content::{PendingContent, Sums};
use crate::project::Project;
use crate::util::clock::Timestamp;
use bytes::Bytes;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reaction {
    Taken,
    /// It is taken, and the answer does not arrive.
    Lost,
    /// The connection breaks before it is taken.
    Broken,
    /// Nothing listens.
    Refused,
    /// The backend is overloaded.
    Unavailable,
}

#[derive(Clone, Copy, Debug)]
enum ScheduleStep {
    /// One of two processes records so many sessions.
    Record(usize, u64),
    /// It exports. The requests are answered so, one after the other, and then taken.
    Export(usize, [Reaction; 3]),
    /// It is not allowed to send, and half a minute passes.
    Wait(usize),
    /// It ends in order.
    Shutdown(usize, [Reaction; 3]),
    /// It is killed.
    Kill(usize),
}

/// What the backend has, in sessions.
#[derive(Default)]
struct SimulatedBackend {
    /// The last value of each cumulative stream.
    streams: BTreeMap<String, u64>,
    /// The sum of the deltas of each process.
    deltas: BTreeMap<String, u64>,
    /// Deltas that were taken although their answer was lost. They are sent again.
    unanswered: u64,
    answers: VecDeque<Reaction>,
    /// Values of a stream that were below its last one. A backend takes that for a restart, and counts them again.
    falls: Vec<(u64, u64)>,
}

impl SimulatedBackend {
    fn take(&mut self, body: &Bytes) -> Result<PartialSuccess, ExportError> {
        let answer = self.answers.pop_front().unwrap_or(Reaction::Taken);
        if matches!(answer, Reaction::Taken | Reaction::Lost) {
            self.add(body, answer == Reaction::Lost);
        }
        let broken = || Failure::Transport(TransportError::Broken);
        match answer {
            Reaction::Taken => Ok(PartialSuccess::default()),
            Reaction::Lost | Reaction::Broken => Err(broken().into()),
            Reaction::Refused => {
                Err(Failure::Transport(TransportError::NoConnection { os_error: None }).into())
            }
            Reaction::Unavailable => Err(Failure::Status(503).into()),
        }
    }

    fn add(&mut self, body: &Bytes, is_unanswered: bool) {
        for (instance, is_cumulative, value) in values(body) {
            if is_cumulative {
                let last = self.streams.entry(instance).or_default();
                if value < *last {
                    self.falls.push((*last, value));
                }
                *last = value;
            } else {
                *self.deltas.entry(instance).or_default() += value;
                self.unanswered += if is_unanswered { value } else { 0 };
            }
        }
    }
}

/// The sessions in a request: of which process, whether they are cumulative, and how many.
fn values(body: &Bytes) -> impl Iterator<Item = (String, bool, u64)> {
    let body = EncodedRequest { bytes: body.clone(), size: body.len() };
    let request = body.request(Protocol::HttpProtobuf, Compression::None).unwrap();
    let json: serde_json::Value = serde_json::from_str(&request.to_json().unwrap()).unwrap();
    let mut found = Vec::new();
    for resource in json["resourceMetrics"].as_array().unwrap() {
        let attributes = resource["resource"]["attributes"].as_array().unwrap();
        let instance = attributes.iter().find(|it| it["key"] == "service.instance.id").unwrap();
        let instance = instance["value"]["stringValue"].as_str().unwrap();
        for metric in resource["scopeMetrics"][0]["metrics"].as_array().unwrap() {
            if metric["name"] == "ccxray.sessions_total" {
                let sum = &metric["sum"];
                let value = sum["dataPoints"][0]["asInt"].as_str().unwrap().parse().unwrap();
                found.push((instance.to_owned(), sum["aggregationTemporality"] == 2, value));
            }
        }
    }
    found.into_iter()
}

/// A process with one project.
struct SimulatedProcess {
    exporter: ProjectExporter,
    diagnostics: Diagnostics,
    instance: String,
    recorded: u64,
}

struct World {
    home: PathBuf,
    temporality: &'static str,
    backend: Rc<RefCell<SimulatedBackend>>,
    processes: [Option<SimulatedProcess>; 2],
    next: u32,
    /// What ended processes have recorded in all, and what was not stored when one was killed.
    recorded: u64,
    lost: u64,
}

impl World {
    fn new(temporality: &'static str) -> Self {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // A file system in memory is fast, and the tests write much.
        let memory = Path::new("/dev/shm");
        let root = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let home = root.join(format!("ccxray-schedule-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&home);
        std::fs::create_dir_all(&home).unwrap();
        Self {
            home,
            temporality,
            backend: Rc::default(),
            processes: [None, None],
            next: 0,
            recorded: 0,
            lost: 0,
        }
    }

    fn process(&mut self, index: usize) -> &mut SimulatedProcess {
        if self.processes[index].is_none() {
            self.next += 1;
            self.processes[index] = Some(self.start());
        }
        self.processes[index].as_mut().unwrap()
    }

    fn start(&self) -> SimulatedProcess {
        let variables = [
            ("CCXRAY_OTEL_TIER", "1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", self.temporality),
        ];
        let variables: Variables = variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let environment = Environment { variables, ..Environment::default() };
        let resolution = resolve(Path::new("/nonexistent"), &environment).unwrap();
        let Outcome::On(config) = resolution.outcome else { panic!("telemetry is on") };
        let instance = format!("instance{}", self.next);
        let diagnostics = Diagnostics::open(self.home.clone(), config.log);
        let project = Arc::new(Project::new(*config, &instance, Timestamp::now()));
        let context = ExportContext {
            queue: Arc::default(),
            diagnostics: diagnostics.clone(),
            status_changed: Arc::default(),
            processor: Arc::new(Semaphore::new(1)),
        };
        let mut exporter = ProjectExporter::new(project, 1, context);
        let backend = Rc::clone(&self.backend);
        exporter.client.stand_in = Some(Box::new(move |body| backend.borrow_mut().take(body)));
        SimulatedProcess { exporter, diagnostics, instance, recorded: 0 }
    }

    async fn step(&mut self, step: ScheduleStep) {
        match step {
            ScheduleStep::Record(index, sessions) => {
                let process = self.process(index);
                let project = process.exporter.project();
                project.record(Measurement {
                    metric: Metric::Sessions,
                    attributes: [AttributeValue::constant("anthropic"), ABSENT, ABSENT],
                    value: MeasuredValue::Count(sessions),
                });
                project.count_turn();
                process.recorded += sessions;
            }
            ScheduleStep::Export(index, answers) => {
                self.answer(answers);
                let exporter = &mut self.process(index).exporter;
                if exporter.export(soon()).await.is_err() {
                    exporter.keep(Timestamp::now(), false).await;
                }
                self.answer([]);
            }
            ScheduleStep::Wait(index) => {
                let exporter = &mut self.process(index).exporter;
                exporter.postpone();
                exporter.keep(Timestamp::now() + Duration::from_secs(31), false).await;
            }
            ScheduleStep::Shutdown(index, answers) => {
                self.answer(answers);
                self.end(index).await;
                self.answer([]);
            }
            ScheduleStep::Kill(index) => self.kill(index).await,
        }
    }

    fn answer(&self, answers: impl IntoIterator<Item = Reaction>) {
        self.backend.borrow_mut().answers = answers.into_iter().collect();
    }

    async fn end(&mut self, index: usize) {
        let Some(mut process) = self.processes[index].take() else { return };
        let is_delivered =
            process.exporter.is_up_to_date() || process.exporter.export(soon()).await.is_ok();
        process.exporter.end(Timestamp::now(), is_delivered, soon()).await;
        self.recorded += process.recorded;
        finish(process).await;
    }

    /// What is neither taken by the backend nor in the file is lost.
    async fn kill(&mut self, index: usize) {
        let Some(process) = self.processes[index].take() else { return };
        let (recorded, instance) = (process.recorded, process.instance.clone());
        finish(process).await;
        let stored = self.stored(&instance);
        let backend = self.backend.borrow();
        let taken = |of: &BTreeMap<String, u64>| of.get(&instance).copied().unwrap_or_default();
        let safe = match stored {
            // The newest values, of which the backend may have a part.
            Some((newest, true)) => newest.max(taken(&backend.streams)),
            Some((rest, false)) => rest + taken(&backend.deltas),
            None => taken(&backend.streams) + taken(&backend.deltas),
        };
        self.recorded += recorded;
        self.lost += recorded.saturating_sub(safe);
    }

    /// The sessions in the file of a process, and whether they are cumulative.
    fn stored(&self, instance: &str) -> Option<(u64, bool)> {
        let entries = std::fs::read_dir(self.home.join("otel/pending")).ok()?;
        let name = format!("-{instance}.otlp");
        let file =
            entries.flatten().find(|it| it.file_name().to_string_lossy().ends_with(&name))?;
        let bytes = Bytes::from(std::fs::read(file.path()).unwrap());
        let (content, progress) = PendingContent::decode(&bytes).unwrap();
        Some(match content.sums {
            Sums::Cumulative { newest, .. } => (values(&newest).map(|it| it.2).sum(), true),
            Sums::Delta { intervals, .. } => {
                let rest = intervals.iter().skip(progress.done);
                (rest.flat_map(values).map(|it| it.2).sum(), false)
            }
        })
    }

    /// All processes end, and two more deliver what is left.
    async fn settle(&mut self) {
        self.answer([]);
        for index in [0, 1] {
            self.end(index).await;
        }
        for _ in 0..2 {
            let _ = self.process(0);
            self.step(ScheduleStep::Export(0, [Reaction::Taken; 3])).await;
            self.end(0).await;
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// Waits until the file-writer thread has ended, which releases the locks.
async fn finish(process: SimulatedProcess) {
    let SimulatedProcess { exporter, diagnostics, .. } = process;
    drop(exporter);
    let (done, ended) = tokio::sync::oneshot::channel();
    diagnostics.finish(move || {
        let _ = done.send(());
    });
    let _ = ended.await;
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

fn answer() -> impl Strategy<Value = Reaction> {
    prop_oneof![
        4 => Just(Reaction::Taken),
        1 => Just(Reaction::Lost),
        1 => Just(Reaction::Broken),
        2 => Just(Reaction::Refused),
        1 => Just(Reaction::Unavailable),
    ]
}

fn step() -> impl Strategy<Value = ScheduleStep> {
    let answers = || [answer(), answer(), answer()];
    prop_oneof![
        4 => (0_usize..2, 1_u64..100).prop_map(|(index, sessions)| ScheduleStep::Record(index, sessions)),
        3 => (0_usize..2, answers()).prop_map(|(index, answers)| ScheduleStep::Export(index, answers)),
        1 => (0_usize..2).prop_map(ScheduleStep::Wait),
        1 => (0_usize..2, answers()).prop_map(|(index, answers)| ScheduleStep::Shutdown(index, answers)),
        1 => (0_usize..2).prop_map(ScheduleStep::Kill),
    ]
}

/// How many schedules are run. The variable `CCXRAY_SCHEDULES` sets another number when the tests are compiled.
fn cases() -> ProptestConfig {
    let cases = option_env!("CCXRAY_SCHEDULES").and_then(|it| it.parse().ok()).unwrap_or(100);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn cumulative_sums_arrive_exactly_once(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new("cumulative");
        runtime().unwrap().block_on(async {
            for step in steps {
                world.step(step).await;
            }
            world.settle().await;
        });
        let backend = world.backend.borrow();
        let arrived: u64 = backend.streams.values().sum();
        prop_assert_eq!(&backend.falls, &[], "no stream falls");
        prop_assert_eq!(arrived + world.lost, world.recorded, "{} are lost", world.lost);
        prop_assert_eq!(files(&world.home), 0, "nothing waits");
    }

    #[test]
    fn delta_sums_arrive_once_unless_an_answer_is_lost(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new("delta");
        runtime().unwrap().block_on(async {
            for step in steps {
                world.step(step).await;
            }
            world.settle().await;
        });
        let backend = world.backend.borrow();
        let arrived: u64 = backend.deltas.values().sum();
        let (recorded, lost, unanswered) = (world.recorded, world.lost, backend.unanswered);
        prop_assert!(arrived + lost >= recorded, "{arrived} of {recorded}, {lost} are lost");
        prop_assert!(arrived + lost <= recorded + unanswered, "{arrived} of {recorded}, {lost} are lost, {unanswered} unanswered");
        prop_assert_eq!(files(&world.home), 0, "nothing waits");
    }
}

fn files(home: &Path) -> usize {
    std::fs::read_dir(home.join("otel/pending")).map_or(0, Iterator::count)
}
