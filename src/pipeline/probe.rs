//! `probe()`: whether the backend of a project can be reached, step by step.

use crate::config::{self, Environment, Outcome};
use crate::export::probe::{self, ProbeStep};
use crate::util::instance_id;
use crate::util::reply::Reply;
use crate::util::thread;
use serde::Serialize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// What a probe has found. Serialised as JavaScript sees it; `binding/types.d.ts` declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbeReport {
    /// Whether the backend took all that was sent.
    pub ok: bool,
    /// Where it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Why nothing was sent and no connection was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Each step, in the order in which it happened. The last one may have failed.
    pub steps: Vec<StepReport>,
}

impl Default for ProbeReport {
    /// Of a probe that has not run.
    fn default() -> Self {
        let reason = "The check could not run, so nothing was sent.".to_owned();
        Self { ok: false, endpoint: None, reason: Some(reason), steps: Vec::new() }
    }
}

/// One step of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Its name.
    pub step: &'static str,
    /// Whether it succeeded.
    pub ok: bool,
    /// What happened, and for a failure the cure.
    pub detail: String,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// Sends one request to the backend of the project in `cwd`, on a thread of its own, and one data point too if
/// `with_point`. If the project does not export, no connection is opened.
pub fn probe(cwd: PathBuf, environment: Environment, with_point: bool, reply: Reply<ProbeReport>) {
    // If the system refuses to start a thread, the reply is dropped, which sends a report that says so.
    let _ = thread::start("ccxray-probe", move || {
        let probe = AssertUnwindSafe(|| of_project(&cwd, &environment, with_point));
        if let Ok(report) = catch_unwind(probe) {
            reply.send(report);
        }
    });
}

fn of_project(cwd: &Path, environment: &Environment, with_point: bool) -> ProbeReport {
    let resolution = match config::resolve(cwd, environment) {
        Ok(resolution) => resolution,
        Err(error) => return ProbeReport::not_sent(error.to_string()),
    };
    let config = match resolution.outcome {
        Outcome::On(config) => config,
        Outcome::Off { reason } | Outcome::Degraded { reason, .. } => {
            return ProbeReport::not_sent(reason);
        }
    };
    let endpoint = Some(config.endpoint.to_string());
    match probe::run(&config, &instance_id::random_id(), with_point) {
        Ok(steps) => {
            let steps: Vec<_> = steps.into_iter().map(StepReport::from).collect();
            let ok = steps.iter().all(|step| step.ok);
            ProbeReport { ok, endpoint, reason: None, steps }
        }
        Err(error) => ProbeReport {
            endpoint,
            ..ProbeReport::not_sent(format!("The request cannot be made: {error}."))
        },
    }
}

impl ProbeReport {
    fn not_sent(reason: String) -> Self {
        Self { reason: Some(reason), ..Self::default() }
    }

    /// As a JSON object.
    pub fn to_json(&self) -> String {
        // Strings and numbers can always be serialised.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<ProbeStep> for StepReport {
    fn from(ProbeStep { step, ok, detail, time }: ProbeStep) -> Self {
        let ms = time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        Self { step, ok, detail, ms }
    }
}
