//! The JavaScript surface. It translates, and decides nothing.
//!
//! `Status` and `ParserReport` cross as JSON, which `index.js` parses; `types.d.ts` declares them.
//!
//! Text is copied out of JavaScript before a call returns; no reference to the caller's memory is
//! kept, for that has crashed Node when an environment ended with references still queued.

#![allow(unreachable_pub, reason = "exported to JS by napi, not to Rust")]

mod consent;
mod options;
mod reader;
mod report;

use crate::config::{ConfigError, Environment, Variables};
use crate::entry::payload::Payload;
use crate::entry::quota_header_names;
use crate::pipeline::{self, MAX_SHUTDOWN, Pipeline};
use crate::record::queue::{Entry, Parts};
use crate::util::reply::Reply;
use napi::bindgen_prelude::{JsValue, Object, Unknown};
use napi::{Env, ValueType, sys};
use napi_derive::napi;
use options::Options;
use reader::{Copied, Property, Reader};
use std::collections::HashMap;
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

/// How long `flush` waits if nothing else is said.
const DEFAULT_FLUSH: Duration = Duration::from_secs(10);
/// How long `flush` waits at most.
const MAX_FLUSH: Duration = Duration::from_mins(1);

/// Where to look for the config.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "it documents the shape; `options` reads the properties one by one")]
pub struct InitOptions {
    /// The project's directory. Default: the process's own.
    pub cwd: Option<String>,
    /// The engineer's home directory. Default: `HOME` or `USERPROFILE`.
    pub home: Option<String>,
    /// The environment to use. Default: the process's own.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<HashMap<String, String>>,
    /// The host's version, for `service.version`.
    pub host_version: Option<String>,
}

/// What the host holds beside the entry. Everything is optional.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "it documents the shape; `record` reads the properties one by one")]
pub struct RecordParts {
    /// The request as JSON, whole or an excerpt of the same shape.
    #[napi(ts_type = "string | Uint8Array")]
    pub request: Option<String>,
    /// The response as the host stores it in `<id>_res.json`.
    #[napi(ts_type = "string | Uint8Array")]
    pub response: Option<String>,
    /// The upstream's response headers, names in lower case. Only the rate-limit family is read.
    #[napi(ts_type = "Record<string, string | string[] | undefined>")]
    pub headers: Option<HashMap<String, String>>,
    /// The client's project directory, when the process serves several.
    pub cwd: Option<String>,
}

/// The codes of errors thrown from here.
#[derive(Clone, Copy, Debug)]
pub enum ErrorCode {
    /// The config cannot be used.
    Config,
    /// A defect of this package.
    Internal,
}

impl AsRef<str> for ErrorCode {
    fn as_ref(&self) -> &str {
        match self {
            Self::Config => "CCXRAY_OTEL_CONFIG",
            Self::Internal => "CCXRAY_OTEL_INTERNAL",
        }
    }
}

type Result<T> = std::result::Result<T, napi::Error<ErrorCode>>;

/// Starts the telemetry of a project. Called again, it returns the running one's status.
///
/// Throws an error with the code `CCXRAY_OTEL_CONFIG` if the config cannot be used. The message
/// names file, line, column, field and the cure. Nothing is started then.
#[napi(
    catch_unwind,
    ts_args_type = "options?: InitOptions | undefined | null",
    ts_return_type = "Status"
)]
pub fn init(env: &Env, options: Option<Unknown<'_>>) -> Result<String> {
    let reader = Reader(env.raw());
    let options = options.map(|options| options::read(reader, options.raw())).transpose();
    let (cwd, environment) = look_in(options.map_err(|error| refused(&error))?)?;
    pipeline::start(cwd, environment)
        .map(|status| status.to_json())
        .map_err(|error| refused(&error))
}

/// Where to look for a config; what is left open is the process's own.
fn look_in(options: Option<Options>) -> Result<(PathBuf, Environment)> {
    let Options { cwd, home, env, host_version } = options.unwrap_or_default();
    let cwd = match cwd {
        Some(cwd) => PathBuf::from(cwd),
        None => std::env::current_dir().map_err(|_| {
            let problem = "the current directory is not there";
            refused(&ConfigError::in_options("cwd", problem, "name the project's directory"))
        })?,
    };
    let cwd = std::path::absolute(&cwd).unwrap_or(cwd);
    Ok((cwd, environment(home, env, host_version)))
}

/// What is around a config; what is left open is the process's own.
fn environment(
    home: Option<String>,
    env: Option<Variables>,
    host_version: Option<String>,
) -> Environment {
    let env = env.unwrap_or_else(Variables::of_process);
    let home =
        home.or_else(|| env.get("HOME").or_else(|| env.get("USERPROFILE")).map(str::to_owned));
    Environment { home: home.map(PathBuf::from), variables: env, host_version }
}

fn refused(error: &ConfigError) -> napi::Error<ErrorCode> {
    napi::Error::new(ErrorCode::Config, error.to_string())
}

/// Hands over one finished turn: an index line, or a whole entry. Never throws, never waits.
/// What is handed over waits in a queue of 2048 entries or 64 MiB; a string counts two bytes a
/// character. Beyond that the oldest gives way.
///
/// `false` if it was not taken in: telemetry is off, it is neither a string nor bytes, or `parts.cwd` is no
/// string, so that nobody can tell whose turn it is.
#[napi(
    ts_args_type = "entry: string | Uint8Array, parts?: RecordParts | undefined | null",
    ts_return_type = "boolean"
)]
pub fn record(env: &Env, entry: Unknown<'_>, parts: Option<Unknown<'_>>) -> bool {
    // No lock is held while the caller's own getters run: one of them may call `init`.
    let enqueue_entry = || {
        pipeline::current().is_some_and(|pipeline| {
            enqueue_entry(Reader(env.raw()), &pipeline, entry.raw(), parts.map(|parts| parts.raw()))
        })
    };
    catch_unwind(AssertUnwindSafe(enqueue_entry)).unwrap_or(false)
}

fn enqueue_entry(
    reader: Reader,
    pipeline: &Pipeline,
    entry: sys::napi_value,
    parts: Option<sys::napi_value>,
) -> bool {
    let parts = parts.and_then(|parts| reader.object(parts));
    let property =
        |name: &CStr| parts.map_or(Property::Absent, |parts| reader.property(parts, name));
    let cwd = match property(c"cwd") {
        Property::Absent => None,
        Property::Is(cwd) => match reader.text(cwd) {
            Some(cwd) => Some(cwd).filter(|cwd| !cwd.is_empty()),
            // Whose turn it is cannot be told, and it must not be counted for another project.
            None => return refuse(pipeline),
        },
        Property::Throws => return refuse(pipeline),
    };
    if !pipeline.accepts(cwd.as_deref()) {
        return false;
    }
    let entry = match reader.payload(entry) {
        Copied::Payload(entry) => entry,
        Copied::TooLarge => return reject_too_large(pipeline),
        Copied::NotText => return refuse(pipeline),
    };
    let parts = match parts.map(|_| read_parts(reader, property, cwd)).transpose() {
        Ok(parts) => parts.map(Box::new),
        Err(TooLarge) => return reject_too_large(pipeline),
    };
    pipeline.enqueue(Entry { entry, parts })
}

fn read_parts(
    reader: Reader,
    property: impl Fn(&CStr) -> Property,
    cwd: Option<String>,
) -> std::result::Result<Parts, TooLarge> {
    let part = |name: &CStr| match property(name) {
        Property::Is(part) => small(reader.payload(part)),
        Property::Absent | Property::Throws => Ok(None),
    };
    let headers = match property(c"headers") {
        Property::Is(headers) => reader.object(headers),
        Property::Absent | Property::Throws => None,
    };
    let headers = headers.map(|headers| reader.headers(headers, quota_header_names()));
    Ok(Parts {
        request: part(c"request")?,
        response: part(c"response")?,
        headers: headers.unwrap_or_default(),
        cwd,
    })
}

/// The part is too large to be copied.
struct TooLarge;

/// A part, if it is there and of a usable type.
fn small(part: Copied) -> std::result::Result<Option<Payload>, TooLarge> {
    match part {
        Copied::Payload(part) => Ok(Some(part)),
        Copied::NotText => Ok(None),
        Copied::TooLarge => Err(TooLarge),
    }
}

fn refuse(pipeline: &Pipeline) -> bool {
    pipeline.reject();
    false
}

fn reject_too_large(pipeline: &Pipeline) -> bool {
    pipeline.reject_too_large();
    false
}

/// How the telemetry of the project in `cwd` stands. Default: the project given to `init`.
#[napi(catch_unwind, ts_args_type = "cwd?: string | undefined | null", ts_return_type = "Status")]
pub fn status(env: &Env, cwd: Option<Unknown<'_>>) -> String {
    let cwd = cwd.and_then(|cwd| Reader(env.raw()).text(cwd.raw()));
    pipeline::status(cwd.as_deref()).to_json()
}

/// The next request body of the project in `cwd` as OTLP/JSON, with everything recorded so far.
/// Nothing is sent.
#[napi(catch_unwind, ts_args_type = "cwd?: string | undefined | null")]
pub fn preview(env: &Env, cwd: Option<Unknown<'_>>) -> String {
    let cwd = cwd.and_then(|cwd| Reader(env.raw()).text(cwd.raw()));
    pipeline::preview(cwd.as_deref())
}

/// Exports everything recorded so far. Resolves to whether all of it was delivered in time.
/// Default: 10000 ms; at most 60000 ms. Like any promise that is awaited, it keeps Node alive.
#[napi(catch_unwind, ts_args_type = "timeoutMs?: number", ts_return_type = "Promise<boolean>")]
pub fn flush<'env>(env: &'env Env, timeout_ms: Option<Unknown<'env>>) -> Result<Object<'env>> {
    let timeout = milliseconds(timeout_ms).unwrap_or(DEFAULT_FLUSH).min(MAX_FLUSH);
    let (deferred, promise) = env.create_deferred().map_err(|error| internal(&error))?;
    let reply = Reply::new(move |delivered: bool| deferred.resolve(move |_| Ok(delivered)));
    match pipeline::current() {
        Some(pipeline) => pipeline.flush(timeout, reply),
        None => reply.give(true),
    }
    Ok(promise)
}

/// Exports everything for the last time and stops. Resolves within `timeoutMs`, whatever the
/// backend does. Default and limit: 2000 ms.
#[napi(catch_unwind, ts_args_type = "timeoutMs?: number", ts_return_type = "Promise<void>")]
pub fn shutdown<'env>(env: &'env Env, timeout_ms: Option<Unknown<'env>>) -> Result<Object<'env>> {
    let timeout = milliseconds(timeout_ms).unwrap_or(MAX_SHUTDOWN);
    let (deferred, promise) = env.create_deferred().map_err(|error| internal(&error))?;
    let reply = Reply::new(move |_: bool| deferred.resolve(move |_| Ok(())));
    match pipeline::current() {
        Some(pipeline) => pipeline.shutdown(timeout, reply),
        None => reply.give(true),
    }
    Ok(promise)
}

/// The same for `process.on('exit')`, which cannot wait for a promise. `true` if all was delivered.
#[napi(catch_unwind, ts_args_type = "timeoutMs?: number", ts_return_type = "boolean")]
pub fn shutdown_sync(timeout_ms: Option<Unknown<'_>>) -> bool {
    let timeout = milliseconds(timeout_ms).unwrap_or(MAX_SHUTDOWN).min(MAX_SHUTDOWN);
    let Some(pipeline) = pipeline::current() else { return true };
    let (tell, told) = crossbeam_channel::bounded(1);
    let reply = Reply::new(move |delivered| {
        // Nobody listens any more once the time is over.
        let _ = tell.send(delivered);
    });
    pipeline.shutdown(timeout, reply);
    told.recv_timeout(timeout).unwrap_or(false)
}

fn internal(error: &napi::Error) -> napi::Error<ErrorCode> {
    napi::Error::new(ErrorCode::Internal, error.reason.clone())
}

/// A number of milliseconds of at least zero; anything else is as good as nothing.
fn milliseconds(value: Option<Unknown<'_>>) -> Option<Duration> {
    let value =
        value.filter(|value| value.get_type().is_ok_and(|kind| kind == ValueType::Number))?;
    let milliseconds = value.coerce_to_number().and_then(|number| number.get_double()).ok()?;
    Duration::try_from_secs_f64(milliseconds / 1e3).ok()
}
