//! `dryRun`: the functions from which `index.js` makes one object. `types.d.ts` declares it.

use crate::binding::error::{Result, encoding_error};
use crate::binding::options::Options;
use crate::binding::reader::Reader;
use crate::config::{Assumption, Level, Names};
use crate::entry::EntrySource;
use crate::entry::payload::Payload;
use crate::pipeline;
use crate::pipeline::dry_run::DryRun;
use napi::Env;
use napi::bindgen_prelude::{External, JsValue, Unknown};
use napi_derive::napi;

/// Opens a dry run of the project that the options name.
#[napi(catch_unwind, skip_typescript)]
pub fn open_dry_run(
    env: Env,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<External<DryRun>> {
    let options = Options::read(Reader::new(env), options, process_env)?;
    let (cwd, environment) = options.locate_directory()?;
    Ok(External::new(DryRun::new(cwd, environment)))
}

/// Adds a variant to a dry run without entries. `index.js` has checked the assumption: a tier of 1 or 2 and
/// `known` or `all`, or 0 and an empty text for what is set.
#[napi(catch_unwind, skip_typescript)]
pub fn assume_in_dry_run(dry_run: &mut External<DryRun>, tier: u32, names: String) -> Result<()> {
    let tier = match tier {
        1 => Some(Level::Anonymous),
        2 => Some(Level::Named),
        _ => None,
    };
    let names = [Names::Known, Names::All].into_iter().find(|it| it.as_str() == names);
    Ok(pipeline::assume(dry_run, Assumption { tier, names })?)
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
