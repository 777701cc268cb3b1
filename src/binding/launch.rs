//! `launch` and `notice`, for a host that serves the clients of several launches.

use crate::binding::error::Result;
use crate::binding::options::{Options, environment, variables_of_process};
use crate::binding::options_object::OptionsObject;
use crate::binding::reader::Reader;
use crate::config::{SystemCertificates, Variables};
use crate::pipeline;
use crate::record::launch_id::LaunchId;
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;
use std::collections::HashMap;

/// The environment in which a client was started.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "declares the type; `launch` reads the properties one by one")]
pub struct LaunchOptions {
    /// The user's home directory. Default: `HOME` or `USERPROFILE` in `env`.
    pub home: Option<String>,
    /// The environment variables whose values are known. Default: none.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<HashMap<String, String>>,
    /// The names of variables that are set to values that this process does not know. A config that
    /// needs one of them cannot be used.
    pub withheld: Option<Vec<String>>,
}

/// Registers the launch of a client, if your process serves several clients. The entries that name it
/// in `parts.launch` are counted by its variables and by the files in its home directory; the
/// variables of your own process do not count for them. Launches with the same options have the same
/// number. 256 are remembered. Nothing is counted for a launch that is forgotten.
///
/// Returns `undefined` if telemetry has not been started with `init`.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if an option has the wrong type.
#[napi(
    catch_unwind,
    ts_args_type = "options?: LaunchOptions | undefined | null",
    ts_return_type = "number | undefined"
)]
pub fn launch(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<Option<u32>> {
    let reader = Reader::new(env);
    let names = ["home", "env", "withheld"];
    let options = options.map(|options| options.raw());
    let options = options.map(|it| OptionsObject::open(reader, it, "", &names)).transpose()?;
    let (mut home, mut variables) = (None, Variables::default());
    if let Some(options) = options.flatten() {
        home = options.text("home")?;
        variables = options.env()?.unwrap_or_default().with_withheld(options.texts("withheld")?);
    }
    // Where the certificates of the system are is the same for every launch on it.
    let of_process = variables_of_process(reader, process_env);
    variables.add_missing(&SystemCertificates::VARIABLES, &of_process);
    let launch = pipeline::add_launch(environment(home, variables, None));
    Ok(launch.map(|LaunchId(number)| number))
}

/// The line that `init` would print for a project: what is sent where, or why nothing is sent. Nothing
/// is started, printed or sent. Returns `undefined` if `init` would print nothing, because telemetry is
/// off.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config cannot be used.
#[napi(
    catch_unwind,
    ts_args_type = "options?: InitOptions | undefined | null",
    ts_return_type = "string | undefined"
)]
pub fn notice(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<Option<String>> {
    let options = Options::read(Reader::new(env), options, process_env)?;
    let (cwd, environment) = options.locate_directory()?;
    Ok(pipeline::notice(&cwd, &environment)?)
}
