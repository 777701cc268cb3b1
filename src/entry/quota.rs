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
/// The windows of subscriptions, with their lengths in minutes.
const WINDOWS: &[(QuotaWindow, f64)] =
    &[(QuotaWindow::FiveHours, 300.0), (QuotaWindow::SevenDays, 10080.0)];

/// The names of the headers that are read, in lower case, as Node provides them.
pub fn header_names() -> impl Iterator<Item = &'static str> {
    let remainders = REMAINDERS.iter().flat_map(|(_, limit, remaining)| [*limit, *remaining]);
    let percentages = PERCENTAGES.iter().flat_map(|(used, minutes)| [*used, *minutes]);
    RATIOS.iter().map(|(_, name)| *name).chain(remainders).chain(percentages)
}

/// The quotas in `headers`. Negative, infinite and unreadable numbers count as absent.
pub(super) fn read(headers: &[(String, String)]) -> Vec<Quota> {
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
        let minutes = number(minutes)?;
        let (window, _) = WINDOWS.iter().find(|(_, length)| (minutes - length).abs() < 1.0)?;
        Some(Quota { window: *window, utilization: number(used)? / 100.0 })
    });
    ratios.chain(remainders).chain(percentages).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
