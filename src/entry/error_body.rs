//! The error in a response, as both wires write it.
//!
//! Sources: <https://docs.anthropic.com/en/api/errors> and
//! <https://platform.openai.com/docs/api-reference/responses/object>.

use crate::catalog;
use crate::entry::lenient::{JsonText, Lenient};
use serde::Deserialize;

/// The `error` object of an event or a body.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    code: Lenient<JsonText<'a>>,
}

impl ErrorBody<'_> {
    /// The error's type: `type` or `code`, whichever a catalog has; else the first of them that is
    /// there.
    pub(super) fn error_type(&self) -> Option<String> {
        let names = [self.kind.text(), self.code.text()];
        let mut names = names.into_iter().flatten();
        let known = names.clone().find(|name| catalog::error_type(name).is_some());
        known.or_else(|| names.next()).map(str::to_owned)
    }
}
