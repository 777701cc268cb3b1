//! A dry run: what a project would export after some entries. It uses the same code as the worker thread and
//! an export, without a thread, a file or a socket.

use crate::config::{self, AssumedConfig, Assumption, ConfigError, Environment};
use crate::entry::{self, EntrySource};
use crate::metrics::derive::malformed_entry;
use crate::metrics::name_log::NameLog;
use crate::otlp::parts::{Parts, RequestLimit};
use crate::otlp::request::{EncodedRequest, MetricsRequest};
use crate::pipeline::dry_run_summary::{DryRunCounts, DryRunSummary, Size, VariantSummary};
use crate::project::Project;
use crate::util::clock::Timestamp;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// `service.instance.id` of a dry run. A real one is random, and new at each start.
const INSTANCE: &str = "00000000-0000-4000-8000-000000000000";

/// What a project would export after some entries, under one or more assumptions.
#[derive(Debug)]
pub struct DryRun {
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
    /// A dry run of the project in `cwd`, once for each assumption.
    ///
    /// # Errors
    /// [`ConfigError`] if the project's config cannot be used.
    pub fn open(
        cwd: &Path,
        environment: &Environment,
        assumptions: &[Assumption],
        now: Timestamp,
    ) -> Result<Self, ConfigError> {
        let variant = |assumption: &Assumption| {
            let assumed = config::assume(cwd, environment, *assumption)?;
            Ok(Variant::new(assumed, now))
        };
        let variants = assumptions.iter().map(variant).collect::<Result<_, _>>()?;
        Ok(Self { variants, counts: DryRunCounts::default() })
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

    /// What the next export would send under each assumption, for people.
    ///
    /// # Errors
    /// If it cannot be collected or encoded. That would be a defect of this package.
    pub fn summary(&self) -> io::Result<DryRunSummary> {
        let variants = self.variants.iter().map(Variant::summary).collect::<io::Result<_>>()?;
        Ok(DryRunSummary::new(self.counts, variants))
    }

    /// The bodies of the next export under one of the assumptions, as OTLP/JSON with the values of
    /// environment variables masked. There are none for an assumption that does not exist.
    ///
    /// # Errors
    /// If they cannot be collected or encoded. That would be a defect of this package.
    pub fn requests(&self, variant: usize) -> io::Result<Vec<String>> {
        let Some(variant) = self.variants.get(variant) else { return Ok(Vec::new()) };
        let masked = |(mut part, _): (MetricsRequest, EncodedRequest)| {
            variant.project.mask(&mut part);
            Ok(part.to_json()?)
        };
        variant.parts(&variant.next_request()?)?.into_iter().map(masked).collect()
    }
}

impl Variant {
    fn new(assumed: AssumedConfig, now: Timestamp) -> Self {
        let AssumedConfig { config, endpoint, off } = assumed;
        let mut project = Project::new(config, INSTANCE, now);
        let names = project.note_names();
        project.record_start();
        Self { project, names, endpoint, off }
    }

    /// The next request. As before an export, it contains the state.
    fn next_request(&self) -> io::Result<MetricsRequest> {
        self.project.record_state();
        self.project.next_request().map_err(io::Error::other)
    }

    /// The parts in which a request is sent.
    fn parts(&self, request: &MetricsRequest) -> io::Result<Vec<(MetricsRequest, EncodedRequest)>> {
        let config = self.project.config();
        let encoding = (config.protocol, config.compression);
        let limit = RequestLimit::new(config.max_request_bytes);
        let mut parts = Parts::new(request.clone());
        let mut all = Vec::new();
        while let Some(part) = parts.next(encoding, limit)? {
            all.push(part);
        }
        Ok(all)
    }

    fn summary(&self) -> io::Result<VariantSummary> {
        let parts = self.parts(&self.next_request()?)?;
        let bodies = parts.iter().map(|(_, body)| body);
        let size = Size {
            requests: parts.len(),
            bytes: bodies.clone().map(|body| body.size).sum(),
            sent_bytes: bodies.map(|body| body.bytes.len()).sum(),
        };
        let place = (self.endpoint.as_deref(), self.off.as_deref());
        Ok(VariantSummary::new(self.project.config(), place, size, &self.names))
    }
}
