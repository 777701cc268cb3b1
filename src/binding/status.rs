//! `status` and `inspect`.

use crate::binding::error::Result;
use crate::binding::options::Options;
use crate::binding::reader::Reader;
use crate::pipeline;
use crate::pipeline::status::Status;
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;

/// The state of the telemetry of the project in `cwd`, and why. Default: the project given to
/// `init`. Never throws.
#[napi(catch_unwind, ts_args_type = "cwd?: string | undefined | null", ts_return_type = "Status")]
pub fn status(env: Env, cwd: Option<Unknown<'_>>) -> String {
    let cwd = cwd.and_then(|cwd| Reader::new(env).text(cwd.raw()));
    pipeline::status(cwd.as_deref()).to_json()
}

/// The status that a project would have after `init`, and what it asks for. Nothing is started,
/// printed or sent. If telemetry is on, the environment variables that the config names must be
/// set.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config cannot be used.
#[napi(
    catch_unwind,
    ts_args_type = "options?: InitOptions | undefined | null",
    ts_return_type = "Status"
)]
pub fn inspect(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<String> {
    let options = Options::read(Reader::new(env), options, process_env)?;
    let (cwd, environment) = options.locate_directory()?;
    Ok(Status::inspect(&cwd, &environment)?.to_json())
}
