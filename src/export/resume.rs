//! Delivers what an ended process of the same project has left.

use crate::config::{Compression, Protocol};
use crate::export::failure::ExportError;
use crate::export::project_exporter::{ProjectExporter, unencodable};
use crate::otlp::parts::{Parts, halves};
use crate::otlp::request::{EncodedRequest, MetricsRequest};
use crate::otlp::resumed::Resumed;
use crate::pending::content::{IntervalForm, Sums};
use crate::pending::directory::{Claimed, Claims};
use crate::pending::progress::{DeliveryProgress, Mark};
use crate::project::export_drop_reason::ExportDropReason;
use crate::util::clock::Timestamp;
use std::io;
use std::time::Duration;
use tokio::time::Instant;

/// A backend refuses data points that are later than this. The clock was set back since the file was written, so the
/// file waits.
const MAX_AHEAD_NANOS: u64 = 5 * 60 * 1_000_000_000;
const NANOS: u64 = 1_000_000;
/// How often the directory is read again.
const CLAIM_INTERVAL: Duration = Duration::from_mins(10);

/// How the data points of a cumulative stream are dated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dates {
    /// With the time at which they are sent.
    Now,
    /// With a time of the timetable, in Unix milliseconds.
    At(u64),
}

/// Why a file is not delivered by this export.
enum Undelivered {
    /// The export failed.
    Failed(ExportError),
    /// Its content is not what it should be.
    Damaged,
    /// It has to wait.
    Waits,
}

impl From<ExportError> for Undelivered {
    fn from(error: ExportError) -> Self {
        Self::Failed(error)
    }
}

impl From<io::Error> for Undelivered {
    fn from(_: io::Error) -> Self {
        Self::Damaged
    }
}

impl ProjectExporter {
    /// Delivers the files of ended processes, one after the other. The first call claims them, and later ones look now and
    /// then for what another process has left meanwhile.
    pub(super) async fn deliver_claimed(&mut self, deadline: Instant) -> Result<(), ExportError> {
        if self.project().is_history() {
            return Ok(());
        }
        let now = Instant::now();
        if self.next_claim.is_none_or(|at| now >= at) {
            self.next_claim = Some(now + CLAIM_INTERVAL);
            let Claims { claimed, expired, withdrawn, damaged } =
                self.store.claim(Timestamp::now()).await;
            self.count_deleted(withdrawn + damaged);
            self.claimed.extend(claimed);
            if expired > 0 {
                self.count_dropped(ExportDropReason::Expired, expired);
            }
        }
        self.send_claimed(Dates::Now, deadline).await
    }

    /// Sends what is claimed, and removes it.
    pub(super) async fn send_claimed(
        &mut self,
        dates: Dates,
        deadline: Instant,
    ) -> Result<(), ExportError> {
        for _ in 0..self.claimed.len() {
            // It stays in the list while it is sent, because the last flush can cancel that.
            let Some(mut claimed) = self.claimed.front().cloned() else { break };
            let is_delivered = match &claimed.content.sums {
                Sums::Cumulative { .. } => self.deliver_stream(&mut claimed, dates, deadline).await,
                Sums::Delta { .. } => self.deliver_intervals(&mut claimed, deadline).await,
            };
            self.claimed.pop_front();
            match is_delivered {
                Ok(()) | Err(Undelivered::Damaged) => {}
                // This process keeps it, so that no other one tries it in the meantime.
                Err(Undelivered::Waits) => {
                    self.claimed.push_back(claimed);
                    continue;
                }
                Err(Undelivered::Failed(ExportError { rejection: Some(_), .. })) => {
                    self.count_dropped(ExportDropReason::Rejected, 1);
                }
                Err(Undelivered::Failed(error)) => {
                    self.claimed.push_front(claimed);
                    return Err(error);
                }
            }
            self.store.remove(claimed.name).await;
        }
        Ok(())
    }

    /// Keeps in the list how far a file is delivered. An export can be cancelled wherever it waits, and the next one begins
    /// with the list. It must not send values that the backend has passed, or add marks for what has marks already.
    fn note_progress(&mut self, claimed: &Claimed) {
        if let Some(first) = self.claimed.front_mut() {
            first.clone_from(claimed);
        }
    }

    /// Notes how far a file is delivered. Returns whether the disk has it; without a file there is nothing to note.
    async fn mark(&self, claimed: &Claimed, mark: Mark) -> bool {
        !claimed.is_on_disk || self.store.mark_claimed(claimed.name.clone(), mark).await
    }

    /// Sends what the backend has confirmed, and then the newest values.
    async fn deliver_stream(
        &mut self,
        claimed: &mut Claimed,
        dates: Dates,
        deadline: Instant,
    ) -> Result<(), Undelivered> {
        let Sums::Cumulative { confirmed, newest, may_be_confirmed } = &claimed.content.sums else {
            return Err(Undelivered::Damaged);
        };
        let resumed = Resumed::new(confirmed.as_deref(), newest)?;
        let now = match dates {
            Dates::Now => Timestamp::now().unix_ms,
            Dates::At(unix_ms) => unix_ms,
        };
        let now = now.saturating_mul(NANOS);
        if resumed.last_time > now.saturating_add(MAX_AHEAD_NANOS) {
            return Err(Undelivered::Waits);
        }
        let [confirmed, newest] = match dates {
            Dates::Now => resumed.dated(now),
            Dates::At(_) => resumed.dated_at(now),
        };
        // Values that the backend may have passed are not sent again: it would take a fall for a restart.
        if !may_be_confirmed && claimed.progress.done == 0 {
            self.send_whole(confirmed, deadline).await?;
            claimed.progress.done = 1;
            self.note_progress(claimed);
            if !self.mark(claimed, Mark::Done).await {
                return Err(Undelivered::Waits);
            }
        }
        Ok(self.send_whole(newest, deadline).await?)
    }

    /// Sends the intervals that are not delivered yet, the oldest first.
    async fn deliver_intervals(
        &mut self,
        claimed: &mut Claimed,
        deadline: Instant,
    ) -> Result<(), Undelivered> {
        loop {
            let done = claimed.progress.done;
            let Sums::Delta { form, intervals } = &mut claimed.content.sums else {
                return Err(Undelivered::Damaged);
            };
            let Some(interval) = intervals.get(done) else { return Ok(()) };
            let request = decoded(interval.clone(), *form)?;
            let body = self.encoded(&request).map_err(unencodable).map_err(ExportError::from)?;
            if body.size > self.request_limit.bytes()
                && let Some((first, second)) = halves(&request)
            {
                let parts = [undivided(&first, *form)?, undivided(&second, *form)?];
                intervals.splice(..=done, parts);
                claimed.progress = DeliveryProgress::default();
                self.note_progress(claimed);
                if claimed.is_on_disk
                    && !self.store.rewrite(claimed.name.clone(), &claimed.content).await
                {
                    return Err(Undelivered::Waits);
                }
                continue;
            }
            if claimed.progress.is_sending {
                self.count_repeated();
            }
            if !self.mark(claimed, Mark::Sending).await {
                return Err(Undelivered::Waits);
            }
            claimed.progress.is_sending = true;
            self.note_progress(claimed);
            let sent = self.send(&body.bytes, deadline).await;
            match &sent {
                Ok(()) => {}
                Err(ExportError { rejection: Some(_), .. }) => {
                    self.count_dropped(ExportDropReason::Rejected, 1);
                }
                Err(_) => return Ok(sent?),
            }
            claimed.progress.done += 1;
            claimed.progress.is_sending = false;
            self.note_progress(claimed);
            self.mark(claimed, Mark::Done).await;
        }
    }

    /// Sends a request in as many parts as the backend needs.
    async fn send_whole(
        &mut self,
        request: MetricsRequest,
        deadline: Instant,
    ) -> Result<(), ExportError> {
        let mut parts = Parts::new(request);
        while let Some((_, body)) =
            parts.next(self.encoding(), self.request_limit).map_err(unencodable)?
        {
            self.send(&body.bytes, deadline).await?;
        }
        Ok(())
    }

    fn encoded(&self, request: &MetricsRequest) -> io::Result<EncodedRequest> {
        let (protocol, compression) = self.encoding();
        EncodedRequest::new(request.serialize(protocol)?, protocol, compression)
    }
}

/// The request of an interval.
pub(super) fn decoded(bytes: bytes::Bytes, form: IntervalForm) -> io::Result<MetricsRequest> {
    let (protocol, compression) = encoding_of(form);
    EncodedRequest { size: bytes.len(), bytes }.request(protocol, compression)
}

/// A request in the form of the intervals of a file.
fn undivided(request: &MetricsRequest, form: IntervalForm) -> io::Result<bytes::Bytes> {
    let (protocol, compression) = encoding_of(form);
    Ok(EncodedRequest::new(request.serialize(protocol)?, protocol, compression)?.bytes)
}

fn encoding_of(IntervalForm { is_grpc, is_gzip }: IntervalForm) -> (Protocol, Compression) {
    let protocol = if is_grpc { Protocol::Grpc } else { Protocol::HttpProtobuf };
    (protocol, if is_gzip { Compression::Gzip } else { Compression::None })
}
