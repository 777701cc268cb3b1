//! The retry policy of OTLP: what a status means, and how long to wait before the next try.
//!
//! Sources: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>,
//! <https://opentelemetry.io/docs/specs/otlp/#failures>

use bytes::Bytes;
use std::time::{Duration, SystemTime};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Tries within one export, including the first.
pub const MAX_ATTEMPTS: u32 = 4;
/// The first wait, before jitter.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait, before jitter. A `Retry-After` may be longer.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// What an HTTP status means for a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The backend has taken it.
    Delivered,
    /// A temporary failure: another try may succeed.
    Retry {
        /// The `Retry-After` of the backend.
        retry_after: Option<Duration>,
    },
    /// A permanent failure: another try now would fail as well.
    Rejected(Rejection),
}

/// What the backend rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The request: its URL, its credentials, or any request at this time. The same body may be taken
    /// later.
    Request,
    /// The body: it is malformed. The same body will be rejected each time.
    Body,
    /// The size of the body. Parts of it may be taken.
    Size,
}

impl Verdict {
    /// Classifies an HTTP response. Only 2xx is a success; a redirect is a failure. A date in
    /// `retry_after` is compared with `now`.
    pub fn of_status(status: u16, retry_after: Option<&str>, now: SystemTime) -> Self {
        match status {
            200..=299 => Self::Delivered,
            429 | 502..=504 => {
                Self::Retry { retry_after: retry_after.and_then(|it| parse_retry_after(it, now)) }
            }
            413 => Self::Rejected(Rejection::Size),
            400 | 422 => Self::Rejected(Rejection::Body),
            _ => Self::Rejected(Rejection::Request),
        }
    }

    /// The same verdict, or that the size is rejected if the backend says so. Some backends have no status
    /// of its own for it.
    pub fn with_reason(self, reason: &str) -> Self {
        let is_final = matches!(self, Self::Rejected(_) | Self::Retry { .. });
        if is_final && is_about_size(reason) { Self::Rejected(Rejection::Size) } else { self }
    }

    /// Classifies a status of gRPC: its code, its message and its details, a `google.rpc.Status`.
    pub fn of_call(code: i32, message: &str, details: &[u8]) -> Self {
        let code = Code::from_i32(code);
        let status = Status::with_details(code, "", Bytes::copy_from_slice(details));
        let retry_info = status.get_details_retry_info();
        let retry_after = retry_info.map(|info| info.retry_delay.unwrap_or_default());
        let verdict = Self::of_code(code, retry_after);
        match code {
            Code::InvalidArgument | Code::OutOfRange | Code::ResourceExhausted => {
                verdict.with_reason(message)
            }
            _ => verdict,
        }
    }

    /// `retry_after` is the delay of the backend's `RetryInfo`.
    fn of_code(code: Code, retry_after: Option<Duration>) -> Self {
        match code {
            Code::Ok => Self::Delivered,
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss => Self::Retry { retry_after },
            // Without a delay the backend does not expect to recover.
            Code::ResourceExhausted if retry_after.is_some() => Self::Retry { retry_after },
            Code::InvalidArgument => Self::Rejected(Rejection::Body),
            Code::ResourceExhausted
            | Code::Unknown
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::Unimplemented
            | Code::Internal
            | Code::Unauthenticated => Self::Rejected(Rejection::Request),
        }
    }
}

/// Whether a backend says that a request is too large.
fn is_about_size(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    let phrases =
        ["too large", "too big", "larger than max", "size exceed", "exceeds the limit of"];
    phrases.iter().any(|phrase| reason.contains(phrase))
}

/// Parses `Retry-After`: seconds, or a date. A date in the past means zero.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc9110#name-retry-after>
fn parse_retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // The caller cuts long waits, so a number that is too large for u64 may become any long wait.
        return Some(Duration::from_secs(text.parse().unwrap_or(u32::MAX.into())));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// The wait after the `attempt`-th failed try (the first is 1): exponential backoff, half of it random.
/// `jitter` is a random number from 0 to 1.
pub fn backoff(attempt: u32, jitter: f64) -> Duration {
    let factor = 2_u32.saturating_pow(attempt.saturating_sub(1));
    let full = FIRST_WAIT.saturating_mul(factor).min(MAX_WAIT);
    full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tonic_types::ErrorDetails;

    /// 2026-01-31 09:00:00 UTC.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_hours(491_625)
    }

    #[test]
    fn only_overload_and_gateway_errors_are_retried() {
        let retry =
            |seconds: Option<u64>| Verdict::Retry { retry_after: seconds.map(Duration::from_secs) };
        let rejected = Verdict::Rejected;
        let (request, body) = (rejected(Rejection::Request), rejected(Rejection::Body));
        for (status, header, expected) in [
            (200, None, Verdict::Delivered),
            (202, None, Verdict::Delivered),
            (204, None, Verdict::Delivered),
            (301, None, request),
            (308, Some("3"), request),
            (400, None, body),
            (401, None, request),
            (403, None, request),
            (404, None, request),
            (408, None, request),
            (413, None, rejected(Rejection::Size)),
            (415, None, request),
            (422, None, body),
            (429, Some("3"), retry(Some(3))),
            (429, Some(" 3600 "), retry(Some(3600))),
            (429, Some("soon"), retry(None)),
            (429, Some("-5"), retry(None)),
            (429, Some(""), retry(None)),
            (429, Some("99999999999999999999999"), retry(Some(u32::MAX.into()))),
            (503, Some("Sat, 31 Jan 2026 09:00:07 GMT"), retry(Some(7))),
            (503, Some("Saturday, 31-Jan-26 09:01:00 GMT"), retry(Some(60))),
            (503, Some("Sat Jan 31 08:59:00 2026"), retry(Some(0))),
            (503, Some("Sat, 31 Feb 2026 09:00:07 GMT"), retry(None)),
            (500, Some("3"), request),
            (501, None, request),
            (502, None, retry(None)),
            (503, None, retry(None)),
            (504, None, retry(None)),
            (505, None, request),
        ] {
            assert_eq!(Verdict::of_status(status, header, now()), expected, "{status} {header:?}");
        }
    }

    #[test]
    fn a_backend_may_say_that_a_request_is_too_large() {
        let (again, body) =
            (Verdict::Retry { retry_after: None }, Verdict::Rejected(Rejection::Body));
        let size = Verdict::Rejected(Rejection::Size);
        for (verdict, reason, expected) in [
            // gRPC for Go, tonic, VictoriaMetrics
            (body, "grpc: received message larger than max (5 vs. 4)", size),
            (
                again,
                "Error, decoded message length too large: found 5 bytes, the limit is: 4 bytes",
                size,
            ),
            (
                body,
                "too big data size exceeding -opentelemetry.maxRequestSize=67108864 bytes",
                size,
            ),
            (body, "out of order sample", body),
            (again, "", again),
            (Verdict::Delivered, "too large", Verdict::Delivered),
        ] {
            assert_eq!(verdict.with_reason(reason), expected, "{reason}");
        }
    }

    #[test]
    fn a_delay_in_the_details_of_grpc_is_respected() {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_millis(1500)));
        let retry_after = Some(Duration::from_millis(1500));
        for code in [Code::ResourceExhausted, Code::Unavailable] {
            let status = Status::with_error_details(code, "later", details.clone());
            let verdict = Verdict::of_call(code.into(), status.message(), status.details());
            assert_eq!(verdict, Verdict::Retry { retry_after }, "{code:?}");
        }
        let without = Verdict::of_call(8, "quota", b"");
        assert_eq!(without, Verdict::Rejected(Rejection::Request));
        assert_eq!(
            Verdict::of_call(8, "message too large", b""),
            Verdict::Rejected(Rejection::Size)
        );
        assert_eq!(Verdict::of_call(14, "", b"\xff\xff"), Verdict::Retry { retry_after: None });
    }

    #[test]
    fn the_specification_says_which_codes_of_grpc_are_retried() {
        let second = Some(Duration::from_secs(1));
        for code in (0..=16).map(Code::from_i32) {
            let retried = [1, 4, 10, 11, 14, 15].contains(&(code as i32));
            let expected = |retry_after| match code {
                Code::Ok => Verdict::Delivered,
                Code::InvalidArgument => Verdict::Rejected(Rejection::Body),
                Code::ResourceExhausted if retry_after == second => Verdict::Retry { retry_after },
                _ if retried => Verdict::Retry { retry_after },
                _ => Verdict::Rejected(Rejection::Request),
            };
            assert_eq!(Verdict::of_code(code, None), expected(None), "{code:?}");
            assert_eq!(Verdict::of_code(code, second), expected(second), "{code:?}");
        }
    }

    proptest! {
        #[test]
        fn waits_grow_within_their_limits(attempt in 1_u32..100, jitter in 0.0_f64..=1.0) {
            let wait = backoff(attempt, jitter);
            prop_assert!((FIRST_WAIT / 2..=MAX_WAIT).contains(&wait));
            prop_assert!(backoff(attempt + 1, jitter) >= wait);
        }

        #[test]
        fn any_retry_after_is_parsed_without_panic(text in "\\PC{0,40}") {
            let _ = parse_retry_after(&text, now());
        }
    }
}
