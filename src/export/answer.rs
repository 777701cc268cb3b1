//! The answer of a backend to one request.

use crate::config::Headers;
use crate::export::failure::Failure;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::scrub;
use crate::otlp::retry::Verdict;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;

/// The answer of a backend, whatever its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// What the status means.
    pub(super) verdict: Verdict,
    /// The status, for the message about an export that was not delivered.
    pub(super) failure: Failure,
    /// What the backend did not take, if the status is a success.
    pub(super) partial_success: PartialSuccess,
}

/// What a backend says of a request that it has taken.
///
/// Source: <https://opentelemetry.io/docs/specs/otlp/#partial-success>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PartialSuccess {
    /// Data points that it rejected.
    pub(super) rejected_points: u64,
    /// Why, or a warning if it rejected none. Empty if it says nothing.
    pub(super) message: String,
}

impl PartialSuccess {
    /// From a response. A body that is not an OTLP response says nothing.
    pub(super) fn of(response: Option<ExportMetricsServiceResponse>) -> Self {
        let Some(partial) = response.and_then(|response| response.partial_success) else {
            return Self::default();
        };
        let rejected_points = u64::try_from(partial.rejected_data_points).unwrap_or(0);
        Self { rejected_points, message: partial.error_message }
    }

    /// The backend's own words. They say what to do, but they may repeat what it has received: `None` if
    /// nothing of them can be shown.
    pub(super) fn shown(&self, headers: &Headers) -> Option<AttributeValue> {
        scrub::own_text(&self.message).filter(|_| !headers.are_repeated_in(&self.message))
    }
}
