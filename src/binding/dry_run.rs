//! `dryRun`: the functions from which `index.js` makes one object. `types.d.ts` declares it.

use crate::binding::error::{Result, encoding_error};
use crate::binding::options::Options;
use crate::binding::options_object::{OptionsObject, objects};
use crate::binding::reader::Reader;
use crate::config::{Assumption, ConfigError, Level};
use crate::entry::EntrySource;
use crate::entry::payload::Payload;
use crate::pipeline;
use crate::pipeline::dry_run::DryRun;
use napi::Env;
use napi::bindgen_prelude::{External, JsValue, Unknown};
use napi_derive::napi;

/// Opens a dry run of the project that the options name, once for each assumption, and at least once.
#[napi(catch_unwind, skip_typescript)]
pub fn open_dry_run(
    env: Env,
    options: Option<Unknown<'_>>,
    assumptions: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<External<DryRun>> {
    let reader = Reader::new(env);
    let options = Options::read(reader, options, process_env)?;
    let known = ["tier", "names"];
    let mut assumptions = objects(reader, "assumptions", assumptions, &known, assumption)?;
    if assumptions.is_empty() {
        assumptions.push(Assumption::default());
    }
    let (cwd, environment) = options.locate_directory()?;
    Ok(External::new(pipeline::dry_run(&cwd, &environment, &assumptions)?))
}

fn assumption(options: &OptionsObject<'_>) -> std::result::Result<Assumption, ConfigError> {
    let (tier, names) = (options.tier()?, options.names()?);
    if tier == Some(Level::Disabled) {
        return Err(options.unsupported("tier", "0", "a tier that sends anything", "1 or 2"));
    }
    Ok(Assumption { tier, names })
}

/// Records an entry. Returns whether it is counted. A part that is neither a string nor bytes is ignored, and
/// such an entry is not counted.
#[napi(catch_unwind, skip_typescript)]
pub fn add_to_dry_run(
    env: Env,
    dry_run: &mut External<DryRun>,
    entry: Unknown<'_>,
    request: Option<Unknown<'_>>,
    response: Option<Unknown<'_>>,
) -> bool {
    let reader = Reader::new(env);
    let text = |value: Unknown<'_>| reader.payload(value.raw()).ok().map(Payload::into_json);
    let entry = text(entry).unwrap_or_default();
    let (request, response) = (request.and_then(text), response.and_then(text));
    dry_run.add(EntrySource {
        entry: &entry,
        request: request.as_deref(),
        response: response.as_deref(),
        ..EntrySource::default()
    })
}

/// What the next export would send, as JSON.
#[napi(catch_unwind, skip_typescript)]
pub fn dry_run_summary(dry_run: &External<DryRun>) -> Result<String> {
    Ok(dry_run.summary().map_err(encoding_error)?.to_json())
}

/// The bodies of the next export under one of the assumptions.
#[napi(catch_unwind, skip_typescript)]
pub fn dry_run_requests(dry_run: &External<DryRun>, variant: u32) -> Result<Vec<String>> {
    let variant = usize::try_from(variant).unwrap_or(usize::MAX);
    dry_run.requests(variant).map_err(encoding_error)
}
