//! Where a call looks for the config of a project.

use crate::binding::options_object::{OptionsObject, optional_text};
use crate::binding::program::program;
use crate::binding::reader::Reader;
use crate::config::{ConfigError, Environment, Variables};
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;
use std::collections::HashMap;
use std::path::PathBuf;

/// Where to look for the config of a project.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "declares the type; `Options::read` reads the properties one by one")]
pub struct InitOptions {
    /// The project's directory. Default: the current directory.
    pub cwd: Option<String>,
    /// Your home directory. Default: `HOME` or `USERPROFILE`.
    pub home: Option<String>,
    /// The environment variables. Default: those of the process.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<HashMap<String, String>>,
    /// The version of your server, for the resource attribute `service.version`.
    pub host_version: Option<String>,
}

/// [`InitOptions`] as given. What is missing is taken from the process.
#[derive(Default)]
pub(super) struct Options {
    pub(super) cwd: Option<String>,
    pub(super) home: Option<String>,
    pub(super) env: Option<Variables>,
    pub(super) host_version: Option<String>,
}

impl Options {
    /// Reads an [`InitOptions`] argument.
    pub(super) fn read(reader: Reader, options: Option<Unknown<'_>>) -> Result<Self, ConfigError> {
        let Some(options) = options else { return Ok(Self::default()) };
        let names = ["cwd", "home", "env", "hostVersion"];
        let Some(options) = OptionsObject::open(reader, options.raw(), "", &names)? else {
            return Ok(Self::default());
        };
        Ok(Self {
            cwd: options.text("cwd")?,
            home: options.text("home")?,
            host_version: options.text("hostVersion")?,
            env: options.env()?,
        })
    }

    /// The same for a function whose first argument is the project's directory.
    pub(super) fn read_with_directory(
        reader: Reader,
        cwd: Option<Unknown<'_>>,
        options: Option<Unknown<'_>>,
    ) -> Result<Self, ConfigError> {
        let mut options = Self::read(reader, options)?;
        if let Some(cwd) = optional_text(reader, "cwd", cwd)? {
            options.cwd = Some(cwd);
        }
        Ok(options)
    }

    /// The project's directory, and the environment of this process. The directory is absolute,
    /// unless it was given as the empty string.
    ///
    /// # Errors
    /// If no directory is given and the current directory does not exist.
    pub(super) fn locate(self) -> Result<(PathBuf, Environment), ConfigError> {
        let Self { cwd, home, env, host_version } = self;
        let cwd = match cwd {
            Some(cwd) => PathBuf::from(cwd),
            None => std::env::current_dir().map_err(|_| {
                let problem = "The current directory does not exist.";
                ConfigError::in_options("cwd", problem, "Use the path of the project's directory.")
            })?,
        };
        let cwd = std::path::absolute(&cwd).unwrap_or(cwd);
        Ok((cwd, environment(home, env, host_version)))
    }

    /// The same for a function that changes the user's files: the directory is always absolute.
    pub(super) fn locate_directory(self) -> Result<(PathBuf, Environment), ConfigError> {
        let (cwd, environment) = self.locate()?;
        if cwd.is_absolute() {
            return Ok((cwd, environment));
        }
        let (problem, cure) = ("This is empty.", "Use the path of the project's directory.");
        Err(ConfigError::in_options("cwd", problem, cure))
    }
}

/// The environment of this process, with everything that the caller has given instead.
pub(super) fn environment(
    home: Option<String>,
    env: Option<Variables>,
    host_version: Option<String>,
) -> Environment {
    let variables = env.unwrap_or_else(Variables::of_process);
    let home = home.or_else(|| {
        variables.get("HOME").or_else(|| variables.get("USERPROFILE")).map(str::to_owned)
    });
    Environment { home: home.map(PathBuf::from), variables, host_version, program: program() }
}
