//! A JSON object as text, of which one key in one member is changed: all other bytes stay as they are.

mod scan;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use crate::json::malformed::Malformed;
use crate::json::reader::read;
use scan::{Member, Object};

/// The text of a JSON object. Without `Debug`: it may hold passwords.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Document {
    text: String,
}

/// Blanks before a name in an object that is written anew, as Docker writes them.
const DOCKERS_LEAD: &str = "\n\t";

impl Document {
    /// The object of a file's text; an empty one for a blank text and for `null`, which Docker takes for one.
    ///
    /// # Errors
    /// When it is not JSON, or not an object.
    pub(crate) fn parse(text: String) -> Result<Self, Malformed> {
        if matches!(text.trim(), "" | "null") {
            return Ok(Self { text: "{}\n".to_owned() });
        }
        read::<BTreeMap<String, Value>>(text.as_bytes())?;
        Ok(Self { text })
    }

    /// The text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The JSON of a member of the whole object.
    #[must_use]
    pub(crate) fn member(&self, name: &str) -> Option<&str> {
        self.text.get(self.whole()?.last(name)?.value.clone())
    }

    /// The JSON of a key in a member's object.
    #[must_use]
    pub(crate) fn get(&self, member: &str, key: &str) -> Option<&str> {
        let (_, inner) = self.inner(member)?;
        self.text.get(inner?.last(key)?.value.clone())
    }

    /// The keys of a member's object.
    #[must_use]
    pub(crate) fn keys(&self, member: &str) -> Vec<String> {
        let inner = self.inner(member).and_then(|(_, inner)| inner);
        inner.iter().flat_map(|inner| &inner.members).map(|member| member.name().to_owned()).collect()
    }

    /// Sets a key in a member's object, which is made where it is missing, to a JSON text.
    pub(crate) fn set(&mut self, member: &str, key: &str, value: &str) {
        let Some(whole) = self.whole() else { return };
        let lead = self.lead(&whole).unwrap_or_else(|| DOCKERS_LEAD.to_owned());
        let colon = if lead.is_empty() { ":" } else { ": " };
        // The same step deeper, and back again; nothing where all is on one line.
        let (below, after) = match lead.rsplit_once('\n') {
            Some((_, step)) => (format!("{lead}{step}"), lead.as_str()),
            None => (String::new(), ""),
        };
        let content = format!("{below}{}{colon}{value}{after}", quoted(key));
        match (self.inner(member), whole.members.last()) {
            (Some((_, Some(inner))), _) => match (inner.last(key), inner.members.last()) {
                (Some(found), _) => self.replace(found.value.clone(), value),
                (None, Some(last)) => self.insert(last, &self.lead(&inner).unwrap_or_default(), key, value),
                (None, None) => self.replace(inner.inside(), &content),
            },
            (Some((null, None)), _) => self.replace(null.value, &format!("{{{content}}}")),
            (None, Some(last)) => self.insert(last, &lead, member, &format!("{{{content}}}")),
            (None, None) => {
                self.replace(whole.inside(), &format!("{lead}{}{colon}{{{content}}}\n", quoted(member)));
            }
        }
    }

    /// Removes a key from a member's object, and with `drop_member` the member if nothing is left in it.
    pub(crate) fn remove(&mut self, member: &str, key: &str, drop_member: bool) {
        if let Some((_, Some(inner))) = self.inner(member) {
            self.cut(&inner, key);
        }
        let is_empty = |inner: Option<Object>| inner.is_some_and(|inner| inner.members.is_empty());
        if drop_member && self.inner(member).is_some_and(|(_, inner)| is_empty(inner)) {
            self.whole().iter().for_each(|whole| self.cut(whole, member));
        }
    }

    fn whole(&self) -> Option<Object> {
        scan::object(&self.text, self.text.find('{')?)
    }

    /// A member, and its object unless it is `null`.
    fn inner(&self, name: &str) -> Option<(Member, Option<Object>)> {
        let member = self.whole()?.last(name)?.clone();
        let object = scan::object(&self.text, member.value.start);
        Some((member, object))
    }

    /// The blanks before the last member's name.
    fn lead(&self, object: &Object) -> Option<String> {
        let before = self.text.get(..object.members.last()?.name.start)?;
        let text = before.trim_end_matches([' ', '\t', '\n', '\r']);
        before.strip_prefix(text).map(str::to_owned)
    }

    /// Adds a member behind the last one.
    fn insert(&mut self, last: &Member, lead: &str, name: &str, value: &str) {
        let colon = self.text.get(last.name.end..last.value.start).unwrap_or(":").to_owned();
        self.replace(last.value.end..last.value.end, &format!(",{lead}{}{colon}{value}", quoted(name)));
    }

    /// Takes a member out of an object, with the comma beside it.
    fn cut(&mut self, object: &Object, name: &str) {
        let Some(at) = object.members.iter().rposition(|member| member.is(name)) else { return };
        let (before, from) = object.members.split_at(at);
        let range = match (before.last(), from) {
            (Some(before), [this, ..]) => before.value.end..this.value.end,
            (None, [this, next, ..]) => this.name.start..next.name.start,
            _ => object.inside(),
        };
        self.replace(range, "");
    }

    fn replace(&mut self, range: Range<usize>, with: &str) {
        self.text.replace_range(range, with);
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    // A string, which JSON can always represent.
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(text.to_owned()).unwrap()
    }

    const FILES: [(&str, &str); 11] = [
        ("", "{\n\t\"credHelpers\": {\n\t\t\"ghcr.io\": \"crhost\"\n\t}\n}\n"),
        ("{}", "{\n\t\"credHelpers\": {\n\t\t\"ghcr.io\": \"crhost\"\n\t}\n}"),
        ("{\n\t\"auths\": {}\n}\n", "{\n\t\"auths\": {},\n\t\"credHelpers\": {\n\t\t\"ghcr.io\": \"crhost\"\n\t}\n}\n"),
        ("{\"auths\":{}}", "{\"auths\":{},\"credHelpers\":{\"ghcr.io\":\"crhost\"}}"),
        ("{\n  \"x\" : 1e0\n}", "{\n  \"x\" : 1e0,\n  \"credHelpers\" : {\n    \"ghcr.io\": \"crhost\"\n  }\n}"),
        ("{\"credHelpers\":{\"a\":\"b\"},\"z\":[]}", "{\"credHelpers\":{\"a\":\"b\",\"ghcr.io\":\"crhost\"},\"z\":[]}"),
        ("{\n\t\"credHelpers\": {}\n}", "{\n\t\"credHelpers\": {\n\t\t\"ghcr.io\": \"crhost\"\n\t}\n}"),
        (
            "{\r\n  \"credHelpers\": {\r\n    \"a\": \"}{\\\"\"\r\n  }\r\n}",
            "{\r\n  \"credHelpers\": {\r\n    \"a\": \"}{\\\"\",\r\n    \"ghcr.io\": \"crhost\"\r\n  }\r\n}",
        ),
        ("{\"credHelpers\":{\"ghcr.io\":\"old\"}}", "{\"credHelpers\":{\"ghcr.io\":\"crhost\"}}"),
        ("{\"credHelpers\":{\"ghcr\\u002eio\":\"old\"}}", "{\"credHelpers\":{\"ghcr\\u002eio\":\"crhost\"}}"),
        (
            "\u{feff}{\"n\": 12345678901234567890123, \"e\": \"\\u003e\"}",
            "\u{feff}{\"n\": 12345678901234567890123, \"e\": \"\\u003e\", \"credHelpers\": {\"ghcr.io\": \"crhost\"}}",
        ),
    ];

    #[test]
    fn a_key_is_set_and_every_other_byte_stays() {
        for (before, after) in FILES {
            let mut document = document(before);
            document.set("credHelpers", "ghcr.io", "\"crhost\"");
            assert_eq!(document.get("credHelpers", "ghcr.io"), Some("\"crhost\""), "{before}");
            assert_eq!(document.as_str(), after, "{before}");
            assert!(Document::parse(document.text).is_ok(), "{after}");
        }
    }

    #[test]
    fn what_was_set_is_undone_to_the_byte() {
        for (before, _) in FILES {
            let mut edited = document(before);
            let (old, had) =
                (edited.get("credHelpers", "ghcr.io").map(str::to_owned), edited.member("credHelpers").is_some());
            edited.set("credHelpers", "ghcr.io", "\"crhost\"");
            match old {
                Some(old) => edited.set("credHelpers", "ghcr.io", &old),
                None => edited.remove("credHelpers", "ghcr.io", !had),
            }
            assert!(edited == document(before), "{before}: {}", edited.text);
        }
    }

    #[test]
    fn keys_are_removed_wherever_they_stand() {
        for (key, left) in
            [("a", r#"{"m":{"b":2, "c":3}}"#), ("b", r#"{"m":{ "a":1, "c":3}}"#), ("c", r#"{"m":{ "a":1, "b":2}}"#)]
        {
            let mut document = document(r#"{"m":{ "a":1, "b":2, "c":3}}"#);
            document.remove("m", key, true);
            assert_eq!(document.text.replace("{ \"b", "{\"b"), left);
        }
        let mut document = document(r#"{"x":0,"m":{"a":1}}"#);
        document.remove("m", "a", true);
        assert_eq!(document.text, r#"{"x":0}"#);
    }

    #[test]
    fn null_becomes_an_object() {
        let mut document = document("{\n\t\"credHelpers\": null\n}");
        document.set("credHelpers", "ghcr.io", "\"crhost\"");
        assert_eq!(document.text, "{\n\t\"credHelpers\": {\n\t\t\"ghcr.io\": \"crhost\"\n\t}\n}");
    }

    #[test]
    fn a_text_without_an_object_is_an_empty_one() {
        for text in ["", " \r\n", "null", "null\n"] {
            let mut document = document(text);
            document.set("credHelpers", "ghcr.io", "\"crhost\"");
            assert_eq!(document.text, "{\n\t\"credHelpers\": {\n\t\t\"ghcr.io\": \"crhost\"\n\t}\n}\n", "{text:?}");
        }
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_one_counts_as_for_docker() {
        let mut twice = document(r#"{"credHelpers":{"a.io":"x"},"credHelpers":{"ghcr.io":"y","ghcr.io":"z"}}"#);
        assert_eq!(twice.get("credHelpers", "ghcr.io"), Some("\"z\""));
        twice.set("credHelpers", "ghcr.io", "\"crhost\"");
        let edited = r#"{"credHelpers":{"a.io":"x"},"credHelpers":{"ghcr.io":"y","ghcr.io":"crhost"}}"#;
        assert_eq!(twice.text, edited);
    }

    #[test]
    fn what_is_broken_is_refused() {
        for text in ["[]", "{", "{\"a\":}", "{} x"] {
            assert!(Document::parse(text.to_owned()).is_err(), "{text}");
        }
    }
}
