//! `probe`.

use crate::binding::error::{Result, internal_error};
use crate::binding::options::Options;
use crate::binding::reader::Reader;
use crate::pipeline;
use crate::pipeline::probe::ProbeReport;
use crate::util::reply::Reply;
use napi::bindgen_prelude::{JsValue, Object, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;

/// Sends one empty request to the backend of a project, on the way of an export, and reports each step. With
/// `withPoint` also one data point of the metric `ccxray.otel.check`. If the project does not export, because it
/// is off or you have not approved it, no connection is opened. Waits for each request as long as for an
/// export: 10 seconds unless the config says otherwise. Never rejects. Node stays alive until the promise
/// resolves.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if an option cannot be used.
#[napi(
    catch_unwind,
    ts_args_type = "options?: InitOptions | undefined | null, withPoint?: boolean | undefined | null",
    ts_return_type = "Promise<Probe>"
)]
pub fn probe<'env>(
    env: &'env Env,
    options: Option<Unknown<'env>>,
    with_point: Option<Unknown<'env>>,
    process_env: Option<Unknown<'env>>,
) -> Result<Object<'env>> {
    let options = Options::read(Reader::new(*env), options, process_env)?;
    let (cwd, environment) = options.locate_directory()?;
    let is_boolean = |it: &Unknown<'_>| it.get_type().is_ok_and(|it| it == ValueType::Boolean);
    let with_point = with_point.filter(is_boolean);
    let with_point = with_point.and_then(|it| it.coerce_to_bool().ok()).unwrap_or(false);
    let (deferred, promise) = env.create_deferred().map_err(internal_error)?;
    let reply = Reply::new(move |report: ProbeReport| {
        let json = report.to_json();
        deferred.resolve(move |_| Ok(json));
    });
    pipeline::probe::probe(cwd, environment, with_point, reply);
    Ok(promise)
}
