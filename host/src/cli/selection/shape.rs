//! The shape of results: a list in one member, or an object.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

/// The member that every result has, and that belongs to none of its parts.
const VERSION: &str = "schemaVersion";

/// The elements of a result that is a list: besides its version, it has one member, which is an array.
pub(super) fn elements(document: &Value) -> Option<&[Value]> {
    let mut members = document.as_object()?.iter().filter(|(name, _)| *name != VERSION);
    match (members.next(), members.next()) {
        (Some((_, Value::Array(elements))), None) => Some(elements),
        _ => None,
    }
}

/// Some members of a result in a given order, or of each of its elements.
pub(super) enum Picked<'a> {
    /// Those of each element.
    List(Vec<Part<'a>>),
    /// Those of the result itself.
    One(Part<'a>),
}

/// Some members of an object; absent ones are null.
pub(super) struct Part<'a> {
    object: &'a Value,
    members: &'a [String],
}

impl<'a> Picked<'a> {
    /// The members of a result.
    pub(super) fn new(document: &'a Value, members: &'a [String]) -> Self {
        let part = |object: &'a Value| Part { object, members };
        match elements(document) {
            Some(elements) => Self::List(elements.iter().map(part).collect()),
            None => Self::One(part(document)),
        }
    }
}

impl Serialize for Picked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(parts) => serializer.collect_seq(parts),
            Self::One(part) => part.serialize(serializer),
        }
    }
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for member in self.members {
            map.serialize_entry(member, self.object.get(member).unwrap_or(&Value::Null))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_picked_in_the_order_that_was_asked_for() {
        let members = ["uri", "name"].map(String::from);
        let picked = |document: Value| serde_json::to_string(&Picked::new(&document, &members)).unwrap();
        let list = json!({ "schemaVersion": 1, "registries": [{ "name": "a", "uri": "b", "flavor": "c" }, {}] });
        assert_eq!(picked(list), r#"[{"uri":"b","name":"a"},{"uri":null,"name":null}]"#);
        let one = json!({ "schemaVersion": 1, "name": "a", "uri": "b", "grants": [] });
        assert_eq!(picked(one), r#"{"uri":"b","name":"a"}"#);
    }

    #[test]
    fn a_result_is_a_list_where_an_array_is_all_that_it_has() {
        assert!(elements(&json!({ "schemaVersion": 1, "types": [] })).is_some());
        for other in [json!({ "schemaVersion": 1, "name": "a" }), json!({ "types": [], "name": "a" }), json!([])] {
            assert!(elements(&other).is_none(), "{other}");
        }
    }
}
