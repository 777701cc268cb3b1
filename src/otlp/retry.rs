//! The retry policy of OTLP/HTTP: what an HTTP status means, and how long to wait before the next try.
//!
//! Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>

use std::time::{Duration, SystemTime};

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
    /// The body: it is malformed or too large. The same body will be rejected each time.
    Body,
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
            400 | 413 | 422 => Self::Rejected(Rejection::Body),
            _ => Self::Rejected(Rejection::Request),
        }
    }
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
            (413, None, body),
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
