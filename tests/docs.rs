//! Documents that say what the code does are compared with it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::ingest::{MAX_BYTES, MAX_ENTRIES};
use otel_native::metrics::registry::{Definition, Family, Instrument, METRICS};
use otel_native::privacy::{Origin, origin};
use std::fmt::Write as _;

const FAMILIES: [(Family, &str); 7] = [
    (Family::Cost, "Cost"),
    (Family::Usage, "Usage"),
    (Family::Quality, "Quality"),
    (Family::Patterns, "Patterns"),
    (Family::Governance, "Governance"),
    (Family::Sentinels, "Sentinels"),
    (Family::Health, "Health"),
];

fn tables() -> String {
    let mut text = String::new();
    for (family, title) in FAMILIES {
        writeln!(
            text,
            "### {title}\n\n| metric | kind, unit | attributes (values) | what |\n|---|---|---|---|"
        )
        .unwrap();
        for Definition { name, unit, instrument, attributes, brief, .. } in
            METRICS.iter().filter(|row| row.family == family)
        {
            let kind = match instrument {
                Instrument::Counter | Instrument::FractionalCounter => "counter",
                Instrument::Gauge | Instrument::RatioGauge => "gauge",
                Instrument::Histogram(_) => "histogram",
            };
            let unit = if unit.is_empty() { String::new() } else { format!(" `{unit}`") };
            let attributes: Vec<_> =
                attributes.iter().map(|a| format!("`{}` ({})", a.key(), a.budget())).collect();
            let attributes =
                if attributes.is_empty() { "–".to_owned() } else { attributes.join(", ") };
            writeln!(text, "| `{name}` | {kind}{unit} | {attributes} | {brief} |").unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_metrics_page_lists_the_registry() {
    let page = include_str!("../docs/metrics.md");
    let expected = tables();
    assert!(page.contains(&expected), "docs/metrics.md is stale; it should contain:\n\n{expected}");
}

#[test]
fn the_metrics_page_names_every_attribute_that_can_hold_a_name() {
    let page = include_str!("../docs/metrics.md");
    for attribute in METRICS.iter().flat_map(|row| row.attributes) {
        if origin(*attribute) == Origin::Name {
            assert!(page.contains(&format!("- `{}`:", attribute.key())), "{attribute:?}");
        }
    }
}

#[test]
fn the_readme_states_the_bounds_of_the_door() {
    let readme = include_str!("../README.md");
    assert!(readme.contains(&format!("{MAX_ENTRIES} entries or {} MiB", MAX_BYTES >> 20)));
}

#[test]
fn the_architecture_page_names_every_module() {
    let page = include_str!("../ARCHITECTURE.md");
    let lib = include_str!("../src/lib.rs");
    let modules = lib.lines().filter_map(|line| {
        let line = line.trim_start_matches("pub ");
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    for module in modules {
        assert!(
            page.contains(&format!("`{module}")),
            "ARCHITECTURE.md does not mention `{module}`"
        );
    }
    assert!(page.lines().count() <= 120, "a page that is meant to be read in one go");
}
