//! `otel/status-<pid>.json`: the status of a running process, for other processes to read.

use crate::util::private_file::{self, Durability, Readers};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A running process writes its file more often. An older file belongs to a terminated process,
/// even if a new process has the same id.
const MAX_AGE: Duration = Duration::from_hours(24);

/// The file of this process.
#[derive(Debug)]
pub(super) struct StatusFile {
    directory: PathBuf,
    path: PathBuf,
}

impl StatusFile {
    /// The file of process `pid` in ccxray's own directory.
    pub(super) fn within(directory: &Path, pid: u32) -> Self {
        let directory = directory.join("otel");
        Self { path: directory.join(format!("status-{pid}.json")), directory }
    }

    /// Replaces the file in one step.
    pub(super) fn replace(&self, json: &str) -> io::Result<()> {
        private_file::directory(&self.directory)?;
        private_file::replace(&self.path, json, Readers::Owner, Durability::Process)
    }

    /// Removes the file.
    pub(super) fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the files of processes that terminated without removing them. Errors are ignored:
    /// the next process tries again.
    pub(super) fn remove_stale(&self, now: SystemTime) {
        if private_file::is_of_another_user(&self.directory) {
            return;
        }
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(pid) = name.to_str().and_then(pid_of) else { continue };
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            let age = written.ok().and_then(|written| now.duration_since(written).ok());
            let is_old = age.is_some_and(|age| age > MAX_AGE);
            if pid != std::process::id() && (is_old || !is_alive(pid)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The process of a status file, or of an unfinished one, with this name.
fn pid_of(name: &str) -> Option<u32> {
    let rest = name.strip_prefix("status-")?;
    let pid = rest.strip_suffix(".json").or_else(|| rest.strip_suffix(".json.new"))?;
    pid.parse().ok()
}

/// Whether the process exists. On a system without such a check, only the file's age decides.
fn is_alive(pid: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, test_kill_process};
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        // A process of another user exists, although this one may not send it a signal.
        pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
    }
    #[cfg(not(unix))]
    {
        let _ = pid;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_status_file_name_contains_a_pid() {
        for (name, pid) in [
            ("status-12.json", Some(12)),
            ("status-12.json.new", Some(12)),
            ("status-12.json.bak", None),
            ("status-.json", None),
            ("status-x.json", None),
            ("status-99999999999.json", None),
            ("otel.log", None),
        ] {
            assert_eq!(pid_of(name), pid, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn one_file_that_cannot_be_removed_does_not_stop_the_others() {
        let home = std::env::temp_dir().join(format!("ccxray-stale-{}", std::process::id()));
        let file = StatusFile::within(&home, std::process::id());
        // Linux has no process ids this high. One of the files is a directory, which cannot be
        // removed.
        let dead = |number: u32| file.directory.join(format!("status-{}.json", 4_194_305 + number));
        fs::create_dir_all(dead(5)).unwrap();
        (0..10).filter(|it| *it != 5).for_each(|it| fs::write(dead(it), "{}").unwrap());
        file.replace("{}").unwrap();
        file.remove_stale(SystemTime::UNIX_EPOCH);
        let left: Vec<_> = (0..10).filter(|it| dead(*it).exists()).collect();
        assert_eq!((left, file.path.exists()), (vec![5], true));
        fs::remove_dir_all(&home).unwrap();
    }

    #[test]
    fn this_process_is_alive_and_an_impossible_one_is_not() {
        assert!(is_alive(std::process::id()));
        #[cfg(unix)]
        assert!(!is_alive(u32::MAX) && !is_alive(0));
    }
}
