//! `status` and `inspect`.

use crate::binding::error::Result;
use crate::binding::options::Options;
use crate::binding::reader::Reader;
use crate::pipeline;
use crate::pipeline::status::Status;
use crate::record::project_key::ProjectKey;
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;

/// The state of the telemetry of the project in `cwd`, and why. Default: the project given to
/// `init`. With a `launch`: as for the client of that launch. Never throws.
#[napi(
    catch_unwind,
    ts_args_type = "cwd?: string | undefined | null, launch?: number | undefined | null",
    ts_return_type = "Status"
)]
pub fn status(env: Env, cwd: Option<Unknown<'_>>, launch: Option<Unknown<'_>>) -> String {
    let reader = Reader::new(env);
    let directory = cwd.and_then(|cwd| reader.text(cwd.raw()));
    let launch = launch.and_then(|launch| reader.launch(launch.raw()));
    let project = directory.map(|directory| ProjectKey { directory, launch });
    pipeline::status(project.as_ref()).to_json()
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
