//! A home directory and a project in a temporary directory.

use otel_native::config::{Config, Environment, Outcome, Resolution, Variables, resolve};
use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

/// A new temporary directory with `home`, and with `project`, which is a git repository.
pub(crate) struct Disk(pub(crate) PathBuf);

impl Disk {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("ccxray-disk-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let root = env::temp_dir().canonicalize().unwrap().join(name);
        for directory in ["home", "project/.git", "project/src/deep"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        Self(root)
    }

    pub(crate) fn write(self, path: &str, text: &str) -> Self {
        fs::write(self.0.join(path), text).unwrap();
        self
    }

    pub(crate) fn environment(&self, env: &[(&str, &str)]) -> Environment {
        let env: Variables =
            env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Environment { home: Some(self.0.join("home")), variables: env, ..Environment::default() }
    }

    pub(crate) fn resolve(&self, cwd: &str, env: &[(&str, &str)]) -> Result<Resolution, String> {
        let resolution = resolve(&self.0.join(cwd), &self.environment(env));
        resolution.map_err(|error| self.without_root(&error.to_string()))
    }

    /// The text with `~` in place of the temporary directory, which has another name in each run.
    pub(crate) fn without_root(&self, text: &str) -> String {
        text.replace(self.0.to_str().unwrap(), "~")
    }

    /// Runs git in a directory, and fails if git does.
    pub(crate) fn git(&self, cwd: &str, arguments: &[&str]) {
        let done = Command::new("git")
            .args([
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.com",
                "-c",
                "protocol.file.allow=always",
            ])
            .args(arguments)
            .current_dir(self.0.join(cwd))
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A directory that remains in the temporary directory of the system is harmless.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The config of a project that exports.
pub(crate) fn on(resolution: Result<Resolution, String>) -> Config {
    match resolution.unwrap().outcome {
        Outcome::On(config) => *config,
        other => panic!("{other:?}"),
    }
}

/// Why a project does not export.
pub(crate) fn reason(resolution: Result<Resolution, String>) -> String {
    match resolution.unwrap().outcome {
        Outcome::Off { reason } | Outcome::Degraded { reason, .. } => reason,
        Outcome::On(config) => panic!("{config:?}"),
    }
}
