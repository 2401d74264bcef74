//! INI files, as the JSON object that flavors get.

use ini::{Ini, ParseOption};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::json::without_mark;

/// Only `[section]`, `name = value` and comments have a meaning: the files that flavors ask for have no quotes and no
/// escapes, and a secret may hold either character.
const AS_IT_STANDS: ParseOption = ParseOption {
    enabled_quote: false,
    enabled_escape: false,
    enabled_indented_mutiline_value: false,
    enabled_preserve_key_leading_whitespace: true,
};

/// The sections of a file by their names, each an object of strings; absent if the text is not an INI file with a
/// section. Lines above the first section are left out; of a name that occurs twice in a section, the last value
/// counts. Indented lines behind a name without a value are an object of that name, as AWS's tools read them.
pub(super) fn to_json(text: &str) -> Option<SecretString> {
    let file = Ini::load_from_str_opt(without_mark(text), AS_IT_STANDS).ok()?;
    let mut sections = Map::new();
    for (name, properties) in &file {
        let Some(name) = name else { continue };
        let section = sections.entry(name).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(section) = section {
            let mut above: Option<String> = None;
            for (name, value) in properties.iter() {
                let own = name.trim_start();
                match above.as_ref().filter(|_| own.len() < name.len()) {
                    Some(above) => nest(section, above, own, value),
                    None => {
                        section.insert(own.to_owned(), value.into());
                        above = value.is_empty().then(|| own.to_owned());
                    }
                }
            }
        }
    }
    (!sections.is_empty()).then(|| Value::Object(sections).to_string().into())
}

/// Adds a value to the object of a name.
fn nest(section: &mut Map<String, Value>, above: &str, name: &str, value: &str) {
    let entry = section.entry(above).or_insert_with(|| Value::Object(Map::new()));
    if !entry.is_object() {
        *entry = Value::Object(Map::new());
    }
    if let Value::Object(object) = entry {
        object.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn json(text: &str) -> Option<String> {
        to_json(text).map(|json| json.expose_secret().to_owned())
    }

    #[test]
    fn sections_become_objects_of_strings() {
        let text = "# mine\n[default]\naws_access_key_id=AKIA\naws_secret_access_key = a/b+c=\"d\\e#f;g\n\n[profile dev]\nrole_arn: arn:aws:iam::1:role/r\ns3 =\n  max = 2\n[default]\nregion = eu-west-1\n";
        assert_eq!(
            json(text).as_deref(),
            Some(
                r#"{"default":{"aws_access_key_id":"AKIA","aws_secret_access_key":"a/b+c=\"d\\e#f;g","region":"eu-west-1"},"profile dev":{"role_arn":"arn:aws:iam::1:role/r","s3":{"max":"2"}}}"#
            )
        );
    }

    #[test]
    fn lines_are_nested_below_a_name_without_a_value_alone() {
        let text = "[a]\n  x = 1\n  y = 2\n[services l]\necr =\n  url = e\n  b = c\nsts =\n\turl = s\nz = 1\n  w = 2\n";
        assert_eq!(
            json(text).as_deref(),
            Some(
                r#"{"a":{"x":"1","y":"2"},"services l":{"ecr":{"b":"c","url":"e"},"sts":{"url":"s"},"w":"2","z":"1"}}"#
            )
        );
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_section() {
        assert_eq!(json("\u{feff}[s]\na = b").as_deref(), Some(r#"{"s":{"a":"b"}}"#));
    }

    #[test]
    fn what_has_no_section_is_no_such_file() {
        for text in ["", "a = b", "{}", "[unclosed\na = b", "[s]\nno sense"] {
            assert_eq!(json(text), None, "{text}");
        }
    }
}
