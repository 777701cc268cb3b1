//! `record`.

use crate::binding::reader::{CopyError, Property, Reader};
use crate::entry::payload::Payload;
use crate::entry::{max_header_bytes, quota_header_names, request_header_names};
use crate::pipeline::{self, Pipeline};
use crate::record::entry::{Entry, EntryParts};
use napi::bindgen_prelude::{JsValue, Unknown};
use napi::{Env, sys};
use napi_derive::napi;
use std::collections::HashMap;
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What you can pass with an entry. Everything is optional; a part of a wrong type is ignored,
/// except `cwd`.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "declares the type; `copy` reads the properties one by one")]
pub struct RecordParts {
    /// The request as JSON: the whole request, or an excerpt of the same shape.
    #[napi(ts_type = "string | Uint8Array")]
    pub request: Option<String>,
    /// The response, as ccxray stores it in `<id>_res.json`.
    #[napi(ts_type = "string | Uint8Array")]
    pub response: Option<String>,
    /// The headers of the upstream's response, with names in lower case. Only the rate-limit
    /// headers are read.
    #[napi(ts_type = "Record<string, string | string[] | undefined>")]
    pub headers: Option<HashMap<String, String>>,
    /// The headers of the client's request. Only six of them are read: `x-claude-code-agent-id`,
    /// `x-claude-code-session-id`, `x-codex-turn-metadata`, `x-openai-subagent`, `session-id` and
    /// `thread-id`. They say who makes the request; their values are never sent or logged.
    #[napi(ts_type = "Record<string, string | string[] | undefined>")]
    pub request_headers: Option<HashMap<String, String>>,
    /// The project directory of the turn, if your process serves several projects. Default: the
    /// project given to `init`.
    pub cwd: Option<String>,
}

/// Hands over one finished turn: ccxray's index line or its whole entry, as JSON. Everything is
/// copied before it returns. It never throws and never waits.
///
/// Entries wait in a queue of at most 2048 entries or 64 MiB, in which a character of a string
/// counts two bytes. When the queue is full, the oldest entry is dropped, and
/// `status().entries.dropped` counts it.
///
/// Returns `false` if the entry is not recorded: telemetry is off for its project, it is neither a
/// string nor bytes, it is larger than the queue, or `parts.cwd` is not a string. Without a usable
/// `cwd` the entry could be counted for the wrong project.
#[napi(
    ts_args_type = "entry: string | Uint8Array, parts?: RecordParts | undefined | null",
    ts_return_type = "boolean"
)]
pub fn record(env: Env, entry: Unknown<'_>, parts: Option<Unknown<'_>>) -> bool {
    let parts = parts.map(|parts| parts.raw());
    // No lock is held while the getters of `parts` run: one of them may call `init`.
    let enqueue = || {
        pipeline::current()
            .is_some_and(|pipeline| enqueue(Reader::new(env), &pipeline, entry.raw(), parts))
    };
    catch_unwind(AssertUnwindSafe(enqueue)).unwrap_or(false)
}

fn enqueue(
    reader: Reader,
    pipeline: &Pipeline,
    entry: sys::napi_value,
    parts: Option<sys::napi_value>,
) -> bool {
    let parts = PartsReader { reader, parts: parts.and_then(|parts| reader.object(parts)) };
    let Ok(cwd) = parts.cwd() else {
        pipeline.reject();
        return false;
    };
    if !pipeline.accepts(cwd.as_deref()) {
        return false;
    }
    match copy(entry, &parts, cwd) {
        Ok(entry) => pipeline.enqueue(entry),
        Err(CopyError::NotText) => {
            pipeline.reject();
            false
        }
        Err(CopyError::TooLarge) => {
            pipeline.drop_too_large();
            false
        }
    }
}

fn copy(
    entry: sys::napi_value,
    parts: &PartsReader,
    cwd: Option<String>,
) -> Result<Entry, CopyError> {
    let entry = parts.reader.payload(entry)?;
    Ok(Entry { entry, parts: parts.copy(cwd)?.map(Box::new) })
}

/// Reads the `parts` argument of a call.
struct PartsReader {
    reader: Reader,
    /// `None` if the argument is not an object.
    parts: Option<sys::napi_value>,
}

/// `parts.cwd` is not a string.
struct InvalidCwd;

impl PartsReader {
    fn cwd(&self) -> Result<Option<String>, InvalidCwd> {
        match self.property(c"cwd") {
            Property::Absent => Ok(None),
            Property::Is(cwd) => {
                let cwd = self.reader.text(cwd).ok_or(InvalidCwd)?;
                Ok(Some(cwd).filter(|cwd| !cwd.is_empty()))
            }
            Property::Throws => Err(InvalidCwd),
        }
    }

    /// All parts. `None` if there are none.
    fn copy(&self, cwd: Option<String>) -> Result<Option<EntryParts>, CopyError> {
        if self.parts.is_none() {
            return Ok(None);
        }
        let headers = self.object(c"headers");
        let headers = headers.map(|headers| self.reader.headers(headers, quota_header_names()));
        let request_headers = self.object(c"requestHeaders");
        let request_headers = request_headers.map(|headers| self.request_headers(headers));
        Ok(Some(EntryParts {
            request: self.payload(c"request")?,
            response: self.payload(c"response")?,
            headers: headers.unwrap_or_default(),
            request_headers: request_headers.unwrap_or_default(),
            cwd,
        }))
    }

    /// The headers of the request that are read, with names in lower case. A client may write a
    /// name in any case; Node writes it in lower case.
    fn request_headers(&self, headers: sys::napi_value) -> Vec<(String, String)> {
        let names = self.reader.names(headers).unwrap_or_default();
        let header = |name: &'static str| {
            let mut same = names.iter().filter(|it| it.eq_ignore_ascii_case(name));
            let value = same.find_map(|it| self.reader.header(headers, it))?;
            (value.len() <= max_header_bytes(name)).then(|| (name.to_owned(), value))
        };
        request_header_names().filter_map(header).collect()
    }

    fn object(&self, name: &CStr) -> Option<sys::napi_value> {
        match self.property(name) {
            Property::Is(object) => self.reader.object(object),
            Property::Absent | Property::Throws => None,
        }
    }

    /// A part, if it is a string or bytes.
    fn payload(&self, name: &CStr) -> Result<Option<Payload>, CopyError> {
        let Property::Is(part) = self.property(name) else { return Ok(None) };
        match self.reader.payload(part) {
            Ok(part) => Ok(Some(part)),
            Err(CopyError::NotText) => Ok(None),
            Err(CopyError::TooLarge) => Err(CopyError::TooLarge),
        }
    }

    fn property(&self, name: &CStr) -> Property {
        self.parts.map_or(Property::Absent, |parts| self.reader.property(parts, name))
    }
}
