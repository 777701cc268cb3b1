//! Config files and environment on a real disk.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use otel_native::config::{Approval, Environment, Resolution, Text, approve, resolve};
use otel_native::diagnostics::notice::line;
use std::fs;
use std::time::{Duration, SystemTime};

mod disk;
use disk::{Disk, on, reason};

/// The reason if nothing is configured.
const NOT_TURNED_ON: &str =
    "Telemetry is off: no config file turns it on. To start: ccxray-otel init";
const LOOPBACK: &str = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:4318"}}"#;

#[test]
fn telemetry_is_off_by_default() {
    assert_eq!(reason(Disk::new().resolve("project", &[])), NOT_TURNED_ON);
}

#[test]
fn a_project_file_is_found_up_to_the_repository() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    assert_eq!(on(disk.resolve("project/src/deep", &[])).tier.number(), 1);
    let above = Disk::new().write(".ccxray.json", LOOPBACK);
    let message = reason(above.resolve("project/src/deep", &[]));
    assert!(message.contains("is above the project"), "{message}");
    let no_repository = Disk::new().write("home/.ccxray.json", LOOPBACK);
    fs::create_dir(no_repository.0.join("home/below")).unwrap();
    let message = reason(no_repository.resolve("home/below", &[]));
    assert!(message.contains("is above the project"), "{message}");
    assert_eq!(on(no_repository.resolve("home", &[])).tier.number(), 1);
}

#[test]
fn every_setting_has_its_source() {
    let disk = Disk::new().write(
        "project/.ccxray.json",
        r#"{"otel":{"enabled":true,"tier":1,"endpoint":"http://localhost:4318/base","headers":{"x-tenant":"a"},
            "protocol":"http/json","compression":"none","temporality":"delta","timeout_seconds":2.5,
            "interval_seconds":15,"resolution":"hour","project":"shop","team":"payments","names":"all","known_names":["acme"],
            "resource_attributes":{"deployment.environment.name":"staging"},
            "cardinality_overrides":{"tool":100},"queue":{"max_entries":10,"max_mebibytes":1},"log":{"keep":2,"max_mebibytes":3}},
            "other":{"of":"the host"}}"#,
    );
    let resolution = disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]).unwrap();
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
            "resolution=hour",
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
fn a_personal_file_can_lower_the_tier() {
    for place in ["project/.ccxray.user.json", "home/.ccxray.user.json"] {
        let disk = Disk::new()
            .write("project/.ccxray.json", LOOPBACK)
            .write(place, r#"{"otel":{"tier":0}}"#);
        let reason = disk.without_root(&reason(disk.resolve("project", &[])));
        assert_eq!(reason, format!("Telemetry is off: ~/{place}:1:17 has \"tier\": 0."));
    }
}

#[test]
fn a_personal_file_in_the_project_cannot_raise_the_tier() {
    let disk = Disk::new()
        .write("project/.ccxray.json", LOOPBACK)
        .write("project/.ccxray.user.json", r#"{"otel":{"tier":1}}"#)
        .write("home/.ccxray.user.json", r#"{"otel":{"tier":0}}"#);
    assert_eq!(
        disk.without_root(&reason(disk.resolve("project", &[]))),
        "Telemetry is off: ~/home/.ccxray.user.json:1:17 has \"tier\": 0."
    );
}

#[test]
fn the_environment_alone_can_turn_telemetry_on() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x");
    let config =
        on(Disk::new().resolve("project", &[("CCXRAY_OTEL_TIER", "1"), endpoint, headers]));
    assert_eq!(config.headers.iter().count(), 1);
    assert_eq!(reason(Disk::new().resolve("project", &[endpoint])), NOT_TURNED_ON);
}

#[test]
fn headers_of_the_environment_stay_with_its_endpoint() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    let config =
        on(disk.resolve("project", &[("OTEL_EXPORTER_OTLP_HEADERS", "authorization=secret")]));
    assert_eq!(config.headers.iter().count(), 0);
}

#[test]
fn a_variable_turns_everything_off() {
    let disk = Disk::new().write("project/.ccxray.json", "{");
    for (variable, value, by) in [
        ("OTEL_SDK_DISABLED", "true", "OTEL_SDK_DISABLED is set"),
        ("DO_NOT_TRACK", "1", "DO_NOT_TRACK is set"),
        ("CCXRAY_OTEL_TIER", "0", "CCXRAY_OTEL_TIER is 0"),
    ] {
        let reason = reason(disk.resolve("project", &[(variable, value)]));
        let expected = format!("Telemetry is off: {by}. To allow it: unset {variable}");
        assert_eq!(reason, expected);
    }
    let named = r#"{"otel":{"tier":2,"identity":"me"}}"#;
    let disk = Disk::new()
        .write("project/.ccxray.json", &LOOPBACK.replace("\"tier\":1", "\"tier\":2"))
        .write("project/.ccxray.user.json", named)
        .write("home/.ccxray.user.json", named);
    let env = [("CCXRAY_OTEL_TIER", "2"), ("DO_NOT_TRACK", "1")];
    let resolution = disk.resolve("project", &env).unwrap();
    assert_eq!(resolution.level.number(), 0, "though every file allows tier 2");
    assert_eq!(resolution.decided_by, "OTEL_SDK_DISABLED or DO_NOT_TRACK");
}

#[test]
fn errors_name_position_field_and_cure() {
    let file = |text: &str| {
        Disk::new().write("project/.ccxray.json", text).resolve("project", &[]).unwrap_err()
    };
    let mut messages = Vec::new();
    for (text, expected) in [
        (
            "{\n  \"otel\": tru\n}",
            "~/project/.ccxray.json:3:1: This is not valid JSON. Correct it here.",
        ),
        ("[]", "~/project/.ccxray.json:1:1: This is not an object. Write { \"otel\": { … } }."),
        (
            "{\"otel\":{},\n\"otel\":{}}",
            "~/project/.ccxray.json:2:8: otel: This field occurs twice. Remove one.",
        ),
        (
            "{\"otel\":{\n\"teir\":1}}",
            "~/project/.ccxray.json:2:8: otel.teir: There is no such setting. Did you mean \"tier\"?",
        ),
        (
            "{\"otel\":{\"queue\":{\"max\":1}}}",
            "~/project/.ccxray.json:1:25: otel.queue.max: There is no such setting. Did you mean \"max_entries\"?",
        ),
        (
            "{\"otel\":{\"zzz\":1}}",
            "~/project/.ccxray.json:1:16: otel.zzz: There is no such setting. Use one of enabled, tier, endpoint, protocol, headers, insecure, compression, max_request_kibibytes, temporality, interval_seconds, timeout_seconds, resolution, project, team, project_labels, resource_attributes, names, known_names, cardinality_overrides, tls, queue, log.",
        ),
        (
            "{\"otel\":{\"tier\":5}}",
            "~/project/.ccxray.json:1:17: otel.tier: 5 is not a tier. Use 0, 1 or 2.",
        ),
        (
            "{\"otel\":{\"tier\":\"hunter2hunter2\"}}",
            "~/project/.ccxray.json:1:17: otel.tier: This is a string. Write a whole number, without quotes.",
        ),
        (
            "{\"otel\":{\"headers\":\"hunter2hunter2\"}}",
            "~/project/.ccxray.json:1:20: otel.headers: This is a string. Write an object: { … }.",
        ),
        (
            "{\"otel\":{\"headers\":{\n \"x-tenant\":\n  7}}}",
            "~/project/.ccxray.json:3:3: otel.headers.x-tenant: This is a number. Write a string in double quotes.",
        ),
        (
            "{\"otel\":{\"known_names\":[\"a\",\n 7]}}",
            "~/project/.ccxray.json:2:2: otel.known_names.1: This is a number. Write a string in double quotes.",
        ),
        (
            "{\"otel\":{\"protocol\":\"http\"}}",
            "~/project/.ccxray.json:1:21: otel.protocol: This value is not supported. Use \"http/protobuf\" or \"http/json\" or \"grpc\".",
        ),
        (
            "{\"otel\":{\"tls\":[\"a\",\"b\",\"c\"]}}",
            "~/project/.ccxray.json:1:16: otel.tls: This is a list. Write an object: { … }.",
        ),
        (
            "{\"otel\":{\"tier\":-1}}",
            "~/project/.ccxray.json:1:17: otel.tier: This is a negative number. Write a whole number, without quotes.",
        ),
        (
            "{\"otel\":{\"protocol\":1}}",
            "~/project/.ccxray.json:1:21: otel.protocol: This is a number. Write a string in double quotes.",
        ),
        (
            "{\"otel\":{\"temporality\":\"deltas\"}}",
            "~/project/.ccxray.json:1:24: otel.temporality: This value is not supported. Use \"cumulative\" or \"delta\".",
        ),
        (
            "{\"otel\":{\"tier\":1,\"interval_seconds\":0}}",
            "~/project/.ccxray.json:1:38: otel.interval_seconds: 0 is out of range. Use 1 to 3600.",
        ),
        (
            "{\"otel\":{\"cardinality_overrides\":{\"tols\":5}}}",
            "~/project/.ccxray.json:1:42: otel.cardinality_overrides.tols: No attribute of this name has a cardinality limit. Did you mean \"tool\"?",
        ),
        (
            "{\"otel\":{\"tier\":1,\"tier\":0}}",
            "~/project/.ccxray.json:1:26: otel.tier: This field occurs twice. Remove one.",
        ),
        (
            "{\"otel\":{\"team\":\"${TEAM\"}}",
            "~/project/.ccxray.json:1:17: otel.team: A \"${\" has no \"}\". Write \"${NAME}\", or \"$${\" for a literal \"${\".",
        ),
        (
            "{\"otel\":{\"headers\":{\"Host\":\"${A}\"}}}",
            "~/project/.ccxray.json:1:28: otel.headers.Host: ccxray sets this header itself. Remove it.",
        ),
        (
            "{\"otel\":{\"headers\":{\"x-a\":\"${A}\",\"X-A\":\"${A}\"}}}",
            "~/project/.ccxray.json:1:27: otel.headers.x-a: This header occurs twice: upper and lower case are the same. Remove one.",
        ),
        (
            "{\"otel\":{\"tier\":1}}",
            "~/project/.ccxray.json:1:17: otel.endpoint: Telemetry is on, but there is no endpoint. Add \"endpoint\": \"http://127.0.0.1:4318\" to .ccxray.json, or set OTEL_EXPORTER_OTLP_ENDPOINT.",
        ),
    ] {
        messages.push((file(text), expected.to_owned()));
    }
    for (message, expected) in messages {
        assert_eq!(message, expected);
    }
}

#[test]
fn an_error_in_the_environment_names_the_variable() {
    let variable = Disk::new().resolve("project", &[("CCXRAY_OTEL_TIER", "banana")]).unwrap_err();
    assert_eq!(variable, "environment: CCXRAY_OTEL_TIER: \"banana\" is not a tier. Use 0, 1 or 2.");
}

#[test]
fn a_personal_file_is_checked_as_strictly() {
    let file = |text: &str| {
        let disk = Disk::new().write("home/.ccxray.user.json", text);
        disk.resolve("project", &[]).unwrap_err()
    };
    for (text, expected) in [
        (r#"{"otel":{"tir":1}}"#, "There is no such setting. Did you mean \"tier\"?"),
        (
            r#"{"otel":{"opt_in_acknowledged_at":"yesterday"}}"#,
            "This is not a time in UTC. Write it like 2026-01-31T09:00:00Z.",
        ),
        (
            r#"{"otel":{"headers":{"authorization":"Bearer hunter2hunter2"}}}"#,
            "This looks like a real credential with its scheme.",
        ),
        (
            r#"{"otel":{"headers":{"authorization":"Token hunter two"}}}"#,
            "The value of this header is readable by anyone with this file.",
        ),
    ] {
        assert!(file(text).contains(expected), "{}", file(text));
    }
}

#[test]
fn the_value_of_a_variable_is_never_shown() {
    let text = r#"{"otel":{"tier":1,"endpoint":"https://${HOST}/base","project":"${NAME}",
        "headers":{"authorization":"Bearer ${TOKEN}"},"resource_attributes":{"cloud.region":"${ZONE}"},
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
    assert!(settings.contains(&"endpoint=https://${HOST}/base".to_owned()), "{settings:?}");
    assert!(settings.contains(&"header=authorization: Bearer ***".to_owned()), "{settings:?}");
    let config = on(Ok(resolution));
    assert_eq!(config.endpoint.url().as_str(), "https://s3cret-host:4318/base/v1/metrics");
    assert_eq!(config.project.as_ref().map(Text::reveal), Some("s3cret-name"));
    let (_, value) = config.headers.iter().next().unwrap();
    assert_eq!(value, "Bearer s3cret-token");
}

#[test]
fn an_unset_variable_is_an_error_only_while_on() {
    let text = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9",
        "headers":{"authorization":"Bearer ${TOKEN}"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let message = disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]).unwrap_err();
    assert_eq!(
        message,
        "~/project/.ccxray.json:2:36: otel.headers.authorization: The variable TOKEN is not set or is \
         empty. Set it, or write \"$${\" for a literal \"${\"."
    );
    assert!(reason(disk.resolve("project", &[])).starts_with("untrusted: "));
    let off = disk.write("home/.ccxray.user.json", r#"{"otel":{"tier":0}}"#);
    let message = reason(off.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]));
    assert_eq!(
        off.without_root(&message),
        "Telemetry is off: ~/home/.ccxray.user.json:1:17 has \"tier\": 0."
    );
}

#[test]
fn an_invalid_header_value_is_not_repeated() {
    let text = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9","headers":{"x":"${TOKEN}"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let env = [("CCXRAY_OTEL_TRUST", "1"), ("TOKEN", "s3cret\r\nx-more: 1")];
    let message = disk.resolve("project", &env).unwrap_err();
    assert!(
        message.contains("This is not an HTTP header.") && !message.contains("s3cret"),
        "{message}"
    );
}

#[test]
fn links_worktrees_and_submodules_follow_git() {
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
    let message = reason(disk.resolve("project/vendor", &[]));
    assert!(message.contains("is above the project"), "a submodule is a repository of its own");
}

#[test]
fn identifying_resource_attributes_are_not_sent() {
    let disk = Disk::new().write("project/.ccxray.json", r#"{"otel":{"tier":1}}"#);
    let attributes = "deployment.environment.name=staging,host.name=desk,enduser.role=lead";
    let env = [
        ("OTEL_RESOURCE_ATTRIBUTES", attributes),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
    ];
    let resolution = disk.resolve("project", &env).unwrap();
    assert_eq!(resolution.warnings.len(), 2, "{:?}", resolution.warnings);
    for expected in [
        "enduser.role is not sent: it can identify a person (allowed only at tier 2).",
        "host.name is not sent: only cloud.provider, cloud.region, deployment.environment.name, project.name, service.namespace, service.version and team can be sent.",
    ] {
        assert!(resolution.warnings.contains(&expected.to_owned()), "{:?}", resolution.warnings);
    }
    let sent: Vec<_> = on(Ok(resolution)).resource_attributes.into_keys().collect();
    assert_eq!(sent, ["deployment.environment.name"]);
}

#[test]
fn own_resource_attributes_go_to_no_endpoint_that_nobody_has_agreed_to() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    let own = ("OTEL_RESOURCE_ATTRIBUTES", "team=takeover,project.name=secret-project");
    let resolution = disk.resolve("project", &[own]).unwrap();
    let warning = "OTEL_RESOURCE_ATTRIBUTES is not used: you have not approved this project.";
    assert_eq!(resolution.warnings, [warning]);
    assert!(on(Ok(resolution)).resource_attributes.is_empty());
    let agreed = on(disk.resolve("project", &[own, ("CCXRAY_OTEL_TRUST", "1")]));
    assert_eq!(agreed.resource_attributes.len(), 2);
    let environment = disk.environment(&[own]);
    approve(&disk.0.join("project"), &environment, None, SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(on(disk.resolve("project", &[own])).resource_attributes.len(), 2);
}

#[test]
fn a_certificate_authority_that_the_repository_replaces_needs_a_new_approval() {
    let text = r#"{"otel":{"tier":1,"endpoint":"https://a.example","tls":{"ca_file":"ca.pem"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text).write("project/ca.pem", "one");
    let environment = disk.environment(&[]);
    approve(&disk.0.join("project"), &environment, None, SystemTime::UNIX_EPOCH).unwrap();
    let approval = |disk: &Disk| disk.resolve("project", &[]).unwrap().approval;
    assert_eq!(approval(&disk), Some(Approval::Approved));
    let disk = disk.write("project/ca.pem", "two");
    assert_eq!(approval(&disk), None);
}

#[test]
fn a_certificate_without_its_key_is_an_error() {
    let mut env = vec![
        ("CCXRAY_OTEL_TIER", "1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://own.example"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key"),
    ];
    let message = Disk::new().resolve("project", &env).unwrap_err();
    assert!(
        message.starts_with("environment: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: A client cert"),
        "{message}"
    );
    env.push(("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/certificate"));
    assert!(on(Disk::new().resolve("project", &env)).tls.client.is_some());
    let text = r#"{"otel":{"tier":1,"endpoint":"https://localhost","tls":{"key_file":"k"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let message = disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]).unwrap_err();
    assert!(
        message.contains(
            "otel.tls: A certificate and its key belong together: \"certificate_file\" is missing."
        ),
        "{message}"
    );
}

#[test]
fn the_environment_configures_its_own_endpoint() {
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
    let config = on(env(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]));
    assert_eq!(
        (config.protocol.as_str(), config.endpoint.to_string().as_str()),
        ("grpc", "http://127.0.0.1:9")
    );
    for (variable, value) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/thrift"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "never"),
    ] {
        let message = env(&[(variable, value)]).unwrap_err();
        assert!(message.starts_with(&format!("environment: {variable}: ")), "{message}");
    }
}

#[test]
fn the_telemetry_of_agents_is_detected() {
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    let env = [("CLAUDE_CODE_ENABLE_TELEMETRY", "1"), ("GROK_EXTERNAL_OTEL", "0")];
    assert_eq!(on(disk.resolve("project", &env)).agents_own, ["Claude Code"]);
}

#[test]
fn an_unclear_value_turns_off_and_never_approves() {
    for value in ["1", "true", "TRUE", "yes", "on", "anything"] {
        let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
        let message = reason(disk.resolve("project", &[("DO_NOT_TRACK", value)]));
        let expected = "Telemetry is off: DO_NOT_TRACK is set. To allow it: unset DO_NOT_TRACK";
        assert_eq!(message, expected, "{value}");
    }
    for value in ["", "0", "false", "off"] {
        let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
        let config = on(disk.resolve("project", &[("DO_NOT_TRACK", value)]));
        assert_eq!(config.tier.number(), 1, "{value}");
    }
    let foreign = LOOPBACK.replace("http://127.0.0.1:4318", "https://otlp.example");
    let disk = Disk::new().write("project/.ccxray.json", &foreign);
    let message = reason(disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "maybe")]));
    assert!(message.starts_with("untrusted: "), "{message}");
}

#[test]
fn a_resolution_names_the_basis_of_approval() {
    let basis = |resolution: Result<Resolution, String>| resolution.unwrap().approval;
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    assert_eq!(basis(disk.resolve("project", &[])), Some(Approval::Loopback));
    let own = [("CCXRAY_OTEL_TIER", "1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://own.example")];
    assert_eq!(basis(Disk::new().resolve("project", &own)), Some(Approval::OwnSettings));
    let home = r#"{"otel":{"tier":1,"endpoint":"https://own.example"}}"#;
    let disk = Disk::new().write("home/.ccxray.user.json", home);
    assert_eq!(basis(disk.resolve("project", &[])), Some(Approval::OwnSettings));
    let foreign = LOOPBACK.replace("http://127.0.0.1:4318", "https://otlp.example");
    let disk = Disk::new().write("project/.ccxray.json", &foreign);
    assert_eq!(
        basis(disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")])),
        Some(Approval::Managed)
    );
    assert_eq!(basis(disk.resolve("project", &[])), None);
}

#[test]
fn an_invalid_endpoint_is_a_reason_not_an_error() {
    let text = r#"{"otel":{"tier":1,"endpoint":"https://me:${PASSWORD}@otlp.example"}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    assert_eq!(
        disk.without_root(&reason(disk.resolve("project", &[]))),
        "~/project/.ccxray.json:1:30: The endpoint contains a user name or a password. Remove it, and \
         send it in the header \"authorization\"."
    );
    let text = r#"{"otel":{"tier":1,"endpoint":"localhost:4318"}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    assert_eq!(
        disk.without_root(&reason(disk.resolve("project", &[]))),
        "~/project/.ccxray.json:1:30: endpoint \"localhost:4318\" has no http://. Write \
         \"http://localhost:4318\"."
    );
}

#[test]
fn an_incomplete_project_file_says_what_is_missing() {
    for (text, expected) in [
        (
            r#"{"otel":{"enabled":true}}"#,
            "~/project/.ccxray.json has \"enabled\": true but no tier. Add \"tier\": 1 (anonymous) or 2 \
             (named).",
        ),
        (
            r#"{"otel":{"endpoint":"http://127.0.0.1:9"}}"#,
            "~/project/.ccxray.json has no tier. Add \"tier\": 1 (anonymous) or 2 (named).",
        ),
        (
            r#"{"otle":{"tier":1}}"#,
            "~/project/.ccxray.json has no \"otel\" section. Did you mean \"otel\" instead of \"otle\"?",
        ),
        (
            r#"{"OTEL":{"tier":1}}"#,
            "~/project/.ccxray.json has no \"otel\" section. Did you mean \"otel\" instead of \"OTEL\"?",
        ),
        (
            r#"{"tier":1,"endpoint":"http://127.0.0.1:9"}"#,
            "~/project/.ccxray.json has \"tier\" outside of an \"otel\" section. Write { \"otel\": { \
             \"tier\": … } }.",
        ),
        (r#"{"other":{"tier":1}}"#, NOT_TURNED_ON),
        (
            r#"{"otel":{"enabled":false}}"#,
            "Telemetry is off: ~/project/.ccxray.json:1:20 has \"enabled\": false.",
        ),
        (
            r#"{"otel":{"tier":0}}"#,
            "Telemetry is off: ~/project/.ccxray.json:1:17 has \"tier\": 0.",
        ),
    ] {
        let disk = Disk::new().write("project/.ccxray.json", text);
        assert_eq!(disk.without_root(&reason(disk.resolve("project", &[]))), expected);
    }
}

#[test]
fn a_file_above_the_project_is_named() {
    let disk = Disk::new().write("project/.git/HEAD", "").write(".ccxray.json", LOOPBACK);
    assert_eq!(
        disk.without_root(&reason(disk.resolve("project", &[]))),
        "Telemetry is off: ~/.ccxray.json is above the project in ~/project, so it is not used. To \
         start: ccxray-otel init"
    );
}

#[test]
fn comments_in_a_file_are_accepted_and_keep_positions() {
    let on = LOOPBACK.replace('{', "{ // ü\n").replace(',', ", /* , */ ");
    let disk = Disk::new().write("project/.ccxray.json", &on);
    assert!(disk.resolve("project", &[]).unwrap().approval.is_some());
    let wrong = "{ /* ü */ \"otel\": { \"teir\": 1 } }";
    let disk = Disk::new().write("project/.ccxray.json", wrong);
    let error = disk.resolve("project", &[]).unwrap_err();
    assert!(error.contains(".ccxray.json:1:29: otel.teir: "), "{error}");
}

#[test]
fn a_secret_in_a_comment_is_refused_and_not_repeated() {
    let secret = "glc_eyJvIjoiMTIzNDU2IiwibiI6ImNjeHJheSJ9";
    let text = format!("{{\n  // token={secret}\n}}");
    let disk = Disk::new().write("project/.ccxray.json", &text);
    let error = disk.resolve("project", &[]).unwrap_err();
    assert!(
        error.contains(".ccxray.json:2:3: A comment here contains what looks like a real "),
        "{error}"
    );
    assert!(!error.contains(secret));
}

#[test]
fn a_tier_that_is_not_used_is_a_warning() {
    let two = LOOPBACK.replace("\"tier\":1", "\"tier\":2");
    let disk = Disk::new().write("project/.ccxray.json", &two);
    assert_eq!(
        disk.resolve("project", &[("CCXRAY_OTEL_TRUST", "1")]).unwrap().warnings,
        [
            "The project allows tier 2, but you have not chosen it. Using tier 1. To choose: ccxray-otel \
          init --tier 2 --identity NAME"
        ]
    );
    let disk = Disk::new().write("project/.ccxray.json", LOOPBACK);
    assert_eq!(
        disk.resolve("project", &[("CCXRAY_OTEL_TIER", "2")]).unwrap().warnings,
        ["You have chosen tier 2, but the project allows only tier 1. Using tier 1."]
    );
    let disk = disk.write("project/.ccxray.json", &two);
    assert_eq!(
        disk.resolve("project", &[("CCXRAY_OTEL_TIER", "2"), ("CCXRAY_OTEL_TRUST", "1")])
            .unwrap()
            .warnings,
        [
            "Tier 2 needs a name. Using tier 1. To set it: ccxray-otel init --tier 2 --identity NAME, or \
          set CCXRAY_OTEL_IDENTITY."
        ]
    );
}

#[test]
fn a_hint_names_the_command_that_the_user_has() {
    let two = LOOPBACK.replace("\"tier\":1", "\"tier\":2");
    let disk = Disk::new().write("project/.ccxray.json", &two);
    let in_host = |cwd: &str, env: &[(&str, &str)]| {
        let program_name = Some("ccxray otel".to_owned());
        let environment = Environment { program_name, ..disk.environment(env) };
        resolve(&disk.0.join(cwd), &environment)
    };
    let trusted = in_host("project", &[("CCXRAY_OTEL_TRUST", "1")]).unwrap();
    assert!(trusted.warnings[0].ends_with("To choose: ccxray otel init --tier 2 --identity NAME"));
    assert!(line(&trusted).unwrap().ends_with(" 1 warning, see: ccxray otel status"));
    let named =
        in_host("project", &[("CCXRAY_OTEL_TRUST", "1"), ("CCXRAY_OTEL_TIER", "2")]).unwrap();
    assert!(named.warnings[0].contains("To set it: ccxray otel init --tier 2 --identity NAME, or"));
    assert_eq!(
        reason(in_host("home", &[]).map_err(|error| error.to_string())),
        NOT_TURNED_ON.replace("ccxray-otel", "ccxray otel")
    );
}
