//! `initConfig`.

use crate::binding::error::Result;
use crate::binding::options::{Options, variables_of_process};
use crate::binding::options_object::OptionsObject;
use crate::binding::reader::Reader;
use crate::binding::trust::{TrustResult, now, text_of};
use crate::config::{
    self, ConfigError, InitPlan, Initialized, PersonalPlace, PersonalPlan, ProjectPlan, Temporality,
};
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;
use std::collections::HashMap;

/// What to write.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "declares the type; `read` reads the properties one by one")]
pub struct InitConfigOptions {
    /// The project's directory. Default: the current directory.
    pub cwd: Option<String>,
    /// Your home directory. Default: `HOME` or `USERPROFILE`.
    pub home: Option<String>,
    /// The environment variables. Default: `process.env`.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<HashMap<String, String>>,
    /// Settings for the project's `.ccxray.json`.
    pub project: Option<InitProject>,
    /// Settings for your own `.ccxray.user.json`.
    pub personal: Option<InitPersonal>,
    /// Grants everything that `asks` would list. Default: `false`.
    pub yes: Option<bool>,
}

/// Settings of a project. Missing ones stay as they are in the file.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "declares the type; `project_plan` reads the properties one by one")]
pub struct InitProject {
    /// The most that may be sent.
    #[napi(ts_type = "0 | 1 | 2")]
    pub tier: Option<u8>,
    /// Base URL of the OTLP receiver.
    pub endpoint: Option<String>,
    /// The resource attribute `project.name`.
    pub project: Option<String>,
    /// The resource attribute `team`.
    pub team: Option<String>,
    /// Headers for the endpoint, with `${NAME}` for what a variable contains.
    #[napi(ts_type = "Record<string, string>")]
    pub headers: Option<HashMap<String, String>>,
    /// Aggregation temporality of sums.
    #[napi(ts_type = "'cumulative' | 'delta'")]
    pub temporality: Option<String>,
}

/// Your own settings. Missing ones stay as they are in the file.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "declares the type; `personal_plan` reads the properties one by one")]
pub struct InitPersonal {
    /// The most that you allow to be sent.
    #[napi(ts_type = "0 | 1 | 2")]
    pub tier: Option<u8>,
    /// A name that you choose, sent as `enduser.id` at tier 2.
    pub identity: Option<String>,
    /// `home`: the file in your home directory, for all projects. `project`: a file in the project,
    /// for this project only. Default: `home`.
    #[napi(ts_type = "'home' | 'project'")]
    pub place: Option<String>,
}

/// What was written, or what you have to grant first.
#[napi(object, object_from_js = false)]
pub struct InitConfigResult {
    /// Files that were written.
    pub written: Vec<String>,
    /// Files that have these settings already.
    pub unchanged: Vec<String>,
    /// What you have to grant with `yes`. If there is anything, nothing was written.
    pub asks: Vec<String>,
    /// What was approved. Absent as long as `asks` lists something.
    pub trust: Option<TrustResult>,
}

/// Writes config files, and approves what they ask for. Some steps have to be granted first, such
/// as a new line in `.gitignore`: then the result lists them, and nothing is written until you pass
/// `yes`.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the settings are not a usable config, or a
/// file cannot be written.
#[napi(catch_unwind, ts_args_type = "options?: InitConfigOptions | undefined | null")]
pub fn init_config(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<InitConfigResult> {
    let (options, plan) = read(Reader::new(env), options, process_env)?;
    let (cwd, environment) = options.locate_directory()?;
    Ok(config::init(&cwd, &environment, &plan, now())?.into())
}

fn read(
    reader: Reader,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> std::result::Result<(Options, InitPlan), ConfigError> {
    let names = ["cwd", "home", "env", "project", "personal", "yes"];
    let options = options.map(|options| options.raw());
    let options = options.map(|it| OptionsObject::open(reader, it, "", &names)).transpose()?;
    let Some(options) = options.flatten() else {
        let env = variables_of_process(reader, process_env);
        return Ok((Options { env, ..Options::default() }, InitPlan::default()));
    };
    let names = ["tier", "endpoint", "project", "team", "headers", "temporality"];
    let project = options.object("project", &names)?;
    let personal = options.object("personal", &["tier", "identity", "place"])?;
    let plan = InitPlan {
        project: project.as_ref().map(project_plan).transpose()?,
        personal: personal.as_ref().map(personal_plan).transpose()?,
        yes: options.flag("yes")?,
    };
    let (cwd, home) = (options.text("cwd")?, options.text("home")?);
    let env = options.env()?.unwrap_or_else(|| variables_of_process(reader, process_env));
    Ok((Options { cwd, home, env, host_version: None }, plan))
}

fn project_plan(options: &OptionsObject<'_>) -> std::result::Result<ProjectPlan, ConfigError> {
    Ok(ProjectPlan {
        tier: options.tier()?,
        endpoint: options.text("endpoint")?,
        project: options.text("project")?,
        team: options.text("team")?,
        headers: options.strings("headers")?.unwrap_or_default(),
        temporality: temporality(options)?,
    })
}

fn temporality(
    options: &OptionsObject<'_>,
) -> std::result::Result<Option<Temporality>, ConfigError> {
    match options.text("temporality")?.as_deref() {
        None => Ok(None),
        Some("cumulative") => Ok(Some(Temporality::Cumulative)),
        Some("delta") => Ok(Some(Temporality::Delta)),
        Some(other) => {
            let supported = "\"cumulative\" or \"delta\"";
            Err(options.unsupported("temporality", other, "a temporality", supported))
        }
    }
}

fn personal_plan(options: &OptionsObject<'_>) -> std::result::Result<PersonalPlan, ConfigError> {
    let place = match options.text("place")?.as_deref() {
        None | Some("home") => PersonalPlace::Home,
        Some("project") => PersonalPlace::Project,
        Some(other) => {
            let supported = "\"home\" or \"project\"";
            return Err(options.unsupported("place", other, "a place", supported));
        }
    };
    Ok(PersonalPlan { tier: options.tier()?, identity: options.text("identity")?, place })
}

impl From<Initialized> for InitConfigResult {
    fn from(done: Initialized) -> Self {
        let Initialized { written, unchanged, asks, consent } = done;
        Self {
            written: written.iter().map(|path| text_of(path)).collect(),
            unchanged: unchanged.iter().map(|path| text_of(path)).collect(),
            asks,
            trust: consent.map(TrustResult::from),
        }
    }
}
