//! One project's way to its backend: what it has been told, how to tell it, and what came of it.

use crate::clock::Moment;
use crate::config::Temporality;
use crate::export::backlog::Backlog;
use crate::export::courier::{Courier, Outcome};
use crate::export::failure::Failure;
use crate::export::health::{Health, Permit, Transition};
use crate::export::project::{Exports, GivenUp, Project};
use crate::export::request::{Announced, Request};
use crate::export::retry::Rejection;
use crate::failpoint::failpoint;
use crate::ingest::Door;
use crate::journal::{Context, Event, Journal};
use crate::metrics::derive::{ABSENT, Measurement, Value};
use crate::metrics::registry::Metric;
use crate::privacy::Label;
use bytes::Bytes;
use futures_util::FutureExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What all lanes of a process have in common.
#[derive(Clone)]
pub(super) struct Surroundings {
    /// For how much waits to be counted.
    pub(super) door: Arc<Door>,
    pub(super) journal: Journal,
    /// To be told when something about a project has changed.
    pub(super) changed: Arc<tokio::sync::Notify>,
}

/// One project's way to its backend.
pub(super) struct Lane {
    project: Arc<Project>,
    surroundings: Surroundings,
    courier: Courier,
    announced: Announced,
    /// Intervals that wait for the backend.
    backlog: Backlog,
    /// The last export was given up, and counted as that.
    is_given_up: bool,
    /// How many turns the backend has been told of, or will be by what is in the backlog.
    told_turns: u64,
    /// Tells lanes apart in the log.
    number: u64,
    endpoint: String,
}

/// Why an export did not get through.
pub(super) struct Undelivered {
    pub(super) failure: Failure,
    /// The backend said no, and trying again is of no use.
    rejection: Option<Rejection>,
    /// For how long the backend asks to be left alone.
    patience: Option<Duration>,
}

impl From<Failure> for Undelivered {
    fn from(failure: Failure) -> Self {
        Self { failure, rejection: None, patience: None }
    }
}

impl Lane {
    pub(super) fn new(project: Arc<Project>, number: u64, surroundings: Surroundings) -> Self {
        let endpoint = project.config().endpoint.to_string();
        Self {
            project,
            surroundings,
            courier: Courier::new(),
            announced: Announced::default(),
            backlog: Backlog::default(),
            is_given_up: false,
            told_turns: 0,
            number,
            endpoint,
        }
    }

    pub(super) fn project(&self) -> &Arc<Project> {
        &self.project
    }

    /// Whether an export under way may be called off and made again: sums since the start say
    /// everything again, while an interval that has arrived must not be sent a second time.
    pub(super) fn can_be_called_off(&self) -> bool {
        self.project.config().temporality == Temporality::Cumulative
    }

    /// Whether no turn was recorded since the last delivery.
    pub(super) fn has_told_all(&self) -> bool {
        self.backlog.is_empty() && self.project.turns() == self.told_turns
    }

    /// Delivers everything recorded so far, with retries, until `deadline`. A panic costs this
    /// export and nothing else.
    pub(super) async fn deliver(&mut self, deadline: Instant) -> Result<(), Undelivered> {
        let delivery = AssertUnwindSafe(async {
            failpoint!("export");
            match self.project.config().temporality {
                Temporality::Cumulative => self.deliver_sums(deadline).await,
                Temporality::Delta => self.deliver_intervals(deadline).await,
            }
        });
        match timeout_at(deadline, delivery.catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Failure::Internal("panic").into()),
            Err(_elapsed) => Err(Failure::Deadline.into()),
        }
    }

    async fn deliver_sums(&mut self, deadline: Instant) -> Result<(), Undelivered> {
        let turns = self.project.turns();
        let request = self.project.cumulative().map_err(Failure::from)?;
        if let Some(zeros) = self.announced.zeros(&request) {
            self.bring_sums(&zeros, deadline).await?;
            self.announced.confirm(&zeros);
        }
        self.bring_sums(&request, deadline).await?;
        self.announced.confirm(&request);
        self.told_turns = turns;
        Ok(())
    }

    async fn bring_sums(&mut self, sums: &Request, deadline: Instant) -> Result<(), Undelivered> {
        let body = encode(&self.project, sums)?;
        let brought = self.bring(&body, deadline).await;
        self.is_given_up = brought.as_ref().is_err_and(|it| it.rejection.is_some());
        if self.is_given_up {
            self.give_up(GivenUp::Rejected, 1);
        }
        brought
    }

    /// The oldest interval first. While the backlog is full the newest one stays open, so that it
    /// grows instead of costing an older one.
    async fn deliver_intervals(&mut self, deadline: Instant) -> Result<(), Undelivered> {
        loop {
            let is_all = self.end_interval()?;
            while let Some(body) = self.backlog.oldest() {
                let brought = self.bring(&body, deadline).await;
                match &brought {
                    Ok(()) => self.backlog.pop(),
                    Err(Undelivered { rejection: Some(Rejection::Body), .. }) => {
                        self.backlog.pop();
                        self.give_up(GivenUp::Rejected, 1);
                    }
                    Err(_) => {}
                }
                self.note_backlog();
                brought?;
            }
            if is_all {
                return Ok(());
            }
        }
    }

    /// What would be told now has to wait: with delta temporality its interval ends all the same, so
    /// that an outage is not one interval. A panic costs that, and nothing else: the interval goes on.
    pub(super) fn put_off(&mut self) {
        if self.project.config().temporality == Temporality::Delta {
            let _ = catch_unwind(AssertUnwindSafe(|| self.end_interval()));
        }
    }

    /// Ends the interval that is open, if there is room for it.
    fn end_interval(&mut self) -> Result<bool, Failure> {
        if !self.backlog.has_room() {
            return Ok(false);
        }
        let turns = self.project.turns();
        let is_first = self.backlog.is_empty();
        let body = self.project.end_interval(|interval| {
            // What tells nothing new is worth a request of its own, as a sign of life, and no place
            // in a backlog.
            let is_worth_it = is_first || interval.has_news();
            is_worth_it.then(|| encode(&self.project, interval)).transpose()
        })?;
        self.told_turns = turns;
        if let Some(body) = body {
            self.backlog.push(body);
            self.note_backlog();
        }
        Ok(true)
    }

    async fn bring(&mut self, body: &Bytes, deadline: Instant) -> Result<(), Undelivered> {
        match self.courier.bring(self.project.config(), body, deadline).await {
            Outcome::Delivered { rejected_points: 0 } => Ok(()),
            Outcome::Delivered { rejected_points } => {
                self.give_up(GivenUp::PartialSuccess, 1);
                self.log(Moment::now(), &Event::PartialSuccess { rejected_points });
                Ok(())
            }
            Outcome::Failed { failure, rejection, patience } => {
                Err(Undelivered { failure, rejection, patience })
            }
        }
    }

    /// There will be no more exports. Whatever was not delivered is lost.
    pub(super) fn end(&mut self, now: Moment, delivered: bool) {
        let lost = match self.project.config().temporality {
            Temporality::Cumulative => usize::from(!self.is_given_up),
            Temporality::Delta => {
                self.backlog.len() + usize::from(self.project.turns() != self.told_turns)
            }
        };
        if !delivered && lost > 0 {
            self.give_up(GivenUp::Shutdown, lost as u64);
        }
        // Its line in the log tells how much was left.
        self.health(now, |health| health.ended(now));
        self.backlog = Backlog::default();
        self.note_backlog();
    }

    fn give_up(&self, reason: GivenUp, count: u64) {
        let now = Moment::now();
        self.project.update_exports(|exports| exports.give_up(now, reason, count));
        self.project.record(Measurement {
            metric: Metric::ExportsDropped,
            labels: [Label::constant("metrics"), Label::constant(reason.as_str()), ABSENT],
            value: Value::Count(count),
        });
    }

    fn note_backlog(&self) {
        let (requests, bytes) = (self.backlog.len() as u64, self.backlog.bytes() as u64);
        self.project.update_exports(|exports| {
            exports.counts.backlog_requests = requests;
            exports.counts.backlog_bytes = bytes;
        });
    }

    /// Says that the project has started to export.
    pub(super) fn say_hello(&self, now: Moment) {
        let exports = self.project.exports();
        self.tell(now, exports.health.transitions().next().copied());
    }

    /// Asks to send, perhaps for the last time.
    pub(super) fn permit(&self, now: Moment, last: bool) -> Permit {
        let (permit, changed) = self.project.update_exports(|Exports { health, .. }| {
            if last { health.last_chance(now) } else { health.permit(now) }
        });
        self.tell(now, changed);
        permit
    }

    /// Tells the project's health something.
    pub(super) fn health(
        &self,
        now: Moment,
        event: impl FnOnce(&mut Health) -> Option<Transition>,
    ) {
        let changed = self.project.update_exports(|exports| event(&mut exports.health));
        self.tell(now, changed);
    }

    /// Puts the state into the metrics.
    pub(super) fn record_state(&self) {
        self.project.record_state();
    }

    /// Takes note of how an export went.
    pub(super) fn note_result(&self, now: Moment, result: &Result<(), Undelivered>) {
        let words = result.as_ref().err().map(|it| it.failure.to_string());
        let (failures, changed) = self.project.update_exports(|exports| {
            exports.count(now, words);
            let changed = match result {
                Ok(()) => exports.health.succeeded(now),
                Err(Undelivered { patience, .. }) => exports.health.failed(now, *patience),
            };
            (exports.health.consecutive_failures(), changed)
        });
        if let Err(Undelivered { failure, .. }) = result {
            let class = failure.class();
            let error = failure.to_string();
            self.log(now, &Event::ExportFailed { class, error, consecutive_failures: failures });
        }
        self.tell(now, changed);
    }

    fn tell(&self, now: Moment, changed: Option<Transition>) {
        if let Some(Transition { from, to, reason, .. }) = changed {
            self.log(now, &Event::Transition { from, to, reason });
            self.record_state();
        }
        self.surroundings.changed.notify_one();
    }

    fn log(&self, now: Moment, event: &Event<'_>) {
        if self.project.config().log.enabled {
            let context = Context {
                source: self.number,
                endpoint: Some(&self.endpoint),
                queued: self.surroundings.door.len(),
                backlog: self.backlog.len(),
            };
            self.surroundings.journal.note(now, context, event);
        }
    }
}

fn encode(project: &Project, request: &Request) -> Result<Bytes, Failure> {
    let (protocol, compression) = (project.config().protocol, project.config().compression);
    let body = request.encode(protocol, compression);
    body.map(Bytes::from).map_err(|_| Failure::Internal("encoding failed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Outcome, Variables, resolve};
    use std::path::Path;

    /// A lane whose requests can be read, to a backend that is not there.
    fn lane() -> Lane {
        let variables = [
            ("CCXRAY_OTEL_TIER", "1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        ];
        let variables: Variables = variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let environment = Environment { variables, ..Environment::default() };
        let resolution = resolve(Path::new("/nonexistent"), &environment).unwrap();
        let Outcome::On(config) = resolution.outcome else { panic!("it is switched on") };
        let project = Arc::new(Project::new(*config, "instance", Moment::now()));
        let surroundings = Surroundings {
            door: Arc::default(),
            journal: Journal::default(),
            changed: Arc::default(),
        };
        Lane::new(project, 1, surroundings)
    }

    fn record(lane: &Lane, count: u64) {
        lane.project.record(Measurement {
            metric: Metric::Sessions,
            labels: [Label::constant("anthropic"), ABSENT, ABSENT],
            value: Value::Count(count),
        });
    }

    /// How many sessions a request tells of.
    fn sessions(body: &Bytes) -> u64 {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap();
        let metrics = json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
        let sessions = metrics.iter().find(|metric| metric["name"] == "ccxray.sessions_total");
        sessions
            .map_or(0, |it| it["sum"]["dataPoints"][0]["asInt"].as_str().unwrap().parse().unwrap())
    }

    #[test]
    fn an_outage_that_outlasts_the_backlog_costs_no_number() {
        let mut lane = lane();
        let mut recorded = 0;
        for number in 0..2100 {
            let count = 1 + number % 7;
            record(&lane, count);
            recorded += count;
            lane.put_off();
        }
        assert_eq!(lane.backlog.len(), 2048, "one interval for each time it was put off");
        let mut told = 0;
        while let Some(body) = lane.backlog.oldest() {
            told += sessions(&body);
            lane.backlog.pop();
        }
        assert!(told < recorded, "the newest interval is still open");
        lane.put_off();
        assert_eq!(told + sessions(&lane.backlog.oldest().unwrap()), recorded);
        let counts = lane.project.exports().counts;
        assert_eq!((counts.backlog_requests, counts.dropped), (1, [0; 3]), "nothing was given up");
    }
}
