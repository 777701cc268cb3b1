//! What the engineer says: yes, no more, and what is to be written.

use crate::binding::options::{self, Options};
use crate::binding::reader::Reader;
use crate::binding::{Result, look_in, refused};
use crate::config::{self, ConfigError, Consent, Environment, Initialized};
use crate::pipeline::status::Status;
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the engineer has agreed to.
#[napi(object, object_from_js = false)]
pub struct TrustResult {
    /// The directory of the project's config.
    pub directory: String,
    /// What was asked for, in one sentence. Not there if nothing was: telemetry is off, or nothing
    /// but the engineer's own word is in it.
    pub terms: Option<String>,
    /// What is different from what had been agreed to before.
    pub changes: Vec<String>,
    /// The file in which it is noted.
    pub file: Option<String>,
}

/// What to write.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "it documents the shape; `options` reads the properties one by one")]
pub struct InitConfigOptions {
    /// The project's directory. Default: the process's own.
    pub cwd: Option<String>,
    /// The engineer's home directory. Default: `HOME` or `USERPROFILE`.
    pub home: Option<String>,
    /// The environment to use. Default: the process's own.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<std::collections::HashMap<String, String>>,
    /// Into the project's `.ccxray.json`.
    pub project: Option<InitProject>,
    /// Into the engineer's `.ccxray.user.json`.
    pub personal: Option<InitPersonal>,
    /// Grants what has to be asked for.
    pub yes: Option<bool>,
}

/// Settings of a project. What is left open stays as it is.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "as above")]
pub struct InitProject {
    /// The most that may leave.
    #[napi(ts_type = "0 | 1 | 2")]
    pub tier: Option<u8>,
    /// Base URL of the OTLP receiver.
    pub endpoint: Option<String>,
    /// `project.name`.
    pub project: Option<String>,
    /// `team`.
    pub team: Option<String>,
}

/// Settings of an engineer. What is left open stays as it is.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "as above")]
pub struct InitPersonal {
    /// The most that this engineer lets out.
    #[napi(ts_type = "0 | 1 | 2")]
    pub tier: Option<u8>,
    /// A name that the engineer chose, for tier 2.
    pub identity: Option<String>,
    /// `home`: for all projects. `project`: for this one. Default: `home`.
    #[napi(ts_type = "'home' | 'project'")]
    pub place: Option<String>,
}

/// What was written, or what has to be granted first.
#[napi(object, object_from_js = false)]
pub struct InitConfigResult {
    /// Files that were written.
    pub written: Vec<String>,
    /// Files that say already what was wanted.
    pub unchanged: Vec<String>,
    /// What has to be granted with `yes`; nothing was written then.
    pub asks: Vec<String>,
    /// What was agreed to thereby.
    pub trust: Option<TrustResult>,
}

/// Allows what the config of the project in `cwd` asks for: that the numbers go where it says, with
/// the variables that it names. A change of the config asks again. It counts from the next `init`.
/// With the `hash` of terms that were shown, no others are allowed.
///
/// Throws an error with the code `CCXRAY_OTEL_CONFIG` if the config cannot be used, has changed since
/// its terms were shown, or the word cannot be noted.
#[napi(
    catch_unwind,
    ts_args_type = "cwd?: string | undefined | null, options?: InitOptions | undefined | null, hash?: string | undefined | null"
)]
pub fn trust(
    env: &Env,
    cwd: Option<Unknown<'_>>,
    options: Option<Unknown<'_>>,
    hash: Option<Unknown<'_>>,
) -> Result<TrustResult> {
    let hash = hash.map(|hash| options::text_or_nothing(Reader(env.raw()), "hash", hash.raw()));
    let hash = hash.transpose().map_err(|error| refused(&error))?.flatten();
    let (cwd, environment) = look_in_directory(place(Reader(env.raw()), cwd, options)?)?;
    let consent = config::approve(&cwd, &environment, hash.as_deref(), now());
    consent.map(TrustResult::from).map_err(|error| refused(&error))
}

/// How the telemetry of a project would stand, and what it asks for. Nothing is started, printed or
/// sent; the variables that are named must be there if it is on.
///
/// Throws an error with the code `CCXRAY_OTEL_CONFIG` if the config cannot be used.
#[napi(
    catch_unwind,
    ts_args_type = "options?: InitOptions | undefined | null",
    ts_return_type = "Status"
)]
pub fn inspect(env: &Env, options: Option<Unknown<'_>>) -> Result<String> {
    let (cwd, environment) = look_in_directory(place(Reader(env.raw()), None, options)?)?;
    let status = Status::inspect(&cwd, &environment);
    status.map(|status| status.to_json()).map_err(|error| refused(&error))
}

/// Takes back what `trust` has said. Whether there was anything to take back.
#[napi(
    catch_unwind,
    ts_args_type = "cwd?: string | undefined | null, options?: InitOptions | undefined | null"
)]
pub fn untrust(env: &Env, cwd: Option<Unknown<'_>>, options: Option<Unknown<'_>>) -> Result<bool> {
    let (cwd, environment) = look_in_directory(place(Reader(env.raw()), cwd, options)?)?;
    config::revoke(&cwd, &environment).map_err(|error| refused(&error))
}

/// Writes config files and allows what they ask for. Where something has to be asked first, such as a
/// line in `.gitignore`, nothing is written before `yes` is given.
///
/// Throws an error with the code `CCXRAY_OTEL_CONFIG` if what is wanted is no usable config, or a
/// file cannot be written.
#[napi(catch_unwind, ts_args_type = "options?: InitConfigOptions | undefined | null")]
pub fn init_config(env: &Env, options: Option<Unknown<'_>>) -> Result<InitConfigResult> {
    let plan = options.map(|it| options::read_plan(Reader(env.raw()), it.raw())).transpose();
    let (options, plan) = plan.map_err(|error| refused(&error))?.unwrap_or_default();
    let (cwd, environment) = look_in_directory(options)?;
    let done = config::init(&cwd, &environment, &plan, now());
    done.map(InitConfigResult::from).map_err(|error| refused(&error))
}

/// Where to look; somebody who says something says it of a directory.
fn look_in_directory(options: Options) -> Result<(PathBuf, Environment)> {
    let (cwd, environment) = look_in(Some(options))?;
    if cwd.is_absolute() {
        return Ok((cwd, environment));
    }
    let (problem, cure) = ("it names no directory", "name the project's directory");
    Err(refused(&ConfigError::in_options("cwd", problem, cure)))
}

fn place(
    reader: Reader,
    cwd: Option<Unknown<'_>>,
    options: Option<Unknown<'_>>,
) -> Result<Options> {
    let options = options.map(|options| options::read(reader, options.raw())).transpose();
    let mut options = options.map_err(|error| refused(&error))?.unwrap_or_default();
    if let Some(cwd) = cwd {
        options.cwd = options::text_or_nothing(reader, "cwd", cwd.raw())
            .map_err(|error| refused(&error))?
            .or(options.cwd);
    }
    Ok(options)
}

#[expect(clippy::disallowed_methods, reason = "the moment of the engineer's word is noted with it")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl From<Consent> for TrustResult {
    fn from(consent: Consent) -> Self {
        let Consent { directory, terms, changes, recorded_in } = consent;
        Self {
            directory: shown(&directory),
            terms: terms.map(|terms| terms.text()),
            changes: changes.iter().map(|change| config::printable(change)).collect(),
            file: recorded_in.as_deref().map(shown),
        }
    }
}

impl From<Initialized> for InitConfigResult {
    fn from(done: Initialized) -> Self {
        let Initialized { written, unchanged, asks, consent } = done;
        Self {
            written: written.iter().map(|path| shown(path)).collect(),
            unchanged: unchanged.iter().map(|path| shown(path)).collect(),
            asks,
            trust: consent.map(TrustResult::from),
        }
    }
}
