use super::*;
use crate::config::TimeResolution;
use crate::pending::content::Sums;
use std::fs::File;

struct Home(PathBuf);

impl Home {
    fn new(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("ccxray-pending-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn directory(&self) -> PendingDirectory {
        PendingDirectory::within(&self.0)
    }

    fn names(&self) -> Vec<String> {
        self.directory().list().into_iter().map(|it| it.name).collect()
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join("otel/pending").join(file)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn origin(project: &str) -> Origin {
    Origin {
        directory: Some(format!("/{project}")),
        project: Some(project.to_owned()),
        endpoint: "http://127.0.0.1:4318/v1/metrics".to_owned(),
        tier: 1,
        resolution: TimeResolution::Minute,
        terms: 1,
    }
}

fn bytes(project: &str, size: usize) -> Vec<u8> {
    let newest = vec![7; size].into();
    let sums = Sums::Cumulative { confirmed: None, newest, may_be_confirmed: false };
    content(project, sums).encode().unwrap()
}

fn content(project: &str, sums: Sums) -> PendingContent {
    PendingContent {
        origin: origin(project),
        since_unix_ms: 1,
        period_end_unix_ms: None,
        replaces: Vec::new(),
        sums,
    }
}

fn now() -> SystemTime {
    crate::util::clock::Timestamp::now().wall()
}

#[test]
fn a_file_is_claimed_once_its_owner_has_ended() {
    let home = Home::new("claim");
    let mut owner = home.directory();
    owner.store("a-1", &bytes("shop", 10)).unwrap();
    owner.mark("a-1", Mark::Sending).unwrap();
    let mut other = home.directory();
    assert_eq!(other.claim(&origin("shop"), now()), Claims::default(), "its owner lives");
    drop(owner);
    assert_eq!(other.claim(&origin("web"), now()), Claims::default(), "of another project");
    let claimed = other.claim(&origin("shop"), now()).claimed;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].progress, DeliveryProgress { done: 0, is_sending: true });
    let mut third = home.directory();
    assert_eq!(third.claim(&origin("shop"), now()), Claims::default(), "it is taken");
    assert!(third.store("a-1", b"x").is_err(), "it is not overwritten");
    other.remove("a-1").unwrap();
    assert_eq!(fs::read_dir(home.path("")).unwrap().count(), 0, "nothing is left");
}

#[test]
fn sums_of_a_period_wait_for_its_end() {
    let home = Home::new("period");
    let end = now() + Duration::from_mins(1);
    let end_ms = end.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let sums = Sums::Cumulative {
        confirmed: None,
        newest: Bytes::from_static(b"x"),
        may_be_confirmed: false,
    };
    let period_end_unix_ms = u64::try_from(end_ms).ok();
    let open = PendingContent { period_end_unix_ms, ..content("shop", sums) };
    let mut owner = home.directory();
    owner.store("a-1", &open.encode().unwrap()).unwrap();
    owner.release("a-1");
    let claims = |now: SystemTime| home.directory().claim(&origin("shop"), now).claimed.len();
    assert_eq!(claims(end - Duration::from_secs(1)), 0, "the period goes on");
    assert_eq!(claims(end + Duration::from_secs(1)), 1, "it has ended");
    assert_eq!(owner.waiting()[0].period_end_unix_ms, period_end_unix_ms);
}

#[test]
fn sums_that_were_added_to_another_file_are_not_sent_again() {
    let home = Home::new("replaced");
    for name in ["a-1", "a-2"] {
        home.directory().store(name, &bytes("shop", 10)).unwrap();
    }
    let sums = Sums::Cumulative {
        confirmed: None,
        newest: Bytes::from_static(b"x"),
        may_be_confirmed: false,
    };
    let replaces = vec!["a-1".to_owned(), "a-2".to_owned()];
    let merged = PendingContent { replaces, ..content("shop", sums) };
    home.directory().store("a-3", &merged.encode().unwrap()).unwrap();
    let claimed = home.directory().claim(&origin("shop"), now()).claimed;
    assert_eq!(claimed.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["a-3"]);
    assert_eq!(home.names(), ["a-3"]);
}

#[test]
fn what_may_not_be_sent_is_removed() {
    let home = Home::new("withdrawn");
    home.directory().store("a-1", &bytes("shop", 10)).unwrap();
    let lower = Origin { tier: 0, ..origin("shop") };
    let claims = home.directory().claim(&lower, now());
    assert_eq!(claims, Claims { withdrawn: 1, ..Claims::default() });
    home.directory().store("b-1", &bytes("shop", 10)).unwrap();
    home.directory().store("b-2", &bytes("web", 10)).unwrap();
    assert_eq!(home.directory().withdraw(Some("/shop")).unwrap(), 1);
    assert_eq!(home.names(), ["b-2"]);
    assert_eq!(home.directory().withdraw(None).unwrap(), 0);
    assert_eq!(home.directory().clear().unwrap(), 1);
}

#[test]
fn an_old_or_damaged_file_is_removed_and_counted() {
    let home = Home::new("old");
    for name in ["a-1", "a-2", "a-3", "a-4"] {
        home.directory().store(name, &bytes("shop", 10)).unwrap();
    }
    let old = now() - MAX_AGE - Duration::from_secs(1);
    File::options().write(true).open(home.path("a-1.otlp")).unwrap().set_modified(old).unwrap();
    fs::write(home.path("a-2.otlp"), &bytes("shop", 10)[..200]).unwrap();
    fs::write(home.path("a-3.otlp"), b"not ours").unwrap();
    fs::write(home.path("a-5.otlp"), b"{\"ccxray_pending\":9}\n").unwrap();
    fs::write(home.path("notes.txt"), b"").unwrap();
    let claims = home.directory().claim(&origin("shop"), now());
    assert_eq!((claims.claimed.len(), claims.expired, claims.damaged), (1, 1, 2));
    assert_eq!(home.names(), ["a-4", "a-5"], "a file of another version stays");
}

#[test]
fn the_oldest_files_make_room() {
    let home = Home::new("room");
    let large = 1 << 20;
    for (index, name) in ["a-1", "a-2", "a-3", "b-1"].into_iter().enumerate() {
        home.directory().store(name, &bytes("shop", large)).unwrap();
        let modified = now() - Duration::from_secs(100 - index as u64);
        let file = File::options().write(true).open(home.path(&format!("{name}.otlp")));
        file.unwrap().set_modified(modified).unwrap();
    }
    let mut live = home.directory();
    live.store("a-4", &bytes("shop", large)).unwrap();
    assert_eq!(home.names(), ["a-2", "a-3", "b-1", "a-4"], "four MiB for a project");
    assert_eq!(home.directory().store("a-5", &bytes("shop", 2 * large)).unwrap(), 2);
    assert_eq!(home.names(), ["b-1", "a-4", "a-5"], "not the file of a running process");
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let home = Home::new("link");
    home.directory().store("a-1", &bytes("shop", 10)).unwrap();
    let foreign = home.0.join("foreign");
    fs::write(&foreign, "theirs").unwrap();
    fs::remove_file(home.path("a-1.otlp")).unwrap();
    std::os::unix::fs::symlink(&foreign, home.path("a-1.otlp")).unwrap();
    assert!(home.directory().mark("a-1", Mark::Done).is_err());
    assert_eq!(home.directory().claim(&origin("shop"), now()), Claims::default());
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "theirs");
}

#[test]
fn what_waits_is_listed_with_its_owner() {
    let home = Home::new("listed");
    let mut owner = home.directory();
    owner.store("a-1", &bytes("shop", 10)).unwrap();
    home.directory().store("b-1", &bytes("web", 10)).unwrap();
    let mut waiting = home.directory().waiting();
    waiting.sort_by_key(|it| it.origin.project.clone());
    let seen: Vec<_> =
        waiting.iter().map(|it| (it.origin.clone(), it.since_unix_ms, it.is_running)).collect();
    assert_eq!(seen, [(origin("shop"), 1, true), (origin("web"), 1, false)]);
    assert_eq!(home.directory().claim(&origin("web"), now()).claimed.len(), 1, "it is free again");
}

#[test]
fn nothing_is_found_where_nothing_was_stored() {
    let home = Home::new("empty");
    assert_eq!(home.directory().claim(&origin("shop"), now()), Claims::default());
    assert!(!home.path("").exists());
}
