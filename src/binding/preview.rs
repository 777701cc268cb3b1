//! `preview`.

use crate::binding::reader::Reader;
use crate::pipeline;
use crate::record::project_key::ProjectKey;
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;

/// The next request body of the project in `cwd` as OTLP/JSON, with everything that was recorded so
/// far. The values of environment variables are masked. Nothing is sent. Default: the project given
/// to `init`. Waits for the worker thread, at most 2 seconds.
#[napi(catch_unwind, ts_args_type = "cwd?: string | undefined | null")]
pub fn preview(env: Env, cwd: Option<Unknown<'_>>) -> String {
    let cwd = cwd.and_then(|cwd| Reader::new(env).text(cwd.raw()));
    let project = cwd.as_deref().map(ProjectKey::from);
    pipeline::preview(project.as_ref())
}
