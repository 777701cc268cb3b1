//! Compares the pages with the code that they describe.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::metrics::privacy::{ValueOrigin, origin};
use otel_native::metrics::registry::{Definition, Family, Instrument, METRICS};
use otel_native::record::queue::{MAX_BYTES, MAX_ENTRIES};
use std::fmt::Write as _;
use std::path::Path;

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
        for Definition { name, unit, instrument, attributes, description, .. } in
            METRICS.iter().filter(|row| row.family == family)
        {
            let kind = match instrument {
                Instrument::Counter | Instrument::FractionalCounter => "counter",
                Instrument::Gauge | Instrument::RatioGauge => "gauge",
                Instrument::Histogram(_) => "histogram",
            };
            let unit = if unit.is_empty() { String::new() } else { format!(" `{unit}`") };
            let attributes: Vec<_> = attributes
                .iter()
                .map(|it| format!("`{}` ({})", it.key(), it.cardinality_limit()))
                .collect();
            let attributes =
                if attributes.is_empty() { "–".to_owned() } else { attributes.join(", ") };
            writeln!(text, "| `{name}` | {kind}{unit} | {attributes} | {description} |").unwrap();
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
fn the_metrics_page_lists_every_attribute_that_can_contain_a_name() {
    let page = include_str!("../docs/metrics.md");
    for attribute in METRICS.iter().flat_map(|row| row.attributes) {
        if origin(*attribute) == ValueOrigin::Name {
            assert!(page.contains(&format!("- `{}`:", attribute.key())), "{attribute:?}");
        }
    }
}

#[test]
fn the_readme_states_the_limits_of_the_queue() {
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
    assert!(page.lines().count() <= 130, "the page is to be read in one go");
}

/// The settings of a schema, as `otel.…`.
fn settings(schema: &str, root: &str) -> Vec<String> {
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let settings = &schema["definitions"][root]["properties"];
    settings.as_object().unwrap().keys().map(|name| format!("otel.{name}")).collect()
}

#[test]
fn the_settings_page_lists_every_setting() {
    let page = include_str!("../docs/config.md");
    let (project, personal) = page.split_once("## `.ccxray.user.json`").unwrap();
    let of_project = include_str!("../schema/ccxray.schema.json");
    let of_user = include_str!("../schema/ccxray.user.schema.json");
    let all = [
        (project, settings(of_project, "ProjectSettings")),
        (personal, settings(of_user, "PersonalSettings")),
    ];
    for (part, settings) in all {
        assert!(settings.len() > 5);
        for setting in settings {
            assert!(part.contains(&format!("`{setting}`")), "docs/config.md lacks {setting}");
        }
    }
}

#[test]
fn the_settings_page_lists_every_variable_that_is_read() {
    let page = include_str!("../docs/config.md");
    let mut known = 0;
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config");
    let sources = sources(&config).join("");
    for word in sources.split('"') {
        let is_variable = ["CCXRAY_", "OTEL_", "DO_NOT_", "GROK_", "GEMINI_", "QWEN_", "COPILOT_"]
            .iter()
            .any(|start| word.starts_with(start));
        if is_variable && !word.contains(' ') {
            // The page names some without `METRICS_`, and some by their last word.
            let general = word.replace("_METRICS_", "_");
            let short = general.replace("OTEL_EXPORTER_OTLP_", "…_");
            let is_listed = [word, &general, &short].iter().any(|it| page.contains(*it));
            assert!(is_listed, "docs/config.md lacks {word}");
            known += 1;
        }
    }
    assert!(known > 10);
}

/// The sources in a folder, without their tests.
fn sources(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            all.push(text.split("#[cfg(test)]\nmod").next().unwrap().to_owned());
        }
    }
    all
}

#[test]
fn the_parsers_page_names_every_catalog_and_every_sentinel() {
    let page = include_str!("../docs/parsers.md");
    let catalogs = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalog")).unwrap();
    for file in catalogs {
        let file = file.unwrap().file_name().into_string().unwrap();
        if let Some(catalog) = file.strip_suffix(".json") {
            assert!(
                page.contains(&format!("`{catalog}`")),
                "docs/parsers.md does not mention {catalog}"
            );
        }
    }
    for row in METRICS.iter().filter(|row| row.name.starts_with("ccxray.parser.")) {
        assert!(page.contains(row.name), "docs/parsers.md does not mention {}", row.name);
    }
}

/// The variables of the specification for a metrics SDK and its OTLP exporter, version 1.60.
/// Source: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>
const OF_THE_SPECIFICATION: &[&str] = &[
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_BLRP_",
    "OTEL_BSP_",
    "OTEL_CONFIG_FILE",
    "OTEL_ENTITIES",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_EXPERIMENTAL_CONFIG_FILE",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_INSECURE",
    "OTEL_EXPORTER_OTLP_LOGS_",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
    "OTEL_EXPORTER_OTLP_METRIC_INSECURE",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_",
    "OTEL_EXPORTER_PROMETHEUS_HOST",
    "OTEL_EXPORTER_PROMETHEUS_PORT",
    "OTEL_EXPORTER_ZIPKIN_",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LOGRECORD_",
    "OTEL_LOGS_EXPORTER",
    "OTEL_LOG_LEVEL",
    "OTEL_METRICS_EXEMPLAR_FILTER",
    "OTEL_METRICS_EXPORTER",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_METRIC_EXPORT_TIMEOUT",
    "OTEL_PROPAGATORS",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SDK_DISABLED",
    "OTEL_SERVICE_NAME",
    "OTEL_SPAN_",
    "OTEL_TRACES_EXPORTER",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
];

#[test]
fn the_settings_page_lists_every_variable_of_the_specification() {
    let page = include_str!("../docs/config.md");
    for variable in OF_THE_SPECIFICATION {
        assert!(page.contains(&format!("`{variable}")), "docs/config.md lacks {variable}");
    }
}
