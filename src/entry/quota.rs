//! How much of the engineer's allowance is used, from the upstream's rate-limit headers.

/// Which allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The rolling five hours of a subscription.
    FiveHours,
    /// The rolling seven days of a subscription.
    SevenDays,
    /// Requests, by the key's own interval.
    Requests,
    /// Tokens, by the key's own interval.
    Tokens,
}

impl Window {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FiveHours => "5h",
            Self::SevenDays => "7d",
            Self::Requests => "requests",
            Self::Tokens => "tokens",
        }
    }
}

/// How far one allowance is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// Which allowance.
    pub window: Window,
    /// 0 is untouched, 1 is used up.
    pub utilization: f64,
}

/// Where each window's utilisation stands as a ratio.
const RATIOS: &[(Window, &str)] = &[
    (Window::FiveHours, "anthropic-ratelimit-unified-5h-utilization"),
    (Window::SevenDays, "anthropic-ratelimit-unified-7d-utilization"),
];

/// Where it has to be computed from what is left: (window, limit, remaining).
#[rustfmt::skip]
const REMAINDERS: &[(Window, &str, &str)] = &[
    (Window::Requests, "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining"),
    (Window::Tokens, "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining"),
    (Window::Requests, "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests"),
    (Window::Tokens, "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens"),
];

/// Where `ChatGPT`'s backend says how many per cent are used, and of a window of how many minutes.
const PERCENTAGES: &[(&str, &str)] = &[
    ("x-codex-primary-used-percent", "x-codex-primary-window-minutes"),
    ("x-codex-secondary-used-percent", "x-codex-secondary-window-minutes"),
];
/// The windows of subscriptions, in minutes.
const WINDOWS: &[(Window, f64)] = &[(Window::FiveHours, 300.0), (Window::SevenDays, 10080.0)];

/// The headers that are read, in lower case as Node gives them.
pub fn header_names() -> impl Iterator<Item = &'static str> {
    let remainders = REMAINDERS.iter().flat_map(|(_, limit, remaining)| [*limit, *remaining]);
    let percentages = PERCENTAGES.iter().flat_map(|(used, minutes)| [*used, *minutes]);
    RATIOS.iter().map(|(_, name)| *name).chain(remainders).chain(percentages)
}

/// What `headers` say of each window; a window that they do not name is absent.
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
    fn windows_are_read_from_ratios_and_from_remainders() {
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
        let told = read(&codex);
        assert_eq!(told, [Quota { window: Window::SevenDays, utilization: 0.255 }], "{told:?}");
        assert_eq!(quotas.len(), 2, "a limit of zero and a word are no utilisation: {quotas:?}");
        assert_eq!(quotas[0], Quota { window: Window::FiveHours, utilization: 0.42 });
        assert_eq!(quotas[1].window, Window::Requests);
        assert!((quotas[1].utilization - 0.2).abs() < 1e-12);
    }
}
