//! How finely a receiver can tell when something happened: who decides it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use otel_native::config::TimeResolution;

#[expect(dead_code, reason = "other tests run git, and read reasons")]
mod disk;
use disk::{Disk, on};

const TRUST: (&str, &str) = ("CCXRAY_OTEL_TRUST", "1");
const ENDPOINT: &str = "http://127.0.0.1:4318";

/// The resolution, and where it is set. A setting that is empty is not made.
fn resolution(
    project: &str,
    (home, beside): (&str, &str),
    env: &[(&str, &str)],
) -> (TimeResolution, String) {
    let otel = |settings: &str| format!(r#"{{"otel":{{{settings}}}}}"#);
    let mut disk = Disk::new();
    for (file, settings) in [
        ("project/.ccxray.json", project),
        ("home/.ccxray.user.json", home),
        ("project/.ccxray.user.json", beside),
    ] {
        if !settings.is_empty() {
            disk = disk.write(file, &otel(settings));
        }
    }
    let resolved = disk.resolve("project", env).unwrap();
    let setting = resolved.settings.iter().find(|it| it.name == "resolution").unwrap();
    let source = disk.without_root(&setting.source.to_string());
    let resolution = on(Ok(resolved)).resolution;
    (resolution, source)
}

#[test]
fn the_coarsest_side_wins_and_tier_2_begins_at_an_hour() {
    use TimeResolution::{Day, Hour, Minute};
    let one = format!(r#""tier":1,"endpoint":"{ENDPOINT}""#);
    let two = format!(r#""tier":2,"endpoint":"{ENDPOINT}""#);
    let named = r#""tier":2,"identity":"mika""#;
    let with =
        |settings: &str, resolution: &str| format!(r#"{settings},"resolution":"{resolution}""#);
    let project = "~/project/.ccxray.json";
    let home = "~/home/.ccxray.user.json";
    let beside = "~/project/.ccxray.user.json";
    for (of_project, of_home, of_beside, env, expected) in [
        (one.clone(), String::new(), "", "", (Minute, "default")),
        (two.clone(), named.to_owned(), "", "", (Hour, "default")),
        (with(&two, "minute"), named.to_owned(), "", "", (Minute, project)),
        (with(&two, "day"), named.to_owned(), "", "", (Day, project)),
        (with(&one, "day"), String::new(), "", "minute", (Day, project)),
        (one.clone(), r#""resolution":"day""#.to_owned(), "", "", (Day, home)),
        (
            one.clone(),
            r#""resolution":"hour""#.to_owned(),
            r#""resolution":"day""#,
            "hour",
            (Day, beside),
        ),
        (with(&two, "minute"), with(named, "hour"), "", "", (Hour, home)),
        // A user cannot make it finer.
        (two.clone(), with(named, "minute"), "", "minute", (Hour, "default")),
        (one, String::new(), "", "Hour", (Hour, "CCXRAY_OTEL_RESOLUTION")),
        // Without a project, everything is the user's own.
        (
            String::new(),
            format!(r#"{},"endpoint":"{ENDPOINT}""#, with(named, "minute")),
            "",
            "",
            (Minute, home),
        ),
    ] {
        let env = [TRUST, ("CCXRAY_OTEL_RESOLUTION", env)];
        let found = resolution(&of_project, (&of_home, of_beside), &env);
        assert_eq!((found.0, found.1.as_str()), expected, "{of_project} {of_home} {of_beside}");
    }
}

#[test]
fn a_word_that_is_no_resolution_is_an_error() {
    let project = format!(r#"{{"otel":{{"tier":1,"endpoint":"{ENDPOINT}"}}}}"#);
    let disk = Disk::new().write("project/.ccxray.json", &project);
    let error = disk.resolve("project", &[("CCXRAY_OTEL_RESOLUTION", "week")]).unwrap_err();
    assert_eq!(
        error,
        "environment: CCXRAY_OTEL_RESOLUTION: \"week\" is not a resolution. Use minute, hour or day."
    );
    let written = r#"{"otel":{"resolution":"week"}}"#;
    let error = Disk::new().write("project/.ccxray.json", written).resolve("project", &[]);
    let error = error.unwrap_err();
    assert!(error.contains("otel.resolution") && error.contains("minute"), "{error}");
}
