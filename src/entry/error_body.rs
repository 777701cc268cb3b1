//! The error in a response, as the wires and gateways write it.
//!
//! Sources: <https://docs.anthropic.com/en/api/errors>,
//! <https://platform.openai.com/docs/api-reference/responses/object> and
//! <https://cloud.google.com/apis/design/errors>. A gateway can have types of its own, and write the
//! HTTP status as the code of the error.

use crate::catalog;
use crate::entry::lenient::{JsonText, Lenient, Number, skip_map, skip_seq};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Words that gateways write for a type that they do not have.
const NO_WORDS: &[&str] = &["none", "null", "undefined"];

/// An error that a response reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReportedError {
    /// Its type, as it is on the wire; `None` if it has none.
    pub(super) word: Option<String>,
    /// The HTTP status that it contains, from 400 to 599.
    pub(super) status: Option<u64>,
}

impl ReportedError {
    /// Whether a catalog has its type.
    pub(super) fn is_known(&self) -> bool {
        self.word.as_deref().is_some_and(|word| catalog::error_type(word).is_some())
    }

    /// The error with these words and codes, of which the first counts that a catalog has, or else
    /// the first one.
    pub(super) fn of(codes: &[&Code<'_>]) -> Self {
        let words = || codes.iter().filter_map(|code| code.word());
        let known = words().find(|word| catalog::error_type(word).is_some());
        let word = known.or_else(|| words().next()).map(str::to_owned);
        Self { word, status: codes.iter().find_map(|code| code.status()) }
    }
}

/// A type or code of an error: a word or a number.
#[derive(Debug, Default)]
pub(super) struct Code<'a> {
    text: Lenient<JsonText<'a>>,
    number: Lenient<Number>,
}

impl Code<'_> {
    /// The word; `None` if it is a number or stands for nothing. The prefix `http_` is this
    /// program's own.
    fn word(&self) -> Option<&str> {
        self.text.text().filter(|word| {
            let is_no_word = NO_WORDS.iter().any(|no_word| word.eq_ignore_ascii_case(no_word));
            !is_no_word && word.trim().parse::<f64>().is_err() && !word.starts_with("http_")
        })
    }

    /// The number, if it is the HTTP status of an error.
    fn status(&self) -> Option<u64> {
        let parsed = || self.text.text()?.trim().parse().ok();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be from 400 to 599"
        )]
        let whole = |number: f64| {
            ((400.0..600.0).contains(&number) && number.fract() == 0.0).then_some(number as u64)
        };
        self.number.number().or_else(parsed).and_then(whole)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Code<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CodeVisitor)
    }
}

struct CodeVisitor;

impl<'de> Visitor<'de> for CodeVisitor {
    type Value = Code<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "a status is far below 2^53")]
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Code::default())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Code { number: Lenient(Some(Number(value))), ..Code::default() })
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Code::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Code::default())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Code { text: Lenient(Some(JsonText(text.into()))), ..Code::default() })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Code { text: Lenient(Some(JsonText(text.to_owned().into()))), ..Code::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_seq(seq).map(|()| Code::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        skip_map(map).map(|()| Code::default())
    }
}

/// The `error` object of an event or a body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody<'a> {
    #[serde(rename = "type", borrow)]
    kind: Code<'a>,
    #[serde(borrow)]
    code: Code<'a>,
}

impl ErrorBody<'_> {
    /// The error.
    pub(super) fn reported(&self) -> ReportedError {
        ReportedError::of(&[&self.kind, &self.code])
    }
}

/// A field `error`: an object, or a text about the error. The text counts only if it is a type that
/// a catalog has.
#[derive(Debug, Default)]
pub(super) enum ErrorField<'a> {
    /// It is missing, or says that there is no error.
    #[default]
    Missing,
    /// An object.
    Body(Box<ErrorBody<'a>>),
    /// A text.
    Text(Option<&'static str>),
}

impl ErrorField<'_> {
    /// The error, if there is one.
    pub(super) fn reported(&self) -> Option<ReportedError> {
        match self {
            Self::Missing => None,
            Self::Body(body) => Some(body.reported()),
            Self::Text(known) => {
                Some(ReportedError { word: known.map(str::to_owned), status: None })
            }
        }
    }

    /// The object, if it is one.
    pub(super) fn body(&self) -> Option<&ErrorBody<'_>> {
        match self {
            Self::Body(body) => Some(body),
            Self::Missing | Self::Text(_) => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ErrorField<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ErrorVisitor).map(Option::unwrap_or_default)
    }
}

struct ErrorVisitor;

impl<'de> Visitor<'de> for ErrorVisitor {
    type Value = Option<ErrorField<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((!text.is_empty()).then(|| ErrorField::Text(catalog::error_type(text))))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let body = ErrorBody::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Some(ErrorField::Body(Box::new(body))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_seq(seq).map(|()| None)
    }

    crate::entry::lenient::not_reported!(but strings);
}
