//! The `timeoutMs` argument.

use napi::ValueType;
use napi::bindgen_prelude::{JsValue, Unknown};
use std::time::Duration;

/// The timeout of a call. `None` if the argument is not a number of milliseconds from zero up.
pub(super) fn timeout(milliseconds: Option<Unknown<'_>>) -> Option<Duration> {
    let value =
        milliseconds.filter(|it| it.get_type().is_ok_and(|kind| kind == ValueType::Number))?;
    let milliseconds = value.coerce_to_number().and_then(|number| number.get_double()).ok()?;
    Duration::try_from_secs_f64(milliseconds / 1e3).ok()
}
