//! An error, as both vendors write it in a response.

use crate::catalog;
use crate::entry::lenient::{Lenient, Text};
use serde::Deserialize;

/// The `error` object of an event or a body.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<Text<'a>>,
    #[serde(borrow)]
    code: Lenient<Text<'a>>,
}

impl ErrorBody<'_> {
    /// The type or the code, whichever is a known name; the type if neither is.
    pub(super) fn kind(&self) -> Option<String> {
        let words = [self.kind.text(), self.code.text()];
        let mut words = words.into_iter().flatten();
        let known = words.clone().find(|word| catalog::error_type(word).is_some());
        known.or_else(|| words.next()).map(str::to_owned)
    }
}
