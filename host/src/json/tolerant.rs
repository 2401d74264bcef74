//! A deserializer over a tree of JSON that understands the habits of others.

use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Number, Value};

use super::malformed::Malformed;

/// Whole numbers up to here are exact in a number with a fraction (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value, read tolerantly.
pub(super) struct Tolerant(pub(super) Value);

impl Tolerant {
    /// The value as a number, where it is one or a string that holds one.
    fn number(self) -> Result<Number, Malformed> {
        let number = match self.0 {
            Value::Number(number) => Some(number),
            Value::String(text) => serde_json::from_str(text.trim()).ok(),
            _ => None,
        };
        let number = number.ok_or(Malformed::form("a number"))?;
        match number.as_f64() {
            // `1800.0` and `1.8e3` are whole numbers to Go's and Java's readers.
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT => {
                serde_json::from_str(&format!("{float:.0}")).map_err(|_| Malformed::form("a number"))
            }
            _ => Ok(number),
        }
    }

    /// The value as text, where it is a string, a number or a truth value.
    fn text(self) -> Result<String, Malformed> {
        match self.0 {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(truth) => Ok(truth.to_string()),
            _ => Err(Malformed::form("a string")),
        }
    }

    fn truth(self) -> Result<bool, Malformed> {
        match self.0 {
            Value::Bool(truth) => Ok(truth),
            Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Ok(false),
            Value::Number(number) if number.as_u64() == Some(1) => Ok(true),
            Value::Number(number) if number.as_u64() == Some(0) => Ok(false),
            _ => Err(Malformed::form("`true` or `false`")),
        }
    }

    /// The members of an object; those of `null` are none.
    fn members(self) -> Result<Map<String, Value>, Malformed> {
        match self.0 {
            Value::Object(members) => Ok(members),
            Value::Null => Ok(Map::new()),
            _ => Err(Malformed::form("an object")),
        }
    }
}

/// Methods that do as another one: the visitor refuses what does not fit its type.
macro_rules! alike {
    ($other:ident: $($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
            self.$other(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Tolerant {
    type Error = Malformed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Number(_) => self.deserialize_f64(visitor),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        let number = self.number()?;
        match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => visitor.visit_u64(number),
            (None, Some(number), _) => visitor.visit_i64(number),
            (None, None, Some(number)) => visitor.visit_f64(number),
            (None, None, None) => Err(Malformed::form("a number")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_bool(self.truth()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.0 {
            Value::Array(values) => visitor.visit_seq(Elements { values: values.into_iter(), index: 0 }),
            Value::Null => visitor.visit_seq(Elements { values: Vec::new().into_iter(), index: 0 }),
            _ => Err(Malformed::form("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_map(Members { members: self.members()?.into_iter(), next: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        let members = exact_names(self.members()?, fields);
        visitor.visit_map(Members { members: members.into_iter(), next: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_enum(self.text()?.into_deserializer())
    }

    alike!(deserialize_f64: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    alike!(deserialize_f64: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32);
    alike!(deserialize_string: deserialize_str deserialize_char);

    forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The members with the names that a type gives them: one of another case takes the type's, unless the exact one is
/// there with a value.
fn exact_names(members: Map<String, Value>, fields: &'static [&'static str]) -> Map<String, Value> {
    let (mut exact, others): (Map<_, _>, Map<_, _>) = members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .partition(|(name, _)| fields.contains(&name.as_str()));
    for (name, value) in others {
        if let Some(field) = fields.iter().find(|field| field.eq_ignore_ascii_case(&name)) {
            exact.entry(*field).or_insert(value);
        }
    }
    exact
}

/// An object's members, without those that are `null`.
struct Members {
    members: serde_json::map::IntoIter,
    next: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Malformed> {
        let Some((name, value)) = self.members.by_ref().find(|(_, value)| !value.is_null()) else { return Ok(None) };
        let key = seed.deserialize(Tolerant(Value::String(name.clone()))).map_err(|error| error.in_member(&name))?;
        self.next = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Malformed> {
        let (name, value) = self.next.take().ok_or(Malformed::form("an object"))?;
        seed.deserialize(Tolerant(value)).map_err(|error| error.in_member(&name))
    }
}

/// A list's elements.
struct Elements {
    values: std::vec::IntoIter<Value>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Elements {
    type Error = Malformed;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Malformed> {
        let Some(value) = self.values.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Tolerant(value)).map(Some).map_err(|error| error.in_list(index))
    }
}
