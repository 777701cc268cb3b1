//! The JavaScript surface. It translates, and decides nothing.
//!
//! Text is copied out of JavaScript before a call returns; no reference to the caller's memory is
//! kept, for that has crashed Node when an environment ended with references still queued.

#![allow(unreachable_pub, reason = "exported to JS by napi, not to Rust")]

use crate::config::{ConfigError, Env as Environment, Surroundings};
use crate::entry::quota_header_names;
use crate::export::exporter::Reply;
use crate::export::project::Exports;
use crate::ingest::{Counts, DropReason, Entry};
use crate::introspect::status;
use crate::metrics::registry::EXPORT_DROP_REASONS;
use crate::payload::Payload;
use crate::pipeline::{self, MAX_ENTRY_BYTES, MAX_SHUTDOWN};
use napi::bindgen_prelude::{JsValue, Object, Unknown};
use napi::{Env, ValueType, sys};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::ptr;
use std::time::Duration;

/// How long `flush` waits if nothing else is said.
const DEFAULT_FLUSH: Duration = Duration::from_secs(10);
/// How long `flush` waits at most.
const MAX_FLUSH: Duration = Duration::from_mins(1);

/// Where to look for the config.
#[napi(object, object_to_js = false)]
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct InitOptions {
    /// The project's directory. Default: the process's own.
    pub cwd: Option<String>,
    /// The engineer's home directory. Default: `HOME` or `USERPROFILE`.
    pub home: Option<String>,
    /// The environment to use. Default: the process's own.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<HashMap<String, Option<String>>>,
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

/// Where the telemetry of a project stands.
#[napi(string_enum = "snake_case")]
#[derive(Debug)]
pub enum State {
    /// Off: nothing is collected and nothing leaves.
    Disabled,
    /// Exporting.
    Active,
    /// It should export, and cannot.
    Degraded,
    /// Too many failures; waiting before the next try.
    CircuitOpen,
    /// One try is out.
    HalfOpen,
}

/// How the telemetry of a project stands, and why. Holds no secret.
#[napi(object, object_from_js = false)]
pub struct Status {
    /// Where it stands.
    pub state: State,
    /// Why it is not `active`, or why the last export failed.
    pub reason: Option<String>,
    /// The effective tier: 0 disabled, 1 anonymous, 2 named.
    #[napi(ts_type = "0 | 1 | 2")]
    pub tier: u8,
    /// Whose word the tier is.
    pub decided_by: String,
    /// Where requests go: scheme, host, port and path.
    pub endpoint: Option<String>,
    /// `project.name`.
    pub project: Option<String>,
    /// `team`.
    pub team: Option<String>,
    /// Time between exports.
    pub interval_seconds: Option<f64>,
    /// The version of this package.
    pub version: String,
    /// Every setting that was made, and where.
    pub settings: Vec<Setting>,
    /// What the engineer should know.
    pub warnings: Vec<String>,
    /// What became of the entries of the whole process.
    pub entries: Entries,
    /// How the project's exports have gone.
    pub exports: ExportCounts,
}

/// One setting and where it was made.
#[napi(object, object_from_js = false)]
pub struct Setting {
    /// The setting's name.
    pub name: String,
    /// Its value; secrets are masked.
    pub value: String,
    /// A file, a variable, or `default`.
    pub source: String,
}

/// What became of entries. At every moment `accepted = processed + dropped + queued`.
#[napi(object, object_from_js = false)]
pub struct Entries {
    /// Entries taken in.
    pub accepted: i64,
    /// Entries counted in the metrics.
    pub processed: i64,
    /// Entries that wait.
    pub queued: i64,
    /// Bytes that wait.
    pub queued_bytes: i64,
    /// Calls of `record` that brought nothing usable, or came while off.
    pub rejected: i64,
    /// Entries taken in and not counted, by reason.
    pub dropped: BTreeMap<String, i64>,
}

/// How exports have gone.
#[napi(object, object_from_js = false)]
pub struct ExportCounts {
    /// Exports tried.
    pub attempted: i64,
    /// Exports that the backend took.
    pub delivered: i64,
    /// Exports that failed.
    pub failed: i64,
    /// Failures since the last success.
    pub consecutive_failures: i64,
    /// When the last one was taken, Unix milliseconds.
    pub last_success_at_ms: Option<i64>,
    /// When the last one failed, Unix milliseconds.
    pub last_failure_at_ms: Option<i64>,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// Exports given up, by reason.
    pub dropped: BTreeMap<String, i64>,
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
#[napi(catch_unwind)]
pub fn init(#[napi(ts_arg_type = "InitOptions")] options: Option<Value>) -> Result<Status> {
    let options = match options {
        None | Some(Value::Null) => InitOptions::default(),
        Some(value) => serde_path_to_error::deserialize(value).map_err(|error| {
            let field = error.path().to_string();
            let field = if field == "." { "" } else { &field };
            let problem = error.inner().to_string();
            refused(&ConfigError::in_options(field, &problem, "correct this option"))
        })?,
    };
    let InitOptions { cwd, home, env, host_version } = options;
    let env = match env {
        None => Environment::of_process(),
        Some(vars) => vars.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
    };
    let home =
        home.or_else(|| env.get("HOME").or_else(|| env.get("USERPROFILE")).map(str::to_owned));
    let cwd = match cwd {
        Some(cwd) => PathBuf::from(cwd),
        None => std::env::current_dir().map_err(|_| {
            let problem = "the current directory is not there";
            refused(&ConfigError::in_options("cwd", problem, "name the project's directory"))
        })?,
    };
    let surroundings = Surroundings { home: home.map(PathBuf::from), env, host_version };
    pipeline::start(cwd, surroundings).map(Status::from).map_err(|error| refused(&error))
}

fn refused(error: &ConfigError) -> napi::Error<ErrorCode> {
    napi::Error::new(ErrorCode::Config, error.to_string())
}

/// Hands over one finished turn: an index line, or a whole entry. Never throws, never waits.
///
/// `false` if it was not taken in: telemetry is off, or it is neither a string nor bytes.
#[napi(
    ts_args_type = "entry: string | Uint8Array, parts?: RecordParts | undefined | null",
    ts_return_type = "boolean"
)]
pub fn record(env: &Env, entry: Unknown<'_>, parts: Option<Unknown<'_>>) -> bool {
    let handed_over = catch_unwind(AssertUnwindSafe(|| {
        pipeline::with(|pipeline| {
            let reader = Reader(env.raw());
            let parts = parts.and_then(|parts| reader.object(parts.raw()));
            let cwd = parts.and_then(|parts| reader.text(reader.property(parts, c"cwd")?));
            if !pipeline.wants(cwd.as_deref()) {
                return false;
            }
            let entry = match reader.payload(entry.raw()) {
                Copied::Payload(entry) => entry,
                Copied::TooLarge => {
                    pipeline.turn_away();
                    return false;
                }
                Copied::NotText => {
                    pipeline.reject();
                    return false;
                }
            };
            let part = |name| match reader.payload(reader.property(parts?, name)?) {
                Copied::Payload(part) => Some(part),
                Copied::TooLarge | Copied::NotText => None,
            };
            let headers =
                parts.and_then(|parts| reader.object(reader.property(parts, c"headers")?));
            let entry = Entry {
                entry,
                request: part(c"request"),
                response: part(c"response"),
                headers: headers.map_or_else(Vec::new, |headers| reader.quota_headers(headers)),
                cwd,
            };
            pipeline.offer(entry)
        })
    }));
    Reader(env.raw()).forget_exception();
    handed_over.ok().flatten().unwrap_or(false)
}

/// How the telemetry of the project in `cwd` stands. Default: the project given to `init`.
#[napi(catch_unwind, ts_args_type = "cwd?: string | undefined | null")]
pub fn status(env: &Env, cwd: Option<Unknown<'_>>) -> Status {
    let cwd = cwd.and_then(|cwd| Reader(env.raw()).text(cwd.raw()));
    pipeline::status(cwd.as_deref()).into()
}

/// The next request body of the project in `cwd` as OTLP/JSON, with everything recorded so far.
/// Nothing is sent.
#[napi(catch_unwind, ts_args_type = "cwd?: string | undefined | null")]
pub fn preview(env: &Env, cwd: Option<Unknown<'_>>) -> String {
    let cwd = cwd.and_then(|cwd| Reader(env.raw()).text(cwd.raw()));
    pipeline::preview(cwd.as_deref())
}

/// Exports everything recorded so far. Resolves to whether all of it was delivered in time.
/// Default: 10000 ms; at most 60000 ms.
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

/// What copying a value out of JavaScript came to.
enum Copied {
    Payload(Payload),
    TooLarge,
    NotText,
}

/// Reads JS values by Node-API's own calls: the cheapest way, and none of them throws.
#[derive(Clone, Copy)]
struct Reader(sys::napi_env);

#[expect(
    unsafe_code,
    reason = "calls into Node-API with an environment and values of this very call"
)]
impl Reader {
    /// Copies a string or a `Uint8Array`.
    fn payload(self, value: sys::napi_value) -> Copied {
        let mut units = 0;
        // SAFETY: with no buffer only the length is written.
        let status = unsafe {
            sys::napi_get_value_string_utf16(self.0, value, ptr::null_mut(), 0, &raw mut units)
        };
        if status != sys::Status::napi_ok {
            return self.bytes(value);
        }
        if units > MAX_ENTRY_BYTES / 2 {
            return Copied::TooLarge;
        }
        let mut text: Vec<u16> = Vec::with_capacity(units + 1);
        let mut written = 0;
        // SAFETY: the buffer holds `units` and the terminating zero; that many are initialised.
        let status = unsafe {
            let buffer = text.as_mut_ptr();
            sys::napi_get_value_string_utf16(self.0, value, buffer, units + 1, &raw mut written)
        };
        if status != sys::Status::napi_ok || written > units {
            return Copied::NotText;
        }
        // SAFETY: `written` units were written, and fit.
        unsafe { text.set_len(written) };
        Copied::Payload(Payload::Utf16(text))
    }

    fn bytes(self, value: sys::napi_value) -> Copied {
        let mut is_array = false;
        // SAFETY: only writes the answer.
        unsafe { sys::napi_is_typedarray(self.0, value, &raw mut is_array) };
        if !is_array {
            return Copied::NotText;
        }
        let (mut kind, mut length, mut data) = (0, 0, ptr::null_mut());
        // SAFETY: the value is a typed array; what is not wanted may be null.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.0,
                value,
                &raw mut kind,
                &raw mut length,
                &raw mut data,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        let is_bytes = kind == sys::TypedarrayType::uint8_array
            || kind == sys::TypedarrayType::uint8_clamped_array;
        if status != sys::Status::napi_ok || !is_bytes {
            return Copied::NotText;
        }
        if length > MAX_ENTRY_BYTES {
            return Copied::TooLarge;
        }
        let mut bytes: Vec<u8> = Vec::with_capacity(length);
        if !data.is_null() {
            // SAFETY: `data` holds `length` bytes until this call returns to JavaScript, and so
            // does `bytes`. A copy through raw pointers, for a SharedArrayBuffer may change
            // meanwhile: then some bytes are old and some new, and the text is malformed.
            unsafe {
                ptr::copy_nonoverlapping(data.cast::<u8>(), bytes.as_mut_ptr(), length);
                bytes.set_len(length);
            }
        }
        Copied::Payload(Payload::Utf8(bytes))
    }

    /// The value, if it is an object.
    fn object(self, value: sys::napi_value) -> Option<sys::napi_value> {
        let mut kind = 0;
        // SAFETY: only writes the answer.
        let status = unsafe { sys::napi_typeof(self.0, value, &raw mut kind) };
        (status == sys::Status::napi_ok && kind == sys::ValueType::napi_object).then_some(value)
    }

    /// A property of an object; `None` if reading it throws.
    fn property(self, object: sys::napi_value, name: &std::ffi::CStr) -> Option<sys::napi_value> {
        let mut value = ptr::null_mut();
        // SAFETY: the name ends in a zero.
        let status =
            unsafe { sys::napi_get_named_property(self.0, object, name.as_ptr(), &raw mut value) };
        (status == sys::Status::napi_ok).then_some(value)
    }

    /// A short string.
    fn text(self, value: sys::napi_value) -> Option<String> {
        match self.payload(value) {
            Copied::Payload(Payload::Utf16(units)) => Some(String::from_utf16_lossy(&units)),
            _ => None,
        }
    }

    fn quota_headers(self, headers: sys::napi_value) -> Vec<(String, String)> {
        let header = |name: &'static str| {
            let value = self.property(headers, &CString::new(name).ok()?)?;
            // A header that came twice is a list; the first one counts.
            let first = || self.property(self.object(value)?, c"0");
            let text = self.text(value).or_else(|| self.text(first()?))?;
            Some((name.to_owned(), text))
        };
        quota_header_names().filter_map(header).collect()
    }

    /// Drops what a getter of the caller's own objects threw.
    fn forget_exception(self) {
        let mut pending = false;
        // SAFETY: only writes the answers.
        unsafe {
            sys::napi_is_exception_pending(self.0, &raw mut pending);
            if pending {
                let mut exception = ptr::null_mut();
                sys::napi_get_and_clear_last_exception(self.0, &raw mut exception);
            }
        }
    }
}

impl From<status::Status> for Status {
    fn from(status: status::Status) -> Self {
        let status::Status {
            state,
            reason,
            tier,
            decided_by,
            endpoint,
            project,
            team,
            interval_seconds,
            settings,
            warnings,
            entries,
            exports,
        } = status;
        Self {
            state: match state {
                "active" => State::Active,
                "degraded" => State::Degraded,
                "circuit_open" => State::CircuitOpen,
                "half_open" => State::HalfOpen,
                _ => State::Disabled,
            },
            reason,
            tier,
            decided_by: decided_by.to_owned(),
            endpoint,
            project,
            team,
            interval_seconds,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: settings
                .into_iter()
                .map(|[name, value, source]| Setting { name, value, source })
                .collect(),
            warnings,
            entries: entries.into(),
            exports: exports.into(),
        }
    }
}

impl From<Counts> for Entries {
    fn from(counts: Counts) -> Self {
        let Counts { accepted, processed, queued, queued_bytes, rejected, dropped } = counts;
        Self {
            accepted: number(accepted),
            processed: number(processed),
            queued: number(queued),
            queued_bytes: number(queued_bytes),
            rejected: number(rejected),
            dropped: by_reason(DropReason::ALL.iter().map(|reason| reason.as_str()), &dropped),
        }
    }
}

impl From<Exports> for ExportCounts {
    fn from(exports: Exports) -> Self {
        let Exports {
            state: _,
            attempted,
            delivered,
            failed,
            consecutive_failures,
            last_success_at_ms,
            last_failure_at_ms,
            last_error,
            dropped,
        } = exports;
        Self {
            attempted: number(attempted),
            delivered: number(delivered),
            failed: number(failed),
            consecutive_failures: consecutive_failures.into(),
            last_success_at_ms: last_success_at_ms.map(number),
            last_failure_at_ms: last_failure_at_ms.map(number),
            last_error,
            dropped: by_reason(EXPORT_DROP_REASONS.iter().copied(), &dropped),
        }
    }
}

/// Counts never come near the limit of a JS number.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn by_reason<'a>(reasons: impl Iterator<Item = &'a str>, counts: &[u64]) -> BTreeMap<String, i64> {
    reasons.zip(counts).map(|(reason, count)| (reason.to_owned(), number(*count))).collect()
}
