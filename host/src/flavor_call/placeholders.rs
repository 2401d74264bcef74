//! The fields of a connector as a recording has them: a placeholder in place of each secret.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::flavor::{Description, Field, FieldKind};

/// Fields as a recording has them, and as a replay takes them: texts in the grammar of `--field`, and in place of each
/// secret a placeholder of its kind, with what the flavor may read of it.
pub(super) fn of(description: &Description, fields: &BTreeMap<String, SecretString>) -> BTreeMap<String, String> {
    let described = |name: &str| {
        let mut all = description.auth_methods.iter().flat_map(|method| &method.fields);
        all.find(|field| field.name.as_str() == name)
    };
    let entry = |(name, value): (&String, &SecretString)| {
        let text = described(name).map_or_else(|| format!("${{{name}}}"), |field| shown(field, value.expose_secret()));
        (name.clone(), text)
    };
    fields.iter().map(entry).collect()
}

fn shown(field: &Field, value: &str) -> String {
    let name = field.name.as_str();
    match field.kind {
        // As an argument is written: `@` alone would name a source.
        FieldKind::Text if value.starts_with('@') => format!("@{value}"),
        FieldKind::Text => value.to_owned(),
        FieldKind::Secret => placeholder(name, value),
        FieldKind::SecretJson => match serde_json::from_str(value) {
            Ok(json) => public_part(&json, name, &field.public_members).to_string(),
            Err(_) => "{}".to_owned(),
        },
        FieldKind::SecretIni => value.lines().map(|line| public_line(line, name, &field.public_members)).collect(),
    }
}

/// The placeholder of a secret; of a key in PEM (RFC 7468) one that is in PEM as well: only such a one signs.
fn placeholder(name: &str, value: &str) -> String {
    match value.contains("-----BEGIN ") {
        true => format!("-----BEGIN PRIVATE KEY-----\n${{{name}}}\n-----END PRIVATE KEY-----\n"),
        false => format!("${{{name}}}"),
    }
}

/// A value with placeholders in place of what is not public. A number or a truth value that is no public member is
/// none.
fn public_part(value: &Value, name: &str, public: &[String]) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(member, value)| {
                let shown = if public.contains(member) && !value.is_object() {
                    value.clone()
                } else {
                    public_part(value, &format!("{name}.{member}"), public)
                };
                (member.clone(), shown)
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| public_part(item, name, public)).collect(),
        Value::String(text) => Value::String(placeholder(name, text)),
        _ => Value::Null,
    }
}

/// A line of an INI file with a placeholder in place of a value that is not public.
fn public_line(line: &str, name: &str, public: &[String]) -> String {
    let line = line.trim();
    let shown = match line.split_once('=') {
        Some((key, _)) if !public.iter().any(|known| known == key.trim()) && !line.starts_with(['#', ';', '[']) => {
            format!("{} = ${{{name}.{}}}", key.trim(), key.trim())
        }
        _ if line.starts_with(['#', ';']) => String::new(),
        _ => line.to_owned(),
    };
    shown + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind, public: &[&str]) -> Field {
        Field {
            name: "key".parse().unwrap(),
            summary: String::new(),
            kind,
            required: true,
            sources: Vec::new(),
            public_members: public.iter().map(|&member| member.to_owned()).collect(),
        }
    }

    #[test]
    fn a_secret_is_a_placeholder_of_its_kind() {
        assert_eq!(shown(&field(FieldKind::Text, &[]), "alice"), "alice");
        assert_eq!(shown(&field(FieldKind::Text, &[]), "@alice"), "@@alice");
        assert_eq!(shown(&field(FieldKind::Secret, &[]), "hunter2"), "${key}");
        let pem = shown(&field(FieldKind::Secret, &[]), "-----BEGIN RSA PRIVATE KEY-----\nMII…");
        assert_eq!(pem, "-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n");
        let file = r#"{"email":"a@b","private_key":"k","more":{"nested":"n","email":"c@d"},"number":7,"list":["x"]}"#;
        let json: Value = serde_json::from_str(&shown(&field(FieldKind::SecretJson, &["email"]), file)).unwrap();
        let expected = serde_json::json!({
            "email": "a@b", "private_key": "${key.private_key}", "number": null, "list": ["${key.list}"],
            "more": {"nested": "${key.more.nested}", "email": "c@d"},
        });
        assert_eq!(json, expected);
        let ini = "[default]\nregion = eu\naws_secret = abc\n# aws_secret = old\n";
        let expected = "[default]\nregion = eu\naws_secret = ${key.aws_secret}\n\n";
        assert_eq!(shown(&field(FieldKind::SecretIni, &["region"]), ini), expected);
    }
}
