//! `init`.

use crate::binding::error::Result;
use crate::binding::options::Options;
use crate::binding::reader::Reader;
use crate::pipeline;
use napi::Env;
use napi::bindgen_prelude::Unknown;
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
pub fn init(env: Env, options: Option<Unknown<'_>>) -> Result<String> {
    let (cwd, environment) = Options::read(Reader::new(env), options)?.locate()?;
    Ok(pipeline::start(cwd, environment)?.to_json())
}
