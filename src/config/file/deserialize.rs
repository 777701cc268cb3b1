//! From a syntax tree to settings. Each error knows the position of its value.

use crate::config::file::suggest::{one_of, suggestion};
use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use std::str::FromStr;
use std::{fmt, slice};

/// Reads settings from a value.
pub(crate) fn settings<'de, T: Deserialize<'de>>(
    value: &'de Value<'de>,
) -> Result<T, TypeMismatch> {
    T::deserialize(Node(value)).map_err(|error: TypeMismatch| error.at(value))
}

/// A value that its setting does not accept. The message does not repeat strings: one may be a secret
/// in the wrong place.
#[derive(Debug)]
pub(crate) struct TypeMismatch {
    /// Where the value starts; `None` until the deserializer that reads the value adds it.
    offset: Option<usize>,
    /// What is wrong and how to correct it, in sentences.
    pub(crate) message: String,
}

impl TypeMismatch {
    const fn new(message: String) -> Self {
        Self { offset: None, message }
    }

    fn at(mut self, value: &Value<'_>) -> Self {
        self.offset.get_or_insert(value.start());
        self
    }

    /// Where the value starts in the text.
    pub(crate) fn offset(&self) -> usize {
        self.offset.unwrap_or_default()
    }
}

impl fmt::Display for TypeMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TypeMismatch {}

impl Error for TypeMismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("There is no such setting. {}", suggestion(field, expected)))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("This value is not supported. Use {}.", one_of(expected)))
    }
}

/// A value of the tree.
#[derive(Clone, Copy)]
struct Node<'de>(&'de Value<'de>);

impl Node<'_> {
    /// The value is of another type than its setting.
    fn is_not(self, expected: &Expected) -> TypeMismatch {
        let found = match self.0 {
            Value::StringLit(_) => "a string",
            Value::NumberLit(number) if number.value.starts_with('-') => "a negative number",
            Value::NumberLit(_) if *expected == WHOLE_NUMBER => "not a whole number",
            Value::NumberLit(_) => "a number",
            Value::BooleanLit(_) => "true or false",
            Value::Object(_) => "an object",
            Value::Array(_) => "a list",
            Value::NullKeyword(_) => "null",
        };
        TypeMismatch::new(format!("This is {found}. Write {}.", expected.0))
    }

    fn number<T: FromStr>(self, expected: &Expected) -> Result<T, TypeMismatch> {
        let number = if let Value::NumberLit(number) = self.0 { number.value } else { "" };
        number.parse().map_err(|_| self.is_not(expected))
    }
}

/// The type of a setting, as it is written.
#[derive(PartialEq)]
struct Expected(&'static str);

const BOOLEAN: Expected = Expected("true or false, without quotes");
const WHOLE_NUMBER: Expected = Expected("a whole number, without quotes");
const NUMBER: Expected = Expected("a number, without quotes");
const STRING: Expected = Expected("a string in double quotes");
const LIST: Expected = Expected("a list: [ … ]");
const OBJECT: Expected = Expected("an object: { … }");

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = TypeMismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeMismatch> {
        match self.0 {
            Value::StringLit(_) => self.deserialize_string(visitor),
            Value::NumberLit(_) => self.deserialize_f64(visitor),
            Value::BooleanLit(_) => self.deserialize_bool(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::NullKeyword(_) => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeMismatch> {
        match self.0 {
            Value::NullKeyword(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeMismatch> {
        let Value::BooleanLit(it) = self.0 else { return Err(self.is_not(&BOOLEAN)) };
        visitor.visit_bool(it.value)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeMismatch> {
        visitor.visit_u64(self.number(&WHOLE_NUMBER)?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeMismatch> {
        visitor.visit_f64(self.number(&NUMBER)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeMismatch> {
        let Value::StringLit(text) = self.0 else { return Err(self.is_not(&STRING)) };
        visitor.visit_str(&text.value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeMismatch> {
        let Value::StringLit(text) = self.0 else { return Err(self.is_not(&STRING)) };
        let name: StrDeserializer<'_, TypeMismatch> = text.value.as_ref().into_deserializer();
        visitor.visit_enum(name)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeMismatch> {
        let Value::Array(list) = self.0 else { return Err(self.is_not(&LIST)) };
        visitor.visit_seq(Elements(list.elements.iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeMismatch> {
        let Value::Object(object) = self.0 else { return Err(self.is_not(&OBJECT)) };
        visitor.visit_map(Fields { rest: object.properties.iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeMismatch> {
        self.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 u32 f32 char str bytes byte_buf unit unit_struct newtype_struct
        tuple tuple_struct identifier ignored_any
    }
}

/// The elements of a list that are not read yet.
struct Elements<'de>(slice::Iter<'de, Value<'de>>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = TypeMismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, TypeMismatch> {
        let element = |value| seed.deserialize(Node(value)).map_err(|error| error.at(value));
        self.0.next().map(element).transpose()
    }
}

/// The fields of an object that are not read yet.
struct Fields<'de> {
    rest: slice::Iter<'de, ObjectProp<'de>>,
    /// The value of the field whose name was read last.
    value: Option<&'de Value<'de>>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = TypeMismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, TypeMismatch> {
        let Some(field) = self.rest.next() else { return Ok(None) };
        self.value = Some(&field.value);
        let name: StrDeserializer<'_, TypeMismatch> = field.name.as_str().into_deserializer();
        // An error about a name is reported at the position of its value.
        seed.deserialize(name).map(Some).map_err(|error| error.at(&field.value))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, TypeMismatch> {
        let value = self.value.take().ok_or_else(|| TypeMismatch::custom("a name is missing"))?;
        seed.deserialize(Node(value)).map_err(|error| error.at(value))
    }
}
