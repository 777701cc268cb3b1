//! `init`.

use crate::binding::error::Result;
use crate::binding::options::{Options, environment, variables_of_process};
use crate::binding::options_object::OptionsObject;
use crate::binding::reader::Reader;
use crate::pipeline;
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;

/// Starts the telemetry of a project, if its config turns it on. While telemetry is off, no thread
/// is started and no socket is opened.
///
/// There is one telemetry per process. While it runs, another call changes nothing and returns its
/// status. After `shutdown` it starts anew.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config cannot be used. The message
/// contains file, line, column, field and the cure. Nothing is started then.
#[napi(
    catch_unwind,
    ts_args_type = "options?: InitOptions | undefined | null",
    ts_return_type = "Status"
)]
pub fn init(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
    is_read_only: Option<bool>,
) -> Result<String> {
    let options = Options::read(Reader::new(env), options, process_env)?;
    let (cwd, environment) = options.locate()?;
    Ok(pipeline::start(cwd, environment, !is_read_only.unwrap_or_default())?.to_json())
}

/// Where logs, status files and approvals are, for `index.js`: it knows whether Node lets this process
/// write there. `None` if the user's home directory is unknown, or the options cannot be used.
#[napi(catch_unwind, skip_typescript)]
pub fn own_directory(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Option<String> {
    let reader = Reader::new(env);
    let options = options.map(|options| options.raw()).and_then(|it| reader.object(it));
    let options = options.map(|options| OptionsObject::unchecked(reader, options, ""));
    let options = options.as_ref();
    let home = options.and_then(|it| it.text("home").unwrap_or_default());
    let env = options.and_then(|it| it.env().unwrap_or_default());
    let env = env.unwrap_or_else(|| variables_of_process(reader, process_env));
    let directory = environment(home, env, None).own_directory()?;
    Some(directory.to_string_lossy().into_owned())
}
