//! `pending` and `clearPending`.

use crate::binding::error::Result;
use crate::binding::options::Options;
use crate::binding::reader::Reader;
use crate::binding::trust::not_removed;
use crate::pipeline;
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

/// What waits to be delivered, in files of this user: what ended processes and processes with failing
/// exports have left. The oldest is first.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if an option cannot be used.
#[napi(
    catch_unwind,
    ts_args_type = "options?: InitOptions | undefined | null",
    ts_return_type = "Array<PendingFile>"
)]
pub fn pending(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<String> {
    let options = Options::read(Reader::new(env), options, process_env)?;
    let (_, environment) = options.locate_directory()?;
    Ok(serde_json::to_string(&pipeline::pending(&environment)).unwrap_or_default())
}

/// Deletes what waits to be delivered, of all projects of this user. Returns how many files there were.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if an option cannot be used, or a file cannot be
/// deleted.
#[napi(catch_unwind, ts_args_type = "options?: InitOptions | undefined | null")]
pub fn clear_pending(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<u32> {
    let options = Options::read(Reader::new(env), options, process_env)?;
    let (_, environment) = options.locate_directory()?;
    let removed = pipeline::clear_pending(&environment).map_err(not_removed)?;
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}
