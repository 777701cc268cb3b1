//! The sums of one project at a coarse resolution: each period is closed, kept in a file, and sent by the timetable.

use crate::config::{Compression, Protocol, Temporality};
use crate::export::failure::{ExportError, Failure};
use crate::export::project_exporter::{ProjectExporter, protobuf, unencodable};
use crate::export::resume::{Dates, decoded};
use crate::otlp::merged;
use crate::otlp::reporting_period::ReportingPeriod;
use crate::otlp::request::MetricsRequest;
use crate::pending::content::{IntervalForm, PendingContent, Sums};
use crate::pending::directory::{Claimed, Claims};
use crate::pending::progress::DeliveryProgress;
use crate::project::export_drop_reason::ExportDropReason;
use crate::util::clock::Timestamp;
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::time::{Instant, timeout_at};

impl ProjectExporter {
    /// Whether the period in which is recorded is over, or the clock was set back to before it.
    pub(super) fn is_period_over(&self, now: Timestamp) -> bool {
        let period = self.project.reporting_period();
        period.is_some_and(|it| now.unix_ms < it.start_ms || now.unix_ms >= it.end_ms)
    }

    /// Ends the period in which was recorded, and begins the one of `now`. A period without turns has no sums: nothing shows
    /// that this process was running.
    pub(super) async fn next_period(&mut self, now: Timestamp) {
        let resolution = self.project.config().resolution;
        let Some(next) = ReportingPeriod::at(resolution, now.unix_ms) else { return };
        let has_ended =
            self.project.reporting_period().is_some_and(|period| now.unix_ms >= period.end_ms);
        if !has_ended {
            // The clock was set back: what was recorded goes on as that of an earlier period, in the same file.
            self.project.begin_period(next);
            return self.store.rename_period(next.end_ms);
        }
        self.discard_if_withdrawn().await;
        let mut is_saved = true;
        if self.has_open_turns() {
            let turns = self.project.turns();
            let closed = catch_unwind(AssertUnwindSafe(|| {
                self.project.end_interval(|interval| self.sums_of(interval))
            }));
            // If our own code panics, the period goes on.
            let Ok(Ok(sums)) = closed else { return };
            self.exported_turns = turns;
            is_saved = self.put(now, sums.clone(), turns).await;
            if !is_saved {
                let unsaved = self.store.unsaved(now, sums);
                self.claimed.push_back(unsaved);
            }
        }
        self.project.begin_period(next);
        self.store.begin_period(next.end_ms, is_saved).await;
    }

    /// Stores what was recorded in the period that goes on. Returns whether everything is on the disk.
    pub(super) async fn keep_period(&mut self, now: Timestamp, is_last: bool) -> bool {
        let mut is_safe = true;
        for index in 0..self.claimed.len() {
            if is_last
                && let Some(claimed) = self.claimed.get_mut(index).filter(|it| !it.is_on_disk)
            {
                is_safe &= self.store.save(claimed).await;
            }
        }
        let turns = self.project.turns();
        if !self.has_open_turns() {
            return is_safe;
        }
        if !is_last && !self.store.is_due(Instant::from_std(now.instant), turns) {
            return false;
        }
        self.discard_if_withdrawn().await;
        if !self.has_open_turns() {
            return is_safe;
        }
        let open = catch_unwind(AssertUnwindSafe(|| {
            self.project.next_request().map_err(Failure::from).and_then(|it| self.sums_of(&it))
        }));
        let Ok(Ok(sums)) = open else { return false };
        self.put(now, sums, turns).await && is_safe
    }

    /// Forgets what was recorded before the user removed the file.
    async fn discard_if_withdrawn(&mut self) {
        if !self.store.is_withdrawn().await {
            return;
        }
        let turns = self.project.turns();
        let discarded =
            catch_unwind(AssertUnwindSafe(|| self.project.end_interval(|_| Ok::<_, Failure>(()))));
        if matches!(discarded, Ok(Ok(()))) {
            self.exported_turns = turns;
            self.store.forget();
        }
    }

    /// Claims the files of ended periods. Returns whether there is something to send.
    pub(super) async fn claim_periods(&mut self, now: Timestamp) -> bool {
        // Some may have been removed by the user since they were claimed.
        for _ in 0..self.claimed.len() {
            let Some(claimed) = self.claimed.pop_front() else { break };
            if !claimed.is_on_disk || !self.store.lacks(claimed.name.clone()).await {
                self.claimed.push_back(claimed);
            }
        }
        let Claims { claimed, expired, withdrawn, damaged } = self.store.claim(now).await;
        self.count_deleted(withdrawn + damaged);
        self.claimed.extend(claimed);
        if expired > 0 {
            self.count_dropped(ExportDropReason::Expired, expired);
        }
        // Not while they are sent, because that can be cancelled.
        self.merge_claimed().await;
        !self.claimed.is_empty()
    }

    /// Sends the claimed periods, dated at a time of the timetable.
    pub(super) async fn send_periods(
        &mut self,
        scheduled_ms: u64,
        deadline: Instant,
    ) -> Result<(), ExportError> {
        self.send_claimed(Dates::At(scheduled_ms), deadline).await
    }

    /// Ends the exports of this project. What is not on the disk at `deadline` is counted as dropped: later, the process may be
    /// gone.
    pub(super) async fn end_periods(&mut self, now: Timestamp, deadline: Instant) -> bool {
        let is_safe = timeout_at(deadline, self.keep_period(now, true)).await.unwrap_or(false);
        // Afterwards, because the file has the state: a process that has ended must look like one that runs.
        self.update_health(now, |health| health.stopped(now));
        if !is_safe {
            let unsaved = self.claimed.iter().filter(|it| !it.is_on_disk).count();
            let lost = unsaved + usize::from(self.has_open_turns());
            self.count_dropped(ExportDropReason::Shutdown, lost as u64);
        }
        is_safe
    }

    fn has_open_turns(&self) -> bool {
        self.project.turns() != self.exported_turns
    }

    /// A file has one period of one process. The periods of several processes become one, so that the receiver cannot
    /// count the processes. Before anything is sent, the disk has the sum, and not its parts.
    async fn merge_claimed(&mut self) {
        let mut groups: BTreeMap<Option<u64>, Vec<Claimed>> = BTreeMap::new();
        for claimed in self.claimed.drain(..) {
            groups.entry(claimed.content.period_end_unix_ms).or_default().push(claimed);
        }
        let mut merged = VecDeque::new();
        for (_, group) in groups {
            let (mergeable, others): (Vec<_>, Vec<_>) =
                group.into_iter().partition(|it| it.progress == DeliveryProgress::default());
            merged.extend(others);
            match self.sum_of(&mergeable).ok().flatten() {
                Some(content) if mergeable.len() > 1 => {
                    merged.extend(self.replace(mergeable, content).await);
                }
                _ => merged.extend(mergeable),
            }
        }
        self.claimed = merged;
    }

    /// Writes the sum of files, and removes them. If the disk does not take it, the files are sent as they are.
    async fn replace(&mut self, parts: Vec<Claimed>, content: PendingContent) -> Vec<Claimed> {
        let mut sum = self.store.new_file(content);
        if !self.store.save(&mut sum).await {
            return parts;
        }
        for part in parts {
            self.store.remove(part.name).await;
        }
        vec![sum]
    }

    /// The sum of several files; `None` if they cannot be added.
    fn sum_of(&self, parts: &[Claimed]) -> io::Result<Option<PendingContent>> {
        let Some((first, rest)) = parts.split_first() else { return Ok(None) };
        let (Some(mut sum), mut since_unix_ms) =
            (request_of(&first.content.sums)?, first.content.since_unix_ms)
        else {
            return Ok(None);
        };
        for part in rest {
            let Some(request) = request_of(&part.content.sums)? else { return Ok(None) };
            since_unix_ms = since_unix_ms.min(part.content.since_unix_ms);
            if !merged::add(&mut sum, request) {
                return Ok(None);
            }
        }
        let replaces = parts.iter().map(|it| it.name.clone());
        Ok(Some(PendingContent {
            since_unix_ms,
            replaces: replaces.collect(),
            sums: self.sums_of(&sum).map_err(|_| io::Error::other("the sum cannot be encoded"))?,
            ..first.content.clone()
        }))
    }

    /// The request of a period as a file has it.
    fn sums_of(&self, request: &MetricsRequest) -> Result<Sums, Failure> {
        if self.project.config().temporality == Temporality::Cumulative {
            let newest = protobuf(request)?;
            return Ok(Sums::Cumulative { confirmed: None, newest, may_be_confirmed: false });
        }
        let (protocol, compression) = self.encoding();
        let is_grpc = protocol == Protocol::Grpc;
        let form = IntervalForm { is_grpc, is_gzip: compression == Compression::Gzip };
        let intervals = vec![self.stored(request).map_err(unencodable)?.bytes];
        Ok(Sums::Delta { form, intervals })
    }
}

/// The request of a period. `None` if a file has something else.
fn request_of(sums: &Sums) -> io::Result<Option<MetricsRequest>> {
    match sums {
        Sums::Cumulative { confirmed: None, newest, may_be_confirmed: false } => {
            let form = IntervalForm { is_grpc: false, is_gzip: false };
            decoded(Bytes::clone(newest), form).map(Some)
        }
        Sums::Delta { form, intervals } => match intervals.as_slice() {
            [interval] => decoded(Bytes::clone(interval), *form).map(Some),
            _ => Ok(None),
        },
        Sums::Cumulative { .. } => Ok(None),
    }
}
