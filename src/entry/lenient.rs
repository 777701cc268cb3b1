//! JSON fields of any type: a value of the expected type is read, every other one is "not
//! reported".
//!
//! Several programs write the host's fields and change them monthly. An unexpected type must cost
//! only its field and not the entry, so nothing here fails except on malformed JSON.

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// JavaScript cannot represent every larger count exactly, and no real count is larger.
const MAX_COUNT: u64 = 1 << 53;

/// Visitor methods that make every JSON scalar "not reported". `but strings` leaves strings out,
/// for a visitor that reads them.
macro_rules! not_reported {
    () => {
        fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
            Ok(None)
        }

        crate::entry::lenient::not_reported!(but strings);
    };
    (but strings) => {
        fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    };
}
pub(super) use not_reported;

/// A type that can be read from some JSON scalars. Each method returns "not reported" by default.
pub(super) trait Scalar<'de>: Sized {
    /// From a whole number of at least zero.
    fn from_u64(_: u64) -> Option<Self> {
        None
    }
    /// From a negative or fractional number.
    fn from_f64(_: f64) -> Option<Self> {
        None
    }
    /// From a boolean.
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
    /// From a string.
    fn from_text(_: Cow<'de, str>) -> Option<Self> {
        None
    }
    /// From a list or an object, whose content is skipped.
    fn from_container() -> Option<Self> {
        None
    }
}

/// A whole number, at most 2^53.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count(pub(super) u64);

impl Scalar<'_> for Count {
    fn from_u64(value: u64) -> Option<Self> {
        (value <= MAX_COUNT).then_some(Self(value))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "checked to be a whole number within 0..=2^53, where f64 is exact"
    )]
    fn from_f64(value: f64) -> Option<Self> {
        let whole = value >= 0.0 && value <= MAX_COUNT as f64 && value.fract() == 0.0;
        whole.then_some(Self(value as u64))
    }
}

/// A finite number, or a string that contains one (`"18.7"`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number(pub(super) f64);

impl Scalar<'_> for Number {
    #[expect(clippy::cast_precision_loss, reason = "a measurement may lose precision")]
    fn from_u64(value: u64) -> Option<Self> {
        Some(Self(value as f64))
    }

    fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }

    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        text.trim().parse().ok().and_then(Self::from_f64)
    }
}

/// `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl Scalar<'_> for Flag {
    fn from_bool(value: bool) -> Option<Self> {
        Some(Self(value))
    }
}

/// A string, borrowed from the input unless it contains an escape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonText<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Scalar<'de> for JsonText<'a> {
    fn from_text(text: Cow<'de, str>) -> Option<Self> {
        Some(Self(text))
    }
}

/// A scalar field of any JSON type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Scalar<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData)).map(Self)
    }
}

impl Lenient<Count> {
    /// The count; `None` if it was not reported.
    pub(super) fn count(&self) -> Option<u64> {
        self.0.map(|Count(value)| value)
    }
}

impl Lenient<Number> {
    /// The number; `None` if it was not reported.
    pub(super) fn number(&self) -> Option<f64> {
        self.0.map(|Number(value)| value)
    }
}

impl Lenient<Flag> {
    /// Whether the field is `true`; an absent field is not.
    pub(super) fn is_true(self) -> bool {
        self.0 == Some(Flag(true))
    }
}

impl Lenient<JsonText<'_>> {
    /// The text; `None` if it is empty.
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_ref().map(|JsonText(text)| text.as_ref()).filter(|text| !text.is_empty())
    }

    /// The text, or an empty one if it was not reported.
    pub(super) fn text_or_empty(&self) -> &str {
        self.text().unwrap_or_default()
    }
}

/// A scalar field of any JSON type that remembers whether it had a value. `null` and a blank string
/// are no values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Given<T>(Lenient<Present<T>>);

/// A value that is there; `None` if it is not a valid one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Present<T>(Option<T>);

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(Lenient(None))
    }
}

impl<'de, T: Scalar<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Lenient::deserialize(deserializer).map(Self)
    }
}

impl<'de, T: Scalar<'de>> Scalar<'de> for Present<T> {
    fn from_u64(value: u64) -> Option<Self> {
        Some(Self(T::from_u64(value)))
    }

    fn from_f64(value: f64) -> Option<Self> {
        Some(Self(T::from_f64(value)))
    }

    fn from_bool(value: bool) -> Option<Self> {
        Some(Self(T::from_bool(value)))
    }

    fn from_text(text: Cow<'de, str>) -> Option<Self> {
        let is_blank = text.trim().is_empty();
        (!is_blank).then(|| Self(T::from_text(text)))
    }

    fn from_container() -> Option<Self> {
        Some(Self(T::from_container()))
    }
}

impl<T> Given<T> {
    /// Whether there is a value, and it is not a valid one.
    pub(super) fn is_invalid(&self) -> bool {
        matches!(self.0, Lenient(Some(Present(None))))
    }
}

impl Given<Count> {
    /// The count; `None` if it was not reported.
    pub(super) fn count(&self) -> Option<u64> {
        let Present(value) = self.0.0?;
        value.map(|Count(value)| value)
    }
}

impl Given<Number> {
    /// The number; `None` if it was not reported.
    pub(super) fn number(&self) -> Option<f64> {
        let Present(value) = self.0.0?;
        value.map(|Number(value)| value)
    }
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<'de, T: Scalar<'de>> Visitor<'de> for ScalarVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(T::from_u64(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "negative counts are not reported anyway")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(value).map_or_else(|_| T::from_f64(value as f64), T::from_u64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(T::from_f64(value))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(T::from_bool(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_seq(seq).map(|()| T::from_container())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        skip_map(map).map(|()| T::from_container())
    }
}

/// An object field; any other JSON type is "not reported".
#[derive(Clone, Debug)]
pub(super) struct Object<T>(pub(super) Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_seq(seq).map(|()| None)
    }

    not_reported!();
}

/// Skips the rest of an array.
pub(super) fn skip_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Skips the rest of an object.
pub(super) fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
