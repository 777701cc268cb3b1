//! A dry run: what a project would export after some entries. It uses the same code as the worker thread and
//! an export, without a thread, a file or a socket.

use crate::config::{self, AssumedConfig, Assumption, ConfigError, Environment};
use crate::entry::{self, EntrySource};
use crate::metrics::derive::malformed_entry;
use crate::metrics::name_log::NameLog;
use crate::otlp::parts::{Parts, RequestLimit};
use crate::otlp::request::MetricsRequest;
use crate::pipeline::dry_run_summary::{Bodies, DryRunCounts, DryRunSummary, VariantSummary};
use crate::project::Project;
use crate::util::clock::Timestamp;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

/// `service.instance.id` of a dry run. A real one is random, and new at each start.
const INSTANCE: &str = "00000000-0000-4000-8000-000000000000";

/// What a project would export after some entries, under one or more assumptions.
#[derive(Debug)]
pub struct DryRun {
    cwd: PathBuf,
    environment: Environment,
    variants: Vec<Variant>,
    counts: DryRunCounts,
}

/// The project under one assumption.
#[derive(Debug)]
struct Variant {
    project: Project,
    names: Arc<NameLog>,
    endpoint: Option<String>,
    off: Option<String>,
}

/// What has become of one entry.
enum EntryResult {
    Recorded,
    Malformed,
}

impl DryRun {
    /// A dry run of the project in `cwd`.
    pub fn new(cwd: PathBuf, environment: Environment) -> Self {
        Self { cwd, environment, variants: Vec::new(), counts: DryRunCounts::default() }
    }

    /// Adds a variant: the project under this assumption.
    ///
    /// # Errors
    /// [`ConfigError`] if the project's config cannot be used.
    pub fn assume(&mut self, assumption: Assumption, now: Timestamp) -> Result<(), ConfigError> {
        let assumed = config::assume(&self.cwd, &self.environment, assumption)?;
        self.variants.push(Variant::new(assumed, now));
        Ok(())
    }

    /// Records an entry, as the worker thread would. Returns whether it is counted.
    pub fn add(&mut self, source: EntrySource<'_>) -> bool {
        // A panic costs this entry only, as in the worker thread.
        let result = catch_unwind(AssertUnwindSafe(|| self.record(source)));
        let DryRunCounts { recorded, malformed, failed } = &mut self.counts;
        let count = match &result {
            Ok(EntryResult::Recorded) => recorded,
            Ok(EntryResult::Malformed) => malformed,
            Err(_panic) => failed,
        };
        *count += 1;
        matches!(result, Ok(EntryResult::Recorded))
    }

    fn record(&self, source: EntrySource<'_>) -> EntryResult {
        let Ok(turn) = entry::parse(source) else {
            for variant in &self.variants {
                variant.project.record(malformed_entry());
            }
            return EntryResult::Malformed;
        };
        for variant in &self.variants {
            variant.project.record_turn(&turn);
        }
        EntryResult::Recorded
    }

    /// What the next export would send under each assumption.
    ///
    /// # Errors
    /// If it cannot be collected or encoded. That would be a defect of this package.
    pub fn summary(&self) -> io::Result<DryRunSummary> {
        let mut variants = Vec::with_capacity(self.variants.len());
        for variant in &self.variants {
            variants.push(variant.summary()?);
        }
        Ok(DryRunSummary::new(self.counts, variants))
    }
}

impl Variant {
    fn new(assumed: AssumedConfig, now: Timestamp) -> Self {
        let AssumedConfig { config, endpoint, off } = assumed;
        let mut project = Project::new(*config, INSTANCE, now);
        let names = project.note_names();
        project.record_start();
        Self { project, names, endpoint, off }
    }

    /// The next request. As before an export, it contains the state.
    fn next_request(&self) -> io::Result<MetricsRequest> {
        self.project.record_state();
        self.project.next_request().map_err(io::Error::other)
    }

    /// The bodies of the next export, in the parts in which they are sent. Those that are shown are OTLP/JSON
    /// with masked variables; their sizes are those of what is sent.
    fn bodies(&self) -> io::Result<Bodies> {
        let config = self.project.config();
        let encoding = (config.protocol, config.compression);
        let limit = RequestLimit::new(config.max_request_bytes);
        let mut parts = Parts::new(self.next_request()?);
        let mut bodies = Bodies::default();
        while let Some((mut part, body)) = parts.next(encoding, limit)? {
            bodies.bytes += body.size;
            bodies.sent_bytes += body.bytes.len();
            self.project.mask(&mut part);
            bodies.shown.push(part.to_json()?);
        }
        Ok(bodies)
    }

    fn summary(&self) -> io::Result<VariantSummary> {
        let place = (self.endpoint.as_deref(), self.off.as_deref());
        Ok(VariantSummary::new(self.project.config(), place, self.bodies()?, &self.names))
    }
}
