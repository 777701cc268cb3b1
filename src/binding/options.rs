//! Where a call looks for the config of a project.

use crate::binding::options_object::{OptionsObject, optional_text};
use crate::binding::program::{CommandLine, program};
use crate::binding::reader::{Property, Reader};
use crate::config::{ConfigError, Environment, SystemCertificates, Variables};
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
    /// The environment variables. Default: `process.env`.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<HashMap<String, String>>,
    /// The version of your server, for the resource attribute `service.version`.
    pub host_version: Option<String>,
}

/// [`InitOptions`] as given, with the variables of the process where no others were given.
#[derive(Default)]
pub(super) struct Options {
    pub(super) cwd: Option<String>,
    pub(super) home: Option<String>,
    pub(super) env: Variables,
    pub(super) host_version: Option<String>,
}

impl Options {
    /// Reads an [`InitOptions`] argument. `process_env` is `process.env`.
    pub(super) fn read(
        reader: Reader,
        options: Option<Unknown<'_>>,
        process_env: Option<Unknown<'_>>,
    ) -> Result<Self, ConfigError> {
        let names = ["cwd", "home", "env", "hostVersion"];
        let options = options.map(|options| options.raw());
        let options = options.map(|it| OptionsObject::open(reader, it, "", &names)).transpose()?;
        let Some(options) = options.flatten() else {
            let env = variables_of_process(reader, process_env);
            return Ok(Self { env, ..Self::default() });
        };
        let (cwd, home) = (options.text("cwd")?, options.text("home")?);
        let host_version = options.text("hostVersion")?;
        let of_process = variables_of_process(reader, process_env);
        let env = match options.env()? {
            None => of_process,
            // Where the certificates of the system are is the same for every launch on it.
            Some(mut env) => {
                env.add_missing(&SystemCertificates::VARIABLES, &of_process);
                env
            }
        };
        Ok(Self { cwd, home, env, host_version })
    }

    /// The same for a function whose first argument is the project's directory.
    pub(super) fn read_with_directory(
        reader: Reader,
        cwd: Option<Unknown<'_>>,
        options: Option<Unknown<'_>>,
        process_env: Option<Unknown<'_>>,
    ) -> Result<Self, ConfigError> {
        let mut options = Self::read(reader, options, process_env)?;
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

/// The variables in `process.env`. JavaScript passes it, because only Node can read a variable while
/// another thread of the process changes one. Without it there are none.
pub(super) fn variables_of_process(reader: Reader, env: Option<Unknown<'_>>) -> Variables {
    let Some(env) = env.map(|env| env.raw()).and_then(|env| reader.object(env)) else {
        return Variables::default();
    };
    let value = |name: &String| match reader.property_named(env, name) {
        Property::Is(value) => reader.text(value),
        Property::Absent | Property::Throws => None,
    };
    let names = reader.names(env).unwrap_or_default();
    let variable = |name: String| value(&name).map(|value| (name, value));
    names.into_iter().filter_map(variable).collect()
}

/// The environment of a launch with these variables.
pub(super) fn environment(
    home: Option<String>,
    variables: Variables,
    host_version: Option<String>,
) -> Environment {
    let home = home.or_else(|| {
        variables.get("HOME").or_else(|| variables.get("USERPROFILE")).map(str::to_owned)
    });
    let CommandLine { words: program, name: program_name } = program();
    Environment { home: home.map(PathBuf::from), variables, host_version, program, program_name }
}
