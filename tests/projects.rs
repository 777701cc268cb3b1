//! Many projects in one process: which ones share an exporter, how many there are, and which ones
//! are closed to make room.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::config::{Environment, Outcome, Resolution, Variables, approve, resolve};
use otel_native::project::Project;
use otel_native::record::launch_id::LaunchId;
use otel_native::record::project_key::ProjectKey;
use otel_native::record::project_lookup::ProjectLookup;
use otel_native::record::projects::Projects;
use otel_native::record::resolvers::Start;
use otel_native::util::clock::Timestamp;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime};
use std::{env, fs, process};

/// A directory without a config, with a project in each of its subdirectories.
struct Disk(PathBuf);

impl Disk {
    fn new(name: &str) -> (Self, Projects) {
        let root = env::temp_dir().join(format!("ccxray-projects-{}-{name}", process::id()));
        fs::create_dir_all(&root).unwrap();
        let environment = Environment::default();
        let resolution = resolve(&root, &environment).unwrap();
        let projects = Projects::new(root.clone(), resolution, environment, Timestamp::now());
        (Self(root), projects)
    }

    /// The directory of a new project with this name.
    fn project(&self, directory: &str, name: &str) -> String {
        let path = self.0.join(directory);
        fs::create_dir_all(&path).unwrap();
        let text = format!(
            r#"{{"otel":{{"tier":1,"endpoint":"http://127.0.0.1:9","project":"{name}"}}}}"#
        );
        fs::write(path.join(".ccxray.json"), text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // If it cannot be removed, it stays in the system's temporary directory, which does no
        // harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What an entry of the project in `directory` finds, after its config was read.
fn find(projects: &Projects, directory: &str, now: Timestamp) -> ProjectLookup {
    find_of(projects, &directory.into(), now)
}

/// The same for the client of a launch.
fn find_of(projects: &Projects, project: &ProjectKey, now: Timestamp) -> ProjectLookup {
    match projects.find(Some(project), now) {
        ProjectLookup::Unresolved => {
            let (sender, receiver) = mpsc::channel();
            let started = projects.resolve(project, now, move |it| sender.send(it).unwrap());
            assert_eq!(started, Start::Started);
            projects.add(project, receiver.recv().unwrap(), now)
        }
        known => known,
    }
}

/// The project, whether the lookup has opened it, and how many projects were closed for it.
fn found(lookup: ProjectLookup) -> (Arc<Project>, bool, usize) {
    match lookup {
        ProjectLookup::On { project, opened, closed } => (project, opened, closed.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_directories_with_the_same_config_share_an_exporter() {
    let (disk, projects) = Disk::new("share");
    let now = Timestamp::now();
    let (shop, again) = (disk.project("a", "shop"), disk.project("b", "shop"));
    let bank = disk.project("c", "bank");
    let (first, opened, _) = found(find(&projects, &shop, now));
    assert!(opened);
    let (second, opened, _) = found(find(&projects, &again, now));
    assert!(Arc::ptr_eq(&first, &second) && !opened);
    let (other, opened, _) = found(find(&projects, &bank, now));
    assert!(!Arc::ptr_eq(&first, &other) && opened);
}

#[test]
fn a_config_is_read_once() {
    let (disk, projects) = Disk::new("once");
    let now = Timestamp::now();
    let shop = disk.project("a", "shop");
    let (first, ..) = found(find(&projects, &shop, now));
    fs::remove_file(disk.0.join("a/.ccxray.json")).unwrap();
    let (second, opened, _) = found(find(&projects, &shop, now));
    assert!(Arc::ptr_eq(&first, &second) && !opened);
}

#[test]
fn a_project_without_config_is_known_off_after_its_first_entry() {
    let (disk, projects) = Disk::new("off");
    let off = disk.0.join("off").to_str().unwrap().to_owned();
    assert!(!projects.is_known_off(Some(&off.as_str().into())), "its config was not read yet");
    assert!(matches!(find(&projects, &off, Timestamp::now()), ProjectLookup::Off));
    assert!(projects.is_known_off(Some(&off.as_str().into())));
    assert!(projects.is_known_off(None), "the project given at the start has no config, either");
    assert!(
        matches!(find(&projects, ".", Timestamp::now()), ProjectLookup::Off),
        "a relative path names no project"
    );
}

#[test]
fn at_most_sixty_four_projects_export_and_idle_ones_make_room() {
    let (disk, projects) = Disk::new("many");
    let start = Timestamp::now();
    let all: Vec<_> = (0..65).map(|i| disk.project(&format!("p{i}"), &format!("p{i}"))).collect();
    for directory in &all[..64] {
        assert!(found(find(&projects, directory, start)).1);
    }
    assert!(matches!(find(&projects, &all[64], start), ProjectLookup::Limit));
    assert!(projects.is_full());

    let later = start + Duration::from_mins(20);
    found(find(&projects, &all[0], later));
    let much_later = start + Duration::from_mins(31);
    let (_, opened, closed) = found(find(&projects, &all[64], much_later));
    assert_eq!((opened, closed), (true, 63), "all but the one that had an entry since");
    assert!(!found(find(&projects, &all[0], much_later)).1);
    let (_, opened, _) = found(find(&projects, &all[1], much_later));
    assert!(opened, "the next entry of a closed project opens it again");
}

#[test]
fn a_project_that_the_user_agreed_to_takes_the_place_of_one_that_nobody_agreed_to() {
    let (disk, _) = Disk::new("agreed");
    let environment = Environment { home: Some(disk.0.join("home")), ..Environment::default() };
    let resolution = resolve(&disk.0, &environment).unwrap();
    let now = Timestamp::now();
    let projects = Projects::new(disk.0.clone(), resolution, environment.clone(), now);
    for number in 0..64 {
        let directory = disk.project(&format!("p{number}"), &format!("p{number}"));
        found(find(&projects, &directory, now + Duration::from_secs(number)));
    }
    let later = now + Duration::from_secs(100);
    let stranger = disk.project("stranger", "stranger");
    assert!(matches!(find(&projects, &stranger, later), ProjectLookup::Limit));
    let own = disk.project("own", "own");
    approve(own.as_ref(), &environment, None, SystemTime::UNIX_EPOCH).unwrap();
    let (_, opened, closed) = found(find(&projects, &own, later));
    assert_eq!((opened, closed), (true, 1), "the one that has waited longest");
    assert!(matches!(
        find(&projects, &disk.0.join("p0").to_string_lossy(), later),
        ProjectLookup::Limit
    ));
    assert!(!found(find(&projects, &disk.0.join("p1").to_string_lossy(), later)).1);
}

#[test]
fn projects_that_export_are_not_forgotten_for_directories_that_do_not() {
    let (disk, projects) = Disk::new("forget");
    let now = Timestamp::now();
    let shop = disk.project("shop", "shop");
    let (first, ..) = found(find(&projects, &shop, now));
    for number in 0..1100 {
        let directory = disk.0.join(format!("off{number}")).to_str().unwrap().to_owned();
        projects.add(&directory.as_str().into(), Resolution::unread("for this test"), now);
    }
    let (described, project) = projects.describe(Some(&shop.as_str().into()), now, Duration::ZERO);
    assert!(matches!(described.outcome, Outcome::On(_)));
    assert!(project.is_some_and(|project| Arc::ptr_eq(&project, &first)));
    assert_eq!(projects.open_projects().len(), 1);
}

#[test]
fn a_project_without_a_place_is_read_again_when_there_is_one() {
    let (disk, projects) = Disk::new("limit");
    let now = Timestamp::now();
    for number in 0..64 {
        let directory = disk.project(&format!("p{number}"), &format!("p{number}"));
        found(find(&projects, &directory, now));
    }
    let late = disk.project("late", "late");
    assert!(matches!(find(&projects, &late, now), ProjectLookup::Limit));
    assert!(
        matches!(projects.find(Some(&late.as_str().into()), now), ProjectLookup::Limit),
        "it is remembered"
    );
    assert!(!projects.is_known_off(Some(&late.as_str().into())), "its entries are counted");
    let later = now + Duration::from_mins(31);
    assert!(matches!(projects.find(Some(&late.as_str().into()), later), ProjectLookup::Unresolved));
    assert!(found(find(&projects, &late, later)).1);
}

/// The launch of a client with these variables.
fn launch(projects: &Projects, variables: &[(&str, &str)]) -> LaunchId {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let variables = variables.collect();
    projects.add_launch(Environment { variables, ..Environment::default() })
}

#[test]
fn launches_in_one_directory_are_kept_apart() {
    let (disk, projects) = Disk::new("launches");
    let now = Timestamp::now();
    let directory = disk.project("a", "shop");
    let key = |launch| ProjectKey { directory: directory.clone(), launch: Some(launch) };
    let (plain, fast) = (launch(&projects, &[]), launch(&projects, &[INTERVAL]));
    let vetoed = launch(&projects, &[("DO_NOT_TRACK", "1")]);
    let tier_zero = launch(&projects, &[("CCXRAY_OTEL_TIER", "0")]);
    let none = launch(&projects, &[("OTEL_METRICS_EXPORTER", "none")]);
    assert!(projects.is_switched_off(Some(none)));
    assert_eq!(
        [plain, fast, vetoed, tier_zero].map(|it| projects.is_switched_off(Some(it))),
        [false, false, true, true]
    );
    let (first, opened, _) = found(find_of(&projects, &key(plain), now));
    assert!(opened);
    let (second, opened, _) = found(find_of(&projects, &key(fast), now));
    assert!(opened && !Arc::ptr_eq(&first, &second), "their settings differ");
    for off in [vetoed, tier_zero] {
        assert!(matches!(find_of(&projects, &key(off), now), ProjectLookup::Off));
        assert!(
            projects.is_known_off(Some(&key(off))) && !projects.is_known_off(Some(&key(plain)))
        );
    }
    let unknown = LaunchId(u32::MAX);
    assert!(projects.is_switched_off(Some(unknown)));
    assert!(matches!(find_of(&projects, &key(unknown), now), ProjectLookup::Off));
}

#[test]
fn a_launch_uses_no_variable_that_this_process_does_not_know() {
    let (disk, projects) = Disk::new("withheld");
    let now = Timestamp::now();
    let of_environment = disk.0.join("own").to_str().unwrap().to_owned();
    let on = [("CCXRAY_OTEL_TIER", "1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")];
    for (withheld, opens) in [
        ("UNUSED", true),
        ("OTEL_EXPORTER_OTLP_HEADERS", false),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", false),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", false),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", false),
        ("OTEL_SERVICE_NAME", false),
    ] {
        let variables = on.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let variables: Variables = variables.collect();
        let variables = variables.with_withheld([withheld.to_owned()]);
        let environment = Environment { variables, ..Environment::default() };
        let launch = Some(projects.add_launch(environment));
        let project = ProjectKey { directory: of_environment.clone(), launch };
        let lookup = find_of(&projects, &project, now);
        assert_eq!(matches!(lookup, ProjectLookup::On { .. }), opens, "{withheld}");
        if !opens {
            let (resolution, _) = projects.describe(Some(&project), now, Duration::ZERO);
            let Outcome::Degraded { reason, .. } = resolution.outcome else { panic!("{withheld}") };
            assert!(reason.contains(withheld) && reason.contains("another value"), "{reason}");
        }
    }
}

const INTERVAL: (&str, &str) = ("OTEL_METRIC_EXPORT_INTERVAL", "5000");
