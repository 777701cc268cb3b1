//! Keeps what is not delivered in the file of the project.

use crate::config::{Compression, Protocol, Temporality};
use crate::export::failure::Failure;
use crate::export::project_exporter::{ProjectExporter, protobuf, unencodable};
use crate::export::project_store::Stored;
use crate::pending::content::{IntervalForm, Sums};
use crate::project::export_drop_reason::ExportDropReason;
use crate::util::clock::Timestamp;
use bytes::Bytes;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::time::Instant;

impl ProjectExporter {
    /// Before values are sent while there is a file: it gets them, so that no later process sends lower ones.
    pub(super) async fn announce(&mut self, newest: Bytes, turns: u64) {
        if self.store.may_be_on_disk() {
            let sums = self.stream(newest, true);
            self.put(Timestamp::now(), sums, turns).await;
        }
    }

    fn stream(&self, newest: Bytes, is_being_sent: bool) -> Sums {
        let may_be_confirmed = self.is_unclear || is_being_sent;
        Sums::Cumulative { confirmed: self.confirmed.clone(), newest, may_be_confirmed }
    }

    /// Writes the file again after an interval in it was split.
    pub(super) async fn rewrite(&mut self) {
        if self.store.may_be_on_disk()
            && let Ok(sums) = self.undelivered()
        {
            self.put(Timestamp::now(), sums, self.project.turns()).await;
        }
    }

    /// Stores what is not delivered, after an export that failed and then from time to time. Returns whether all of it
    /// is on the disk. If our own code panics, nothing is stored.
    pub(super) async fn keep(&mut self, now: Timestamp, is_last: bool) -> bool {
        let turns = self.project.turns();
        if self.is_up_to_date() {
            return true;
        }
        let is_due = is_last || self.store.is_due(Instant::from_std(now.instant), turns);
        if self.project.is_history() || !is_due || self.store.is_disabled().await {
            return false;
        }
        let sums = catch_unwind(AssertUnwindSafe(|| self.undelivered()));
        let Ok(Ok(sums)) = sums else { return false };
        self.put(now, sums, turns).await
    }

    pub(super) async fn put(&mut self, now: Timestamp, sums: Sums, turns: u64) -> bool {
        let Stored { is_safe, dropped } = self.store.put(now, sums, turns).await;
        if dropped > 0 {
            self.count_dropped(ExportDropReason::StoreFull, dropped);
        }
        is_safe
    }

    /// What the backend has not confirmed. With delta temporality the interval goes on.
    fn undelivered(&self) -> Result<Sums, Failure> {
        if self.project.config().temporality == Temporality::Cumulative {
            let newest = self.project.cumulative().map_err(Failure::from)?;
            return Ok(self.stream(protobuf(&newest)?, false));
        }
        let (protocol, compression) = self.encoding();
        let is_grpc = protocol == Protocol::Grpc;
        let form = IntervalForm { is_grpc, is_gzip: compression == Compression::Gzip };
        let mut intervals: Vec<Bytes> = self.backlog.bodies().cloned().collect();
        let open = self.project.next_request().map_err(Failure::from)?;
        if open.has_increments() {
            intervals.push(self.stored(&open).map_err(unencodable)?.bytes);
        }
        Ok(Sums::Delta { form, intervals })
    }

    /// When the file is due again. `None` while nothing waits.
    pub(super) fn next_write(&self) -> Option<Instant> {
        self.store.next_write()
    }
}
