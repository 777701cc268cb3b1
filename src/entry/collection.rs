//! Lists and maps of any size and type in JSON, in bounded memory: an element can be two bytes of the
//! text, and its value a hundred times as large.
//!
//! As in [`lenient`](super::lenient), a value of another type is "not reported".

use crate::entry::lenient::{JsonText, Lenient, Object, not_reported, skip_map, skip_seq};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A longer list of texts that are not read yet is not reported. No request has as many messages.
const MAX_RAW_VALUES: usize = 100_000;
/// Objects beyond this number are left out. No response has as many blocks or items: there are at
/// most half as many calls in one.
const MAX_OBJECTS: usize = 20_000;
/// Members of a map beyond this number are left out. No turn has more tool calls.
const MAX_MEMBERS: usize = 10_000;

/// A list whose elements are not read yet.
#[derive(Clone, Debug, Default)]
pub(super) struct RawList<'a> {
    /// The elements; none if the list is not reported or refused.
    pub(super) values: Vec<&'a RawValue>,
    /// The list is longer than any real one.
    pub(super) is_refused: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for RawList<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut list = Self::default();
        let each = ForEach::new(|value: &'de RawValue| {
            if list.values.len() < MAX_RAW_VALUES {
                list.values.push(value);
            } else {
                list.is_refused = true;
            }
        });
        each.deserialize(deserializer)?;
        if list.is_refused {
            list.values = Vec::new();
        }
        Ok(list)
    }
}

/// The objects of a list. Its other elements are of no use and not kept.
#[derive(Clone, Debug)]
pub(super) struct Objects<T> {
    /// Each object, with its place in the list; `None` if the list is not reported.
    objects: Option<Vec<(u32, T)>>,
    /// There are more than any real list has. Those are left out.
    pub(super) has_more: bool,
}

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self { objects: None, has_more: false }
    }
}

impl<T> Objects<T> {
    /// The objects; empty if the list is not reported.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.with_places().map(|(_, object)| object)
    }

    /// The objects with their places in the list, from 0.
    pub(super) fn with_places(&self) -> impl Iterator<Item = (u64, &T)> {
        self.objects.iter().flatten().map(|(place, object)| (u64::from(*place), object))
    }

    /// Whether there is a list with all its objects.
    pub(super) fn is_reported(&self) -> bool {
        self.objects.is_some() && !self.has_more
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Objects<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut objects = Vec::new();
        let mut has_more = false;
        let mut place = 0_u32;
        let each = ForEach::new(|Object(object): Object<T>| {
            match object {
                Some(object) if objects.len() < MAX_OBJECTS => objects.push((place, object)),
                Some(_) => has_more = true,
                None => {}
            }
            place = place.saturating_add(1);
        });
        let is_list = each.deserialize(deserializer)?;
        Ok(Self { objects: is_list.then_some(objects), has_more })
    }
}

/// An object used as a map, in the order of the JSON text; any other JSON type is "not reported".
#[derive(Clone, Debug)]
pub(super) struct OrderedMap<'a, T> {
    /// The members; `None` if there is no map.
    pub(super) members: Option<Vec<(Cow<'a, str>, T)>>,
    /// How many members are left out, because no real map has as many.
    pub(super) further: u64,
}

impl<T> Default for OrderedMap<'_, T> {
    fn default() -> Self {
        Self { members: None, further: 0 }
    }
}

impl<T> OrderedMap<'_, T> {
    /// The number of members; `None` if there is no map.
    pub(super) fn len(&self) -> Option<u64> {
        self.members.as_ref().map(|members| members.len() as u64 + self.further)
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for OrderedMap<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = deserializer.deserialize_any(OrderedMapVisitor(PhantomData))?;
        Ok(map.unwrap_or_default())
    }
}

struct OrderedMapVisitor<'a, T>(PhantomData<(&'a str, T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for OrderedMapVisitor<'a, T> {
    type Value = Option<OrderedMap<'a, T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        let mut further = 0;
        while let Some((Lenient(key), value)) = map.next_entry::<Lenient<JsonText<'de>>, T>()? {
            if members.len() < MAX_MEMBERS {
                members.push((key.map_or(Cow::Borrowed(""), |JsonText(key)| key), value));
            } else {
                further += 1;
            }
        }
        Ok(Some(OrderedMap { members: Some(members), further }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_seq(seq).map(|()| None)
    }

    not_reported!();
}

/// Gives each element of a list to `take`. Returns whether `json` is a list.
///
/// # Errors
/// If the JSON is malformed.
pub(super) fn for_each<'de, T: Deserialize<'de>>(
    json: &'de str,
    take: impl FnMut(T),
) -> Result<bool, serde_json::Error> {
    ForEach::new(take).deserialize(&mut serde_json::Deserializer::from_str(json))
}

/// Reads a list and gives each element to a function. The result is whether there is a list.
struct ForEach<T, F> {
    take: F,
    element: PhantomData<T>,
}

impl<T, F: FnMut(T)> ForEach<T, F> {
    fn new(take: F) -> Self {
        Self { take, element: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for ForEach<T, F> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self).map(|list| list.is_some())
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for ForEach<T, F> {
    type Value = Option<()>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Self::Value, A::Error> {
        while let Some(element) = seq.next_element()? {
            (self.take)(element);
        }
        Ok(Some(()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        skip_map(map).map(|()| None)
    }

    not_reported!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::lenient::Count;

    fn places(json: &str) -> (Vec<u64>, bool) {
        let list: Objects<Empty> = serde_json::from_str(json).unwrap();
        (list.with_places().map(|(place, _)| place).collect(), list.is_reported())
    }

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Empty {}

    #[test]
    fn only_objects_are_kept_with_their_places() {
        for (json, expected, is_reported) in [
            ("[]", vec![], true),
            ("[0,{},null,[{}],{\"a\":1}]", vec![1, 4], true),
            ("null", vec![], false),
            ("{\"a\":[{}]}", vec![], false),
        ] {
            assert_eq!(places(json), (expected, is_reported), "{json}");
        }
        let zeros = format!("[{}{{}}]", "0,".repeat(MAX_OBJECTS * 2));
        assert_eq!(places(&zeros), (vec![MAX_OBJECTS as u64 * 2], true));
    }

    #[test]
    fn elements_beyond_the_bound_are_left_out() {
        for (count, has_more) in [(MAX_OBJECTS, false), (MAX_OBJECTS + 1, true)] {
            let (places, is_reported) = places(&format!("[{}]", vec!["{}"; count].join(",")));
            assert_eq!((places.len(), !is_reported), (MAX_OBJECTS, has_more));
        }
        for (count, kept) in [(MAX_RAW_VALUES, MAX_RAW_VALUES), (MAX_RAW_VALUES + 1, 0)] {
            let json = format!("[{}]", vec!["0"; count].join(","));
            let list: RawList<'_> = serde_json::from_str(&json).unwrap();
            assert_eq!((list.values.len(), list.is_refused), (kept, kept == 0));
        }
        let members: Vec<String> = (0..=MAX_MEMBERS).map(|it| format!("\"{it}\":1")).collect();
        let json = format!("{{{}}}", members.join(","));
        let map: OrderedMap<'_, Lenient<Count>> = serde_json::from_str(&json).unwrap();
        let kept = map.members.as_ref().map(Vec::len);
        assert_eq!((kept, map.len()), (Some(MAX_MEMBERS), Some(MAX_MEMBERS as u64 + 1)));
    }
}
