//! Whether a request is one of an operation's: everything about it but its host and path.

use std::borrow::Cow;

use serde_json::Value as JsonValue;

use super::body::Body;
use super::request::Request;

use super::secret::{EgressSecret, Origin, Source};
use super::value::Value;
use crate::grant::Target;
use crate::grant::operation::{ANY, Operation, Parameter, Place, Placement, SecretForm, is_upload};

/// Why a request is none of an operation's, in words that follow "it".
type Mismatch = Cow<'static, str>;

/// Headers that a request with a secret may have undeclared: they say how bodies are written.
const CONTENT_HEADERS: [&str; 2] = ["accept", "content-type"];

/// Checks that a request is one of an operation's. Host and path were checked before.
///
/// # Errors
/// The first mismatch.
pub(super) fn check(operation: &Operation, request: &Request, target: &Target) -> Result<(), Mismatch> {
    if !operation.methods.contains(&request.method) {
        return Err(format!("has no method {}", request.method).into());
    }
    let has_secrets = request.holds_secrets();
    if has_secrets && request.method.is_write() && is_upload(target.path()) {
        return Err("uploads to no registry".into());
    }
    let query: Vec<_> = pairs(target.query().unwrap_or_default().as_bytes());
    exact("query parameter", &operation.query, &query, true)?;
    headers(operation, request, has_secrets)?;
    body(operation, request)?;
    secrets(operation, request)
}

/// Names and values of a query or a form.
fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Checks given parameters: those with fixed values are there once with one of them, and if the list is closed there is
/// no other and none twice.
fn exact(what: &str, declared: &[Parameter], given: &[(String, String)], closed: bool) -> Result<(), Mismatch> {
    for parameter in declared.iter().filter(|parameter| !parameter.values.is_empty()) {
        let mut values = given.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) if parameter.values.contains(value) => {}
            _ => return Err(format!("has the {what} `{}` with a value of its own", parameter.name).into()),
        }
    }
    if !closed || declared.iter().any(|parameter| parameter.name == ANY) {
        return Ok(());
    }
    for (at, (name, _)) in given.iter().enumerate() {
        if !declared.iter().any(|parameter| parameter.name == *name) {
            return Err(format!("has no {what} of that name, only {}", names(declared)).into());
        }
        if given.iter().skip(at + 1).any(|(other, _)| other == name) {
            return Err(format!("has no {what} twice").into());
        }
    }
    Ok(())
}

/// Names for authors; the guest's own names are not repeated, since they may be anything.
fn names(declared: &[Parameter]) -> String {
    match declared {
        [] => "none".to_owned(),
        declared => crate::text::quoted(declared.iter().map(|parameter| &parameter.name)),
    }
}

fn headers(operation: &Operation, request: &Request, has_secrets: bool) -> Result<(), Mismatch> {
    let mut texts = Vec::new();
    let mut places = Vec::new();
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        match value {
            Value::Text(text) => texts.push((name, text.clone())),
            Value::Secret(_) | Value::Basic(..) => places.push(name),
        }
    }
    if !has_secrets {
        return exact("header", &operation.headers, &texts, false);
    }
    for content in CONTENT_HEADERS {
        if texts.iter().filter(|(name, _)| name == content).count() > 1 {
            return Err("has no header twice".into());
        }
    }
    let is_utf8 = |text: &str| {
        let charset = text.to_ascii_lowercase();
        !charset.contains("charset") || charset.replace([' ', '"', '-'], "").ends_with("charset=utf8")
    };
    // A service that reads the body in another encoding could repeat a secret in a form that nothing recognises.
    if texts.iter().any(|(name, text)| name == "content-type" && !is_utf8(text)) {
        return Err("is in UTF-8 where it holds a secret".into());
    }
    let all = || places.iter().chain(texts.iter().map(|(name, _)| name));
    if places.iter().any(|place| all().filter(|name| *name == place).count() > 1) {
        return Err("has no header twice".into());
    }
    texts.retain(|(name, _)| !CONTENT_HEADERS.contains(&name.as_str()));
    exact("header", &operation.headers, &texts, true)
}

fn body(operation: &Operation, request: &Request) -> Result<(), Mismatch> {
    let with_values = operation.body.iter().any(|parameter| !parameter.values.is_empty());
    match &request.body {
        Body::Empty if with_values => Err("has a body".into()),
        Body::Empty => Ok(()),
        Body::Form(form) => {
            let has_secret = form.0.iter().any(|(_, value)| value.secret().is_some());
            let secrets = form.0.iter().filter(|(_, value)| value.secret().is_some()).map(|(name, _)| name);
            let texts: Vec<(String, String)> = form.0.iter().filter_map(text).collect();
            if secrets.clone().any(|name| texts.iter().any(|(other, _)| other == name)) {
                return Err("has no field of the body twice".into());
            }
            exact("field of the body", &operation.body, &texts, has_secret)
        }
        Body::Json(json) => {
            let members = json.members().map_err(|_| Mismatch::from("has a JSON object as its body"))?;
            let members: Vec<_> = members.iter().map(member).collect();
            exact("member of the body", &operation.body, &members, !json.secrets.is_empty())
        }
        Body::Bytes(_) if !with_values => Ok(()),
        Body::Bytes(bytes) => {
            let content_type = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            let given = match content_type {
                Some((_, Value::Text(text))) if text.starts_with("application/x-www-form-urlencoded") => pairs(bytes),
                Some((_, Value::Text(text))) if text.starts_with("application/json") => {
                    let members: serde_json::Map<String, JsonValue> =
                        serde_json::from_slice(bytes).map_err(|_| Mismatch::from("has a JSON object as its body"))?;
                    members.iter().map(member).collect()
                }
                _ => return Err("has a form or a JSON object as its body, and says so in `content-type`".into()),
            };
            exact("field of the body", &operation.body, &given, true)
        }
    }
}

fn text((name, value): &(String, Value)) -> Option<(String, String)> {
    match value {
        Value::Text(text) => Some((name.clone(), text.clone())),
        Value::Secret(_) | Value::Basic(..) => None,
    }
}

fn member((name, value): (&String, &JsonValue)) -> (String, String) {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (name.clone(), value)
}

/// Checks that each secret stands at a place of its own.
fn secrets(operation: &Operation, request: &Request) -> Result<(), Mismatch> {
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        match value {
            Value::Text(_) => {}
            Value::Basic(_, secret) if name == "authorization" => {
                placed(operation, request, secret, &|place| *place == Place::BasicPassword)?
            }
            Value::Basic(..) => return Err("has HTTP Basic in the header `authorization` alone".into()),
            Value::Secret(value) => placed(
                operation,
                request,
                &value.secret,
                &|place| matches!(place, Place::Header { name: header, prefix } if *header == name && may_be_in_header(&value.secret) && has_prefix(prefix, &value.before, &value.secret)),
            )?,
        }
    }
    match &request.body {
        Body::Empty | Body::Bytes(_) => {}
        Body::Form(form) => {
            for (name, value) in &form.0 {
                let Some(secret) = value.secret() else { continue };
                let before = if let Value::Secret(value) = value { value.before.as_str() } else { "" };
                placed(
                    operation,
                    request,
                    secret,
                    &|place| matches!(place, Place::FormField(field) if field == name && has_prefix("", before, secret)),
                )?;
            }
        }
        Body::Json(json) => {
            for (name, value) in &json.secrets {
                placed(
                    operation,
                    request,
                    &value.secret,
                    &|place| matches!(place, Place::JsonMember(member) if member == name && has_prefix("", &value.before, &value.secret)),
                )?;
            }
        }
    }
    Ok(())
}

/// Whether the text before a secret is as declared: the prefix itself, or, before a signature or a value that has text
/// of its own, a text that begins with it, such as what was signed.
fn has_prefix(prefix: &str, before: &str, secret: &EgressSecret) -> bool {
    match secret.origin() {
        Origin::Itself(_) => before == prefix,
        Origin::Derived { .. } | Origin::Joined(_) => before.starts_with(prefix),
    }
}

/// Whether a value is one for headers: beside a password or a token itself, text could be the credentials of another.
fn may_be_in_header(secret: &EgressSecret) -> bool {
    let is_itself = |piece: &Origin| matches!(piece, Origin::Itself(_));
    !matches!(secret.origin(), Origin::Joined(pieces) if pieces.iter().any(is_itself))
}

fn placed(
    operation: &Operation,
    request: &Request,
    secret: &EgressSecret,
    is_place: &dyn Fn(&Place) -> bool,
) -> Result<(), Mismatch> {
    // Whoever may have the whole may have a part of it.
    let is_of = |placement: &Placement, source: &Source| {
        placement.field == source.field && (placement.member.is_none() || placement.member == source.member)
    };
    for piece in secret.origin().pieces() {
        let (source, form) = match piece {
            Origin::Itself(source) => (source, SecretForm::Itself),
            Origin::Derived { key: Some(key), .. } => (key, SecretForm::Signature),
            Origin::Derived { key: None, .. } | Origin::Joined(_) => {
                return Err("has no place for the digest of a secret".into());
            }
        };
        let is_declared =
            |placement: &Placement| is_of(placement, source) && placement.form == form && is_place(&placement.place);
        if !operation.secrets.iter().any(is_declared) {
            return Err("has another place for this secret, or none".into());
        }
    }
    // What a signature was made over may be found out from it: it goes only where that may go, too.
    let may_go = |source: &Source| operation.secrets.iter().any(|placement| is_of(placement, source));
    if !secret.origin().sources().all(may_go) {
        return Err("has no place for a secret that the signature is over".into());
    }
    // Two headers, or a header and a field, can't hold the same secret: each has one place.
    let same = |other: &&EgressSecret| other.origin() == secret.origin() && other.value() == secret.value();
    let itself = |piece: &&Origin| matches!(piece, Origin::Itself(_));
    let has_same = |piece: &Origin| {
        let in_request = request.secrets().flat_map(|other| other.origin().pieces());
        in_request.filter(|other| *other == piece).count() > 1
    };
    if request.secrets().filter(same).count() > 1 || secret.origin().pieces().iter().filter(itself).any(has_same) {
        return Err("has one place for each secret".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
