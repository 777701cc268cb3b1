//! Which answers are worth another try, and when.
//!
//! Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.

use std::time::{Duration, SystemTime};

/// Tries within one export, the first one included.
pub const MAX_ATTEMPTS: u32 = 4;
/// The first wait.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait that is not the server's own retry_after_of.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It was taken in.
    Delivered,
    /// It may work later; the server may say when.
    Retry {
        /// The server's retry_after_of.
        after: Option<Duration>,
    },
    /// Trying again at once is of no use.
    Rejected(Rejection),
}

/// What a backend does not want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Us, or the way we ask, or anything at the moment: the same body may be taken another time.
    Request,
    /// This very body: it is malformed or too large, and will be the next time.
    Body,
}

impl Verdict {
    /// Classifies an HTTP answer. Only 2xx is success; redirects are not followed. `now` is what a
    /// date in `Retry-After` is compared with.
    pub fn of_status(status: u16, retry_after: Option<&str>, now: SystemTime) -> Self {
        match status {
            200..=299 => Self::Delivered,
            429 | 502..=504 => {
                Self::Retry { after: retry_after.and_then(|it| retry_after_of(it, now)) }
            }
            400 | 413 | 422 => Self::Rejected(Rejection::Body),
            _ => Self::Rejected(Rejection::Request),
        }
    }
}

/// What `Retry-After` asks for: seconds, or a date, which may have passed.
/// Source: <https://www.rfc-editor.org/rfc/rfc9110#name-retry-after>.
fn retry_after_of(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a number can hold are as good as for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u32::MAX.into())));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// How long to wait after the `attempt`-th failure (1-based). `jitter` is within 0 and 1.
pub fn wait(attempt: u32, jitter: f64) -> Duration {
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
    fn only_overload_and_gateway_answers_are_tried_again() {
        let retry = |after: Option<u64>| Verdict::Retry { after: after.map(Duration::from_secs) };
        let rejected = Verdict::Rejected;
        let (way, body) = (rejected(Rejection::Request), rejected(Rejection::Body));
        for (status, header, expected) in [
            (200, None, Verdict::Delivered),
            (202, None, Verdict::Delivered),
            (204, None, Verdict::Delivered),
            (301, None, way),
            (308, Some("3"), way),
            (400, None, body),
            (401, None, way),
            (403, None, way),
            (404, None, way),
            (408, None, way),
            (413, None, body),
            (415, None, way),
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
            (500, Some("3"), way),
            (501, None, way),
            (502, None, retry(None)),
            (503, None, retry(None)),
            (504, None, retry(None)),
            (505, None, way),
        ] {
            assert_eq!(Verdict::of_status(status, header, now()), expected, "{status} {header:?}");
        }
    }

    proptest! {
        #[test]
        fn waits_grow_and_stay_in_bounds(attempt in 1_u32..100, jitter in 0.0_f64..=1.0) {
            let now = wait(attempt, jitter);
            prop_assert!((FIRST_WAIT / 2..=MAX_WAIT).contains(&now));
            prop_assert!(wait(attempt + 1, jitter) >= now);
        }

        #[test]
        fn any_text_is_a_wish_or_none(text in "\\PC{0,40}") {
            let _ = retry_after_of(&text, now());
        }
    }
}
