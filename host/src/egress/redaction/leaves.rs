//! The values in a JSON text, of members that occur twice too.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Receives a value, and whether it is public.
type Take<'a> = &'a mut dyn FnMut(&str, bool);

/// Hands out all strings and numbers of a JSON text; those below a member with a name in `public` are public, but for
/// members of an object there, whose own names count.
///
/// # Errors
/// When the text is not JSON; some values may have been handed out then.
pub(super) fn leaves(text: &str, public: &HashSet<String>, take: Take<'_>) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    Leaves { public, is_public: false, take }.deserialize(&mut json)?;
    json.end()
}

struct Leaves<'a> {
    public: &'a HashSet<String>,
    is_public: bool,
    take: Take<'a>,
}

impl Leaves<'_> {
    fn value<E>(self, text: &str) -> Result<(), E> {
        (self.take)(text, self.is_public);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Leaves<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Leaves<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.value(text)
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.value(&number.to_string())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.value(&number.to_string())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.value(&number.to_string())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { public, is_public, take } = self;
        while list.next_element_seed(Leaves { public, is_public, take: &mut *take })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { public, take, .. } = self;
        while let Some(name) = object.next_key::<String>()? {
            let is_public = public.contains(&name);
            object.next_value_seed(Leaves { public, is_public, take: &mut *take })?;
        }
        Ok(())
    }
}
