//! Flush requests: export now, and reply whether everything was delivered.

use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// An export ends this much before its caller stops waiting, so that the reply still arrives and
/// `status` already has the result.
const MARGIN: Duration = Duration::from_millis(20);

/// A request to export one project now.
pub(super) struct FlushRequest {
    /// When the caller stops waiting.
    pub(super) deadline: Instant,
    /// What it asks for.
    pub(super) kind: FlushKind,
    /// Receives whether everything was delivered.
    pub(super) reply: oneshot::Sender<bool>,
}

/// What a flush request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlushKind {
    /// Everything that may be sent now. At a coarse resolution it is only stored.
    Usual,
    /// Also what waits for the timetable of a coarse resolution: a person has asked for it.
    Pending,
    /// The same as the first, for the last time.
    Last,
}

impl FlushRequest {
    /// Whether this is the last export of the project.
    pub(super) fn is_last(&self) -> bool {
        self.kind == FlushKind::Last
    }
}

/// Sends a flush request to all exporters at once. Returns whether each of them has delivered
/// everything by `deadline`.
pub(super) async fn flush_all(
    exporters: &[mpsc::UnboundedSender<FlushRequest>],
    deadline: Instant,
    kind: FlushKind,
) -> bool {
    let replies: Vec<_> = exporters
        .iter()
        .map(|exporter| {
            let (reply, receiver) = oneshot::channel();
            // If the exporter has failed, the reply is dropped here. That reads as not delivered below.
            let _ = exporter.send(FlushRequest { deadline, kind, reply });
            receiver
        })
        .collect();
    let mut all_delivered = true;
    for reply in replies {
        all_delivered &= matches!(timeout_at(deadline, reply).await, Ok(Ok(true)));
    }
    all_delivered
}

/// When the work for a caller must be over who waits until `deadline`.
pub(super) fn with_margin(deadline: Instant, now: Instant) -> Instant {
    deadline - (deadline.saturating_duration_since(now) / 10).min(MARGIN)
}
