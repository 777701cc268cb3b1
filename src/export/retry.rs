//! Which answers are worth another try, and when.
//!
//! Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.

use std::time::Duration;

/// The first wait.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait that is not the server's own wish.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// The server's wish is granted up to here; the export's own deadline cuts it anyway.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It was taken in.
    Delivered,
    /// It may work later; the server may say when.
    Retry {
        /// The server's wish.
        after: Option<Duration>,
    },
    /// It will not work later.
    Rejected,
}

impl Verdict {
    /// Classifies an HTTP answer. Only 2xx is success; redirects are not followed.
    pub fn of_status(status: u16, retry_after: Option<&str>) -> Self {
        match status {
            200..=299 => Self::Delivered,
            429 | 502..=504 => {
                let seconds = retry_after.and_then(|text| text.trim().parse().ok());
                let after =
                    seconds.map(|seconds| Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
                Self::Retry { after }
            }
            _ => Self::Rejected,
        }
    }
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

    #[test]
    fn only_overload_and_gateway_answers_are_tried_again() {
        let retry = |after| Verdict::Retry { after };
        for (status, header, expected) in [
            (200, None, Verdict::Delivered),
            (202, None, Verdict::Delivered),
            (301, None, Verdict::Rejected),
            (400, None, Verdict::Rejected),
            (401, None, Verdict::Rejected),
            (404, None, Verdict::Rejected),
            (413, None, Verdict::Rejected),
            (429, Some("3"), retry(Some(Duration::from_secs(3)))),
            (429, Some("3600"), retry(Some(MAX_RETRY_AFTER))),
            (429, Some("soon"), retry(None)),
            (500, None, Verdict::Rejected),
            (502, None, retry(None)),
            (503, None, retry(None)),
            (504, None, retry(None)),
        ] {
            assert_eq!(Verdict::of_status(status, header), expected, "{status} {header:?}");
        }
    }

    proptest! {
        #[test]
        fn waits_grow_and_stay_in_bounds(attempt in 1_u32..100, jitter in 0.0_f64..=1.0) {
            let wait = wait(attempt, jitter);
            prop_assert!(wait >= FIRST_WAIT / 2);
            prop_assert!(wait <= MAX_WAIT);
        }
    }
}
