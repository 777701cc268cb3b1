//! Config files and environment, as they are met on a disk.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use otel_native::config::{Approval, Resolution, Text};
use std::fs;
use std::time::Duration;

mod disk;
use disk::{Disk, on, reason};

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
            "protocol":"http/json","compression":"none","temporality":"delta","timeout_seconds":2.5,
            "interval_seconds":15,"project":"shop","team":"payments","names":"all","known_names":["acme"],
            "resource_attributes":{"deployment.environment.name":"staging"},
            "cardinality_overrides":{"tool":100},"queue":{"max_entries":10,"max_mebibytes":1},"log":{"keep":2,"max_mebibytes":3}},
            "other":{"of":"the host"}}"#,
    );
    let resolution = disk.resolve("project", &[]).unwrap();
    let settings: Vec<_> =
        resolution.settings.iter().map(|s| format!("{}={}", s.name, s.value)).collect();
    assert_eq!(
        settings,
        [
            "tier=1",
            "endpoint=http://localhost:4318/base/v1/metrics",
            "protocol=http/json",
            "header=x-tenant: ***",
            "compression=none",
            "interval_seconds=15",
            "timeout_seconds=2.5",
            "temporality=delta",
            "project=shop",
            "team=payments",
            "names=all",
            "known_name=acme",
            "resource_attribute=deployment.environment.name=staging",
            "cardinality_override=tool=100",
            "queue.max_entries=10",
            "queue.max_bytes=1048576",
            "log.max_bytes=3145728",
            "log.keep=2",
        ]
    );
    assert!(resolution.settings.iter().all(|s| s.source.to_string().ends_with(".ccxray.json")));
    let config = on(Ok(resolution));
    assert_eq!(
        (config.interval, config.team.as_ref().map(Text::reveal)),
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
        ("[]", "~/project/.ccxray.json:1:1: expected an object; write { \"otel\": { … } }"),
        (
            "{\"otel\":{},\n\"otel\":{}}",
            "~/project/.ccxray.json:2:8: otel: this field stands here twice; remove one",
        ),
        (
            "{\"otel\":{\n\"teir\":1}}",
            "~/project/.ccxray.json:2:8: otel.teir: there is no such setting; did you mean \"tier\"?",
        ),
        (
            "{\"otel\":{\"queue\":{\"max\":1}}}",
            "~/project/.ccxray.json:1:25: otel.queue.max: there is no such setting; did you mean \"max_entries\"?",
        ),
        (
            "{\"otel\":{\"zzz\":1}}",
            "~/project/.ccxray.json:1:16: otel.zzz: there is no such setting; there are enabled, tier, endpoint, protocol, headers, compression, temporality, interval_seconds, timeout_seconds, project, team, resource_attributes, names, known_names, cardinality_overrides, tls, queue, log",
        ),
        (
            "{\"otel\":{\"tier\":5}}",
            "~/project/.ccxray.json:1:17: otel.tier: 5 is no tier (expected 0, 1 or 2); correct this field",
        ),
        (
            "{\"otel\":{\"tier\":\"hunter2hunter2\"}}",
            "~/project/.ccxray.json:1:17: otel.tier: expected a whole number, not a string; correct this field",
        ),
        (
            "{\"otel\":{\"headers\":\"hunter2hunter2\"}}",
            "~/project/.ccxray.json:1:20: otel.headers: expected an object, not a string; correct this field",
        ),
        (
            "{\"otel\":{\"headers\":{\n \"x-tenant\":\n  7}}}",
            "~/project/.ccxray.json:3:3: otel.headers.x-tenant: expected a string, not a number; correct this field",
        ),
        (
            "{\"otel\":{\"known_names\":[\"a\",\n 7]}}",
            "~/project/.ccxray.json:2:2: otel.known_names.1: expected a string, not a number; correct this field",
        ),
        (
            "{\"otel\":{\"protocol\":\"http\"}}",
            "~/project/.ccxray.json:1:21: otel.protocol: it has no such value; write \"http/protobuf\" or \"http/json\"",
        ),
        (
            "{\"otel\":{\"tls\":[\"a\",\"b\",\"c\"]}}",
            "~/project/.ccxray.json:1:16: otel.tls: expected an object, not a list; correct this field",
        ),
        (
            "{\"otel\":{\"tier\":-1}}",
            "~/project/.ccxray.json:1:17: otel.tier: expected a whole number, not a number below zero; correct this field",
        ),
        (
            "{\"otel\":{\"protocol\":1}}",
            "~/project/.ccxray.json:1:21: otel.protocol: expected a string, not a number; correct this field",
        ),
        (
            "{\"otel\":{\"temporality\":\"deltas\"}}",
            "~/project/.ccxray.json:1:24: otel.temporality: it has no such value; write \"cumulative\" or \"delta\"",
        ),
        (
            "{\"otel\":{\"tier\":1,\"interval_seconds\":0}}",
            "~/project/.ccxray.json:1:38: otel.interval_seconds: 0 is out of range (expected 1 to 3600); correct this field",
        ),
        (
            "{\"otel\":{\"cardinality_overrides\":{\"tols\":5}}}",
            "~/project/.ccxray.json:1:42: otel.cardinality_overrides.tols: no attribute of this name has a budget; did you mean \"tool\"?",
        ),
        (
            "{\"otel\":{\"tier\":1,\"tier\":0}}",
            "~/project/.ccxray.json:1:26: otel.tier: this field stands here twice; remove one",
        ),
        (
            "{\"otel\":{\"team\":\"${TEAM\"}}",
            "~/project/.ccxray.json:1:17: otel.team: `${` without `}`; correct this field",
        ),
        (
            "{\"otel\":{\"headers\":{\"Host\":\"${A}\"}}}",
            "~/project/.ccxray.json:1:28: otel.headers.Host: the exporter sets this header itself; remove it",
        ),
        (
            "{\"otel\":{\"headers\":{\"x-a\":\"${A}\",\"X-A\":\"${A}\"}}}",
            "~/project/.ccxray.json:1:27: otel.headers.x-a: this header stands here twice, in other letters; remove one",
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
}

#[test]
fn an_error_in_the_environment_names_the_variable() {
    let variable = Disk::new().resolve("project", &[("CCXRAY_OTEL_TIER", "high")]).unwrap_err();
    assert_eq!(variable, "environment: CCXRAY_OTEL_TIER: it is no tier; set it to 0, 1 or 2");
}

#[test]
fn a_file_of_the_engineers_is_as_strict() {
    let file = |text: &str| {
        let disk = Disk::new().write("home/.ccxray.user.json", text);
        disk.resolve("project", &[]).unwrap_err()
    };
    for (text, told) in [
        (r#"{"otel":{"tir":1}}"#, "there is no such setting; did you mean \"tier\"?"),
        (
            r#"{"otel":{"opt_in_acknowledged_at":"yesterday"}}"#,
            "it is no moment in UTC, such as 2026-01-31T09:00:00Z; correct this field",
        ),
        (
            r#"{"otel":{"headers":{"authorization":"Bearer hunter2hunter2"}}}"#,
            "a literal secret (credential with its scheme)",
        ),
        (
            r#"{"otel":{"headers":{"authorization":"Token hunter two"}}}"#,
            "the value of this header stands here for everyone to read",
        ),
    ] {
        assert!(file(text).contains(told), "{}", file(text));
    }
}

#[test]
fn a_variable_is_filled_in_and_shown_nowhere() {
    let text = r#"{"otel":{"tier":1,"endpoint":"http://${HOST}/base","project":"${NAME}",
        "headers":{"authorization":"Bearer ${TOKEN}"},"resource_attributes":{"zone":"${ZONE}"},
        "known_names":["${TOOL}"]}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let env = [
        ("CCXRAY_OTEL_TRUST", "1"),
        ("HOST", "s3cret-host:4318"),
        ("NAME", "s3cret-name"),
        ("TOKEN", "s3cret-token"),
        ("ZONE", "s3cret-zone"),
        ("TOOL", "s3cret-tool"),
    ];
    let resolution = disk.resolve("project", &env).unwrap();
    assert!(!format!("{resolution:?}").contains("s3cret"), "{resolution:?}");
    let settings: Vec<_> =
        resolution.settings.iter().map(|s| format!("{}={}", s.name, s.value)).collect();
    assert!(settings.contains(&"endpoint=http://${HOST}/base".to_owned()), "{settings:?}");
    assert!(settings.contains(&"header=authorization: Bearer ***".to_owned()), "{settings:?}");
    let config = on(Ok(resolution));
    assert_eq!(config.endpoint.url().as_str(), "http://s3cret-host:4318/base/v1/metrics");
    assert_eq!(config.project.as_ref().map(Text::reveal), Some("s3cret-name"));
    let (_, value) = config.headers.iter().next().unwrap();
    assert_eq!(value, "Bearer s3cret-token");
}

#[test]
fn a_variable_that_is_not_set_is_an_error_where_something_is_on_and_nowhere_else() {
    let text = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9",
        "headers":{"authorization":"Bearer ${TOKEN}"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let told = disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]).unwrap_err();
    assert_eq!(
        told,
        "~/project/.ccxray.json:2:36: otel.headers.authorization: the variable TOKEN is not set, or \
         empty; set it, or write \"$${\" for a literal \"${\""
    );
    assert!(reason(disk.resolve("project", &[])).starts_with("untrusted: "));
    let off = disk.write("home/.ccxray.user.json", r#"{"otel":{"tier":0}}"#);
    let told = reason(off.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]));
    assert_eq!(told, "switched off by personal file");
}

#[test]
fn a_value_that_cannot_be_a_header_is_an_error_without_the_value() {
    let text = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9","headers":{"x":"${TOKEN}"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let env = [("CCXRAY_OTEL_TRUST", "1"), ("TOKEN", "s3cret\r\nx-more: 1")];
    let told = disk.resolve("project", &env).unwrap_err();
    assert!(told.contains("it is not an HTTP header") && !told.contains("s3cret"), "{told}");
}

#[test]
fn symbolic_links_worktrees_and_submodules_are_where_git_says() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    std::os::unix::fs::symlink(disk.0.join("project/src"), disk.0.join("link")).unwrap();
    assert_eq!(on(disk.resolve("link/deep", &[])).tier.number(), 1, "through a link");

    fs::remove_dir(disk.0.join("project/.git")).unwrap();
    for command in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "x"]] {
        disk.git("project", command);
    }
    disk.git("project", &["worktree", "add", "-q", "../tree"]);
    assert_eq!(on(disk.resolve("tree", &[])).tier.number(), 1, "in a worktree");

    fs::create_dir(disk.0.join("library")).unwrap();
    let disk = disk.write("library/a", "");
    for command in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "x"]] {
        disk.git("library", command);
    }
    disk.git("project", &["submodule", "--quiet", "add", "../library", "vendor"]);
    let told = reason(disk.resolve("project/vendor", &[]));
    assert_eq!(told, "no side switched telemetry on", "a submodule is a repository of its own");
}

#[test]
fn resource_attributes_of_the_environment_are_sent_without_who_and_where() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    let attributes = "deployment.environment.name=staging,host.name=desk,enduser.role=lead";
    let env = [("OTEL_RESOURCE_ATTRIBUTES", attributes)];
    let resolution = disk.resolve("project", &env).unwrap();
    assert_eq!(resolution.warnings.len(), 2, "{:?}", resolution.warnings);
    let sent: Vec<_> = on(Ok(resolution)).resource_attributes.into_keys().collect();
    assert_eq!(sent, ["deployment.environment.name"]);
}

#[test]
fn half_a_certificate_is_an_error_wherever_it_is_named() {
    let mut env = vec![
        ("CCXRAY_OTEL_TIER", "1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://own.example"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key"),
    ];
    let told = Disk::new().resolve("project", &env).unwrap_err();
    assert!(
        told.starts_with("environment: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: a cert"),
        "{told}"
    );
    env.push(("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/certificate"));
    assert!(on(Disk::new().resolve("project", &env)).tls.client.is_some());
    let text = r#"{"otel":{"tier":1,"endpoint":"https://localhost","tls":{"key_file":"k"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let told = disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]).unwrap_err();
    assert!(told.contains("otel.tls: a certificate and its key go together"), "{told}");
}

#[test]
fn the_environment_says_how_to_reach_its_own_endpoint() {
    let env = |more: &[(&'static str, &'static str)]| {
        let own =
            [("CCXRAY_OTEL_TIER", "1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")];
        Disk::new().resolve("project", &[&own[..], more].concat())
    };
    let config = on(env(&[
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
    ]));
    assert_eq!((config.protocol.as_str(), config.compression.as_str()), ("http/json", "none"));
    assert_eq!(config.timeout, Duration::from_millis(2500));
    for (variable, value) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "never"),
    ] {
        let told = env(&[(variable, value)]).unwrap_err();
        assert!(told.starts_with(&format!("environment: {variable}: ")), "{told}");
    }
}

#[test]
fn the_agents_own_telemetry_is_noticed() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    let env = [("CLAUDE_CODE_ENABLE_TELEMETRY", "1"), ("GROK_EXTERNAL_OTEL", "0")];
    assert_eq!(on(disk.resolve("project", &env)).agents_own, ["Claude Code"]);
}

#[test]
fn what_switches_off_does_so_in_a_doubt_and_what_trusts_does_not() {
    for value in ["1", "true", "TRUE", "yes", "on", "anything"] {
        let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
        let told = reason(disk.resolve("project", &[("DO_NOT_TRACK", value)]));
        assert_eq!(told, "switched off by OTEL_SDK_DISABLED or DO_NOT_TRACK", "{value}");
    }
    for value in ["", "0", "false", "off"] {
        let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
        let config = on(disk.resolve("project", &[("DO_NOT_TRACK", value)]));
        assert_eq!(config.tier.number(), 1, "{value}");
    }
    let foreign = LOOPBACK.replace("http://127.0.0.1:4318", "https://otlp.example");
    let disk = Disk::new().write("project/.ccxray.json", &foreign);
    let told = reason(disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "maybe")]));
    assert!(told.starts_with("untrusted: "), "{told}");
}

#[test]
fn status_can_tell_why_the_engineers_agreement_stands() {
    let told = |resolution: Result<Resolution, String>| resolution.unwrap().approval;
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    assert_eq!(told(disk.resolve("project", &[])), Some(Approval::Loopback));
    let own = [("CCXRAY_OTEL_TIER", "1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://own.example")];
    assert_eq!(told(Disk::new().resolve("project", &own)), Some(Approval::OwnSettings));
    let home = r#"{"otel":{"tier":1,"endpoint":"https://own.example"}}"#;
    let disk = Disk::new().write("home/.ccxray.user.json", home);
    assert_eq!(told(disk.resolve("project", &[])), Some(Approval::OwnSettings));
    let foreign = LOOPBACK.replace("http://127.0.0.1:4318", "https://otlp.example");
    let disk = Disk::new().write("project/.ccxray.json", &foreign);
    assert_eq!(
        told(disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")])),
        Some(Approval::Managed)
    );
    assert_eq!(told(disk.resolve("project", &[])), None);
}

#[test]
fn an_endpoint_that_is_no_url_is_a_reason_and_no_error() {
    let text = r#"{"otel":{"tier":1,"endpoint":"https://me:${PASSWORD}@otlp.example"}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    assert!(reason(disk.resolve("project", &[])).starts_with("the endpoint is not an http://"));
    let text = r#"{"otel":{"tier":1,"endpoint":"otlp.example:4318"}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    assert!(reason(disk.resolve("project", &[])).starts_with("the endpoint is not an http://"));
}
