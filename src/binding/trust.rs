//! `trust` and `untrust`.

use crate::binding::error::{ErrorCode, Result};
use crate::binding::options::Options;
use crate::binding::options_object::optional_text;
use crate::binding::reader::Reader;
use crate::config::{self, Consent, printable};
use crate::pipeline;
use crate::util::clock::Timestamp;
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// What was approved.
#[napi(object, object_from_js = false)]
pub struct TrustResult {
    /// The directory of the project's config.
    pub directory: String,
    /// What the config asks for, in one sentence. Absent if there is nothing to approve: telemetry
    /// is off, or it only uses settings of your own.
    pub terms: Option<String>,
    /// What differs from what was approved before.
    pub changes: Vec<String>,
    /// The file that contains the approval. Absent if there is nothing to approve.
    pub file: Option<String>,
}

/// Approves what the config of the project in `cwd` asks for: where metrics are sent, and with
/// which headers, environment variables, certificates and private names. If the config changes one
/// of these, it needs a new approval. The approval takes effect at the next `init`.
///
/// Pass the `hash` of the terms that you have shown to the user (`inspect().asks.hash`) to approve
/// these terms and no others.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config cannot be used, if its terms do
/// not have the `hash`, or if the approval cannot be written.
#[napi(
    catch_unwind,
    ts_args_type = "cwd?: string | undefined | null, options?: InitOptions | undefined | null, hash?: string | undefined | null"
)]
pub fn trust(
    env: Env,
    cwd: Option<Unknown<'_>>,
    options: Option<Unknown<'_>>,
    hash: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<TrustResult> {
    let reader = Reader::new(env);
    let hash = optional_text(reader, "hash", hash)?;
    let options = Options::read_with_directory(reader, cwd, options, process_env)?;
    let (cwd, environment) = options.locate_directory()?;
    Ok(config::approve(&cwd, &environment, hash.as_deref(), now())?.into())
}

/// Revokes the approval of the project in `cwd`. Takes effect at the next `init`; what waits to be
/// delivered is deleted at once. Returns whether there was an approval.
///
/// Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the file with the approvals cannot be
/// changed.
#[napi(
    catch_unwind,
    ts_args_type = "cwd?: string | undefined | null, options?: InitOptions | undefined | null"
)]
pub fn untrust(
    env: Env,
    cwd: Option<Unknown<'_>>,
    options: Option<Unknown<'_>>,
    process_env: Option<Unknown<'_>>,
) -> Result<bool> {
    let options = Options::read_with_directory(Reader::new(env), cwd, options, process_env)?;
    let (cwd, environment) = options.locate_directory()?;
    let was_approved = config::revoke(&cwd, &environment)?;
    pipeline::withdraw(&cwd, &environment).map_err(not_removed)?;
    Ok(was_approved)
}

/// The error about files that could not be removed.
pub(super) fn not_removed(error: io::Error) -> napi::Error<ErrorCode> {
    let problem = format!("What waits to be delivered could not be deleted ({}).", error.kind());
    let cure = "Delete the directory otel/pending in ~/.ccxray.";
    config::ConfigError::in_options("home", &problem, cure).into()
}

impl From<Consent> for TrustResult {
    fn from(consent: Consent) -> Self {
        let Consent { directory, terms, changes, recorded_in } = consent;
        Self {
            directory: text_of(&directory),
            terms: terms.map(|terms| terms.text()),
            changes: changes.iter().map(|change| printable(change)).collect(),
            file: recorded_in.as_deref().map(text_of),
        }
    }
}

/// The time that is recorded with an approval.
pub(super) fn now() -> SystemTime {
    Timestamp::now().wall()
}

/// A path can contain bytes that a JavaScript string cannot; they are replaced.
pub(super) fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
