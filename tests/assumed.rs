//! The config of a preview: what a project would export with if it was approved and on.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use otel_native::config::{
    AssumedConfig, Assumption, ConfigError, Level, Names, Protocol, Tier, approve, assume,
};
use std::fs;
use std::time::{Duration, SystemTime};

mod disk;
use disk::{Disk, on, reason};

const AS_SET: Assumption = Assumption { tier: None, names: None };
const NAMED: Assumption = Assumption { tier: Some(Level::Named), names: None };

fn assumed(
    disk: &Disk,
    env: &[(&str, &str)],
    assumption: Assumption,
) -> Result<AssumedConfig, ConfigError> {
    assume(&disk.0.join("project"), &disk.environment(env), assumption)
}

#[test]
fn a_project_that_exports_is_shown_with_its_own_config() {
    let file = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:4318","team":"${TEAM}"}}"#;
    let disk = Disk::new().write("project/.ccxray.json", file);
    let env = [("TEAM", "payments"), ("CCXRAY_OTEL_TRUST", "1")];
    let AssumedConfig { config, endpoint, off } = assumed(&disk, &env, AS_SET).unwrap();
    assert_eq!(*config, on(disk.resolve("project", &env)));
    assert_eq!(endpoint.as_deref(), Some("http://127.0.0.1:4318/v1/metrics"));
    assert_eq!(off, None);
}

#[test]
fn no_variable_is_read_for_a_project_that_is_not_approved() {
    let file = r#"{"otel":{"tier":1,"endpoint":"https://otlp.example","team":"${TEAM}","project":"shop",
        "headers":{"authorization":"Bearer ${TOKEN}"},"known_names":["${NAME}"]}}"#;
    let disk = Disk::new().write("project/.ccxray.json", file);
    // Not all of them are set, which is no obstacle.
    let env = [("TEAM", "t0p-secret"), ("TOKEN", "t0p-secret")];
    let AssumedConfig { config, endpoint, off } = assumed(&disk, &env, AS_SET).unwrap();
    assert_eq!(off.as_deref(), Some("You have not approved this project yet."));
    assert_eq!(endpoint.as_deref(), Some("https://otlp.example/v1/metrics"));
    let revealed = |text: &otel_native::config::Text| text.reveal().to_owned();
    assert_eq!(config.team.as_ref().map(revealed).as_deref(), Some("***"));
    assert_eq!(config.project.as_ref().map(revealed).as_deref(), Some("shop"));
    assert_eq!(config.known_names.iter().map(revealed).collect::<Vec<_>>(), ["***"]);
    assert!(config.headers.iter().all(|(_, value)| !format!("{value:?}").contains("t0p")));
    approve(&disk.0.join("project"), &disk.environment(&env), None, SystemTime::UNIX_EPOCH)
        .unwrap();
    let approved = assumed(&disk, &[env[0], env[1], ("NAME", "acme")], AS_SET).unwrap();
    assert_eq!(approved.off, None);
    assert_eq!(approved.config.team.as_ref().map(revealed).as_deref(), Some("t0p-secret"));
}

#[test]
fn an_endpoint_of_a_variable_is_shown_as_written() {
    for endpoint in ["${URL}", "https://${HOST}/otlp"] {
        let file = format!(r#"{{"otel":{{"tier":1,"endpoint":"{endpoint}"}}}}"#);
        let disk = Disk::new().write("project/.ccxray.json", &file);
        let env = [("URL", "https://hidden.example"), ("HOST", "hidden.example")];
        let shown = assumed(&disk, &env, AS_SET).unwrap().endpoint;
        assert_eq!(shown.as_deref(), Some(endpoint));
    }
}

#[test]
fn telemetry_that_is_off_is_assumed_to_be_on() {
    let file = r#"{"otel":{"tier":1,"endpoint":"https://otlp.example","protocol":"grpc"}}"#;
    let off = r#"{"otel":{"tier":0}}"#;
    for (label, project, personal, env, has_endpoint, why) in [
        ("no file", None, None, &[][..], false, "no config file turns it on"),
        ("the user sets 0", Some(file), Some(off), &[][..], true, "Telemetry is off"),
        ("a veto", Some(file), None, &[("DO_NOT_TRACK", "1")][..], true, "DO_NOT_TRACK is set"),
        ("no endpoint", Some(r#"{"otel":{"tier":1}}"#), None, &[][..], false, "no endpoint"),
        (
            "another exporter",
            None,
            None,
            &[
                ("CCXRAY_OTEL_TIER", "1"),
                ("OTEL_METRICS_EXPORTER", "console"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example"),
            ][..],
            true,
            "not an exporter of ccxray",
        ),
    ] {
        let mut disk = Disk::new();
        for (path, text) in
            [("project/.ccxray.json", project), ("home/.ccxray.user.json", personal)]
        {
            if let Some(text) = text {
                disk = disk.write(path, text);
            }
        }
        let AssumedConfig { config, endpoint, off } = assumed(&disk, env, AS_SET).unwrap();
        assert_eq!(config.tier, Tier::Anonymous, "{label}");
        assert_eq!(endpoint.is_some(), has_endpoint, "{label}: {endpoint:?}");
        assert!(off.as_ref().is_some_and(|off| off.contains(why)), "{label}: {off:?}");
        if disk.resolve("project", env).is_ok() {
            assert_eq!(off, Some(reason(disk.resolve("project", env))), "{label}");
        }
        let is_grpc = project == Some(file);
        assert_eq!(config.protocol == Protocol::Grpc, is_grpc, "{label}");
    }
}

#[test]
fn a_tier_and_names_can_be_assumed() {
    let file = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:4318","names":"all"}}"#;
    let disk = Disk::new().write("project/.ccxray.json", file);
    let named = assumed(&disk, &[], NAMED).unwrap().config.tier;
    assert!(matches!(&named, Tier::Named { identity } if identity.reveal() == "(your name)"));
    let env = [("CCXRAY_OTEL_IDENTITY", "mika"), ("CCXRAY_OTEL_TIER", "1")];
    let named = assumed(&disk, &env, NAMED).unwrap().config.tier;
    assert!(matches!(&named, Tier::Named { identity } if identity.reveal() == "mika"));
    let known = Assumption { names: Some(Names::Known), ..AS_SET };
    assert_eq!(assumed(&disk, &[], known).unwrap().config.names, Names::Known);
    assert_eq!(assumed(&disk, &[], AS_SET).unwrap().config.names, Names::All);
}

#[test]
fn a_name_in_git_is_not_used() {
    let own = r#"{"otel":{"tier":2,"identity":"mika"}}"#;
    let disk = Disk::new()
        .write("project/.ccxray.json", r#"{"otel":{"tier":2,"endpoint":"https://otlp.example"}}"#)
        .write("project/.ccxray.user.json", own);
    fs::remove_dir(disk.0.join("project/.git")).unwrap();
    disk.git("project", &["init", "--quiet"]);
    let identity = || match assumed(&disk, &[], NAMED).unwrap().config.tier {
        Tier::Named { identity } => identity.reveal().to_owned(),
        Tier::Anonymous => "none".to_owned(),
    };
    assert_eq!(identity(), "mika", "as if it was approved");
    disk.git("project", &["add", ".ccxray.user.json"]);
    assert_eq!(identity(), "(your name)");
}

#[test]
fn a_config_that_cannot_be_used_is_an_error() {
    for (file, expected) in [
        ("{", "not valid JSON"),
        (r#"{"otel":{"tier":1,"endpoint":"localhost:4318"}}"#, "http://localhost:4318"),
        (
            r#"{"otel":{"tier":1,"endpoint":"http://otlp.example","headers":{"x-a":"${A}"}}}"#,
            "unencrypted",
        ),
    ] {
        let disk = Disk::new().write("project/.ccxray.json", file);
        let error = assumed(&disk, &[], AS_SET).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn nothing_of_the_environment_changes_what_is_assumed_to_be_set() {
    let disk = Disk::new();
    let env = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "5000"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=t0p-secret"),
    ];
    let AssumedConfig { config, .. } = assumed(&disk, &env, AS_SET).unwrap();
    assert_eq!(config.protocol, Protocol::HttpJson);
    assert_eq!(config.interval, Duration::from_secs(5));
    assert_eq!(config.headers.iter().count(), 0, "headers of a variable are not read");
}
