//! Config files and environment, as they are met on a disk.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use otel_native::config::{Config, Env, Outcome, Resolution, Surroundings, resolve};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fs, process};

/// A directory of its own for each test, with a home beside a project.
struct Disk(PathBuf);

impl Disk {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("ccxray-config-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let root = std::env::temp_dir().join(name);
        for directory in ["home", "project/.git", "project/src/deep"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        Self(root)
    }

    fn write(self, path: &str, text: &str) -> Self {
        fs::write(self.0.join(path), text).unwrap();
        self
    }

    fn resolve(&self, cwd: &str, env: &[(&str, &str)]) -> Result<Resolution, String> {
        let env: Env = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let surroundings =
            Surroundings { home: Some(self.0.join("home")), env, host_version: None };
        let resolution = resolve(&self.0.join(cwd), &surroundings);
        resolution.map_err(|error| error.to_string().replace(self.0.to_str().unwrap(), "~"))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A directory that stays behind in the system's own temporary place harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn on(resolution: Result<Resolution, String>) -> Config {
    match resolution.unwrap().outcome {
        Outcome::On(config) => *config,
        other => panic!("{other:?}"),
    }
}

fn reason(resolution: Result<Resolution, String>) -> String {
    match resolution.unwrap().outcome {
        Outcome::Off { reason } | Outcome::Degraded { reason, .. } => reason,
        Outcome::On(config) => panic!("{config:?}"),
    }
}

const LOOPBACK: &str = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:4318"}}"#;

#[test]
fn nothing_at_all_is_off() {
    assert_eq!(reason(Disk::new().resolve("project", &[])), "no side switched telemetry on");
}

#[test]
fn a_project_file_is_found_from_below_and_never_above_the_repository() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    assert_eq!(on(disk.resolve("project/src/deep", &[])).tier.number(), 1);
    let above = Disk::new().write(".ccxray.json", LOOPBACK);
    assert_eq!(reason(above.resolve("project/src/deep", &[])), "no side switched telemetry on");
    let no_repository = Disk::new().write("home/.ccxray.json", LOOPBACK);
    fs::create_dir(no_repository.0.join("home/below")).unwrap();
    assert_eq!(reason(no_repository.resolve("home/below", &[])), "no side switched telemetry on");
    assert_eq!(on(no_repository.resolve("home", &[])).tier.number(), 1);
}

#[test]
fn every_setting_arrives_with_its_source() {
    let disk = Disk::new().write(
        "project/.ccxray.json",
        r#"{"otel":{"enabled":true,"tier":1,"endpoint":"http://localhost:4318/base","headers":{"x-tenant":"a"},
            "interval_seconds":15,"project":"shop","team":"payments"},"other":{"of":"the host"}}"#,
    );
    let resolution = disk.resolve("project", &[]).unwrap();
    let settings: Vec<_> =
        resolution.settings.iter().map(|s| format!("{}={}", s.name, s.value)).collect();
    assert_eq!(
        settings,
        [
            "endpoint=http://localhost:4318/base/v1/metrics",
            "header=x-tenant: ***",
            "interval_seconds=15",
            "project=shop",
            "team=payments"
        ]
    );
    assert!(resolution.settings.iter().all(|s| s.source.to_string().ends_with(".ccxray.json")));
    let config = on(Ok(resolution));
    assert_eq!(
        (config.interval, config.team.as_deref()),
        (Duration::from_secs(15), Some("payments"))
    );
}

#[test]
fn the_engineers_own_file_is_beside_the_project_or_at_home_and_can_only_lower() {
    for place in ["project/.ccxray.user.json", "home/.ccxray.user.json"] {
        let disk = Disk::new()
            .write("project/.ccxray.json", LOOPBACK)
            .write(place, r#"{"otel":{"tier":0}}"#);
        assert_eq!(
            reason(disk.resolve("project", &[])),
            "switched off by personal file",
            "{place}"
        );
    }
}

#[test]
fn a_foreign_endpoint_of_a_cloned_project_waits_for_the_engineers_word_on_it() {
    let disk = || {
        let foreign = r#"{"otel":{"tier":2,"endpoint":"https://otlp.example"}}"#;
        Disk::new().write("project/.ccxray.json", foreign)
    };
    let untrusted = |resolution| reason(resolution).starts_with("untrusted: ");
    assert!(untrusted(disk().resolve("project", &[])));
    let tier = ("CCXRAY_OTEL_TIER", "2");
    assert!(untrusted(disk().resolve("project", &[tier])), "a tier is no word on an endpoint");
    let other = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://own.example");
    assert!(untrusted(disk().resolve("project", &[tier, other])));
    let own = r#"{"otel":{"tier":2,"identity":"me","endpoint":"https://own.example"}}"#;
    let elsewhere = disk().write("home/.ccxray.user.json", own);
    assert!(untrusted(elsewhere.resolve("project", &[])), "nor is the word on another endpoint");
    let cloned = disk().write("project/.ccxray.user.json", &own.replace("own", "otlp"));
    assert!(untrusted(cloned.resolve("project", &[])), "a file in the project may come along");

    let same = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example");
    assert!(untrusted(disk().resolve("project", &[same])), "it may be set for another program");
    assert_eq!(on(disk().resolve("project", &[tier, same])).tier.number(), 1);
    assert_eq!(on(disk().resolve("project", &[("CCXRAY_OTEL_TRUST", "1")])).tier.number(), 1);
    let agreed = disk().write("home/.ccxray.user.json", &own.replace("own", "otlp"));
    assert_eq!(on(agreed.resolve("project", &[])).tier.number(), 2);
}

#[test]
fn a_tier_in_a_cloned_project_does_not_send_to_the_engineers_own_endpoint() {
    let own = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://own.example");
    for file in ["project/.ccxray.json", "project/.ccxray.user.json"] {
        let disk = Disk::new().write(file, r#"{"otel":{"tier":1}}"#);
        assert!(reason(disk.resolve("project", &[own])).starts_with("untrusted: "), "{file}");
    }
}

#[test]
fn a_file_in_the_project_cannot_overrule_the_engineers_no_at_home() {
    let disk = Disk::new()
        .write("project/.ccxray.json", LOOPBACK)
        .write("project/.ccxray.user.json", r#"{"otel":{"tier":1}}"#)
        .write("home/.ccxray.user.json", r#"{"otel":{"tier":0}}"#);
    assert_eq!(reason(disk.resolve("project", &[])), "switched off by personal file");
}

#[test]
fn the_environment_alone_suffices_and_an_endpoint_alone_does_not() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x");
    let config =
        on(Disk::new().resolve("project", &[("CCXRAY_OTEL_TIER", "1"), endpoint, headers]));
    assert_eq!(config.headers.iter().count(), 1);
    assert_eq!(
        reason(Disk::new().resolve("project", &[endpoint])),
        "no side switched telemetry on"
    );
}

#[test]
fn headers_of_the_environment_never_go_to_a_files_endpoint() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    let config =
        on(disk.resolve("project", &[("OTEL_EXPORTER_OTLP_HEADERS", "authorization=secret")]));
    assert_eq!(config.headers.iter().count(), 0);
}

#[test]
fn switching_off_beats_everything_even_a_broken_file() {
    let disk = Disk::new().write("project/.ccxray.json", "{");
    for (variable, value, by) in [
        ("OTEL_SDK_DISABLED", "true", "OTEL_SDK_DISABLED or DO_NOT_TRACK"),
        ("DO_NOT_TRACK", "1", "OTEL_SDK_DISABLED or DO_NOT_TRACK"),
        ("CCXRAY_OTEL_TIER", "0", "CCXRAY_OTEL_TIER"),
    ] {
        let reason = reason(disk.resolve("project", &[(variable, value)]));
        assert_eq!(reason, format!("switched off by {by}"));
    }
}

#[test]
fn errors_name_file_line_column_field_and_cure() {
    let file = |text: &str| {
        Disk::new().write("project/.ccxray.json", text).resolve("project", &[]).unwrap_err()
    };
    let mut told = Vec::new();
    for (text, expected) in [
        (
            "{\n  \"otel\": tru\n}",
            "~/project/.ccxray.json:3:1: this is not valid JSON; correct the JSON",
        ),
        (
            "{\"otel\":{\n\"teir\":1}}",
            "~/project/.ccxray.json:2:8: otel.teir: unknown field `teir`, expected one of `enabled`, `tier`, `endpoint`, `headers`, `interval_seconds`, `project`, `team`; correct this field",
        ),
        (
            "{\"otel\":{\"tier\":5}}",
            "~/project/.ccxray.json:1:17: otel.tier: 5 is no tier (expected 0, 1 or 2); correct this field",
        ),
        (
            "{\"otel\":{\"tier\":\"1\"}}",
            "~/project/.ccxray.json:1:17: otel.tier: invalid type: string \"1\", expected a whole number; correct this field",
        ),
        (
            "{\"otel\":{\"tier\":1,\"interval_seconds\":0}}",
            "~/project/.ccxray.json:1:38: otel.interval_seconds: 0 is out of range (expected 1 to 3600 seconds); correct this field",
        ),
        (
            "{\"otel\":{\"tier\":1}}",
            "~/project/.ccxray.json:1:17: otel.endpoint: telemetry is switched on, but no endpoint is named; add \"endpoint\": \"http://127.0.0.1:4318\" to .ccxray.json, or set OTEL_EXPORTER_OTLP_ENDPOINT",
        ),
    ] {
        told.push((file(text), expected.to_owned()));
    }
    for (told, expected) in told {
        assert_eq!(told, expected);
    }
    let variable = Disk::new().resolve("project", &[("CCXRAY_OTEL_TIER", "high")]).unwrap_err();
    assert_eq!(variable, "environment: CCXRAY_OTEL_TIER: it is no tier; set it to 0, 1 or 2");
}

#[test]
fn a_variable_in_a_file_is_refused_and_not_sent_as_it_stands() {
    let text = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:1","headers":{"authorization":"Bearer ${TOKEN}"}}}"#;
    let error =
        Disk::new().write("project/.ccxray.json", text).resolve("project", &[("TOKEN", "s3cret")]);
    let error = error.unwrap_err();
    assert!(error.contains("is not supported here yet") && !error.contains("s3cret"), "{error}");
}

#[test]
fn an_endpoint_that_is_no_url_is_a_reason_and_no_error() {
    let text = r#"{"otel":{"tier":1,"endpoint":"otlp.example:4318"}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    assert!(reason(disk.resolve("project", &[])).starts_with("the endpoint is not an http://"));
}
