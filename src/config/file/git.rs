//! What git knows about a file. Git itself is asked.

use crate::config::variables::Variables;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Git answers in a few milliseconds. A file system that hangs must not block the host.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// How often it is checked whether git has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// The answer of git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// Git is not installed, or failed.
    Unknown,
}

/// Whether the file is in git's index: everyone who clones the repository gets it.
pub(crate) fn is_tracked(file: &Path, env: &Variables) -> Answer {
    ask(file, env, &["ls-files", "--error-unmatch"])
}

/// Whether `git add --all` skips the file.
pub(crate) fn is_ignored(file: &Path, env: &Variables) -> Answer {
    ask(file, env, &["check-ignore", "--quiet", "--no-index"])
}

/// Runs a command that git answers with its exit code: 0 yes, 1 no.
///
/// A library that waits with a time limit, such as `wait-timeout`, takes the handler of SIGCHLD from
/// the whole process. That handler is the host's: Node learns by it that its own children have ended.
fn ask(file: &Path, env: &Variables, question: &[&str]) -> Answer {
    let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else {
        return Answer::Unknown;
    };
    // The config of a cloned repository may name a program to run as a file system monitor: it is not
    // run. Variables that point git to another repository are not passed on.
    let mut git = Command::new("git");
    git.args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-C"]).arg(directory);
    git.args(question).arg("--").arg(name).env_clear();
    // A relative directory could be one of the project.
    let directories = std::env::split_paths(env.get("PATH").unwrap_or_default());
    if let Ok(path) = std::env::join_paths(directories.filter(|directory| directory.is_absolute()))
    {
        git.env("PATH", path);
    }
    for variable in ["HOME", "USERPROFILE", "XDG_CONFIG_HOME", "SYSTEMROOT"] {
        git.envs(env.get(variable).map(|value| (variable, value)));
    }
    git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = git.spawn() else { return Answer::Unknown };
    for _ in 0..TIME_LIMIT.as_millis() / POLL_INTERVAL.as_millis() {
        match child.try_wait() {
            Ok(Some(status)) => {
                return match status.code() {
                    Some(0) => Answer::Yes,
                    Some(1) => Answer::No,
                    _ => Answer::Unknown,
                };
            }
            Ok(None) => std::thread::sleep(POLL_INTERVAL),
            Err(_) => break,
        }
    }
    // It may have ended in the meantime. Either way, nothing waits for it.
    let _ = child.kill();
    let _ = child.wait();
    Answer::Unknown
}
