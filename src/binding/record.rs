//! `record`.

use crate::binding::reader::{CopyError, Property, Reader};
use crate::entry::{max_header_bytes, memory_for, quota_header_names, request_header_names};
use crate::pipeline::{self, Pipeline};
use crate::record::entry::{Entry, EntryParts};
use crate::record::launch_id::LaunchId;
use crate::record::project_key::ProjectKey;
use crate::util::memory;
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
    /// What `launch` has returned for the client of the turn. It needs a `cwd`. Default: the launch of
    /// your own process.
    pub launch: Option<u32>,
}

/// Hands over one finished turn: ccxray's index line or its whole entry, as JSON. Everything is
/// copied before it returns. It never throws and never waits.
///
/// Entries wait in a queue of at most 2048 entries or 64 MiB, in which a character of a string
/// counts two bytes. When the queue is full, the oldest entry is dropped, and
/// `status().entries.dropped` counts it.
///
/// Returns `false` if the entry is not recorded: telemetry is off for its project, it is neither a
/// string nor bytes, it is larger than the queue with all its parts, or `parts.cwd` cannot be a
/// directory. Without a usable `cwd` the entry could be counted for the wrong project. An entry with a
/// `cwd` of more than 4096 bytes or 256 directories is counted in `dropped.project_off`, one whose
/// `cwd` is not a string, or whose `launch` is not a number or has no `cwd`, in `rejected`.
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
    let project = match parts.project() {
        Ok(project) => project,
        Err(UnusableProject::NotNamed) => {
            pipeline.reject();
            return false;
        }
        Err(UnusableProject::TooLong(launch)) => {
            pipeline.drop_without_project(launch);
            return false;
        }
    };
    if !pipeline.accepts(project.as_ref()) {
        return false;
    }
    let parts = parts.values(project);
    // Everything is weighed before anything is copied.
    let size = parts.size().saturating_add(reader.size(entry));
    // For the copy, and for the worker thread to read it: six times the size in all.
    let needed = size.saturating_add(memory_for(size));
    let is_too_large = size > pipeline.max_entry_bytes() || !memory::has_room_for(needed);
    if is_too_large {
        pipeline.drop_too_large();
        return false;
    }
    match copy(reader, entry, parts) {
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

fn copy(reader: Reader, entry: sys::napi_value, parts: PartValues) -> Result<Entry, CopyError> {
    let entry = reader.payload(entry)?;
    Ok(Entry { entry, parts: parts.copy()?.map(Box::new) })
}

/// Reads the `parts` argument of a call.
struct PartsReader {
    reader: Reader,
    /// `None` if the argument is not an object.
    parts: Option<sys::napi_value>,
}

/// The parts, not copied yet. No code of the caller runs any more.
struct PartValues {
    reader: Reader,
    has_parts: bool,
    request: Option<sys::napi_value>,
    response: Option<sys::napi_value>,
    headers: Vec<(String, String)>,
    request_headers: Vec<(String, String)>,
    project: Option<ProjectKey>,
}

/// Why `parts.cwd` and `parts.launch` name no project.
enum UnusableProject {
    /// One of them has the wrong type or cannot be read, or there is a launch without a directory.
    NotNamed,
    /// The directory is longer or deeper than a path can be.
    TooLong(Option<LaunchId>),
}

/// The longest path of a directory, in bytes. Linux takes none above it.
const MAX_CWD_BYTES: usize = 4096;
/// The deepest path of a directory.
const MAX_CWD_DEPTH: usize = 256;

impl PartsReader {
    fn project(&self) -> Result<Option<ProjectKey>, UnusableProject> {
        let launch = self.launch()?;
        let cwd = match self.property(c"cwd") {
            Property::Absent => None,
            Property::Is(cwd) if self.reader.is_text(cwd) => Some(cwd),
            Property::Throws | Property::Is(_) => return Err(UnusableProject::NotNamed),
        };
        let directory = |cwd| self.reader.short_text(cwd, MAX_CWD_BYTES).filter(|it| is_path(it));
        let directory = cwd.map(|cwd| directory(cwd).ok_or(UnusableProject::TooLong(launch)));
        match directory.transpose()?.filter(|directory| !directory.is_empty()) {
            Some(directory) => Ok(Some(ProjectKey { directory, launch })),
            None if launch.is_some() => Err(UnusableProject::NotNamed),
            None => Ok(None),
        }
    }

    fn launch(&self) -> Result<Option<LaunchId>, UnusableProject> {
        match self.property(c"launch") {
            Property::Absent => Ok(None),
            Property::Throws => Err(UnusableProject::NotNamed),
            Property::Is(launch) => {
                self.reader.launch(launch).map(Some).ok_or(UnusableProject::NotNamed)
            }
        }
    }

    /// Reads the properties of all parts.
    fn values(&self, project: Option<ProjectKey>) -> PartValues {
        let value = |name: &CStr| match self.property(name) {
            Property::Is(value) => Some(value),
            Property::Absent | Property::Throws => None,
        };
        let object = |name| value(name).and_then(|value| self.reader.object(value));
        let headers = object(c"headers");
        let headers = headers.map(|headers| self.reader.headers(headers, quota_header_names()));
        let request_headers = object(c"requestHeaders");
        let request_headers = request_headers.map(|headers| self.request_headers(headers));
        PartValues {
            reader: self.reader,
            has_parts: self.parts.is_some(),
            request: value(c"request"),
            response: value(c"response"),
            headers: headers.unwrap_or_default(),
            request_headers: request_headers.unwrap_or_default(),
            project,
        }
    }

    /// The headers of the request that are read, with names in lower case. A client may write a
    /// name in any case; Node writes it in lower case.
    fn request_headers(&self, headers: sys::napi_value) -> Vec<(String, String)> {
        let names = self.reader.names(headers).unwrap_or_default();
        let header = |name: &'static str| {
            let mut same = names.iter().filter(|it| it.eq_ignore_ascii_case(name));
            let value =
                same.find_map(|it| self.reader.header(headers, it, max_header_bytes(name)))?;
            Some((name.to_owned(), value))
        };
        request_header_names().filter_map(header).collect()
    }

    fn property(&self, name: &CStr) -> Property {
        self.parts.map_or(Property::Absent, |parts| self.reader.property(parts, name))
    }
}

/// Whether a text is no deeper than the path of a directory.
fn is_path(text: &str) -> bool {
    text.split(['/', '\\']).filter(|name| !name.is_empty()).count() <= MAX_CWD_DEPTH
}

impl PartValues {
    /// The bytes that a copy needs.
    fn size(&self) -> usize {
        let Self { reader, has_parts: _, request, response, headers, request_headers, project } =
            self;
        let payloads = [request, response].into_iter().flatten().map(|part| reader.size(*part));
        let headers = headers.iter().chain(request_headers);
        let headers = headers.map(|(name, value)| name.len() + value.len());
        let sizes = payloads.chain(headers).chain(project.iter().map(|it| it.directory.len()));
        sizes.fold(0, usize::saturating_add)
    }

    /// All parts. `None` if there are none.
    fn copy(self) -> Result<Option<EntryParts>, CopyError> {
        let Self { reader, has_parts, request, response, headers, request_headers, project } = self;
        if !has_parts {
            return Ok(None);
        }
        // A part that is neither a string nor bytes is ignored.
        let payload = |part| match reader.payload(part) {
            Ok(part) => Ok(Some(part)),
            Err(CopyError::NotText) => Ok(None),
            Err(CopyError::TooLarge) => Err(CopyError::TooLarge),
        };
        let request = request.map_or(Ok(None), payload)?;
        let response = response.map_or(Ok(None), payload)?;
        Ok(Some(EntryParts { request, response, headers, request_headers, project }))
    }
}
