//! What git knows about a file: asked of git itself.

use crate::config::variables::Env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Git answers in a few milliseconds; a file system that hangs must not hang the host.
const PATIENCE: Duration = Duration::from_secs(2);
/// Time between two looks at whether it has answered.
const LOOK: Duration = Duration::from_millis(2);

/// What git says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// Git is not there, or would not say.
    Unknown,
}

/// Whether the file is in git's index: whoever clones the repository gets it.
pub(crate) fn is_tracked(file: &Path, env: &Env) -> Answer {
    ask(file, env, &["ls-files", "--error-unmatch"])
}

/// Whether git will leave the file alone when everything is added.
pub(crate) fn is_ignored(file: &Path, env: &Env) -> Answer {
    ask(file, env, &["check-ignore", "--quiet", "--no-index"])
}

/// Runs a question that git answers with its exit code: 0 yes, 1 no.
///
/// A library that waits with a time limit, such as `wait-timeout`, takes the handler of SIGCHLD from
/// the whole process. That handler is the host's: Node learns by it that its own children have ended.
fn ask(file: &Path, env: &Env, question: &[&str]) -> Answer {
    let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else {
        return Answer::Unknown;
    };
    // Nothing of a stranger's repository is run: its config may name a program for the monitor. The
    // variables by which git is pointed at another repository are left out.
    let mut git = Command::new("git");
    git.args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-C"]).arg(directory);
    git.args(question).arg("--").arg(name).env_clear();
    // A relative directory would be the project's.
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
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        match child.try_wait() {
            Ok(Some(status)) => {
                return match status.code() {
                    Some(0) => Answer::Yes,
                    Some(1) => Answer::No,
                    _ => Answer::Unknown,
                };
            }
            Ok(None) => std::thread::sleep(LOOK),
            Err(_) => break,
        }
    }
    // It may have ended by itself meanwhile; either way nobody waits for it any more.
    let _ = child.kill();
    let _ = child.wait();
    Answer::Unknown
}
