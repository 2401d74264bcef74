//! A call as it was recorded: `call.json`, beside the exchanges of its requests.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::component::Component;
use super::export::Export;
use super::input::Input;
use super::outcome::{Given, Outcome};
use super::stopped::Stopped;
use crate::error::Explain as _;
use crate::fixtures::{self, FixtureError, StandIns};
use crate::flavor::{Description, Field, FieldKind, limits};
use crate::grant::Grant;

/// The file.
const FILE: &str = "call.json";

/// A call that was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedCall {
    /// The component's name.
    #[serde(default)]
    pub(crate) component: String,
    /// The component's version.
    #[serde(default)]
    pub(crate) version: String,
    /// The export that was called.
    pub(crate) export: Export,
    /// The arguments; a secret field is a placeholder, of a key file with the members that a flavor may read.
    pub(crate) input: Input,
    /// Unix time in seconds that the component's clock showed, from the beginning of the call to its end.
    pub(crate) time: u64,
    /// The grants of the call; absent in a recording written by hand, which all that the component asks for is granted
    /// to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grants: Option<Vec<Grant>>,
    /// Operations that were accepted by their names.
    #[serde(default)]
    pub(crate) accepted_operations: Vec<String>,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Value>,
    /// Why there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<RecordedFailure>,
}

/// Why a recorded call had no answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RecordedFailure {
    /// Its kind, as `error.code` of JSON output has it.
    pub(crate) code: String,
    /// The line; absent in a recording written by hand to which any line will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

impl RecordedFailure {
    /// The failure of a component, with its line as a recording may have it.
    pub(super) fn of(stopped: &Stopped, text: impl FnOnce(String) -> String) -> Self {
        let code = serde_json::to_value(stopped.kind()).ok();
        let code = code.and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
        Self { code, message: Some(text(stopped.to_string())) }
    }
}

impl fmt::Display for RecordedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.code),
            None => f.write_str(&self.code),
        }
    }
}

impl RecordedCall {
    /// What the component may reach while the call is played back: grants, and operations that are accepted by their
    /// names.
    #[must_use]
    pub(crate) fn granted(&self, component: &Component) -> (Vec<Grant>, Vec<String>) {
        match &self.grants {
            Some(grants) => (grants.clone(), self.accepted_operations.clone()),
            None => (component.requested(), component.odd_operations()),
        }
    }

    /// Whether a call is the recorded one: the same export with the same arguments.
    #[must_use]
    pub(crate) fn is_of(&self, export: Export, input: &Input) -> bool {
        self.export == export && self.input == *input
    }

    /// The call that was recorded in a directory, if its file is there.
    ///
    /// # Errors
    /// When the file can't be read, or holds no call.
    pub(crate) fn load(directory: &Path) -> Result<Option<Self>, FixtureError> {
        fixtures::read_document(&directory.join(FILE))
    }
}

/// Writes a call with the exchanges of its requests into a directory.
///
/// # Errors
/// When a file can't be written.
pub(crate) fn record(
    directory: &Path,
    component: &Component,
    call: (Export, &Input, &Given<'_>, u64),
    outcome: &Outcome,
) -> Result<(), FixtureError> {
    let (export, input, given, time) = call;
    if outcome.observed.left_out_bodies > 0 {
        return Err(FixtureError::TooLarge(limits::OBSERVED_BYTES));
    }
    let exchanges = &outcome.observed.requests;
    let stand_ins = StandIns::of(exchanges, outcome.password.as_ref());
    fixtures::record(directory, exchanges, &stand_ins)?;
    let fields = match component {
        Component::Flavor(flavor) => shown_fields(flavor.description(), &given.fields),
        Component::Policy(_) => BTreeMap::new(),
    };
    let document = RecordedCall {
        component: component.guest().name().to_owned(),
        version: component.version().to_string(),
        export,
        input: without_issued(Input { fields, ..input.clone() }, &stand_ins),
        time,
        grants: Some(given.grants.clone()),
        accepted_operations: given.accepted_operations.clone(),
        answer: outcome.answer.as_ref().ok().map(|it| stand_ins.json(serde_json::to_value(it).unwrap_or_default())),
        failure: outcome.answer.as_ref().err().map(|it| RecordedFailure::of(it, |line| stand_ins.text(&line))),
    };
    fixtures::write_document(&directory.join(FILE), &document)
}

/// Arguments without what a service issued: the author may have written it into an option.
fn without_issued(input: Input, stand_ins: &StandIns) -> Input {
    let json = stand_ins.json(serde_json::to_value(&input).unwrap_or_default());
    serde_json::from_value(json).unwrap_or(input)
}

/// Fields as a recording has them, and as a replay takes them: texts as they are, and in place of each secret a
/// placeholder of its kind, with what the flavor may read of it.
fn shown_fields(description: &Description, fields: &BTreeMap<String, SecretString>) -> BTreeMap<String, String> {
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
