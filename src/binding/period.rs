//! `dateExports`.

use crate::binding::reader::Reader;
use crate::pipeline;
use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};
use napi_derive::napi;

/// In 2262 the nanoseconds of 64 bits end.
const MAX_MS: f64 = 9e12;

/// Dates the data points of the exports from now on: for a process that sends the history of a project, in
/// parts, and nothing else. The times are Unix milliseconds: when the history began, when this part of it
/// began, and when this part ended. An export is then made by `flush` only, and contains no metric about the
/// exporter itself. Record the turns of a part, `flush`, and go on with the next part only if that has
/// returned `true`. `shutdown` exports nothing.
///
/// Returns `false`, and changes nothing, if the project given to `init` does not export, or if the times are
/// not in order.
#[napi(catch_unwind, ts_args_type = "historyStartMs: number, startMs: number, endMs: number")]
pub fn date_exports(
    env: Env,
    history_start: Unknown<'_>,
    start: Unknown<'_>,
    end: Unknown<'_>,
) -> bool {
    let reader = Reader::new(env);
    let times = [history_start, start, end].map(|time| reader.number(time.raw()));
    let [Some(history_start), Some(start), Some(end)] = times else { return false };
    // A zero point has to be between the start and the end.
    let is_in_order =
        0.0 <= history_start && history_start <= start && start + 2.0 <= end && end < MAX_MS;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    let [history_start, start, end] = [history_start, start, end].map(|ms| ms as u64);
    is_in_order && pipeline::set_period(history_start, start, end)
}
