//! How much of the user's quotas is used, from the rate-limit headers of the upstream's response.
//!
//! Sources: <https://docs.anthropic.com/en/api/rate-limits#response-headers> and
//! <https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers>. The headers of
//! subscriptions (`anthropic-ratelimit-unified-*`, `x-codex-*`) are not documented; they are as the
//! hosts record them.

/// Which quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaWindow {
    /// The rolling five hours of a subscription.
    FiveHours,
    /// The rolling seven days of a subscription.
    SevenDays,
    /// Requests, in the interval of the API key.
    Requests,
    /// Tokens, in the interval of the API key.
    Tokens,
}

impl QuotaWindow {
    /// The attribute value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FiveHours => "5h",
            Self::SevenDays => "7d",
            Self::Requests => "requests",
            Self::Tokens => "tokens",
        }
    }
}

/// How much of one quota is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// Which quota.
    pub window: QuotaWindow,
    /// The used part, from 0 (unused) to 1 (used up) or, where the upstream reports that, more.
    pub utilization: f64,
}

/// Headers that contain the used part itself: (window, header).
const RATIOS: &[(QuotaWindow, &str)] = &[
    (QuotaWindow::FiveHours, "anthropic-ratelimit-unified-5h-utilization"),
    (QuotaWindow::SevenDays, "anthropic-ratelimit-unified-7d-utilization"),
];

/// Headers from which the used part is computed: (window, limit, remaining).
#[rustfmt::skip]
const REMAINDERS: &[(QuotaWindow, &str, &str)] = &[
    (QuotaWindow::Requests, "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining"),
    (QuotaWindow::Tokens, "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining"),
    (QuotaWindow::Requests, "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests"),
    (QuotaWindow::Tokens, "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens"),
];

/// Headers of `ChatGPT`'s backend: (used part in per cent, length of the window in minutes).
const PERCENTAGES: &[(&str, &str)] = &[
    ("x-codex-primary-used-percent", "x-codex-primary-window-minutes"),
    ("x-codex-secondary-used-percent", "x-codex-secondary-window-minutes"),
];
/// A larger used part, 1,000 %, is an error of its reporter.
const MAX_UTILIZATION: f64 = 10.0;
/// By which part of its length a window may differ: the backend rounds, so five hours are also
/// 299 minutes, and seven days 10,079.
const LENGTH_TOLERANCE: f64 = 0.01;
/// The windows of subscriptions, with their lengths in minutes.
const WINDOWS: &[(QuotaWindow, f64)] =
    &[(QuotaWindow::FiveHours, 300.0), (QuotaWindow::SevenDays, 10080.0)];

/// The names of the headers that are read, in lower case, as Node provides them.
pub fn header_names() -> impl Iterator<Item = &'static str> {
    let remainders = REMAINDERS.iter().flat_map(|(_, limit, remaining)| [*limit, *remaining]);
    let percentages = PERCENTAGES.iter().flat_map(|(used, minutes)| [*used, *minutes]);
    RATIOS.iter().map(|(_, name)| *name).chain(remainders).chain(percentages)
}

/// The quotas that one source reports.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Quotas {
    /// At most one of each window.
    pub(super) quotas: Vec<Quota>,
    /// A used part was larger than any real one, and is left out.
    pub(super) is_refused: bool,
}

impl Quotas {
    /// The quotas in `headers`. Negative, infinite and unreadable numbers count as absent.
    pub(super) fn of_headers(headers: &[(String, String)]) -> Self {
        let mut found = Self::default();
        for quota in read(headers) {
            found.add(quota);
        }
        found
    }

    /// Adds the quota of a window of `minutes`, of which `per_cent` are used. A window is told by
    /// its length; one of another length has no name and is left out.
    pub(super) fn add_window(&mut self, minutes: f64, per_cent: f64) {
        if let Some(window) = window_of(minutes).filter(|_| per_cent >= 0.0) {
            self.add(Quota { window, utilization: per_cent / 100.0 });
        }
    }

    /// Adds the quotas of a newer source, which replace those of the same windows.
    pub(super) fn add_newer(&mut self, newer: Self) {
        for quota in newer.quotas {
            self.add(quota);
        }
        self.is_refused |= newer.is_refused;
    }

    fn add(&mut self, quota: Quota) {
        if quota.utilization > MAX_UTILIZATION {
            self.is_refused = true;
            return;
        }
        self.quotas.retain(|known| known.window != quota.window);
        self.quotas.push(quota);
    }
}

/// The window with this length.
fn window_of(minutes: f64) -> Option<QuotaWindow> {
    let has_length = |length: f64| (minutes - length).abs() <= length * LENGTH_TOLERANCE;
    WINDOWS.iter().find(|(_, length)| has_length(*length)).map(|(window, _)| *window)
}

fn read(headers: &[(String, String)]) -> Vec<Quota> {
    let number = |name: &str| -> Option<f64> {
        let (_, value) = headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        value.trim().parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0)
    };
    let ratios = RATIOS
        .iter()
        .filter_map(|&(window, name)| Some(Quota { window, utilization: number(name)? }));
    let remainders = REMAINDERS.iter().filter_map(|&(window, limit, remaining)| {
        let limit = number(limit).filter(|limit| *limit > 0.0)?;
        Some(Quota { window, utilization: (1.0 - number(remaining)? / limit).max(0.0) })
    });
    let percentages = PERCENTAGES.iter().filter_map(|&(used, minutes)| {
        let window = window_of(number(minutes)?)?;
        Some(Quota { window, utilization: number(used)? / 100.0 })
    });
    ratios.chain(remainders).chain(percentages).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentages(window: &str, used: &str) -> Quotas {
        let headers =
            [("X-Codex-Primary-Used-Percent", used), ("x-codex-primary-window-minutes", window)];
        Quotas::of_headers(&headers.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    #[test]
    fn a_window_is_told_by_its_length() {
        for (minutes, expected) in [
            ("299", Some(QuotaWindow::FiveHours)),
            ("300", Some(QuotaWindow::FiveHours)),
            ("301", Some(QuotaWindow::FiveHours)),
            ("10079", Some(QuotaWindow::SevenDays)),
            ("10081", Some(QuotaWindow::SevenDays)),
            ("43200", None),
            ("60", None),
            ("0", None),
        ] {
            let found = percentages(minutes, "5").quotas;
            assert_eq!(found.first().map(|quota| quota.window), expected, "{minutes}");
        }
    }

    #[test]
    fn a_used_part_beyond_any_real_one_is_refused() {
        let most = Quota { window: QuotaWindow::FiveHours, utilization: 10.0 };
        assert_eq!(percentages("300", "1000").quotas, [most]);
        for used in ["1001", "1e9", "1e308"] {
            assert_eq!(
                percentages("300", used),
                Quotas { quotas: vec![], is_refused: true },
                "{used}"
            );
        }
        assert_eq!(percentages("300", "-1"), Quotas::default());
    }

    #[test]
    fn a_newer_quota_replaces_the_older_one() {
        let mut quotas = percentages("300", "10");
        quotas.add_newer(percentages("299", "20"));
        assert_eq!(quotas.quotas, [Quota { window: QuotaWindow::FiveHours, utilization: 0.2 }]);
    }

    #[test]
    fn quotas_come_from_ratios_remainders_and_percentages() {
        let headers = [
            ("Anthropic-Ratelimit-Unified-5h-Utilization", "0.42"),
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "40"),
            ("anthropic-ratelimit-tokens-limit", "0"),
            ("anthropic-ratelimit-tokens-remaining", "0"),
            ("anthropic-ratelimit-unified-7d-utilization", "soon"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let quotas = read(&headers);
        let codex = [
            ("x-codex-primary-used-percent", "25.5"),
            ("x-codex-primary-window-minutes", "10080"),
            ("x-codex-secondary-used-percent", "3"),
            ("x-codex-secondary-window-minutes", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let codex = read(&codex);
        assert_eq!(
            codex,
            [Quota { window: QuotaWindow::SevenDays, utilization: 0.255 }],
            "{codex:?}"
        );
        assert_eq!(quotas.len(), 2, "a limit of zero and a word are not a utilisation: {quotas:?}");
        assert_eq!(quotas[0], Quota { window: QuotaWindow::FiveHours, utilization: 0.42 });
        assert_eq!(quotas[1].window, QuotaWindow::Requests);
        assert!((quotas[1].utilization - 0.2).abs() < 1e-12);
    }
}
