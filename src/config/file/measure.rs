//! How many keys and levels a JSON text has, found in one pass and without keeping anything.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::fmt;

/// More keys than any config has.
const MAX_KEYS: usize = 2000;
/// More levels than any config has.
const MAX_LEVELS: usize = 32;

/// An error if the text is not JSON. It is an error about the data if there are too many keys or levels.
pub(crate) fn measure(text: &str) -> Result<(), serde_json::Error> {
    let keys = Cell::new(0);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Measured { keys: &keys, levels: 0 }.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// One value at this level.
#[derive(Clone, Copy)]
struct Measured<'a> {
    /// All keys up to here.
    keys: &'a Cell<usize>,
    levels: usize,
}

impl Measured<'_> {
    fn inner<E: Error>(self) -> Result<Self, E> {
        let levels = self.levels + 1;
        if levels > MAX_LEVELS {
            Err(E::custom("too many levels"))
        } else {
            Ok(Self { levels, ..self })
        }
    }

    fn count<E: Error>(self) -> Result<(), E> {
        self.keys.set(self.keys.get() + 1);
        if self.keys.get() > MAX_KEYS { Err(E::custom("too many keys")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Measured<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Measured<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while list.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while map.next_key::<IgnoredAny>()?.is_some() {
            self.count()?;
            map.next_value_seed(inner)?;
        }
        Ok(())
    }
}
