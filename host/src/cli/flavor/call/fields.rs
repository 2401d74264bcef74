//! The values of a call's fields, and its input from a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;

use super::super::super::connector::field_value::{FieldValue, read_sources};
use super::super::super::context::Context;
use super::super::super::failure::Failure;
use crate::connector::GivenValue;
use crate::error::Kind;
use crate::flavor::{FieldKind, limits};
use crate::flavor_call::{Component, FlavorCallError, Input};
use crate::text::{Foreign, printable};

/// Reads the input of a call, at most as much as a policy may be given.
pub(super) fn input(file: &Path) -> Result<Input, Failure> {
    let failed = |reason: io::Error| {
        let message = format!("the input `{}` can't be read: {}", file.display(), Foreign(reason));
        Failure::new(Kind::Usage, message, "`--input FILE` names a JSON file, `--input -` is standard input")
    };
    let source: Box<dyn Read> = match file == Path::new("-") {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(file).map_err(failed)?),
    };
    let mut json = Vec::new();
    source.take(limits::EVIDENCE_BYTES as u64 + 1).read_to_end(&mut json).map_err(failed)?;
    serde_json::from_slice(&json).map_err(|error| FlavorCallError::Json(error.into()).into())
}

/// The values of fields: those of `--field`, and below them those that the input's file names; and the fields whose
/// values are made for the call.
pub(in super::super) async fn values(
    context: &Context,
    component: &Component,
    given: Vec<(String, String)>,
    input: &Input,
) -> Result<(BTreeMap<String, SecretString>, BTreeMap<String, GivenValue>), Failure> {
    let mut sources = input.fields.clone();
    let written: Vec<String> = given.iter().map(|(name, _)| name.clone()).collect();
    sources.extend(given);
    // Messages name the option with the field.
    let named = sources.into_iter().map(|(name, source)| (format!("field {}", printable(&name, 80)), source)).collect();
    let environment = context.environment.clone();
    // On a thread of its own: standard input or a pipe may block.
    let values = tokio::task::spawn_blocking(move || read_sources(named, &environment)).await;
    let values = values.map_err(|error| Failure::general(error.to_string()))??;
    let (mut fields, mut made) = (BTreeMap::new(), BTreeMap::new());
    for (name, FieldValue { value, visible }) in values {
        let name = name.strip_prefix("field ").unwrap_or(&name).to_owned();
        if visible && written.contains(&name) && is_secret(component, &name) {
            let message = format!("field `{name}` is a secret, and its value stands on the command line");
            let hint = format!(
                "`--field {name}=@env:VARIABLE`, `--field {name}=@file:PATH` and `--field {name}=@-` keep it to yourself"
            );
            return Err(Failure::new(Kind::Usage, message, hint));
        }
        match value {
            GivenValue::Value(value) => {
                fields.insert(name, value);
            }
            value @ (GivenValue::IdToken { .. }
            | GivenValue::Command(_)
            | GivenValue::Read(_)
            | GivenValue::Variable(_)) => {
                made.insert(name, value);
            }
        }
    }
    Ok((fields, made))
}

/// Whether a field is a secret of any auth method.
fn is_secret(component: &Component, name: &str) -> bool {
    let Component::Flavor(flavor) = component else { return false };
    let mut fields = flavor.description().auth_methods.iter().flat_map(|method| &method.fields);
    fields.any(|field| field.name.as_str() == name && field.kind != FieldKind::Text)
}
