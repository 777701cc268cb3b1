//! `flush` and `deliverPending`.

use crate::binding::error::{Result, internal_error};
use crate::binding::timeout::timeout;
use crate::pipeline::{self, Pipeline};
use crate::util::reply::Reply;
use napi::Env;
use napi::bindgen_prelude::{Object, Unknown};
use napi_derive::napi;
use std::time::Duration;

/// The timeout of a flush, if the caller gives none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest timeout of a flush.
const MAX_TIMEOUT: Duration = Duration::from_mins(1);

/// Exports everything that was recorded so far. Resolves to `true` if all of it was delivered
/// within `timeoutMs`, and never rejects. Default: 10000 ms; at most 60000 ms. Node stays alive
/// until the promise resolves.
///
/// At the resolution of an hour or a day nothing is sent now, because that would tell when you work. It resolves
/// to `true` if everything is in a file, from which it is sent later.
#[napi(catch_unwind, ts_args_type = "timeoutMs?: number", ts_return_type = "Promise<boolean>")]
pub fn flush<'env>(env: &'env Env, timeout_ms: Option<Unknown<'env>>) -> Result<Object<'env>> {
    deliver(env, timeout_ms, Pipeline::flush)
}

/// Sends what waits for the projects of this process: what ended processes have left and, at the resolution of an
/// hour or a day, what was recorded in periods that have ended. Only for a person who asks for it: the request tells
/// when that was. Resolves to `true` if all of it was delivered within `timeoutMs`, and never rejects. Default:
/// 10000 ms; at most 60000 ms.
#[napi(catch_unwind, ts_args_type = "timeoutMs?: number", ts_return_type = "Promise<boolean>")]
pub fn deliver_pending<'env>(
    env: &'env Env,
    timeout_ms: Option<Unknown<'env>>,
) -> Result<Object<'env>> {
    deliver(env, timeout_ms, Pipeline::deliver_pending)
}

fn deliver<'env>(
    env: &'env Env,
    timeout_ms: Option<Unknown<'env>>,
    start: impl FnOnce(&Pipeline, Duration, Reply),
) -> Result<Object<'env>> {
    let timeout = timeout(timeout_ms).unwrap_or(DEFAULT_TIMEOUT).min(MAX_TIMEOUT);
    let (deferred, promise) = env.create_deferred().map_err(internal_error)?;
    let reply = Reply::new(move |delivered: bool| deferred.resolve(move |_| Ok(delivered)));
    match pipeline::current() {
        Some(pipeline) => start(&pipeline, timeout, reply),
        None => reply.send(true),
    }
    Ok(promise)
}
