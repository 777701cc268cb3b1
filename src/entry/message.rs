//! A message of a request on either wire, and its texts.

use crate::entry::collection::for_each;
use crate::entry::lenient::{JsonText, Lenient, Object};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::VecDeque;

/// The newest texts of a message that are read. The host's excerpt of a request has as many.
const MAX_TEXTS: usize = 16;
/// How much of a text is read, except for marks that begin a line, in UTF-16 code units. The host's
/// excerpt of a request has as much.
const HEAD_UNITS: usize = 2048;
/// How a text begins and ends that the client adds to a message of the user.
const REMINDER: (&str, &str) = ("<system-reminder>", "</system-reminder>");

/// A message, or an item of the Responses wire.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    role: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) id: Lenient<JsonText<'a>>,
    /// The summary in a compaction's item, which only the server can read.
    #[serde(borrow)]
    pub(super) encrypted_content: Lenient<JsonText<'a>>,
}

/// A part of a message, or a block of the system prompt.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ContentPart<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    pub(super) text: Lenient<JsonText<'a>>,
}

/// What a message contains.
pub(super) struct Content<'a> {
    /// The newest texts, in their order.
    pub(super) texts: Vec<JsonText<'a>>,
    /// It contains the result of a tool call.
    pub(super) has_result: bool,
}

impl<'a> Message<'a> {
    /// Whether the message has this role.
    pub(super) fn is_of(&self, role: &str) -> bool {
        self.role.text() == Some(role)
    }

    /// The content, which is one string or a list of parts.
    ///
    /// # Errors
    /// If its JSON is malformed.
    pub(super) fn content(&self) -> Result<Content<'a>, serde_json::Error> {
        let Some(content) = self.content.map(RawValue::get) else {
            return Ok(Content { texts: Vec::new(), has_result: false });
        };
        if content.starts_with('"') {
            let Lenient(text): Lenient<JsonText<'a>> = serde_json::from_str(content)?;
            return Ok(Content { texts: text.into_iter().collect(), has_result: false });
        }
        let mut has_result = false;
        let mut texts: VecDeque<JsonText<'a>> = VecDeque::new();
        for_each(content, |Object(part): Object<ContentPart<'a>>| {
            let Some(part) = part else { return };
            has_result |= part.kind.text() == Some("tool_result");
            if let Some(text) = part.text.0 {
                if texts.len() == MAX_TEXTS {
                    texts.pop_front();
                }
                texts.push_back(text);
            }
        })?;
        Ok(Content { texts: texts.into(), has_result })
    }
}

/// The beginning of a text, as far as it is read.
pub(super) fn head(text: &str) -> &str {
    prefix(text, HEAD_UNITS)
}

/// The first `units` UTF-16 code units of a text. The host cuts its texts in these units.
pub(super) fn prefix(text: &str, units: usize) -> &str {
    // No text has more of these units than bytes.
    if text.len() <= units {
        return text;
    }
    let mut left = units;
    let end = text.char_indices().find(|(_, character)| {
        let fits = left.checked_sub(character.len_utf16());
        left = fits.unwrap_or_default();
        fits.is_none()
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

/// Whether the client has added all of this text to a message of the user.
pub(super) fn is_reminder(text: &str) -> bool {
    text.starts_with(REMINDER.0) && text.trim_end().ends_with(REMINDER.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_in_utf16_units() {
        for (text, units, expected) in [
            ("abc", 2, "ab"),
            ("abc", 3, "abc"),
            ("é😀x", 2, "é"),
            ("é😀x", 3, "é😀"),
            ("😀", 1, ""),
        ] {
            assert_eq!(prefix(text, units), expected, "{text} {units}");
        }
    }

    #[test]
    fn only_the_newest_texts_are_read() {
        let parts: Vec<String> = (0..40).map(|at| format!(r#"{{"text":"{at}"}}"#)).collect();
        let json = format!(r#"{{"role":"user","content":[{}]}}"#, parts.join(","));
        let message: Message<'_> = serde_json::from_str(&json).unwrap();
        let texts = message.content().unwrap().texts;
        assert_eq!((texts.len(), texts[0].0.as_ref()), (16, "24"));
    }
}
