//! One process, many projects: who shares an exporter, how many there are, who makes room.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::config::{Environment, resolve};
use otel_native::project::Project;
use otel_native::record::projects::{ProjectLookup, Projects};
use otel_native::util::clock::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, process};

/// Projects in directories of their own, below one that is no project.
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

    /// A directory with a project of this name.
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
        // A directory that stays behind in the system's own temporary place harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The project of a lookup, whether it was opened for it, and how many made room.
fn found(lookup: ProjectLookup) -> (Arc<Project>, bool, usize) {
    match lookup {
        ProjectLookup::On { project, opened, closed } => (project, opened, closed.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn directories_with_the_same_config_share_an_exporter_and_others_do_not() {
    let (disk, projects) = Disk::new("share");
    let now = Timestamp::now();
    let (shop, again) = (disk.project("a", "shop"), disk.project("b", "shop"));
    let bank = disk.project("c", "bank");
    let (first, opened, _) = found(projects.find(Some(&shop), now));
    assert!(opened);
    let (second, opened, _) = found(projects.find(Some(&again), now));
    assert!(Arc::ptr_eq(&first, &second) && !opened);
    let (other, opened, _) = found(projects.find(Some(&bank), now));
    assert!(!Arc::ptr_eq(&first, &other) && opened);
}

#[test]
fn a_config_is_read_once() {
    let (disk, projects) = Disk::new("once");
    let now = Timestamp::now();
    let shop = disk.project("a", "shop");
    let (first, ..) = found(projects.find(Some(&shop), now));
    fs::remove_file(disk.0.join("a/.ccxray.json")).unwrap();
    let (second, opened, _) = found(projects.find(Some(&shop), now));
    assert!(Arc::ptr_eq(&first, &second) && !opened);
}

#[test]
fn a_project_that_does_not_export_is_known_to_be_off_once_it_was_met() {
    let (disk, projects) = Disk::new("off");
    let off = disk.0.join("off").to_str().unwrap().to_owned();
    assert!(!projects.is_known_off(Some(&off)), "not before its config was read");
    assert!(matches!(projects.find(Some(&off), Timestamp::now()), ProjectLookup::Off));
    assert!(projects.is_known_off(Some(&off)));
    assert!(projects.is_known_off(None), "as is the one given at the start");
    assert!(
        matches!(projects.find(Some("."), Timestamp::now()), ProjectLookup::Off),
        "nobody knows whose"
    );
}

#[test]
fn sixty_four_projects_export_and_idle_ones_make_room_for_the_next() {
    let (disk, projects) = Disk::new("many");
    let start = Timestamp::now();
    let all: Vec<_> = (0..65).map(|i| disk.project(&format!("p{i}"), &format!("p{i}"))).collect();
    for directory in &all[..64] {
        assert!(found(projects.find(Some(directory), start)).1);
    }
    assert!(matches!(projects.find(Some(&all[64]), start), ProjectLookup::Limit));
    assert!(projects.is_full());

    let later = start + Duration::from_mins(20);
    found(projects.find(Some(&all[0]), later));
    let much_later = start + Duration::from_mins(31);
    let (_, opened, closed) = found(projects.find(Some(&all[64]), much_later));
    assert_eq!((opened, closed), (true, 63), "all but the one that was used since");
    assert!(!found(projects.find(Some(&all[0]), much_later)).1);
    let (_, opened, _) = found(projects.find(Some(&all[1]), much_later));
    assert!(opened, "a closed one is opened again when it is used again");
}
