//! Fuzzes the variables of a proxy: its URL, and behind a line break the hosts that need none.

use otel_native::config::{Environment, Outcome, Variables, resolve};
use std::path::Path;

pub(crate) fn check(text: &str) {
    let (proxy, list) = text.split_once('\n').unwrap_or((text, ""));
    for (endpoint, is_loopback) in
        [("https://otlp.example", false), ("https://10.1.2.3", false), ("https://[::1]:4318", true)]
    {
        let variables = [
            ("CCXRAY_OTEL_TIER", "1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            ("HTTPS_PROXY", proxy),
            ("NO_PROXY", list),
        ];
        let variables: Variables = variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let environment = Environment { variables, ..Environment::default() };
        let Ok(resolution) = resolve(Path::new("/nonexistent"), &environment) else { continue };
        let Outcome::On(config) = resolution.outcome else { continue };
        let Some(proxy) = &config.proxy else { continue };
        assert!(!is_loopback, "this machine is reached without a proxy");
        assert!(list != "*", "no host needs a proxy");
        let shown = proxy.to_string();
        let host = shown.rsplit('@').next().unwrap_or_default();
        assert!(
            !host.is_empty() && shown.matches('@').count() <= 1,
            "user and password are masked"
        );
    }
}
