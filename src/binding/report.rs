//! What the parsers did not understand, as JavaScript sees it.

use crate::binding::environment;
use crate::binding::options::{self, ReportWish};
use crate::binding::reader::Reader;
use crate::pipeline;
use crate::pipeline::report::{DEFAULT_DAYS, MAX_DAYS};
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;

/// What to report.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "it documents the shape; `report` reads the properties one by one")]
pub struct ReportOptions {
    /// How many days, 1 to 30. Default: 7.
    pub days: Option<u32>,
    /// Whether the text of the issue names the names, some of which may be private. Default: false.
    pub samples: Option<bool>,
    /// The engineer's home directory. Default: that of `init`, unless there is an `env` here; else `HOME`
    /// or `USERPROFILE`.
    pub home: Option<String>,
    /// The environment to use. Default: the process's own.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<std::collections::HashMap<String, String>>,
}

/// What the parsers did not understand lately: what stands in `parser-drift.log`, and what this
/// process has not written there yet. Never throws; an option that is none is as good as left out.
#[napi(
    catch_unwind,
    ts_args_type = "options?: ReportOptions | undefined | null",
    ts_return_type = "ParserReport"
)]
pub fn report(env: &Env, options: Option<Unknown<'_>>) -> String {
    let wish = options.map(|options| options::read_report(Reader(env.raw()), options.raw()));
    let ReportWish { days, samples, home, env } = wish.unwrap_or_default();
    let is_elsewhere = home.is_some() || env.is_some();
    let running = pipeline::current().filter(|_| !is_elsewhere);
    let directory = match running {
        Some(pipeline) => pipeline.directory(),
        None => environment(home, env, None).own_directory(),
    };
    pipeline::report(directory, whole_days(days), samples).to_json()
}

/// A number of days; anything that is none is as good as nothing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn whole_days(days: Option<f64>) -> u32 {
    let days = days.filter(|days| days.is_finite());
    days.map_or(DEFAULT_DAYS, |days| days.ceil().clamp(1.0, f64::from(MAX_DAYS)) as u32)
}
