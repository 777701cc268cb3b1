//! `report`.

use crate::binding::options::{environment, variables_of_process};
use crate::binding::options_object::OptionsObject;
use crate::binding::reader::Reader;
use crate::pipeline;
use crate::pipeline::report::{DEFAULT_DAYS, MAX_DAYS};
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;
use std::collections::HashMap;

/// What to report.
#[napi(object, object_to_js = false)]
#[expect(dead_code, reason = "declares the type; `report` reads the properties one by one")]
pub struct ReportOptions {
    /// How many days, 1 to 30. Default: 7.
    pub days: Option<u32>,
    /// Whether the text contains the unknown names. Some of them may be private. Default:
    /// `false`.
    pub samples: Option<bool>,
    /// Your home directory. Default: the one given to `init`. Before `init`, and if you pass `env`:
    /// `HOME` or `USERPROFILE`.
    pub home: Option<String>,
    /// The environment variables. Default: `process.env`.
    #[napi(ts_type = "Record<string, string | undefined>")]
    pub env: Option<HashMap<String, String>>,
}

/// The anomalies of the last days: what agents have sent that no catalog or rule explains. It reads
/// `parser-drift.log`, and adds what this process has not written there yet. Never throws; an
/// option of a wrong type is ignored.
#[napi(
    catch_unwind,
    ts_args_type = "options?: ReportOptions | undefined | null",
    ts_return_type = "ParserReport"
)]
pub fn report(env: Env, options: Option<Unknown<'_>>, process_env: Option<Unknown<'_>>) -> String {
    let reader = Reader::new(env);
    let object = options.and_then(|options| reader.object(options.raw()));
    let options = object.map(|object| OptionsObject::unchecked(reader, object, ""));
    let options = options.as_ref();
    let days = options.and_then(|it| it.number("days").unwrap_or_default());
    let samples = options.is_some_and(|it| it.flag("samples").unwrap_or_default());
    let home = options.and_then(|it| it.text("home").unwrap_or_default());
    let env = options.and_then(|it| it.env().unwrap_or_default());
    let is_elsewhere = home.is_some() || env.is_some();
    let running = pipeline::current().filter(|_| !is_elsewhere);
    let of_environment = || {
        let env = env.unwrap_or_else(|| variables_of_process(reader, process_env));
        environment(home, env, None).own_directory()
    };
    let directory = running.map_or_else(of_environment, |pipeline| pipeline.directory());
    pipeline::report(directory, whole_days(days), samples).to_json()
}

/// Whole days from 1 to [`MAX_DAYS`]; [`DEFAULT_DAYS`] if `days` is not a finite number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn whole_days(days: Option<f64>) -> u32 {
    let days = days.filter(|days| days.is_finite());
    days.map_or(DEFAULT_DAYS, |days| days.ceil().clamp(1.0, f64::from(MAX_DAYS)) as u32)
}
