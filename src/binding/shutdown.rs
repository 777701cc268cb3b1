//! `shutdown` and `shutdownSync`.

use crate::binding::error::{Result, internal_error};
use crate::binding::timeout::timeout;
use crate::pipeline::{self, MAX_SHUTDOWN};
use crate::util::reply::Reply;
use napi::Env;
use napi::bindgen_prelude::{Object, Unknown};
use napi_derive::napi;

/// Exports for the last time, and stops. Entries are rejected from now on. Resolves within
/// `timeoutMs`, whatever the backend does, and never rejects. Default and maximum: 2000 ms.
#[napi(catch_unwind, ts_args_type = "timeoutMs?: number", ts_return_type = "Promise<void>")]
pub fn shutdown<'env>(env: &'env Env, timeout_ms: Option<Unknown<'env>>) -> Result<Object<'env>> {
    let timeout = timeout(timeout_ms).unwrap_or(MAX_SHUTDOWN);
    let (deferred, promise) = env.create_deferred().map_err(internal_error)?;
    let reply = Reply::new(move |_: bool| deferred.resolve(move |_| Ok(())));
    match pipeline::current() {
        Some(pipeline) => pipeline.shutdown(timeout, reply),
        None => reply.send(true),
    }
    Ok(promise)
}

/// The same for `process.on('exit')`, where no promise can resolve. Blocks for at most `timeoutMs`.
/// Returns `true` if everything was delivered.
#[napi(catch_unwind, ts_args_type = "timeoutMs?: number", ts_return_type = "boolean")]
pub fn shutdown_sync(timeout_ms: Option<Unknown<'_>>) -> bool {
    let timeout = timeout(timeout_ms).unwrap_or(MAX_SHUTDOWN).min(MAX_SHUTDOWN);
    let Some(pipeline) = pipeline::current() else { return true };
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let reply = Reply::new(move |delivered| {
        // After the timeout there is no receiver.
        let _ = sender.send(delivered);
    });
    pipeline.shutdown(timeout, reply);
    receiver.recv_timeout(timeout).unwrap_or(false)
}
