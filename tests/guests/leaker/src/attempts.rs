//! All that can be done with a secret.

use crhost_flavor::http::{Encoding, Form, Json, Method, NoResponse, Request, Response, SecretValue};
use crhost_flavor::secrets::{self, Part};
use crhost_flavor::{Failure, Operation, Registry, Secret};

/// The operations that send these fields in each place and form there is, one for each.
pub(crate) fn operations(fields: &[&str]) -> Vec<Operation> {
    let named = |name: &str, path: &str| {
        Operation::new(name, "Sends a secret").post().host("https://service.example").endpoint("service").path(path)
    };
    let each = |operation: Operation, place: &dyn Fn(Operation, &str) -> Operation| {
        fields.iter().fold(operation, |operation, field| place(operation, field))
    };
    vec![
        each(named("bearer", "/bearer"), &|operation, field| operation.bearer(field)),
        each(named("form", "/form"), &|operation, field| operation.form_secret("password", field)),
        each(named("json", "/json"), &|operation, field| operation.json_secret("note", field)),
        each(named("signed", "/signed"), &|operation, field| {
            operation.signature_header("authorization", "AWS4-HMAC-SHA256 ", field)
        }),
        each(named("assertion", "/assertion"), &|operation, field| operation.signature_form("assertion", field)),
    ]
}

/// Does with a secret all that can be done with one, and keeps what comes back.
pub(crate) fn use_up(secret: &Secret, registry: &Registry, learnt: &mut Vec<String>) {
    let [service, own] = ["service", "own"].map(|name| registry.option(name).unwrap_or("https://unknown.example"));
    for encoding in [Encoding::Raw, Encoding::Base64, Encoding::Hex] {
        let value = || SecretValue::new(secret).encoding(encoding);
        let bearer = || Request::new(Method::Post, format!("{service}/bearer"));
        keep_answer(bearer().header("authorization", value().before("Bearer ")).send(), learnt);
        keep_answer(form(service, "/form", "password", value()).send(), learnt);
        // A host that may be reached and may not have it; and headers that no operation has.
        keep_answer(form(own, "/form", "password", value()).send(), learnt);
        keep_answer(bearer().header("x-secret", value()).send(), learnt);
    }
    // The answer to a request without it.
    keep_answer(Request::new(Method::Get, format!("{service}/last")).send(), learnt);
    let json = Json { object: "{}".to_owned(), secrets: vec![("note".to_owned(), SecretValue::new(secret))] };
    keep_answer(Request::new(Method::Post, format!("{service}/json")).json(json).send(), learnt);
    use_derived(secret, service, learnt);
    for member in ["client_email", "private_key", "more", "absent"] {
        learnt.push(format!("public member {member}: {:?}", secret.public_member(member)));
        if let Some(inner) = secret.member(member) {
            learnt.push(format!("secret member {member}"));
            keep_answer(form(service, "/form", "password", SecretValue::new(&inner)).send(), learnt);
        }
    }
}

/// What is computed with it.
fn use_derived(secret: &Secret, service: &str, learnt: &mut Vec<String>) {
    let digest = secrets::sha256(&[secret.into()]);
    match &digest {
        Ok(digest) => keep_answer(form(service, "/assertion", "assertion", hex(digest)).send(), learnt),
        Err(reason) => learnt.push(format!("no digest: {reason}")),
    }
    match secret.hmac_sha256(b"AWS4", &[Part::from("message")]) {
        Ok(code) => {
            learnt.push("hmac".to_owned());
            let value = hex(&code).before("AWS4-HMAC-SHA256 Signature=");
            let request = Request::new(Method::Post, format!("{service}/signed")).header("authorization", value);
            keep_answer(request.send(), learnt);
        }
        Err(reason) => learnt.push(format!("no hmac: {reason}")),
    }
    match secret.sign_rs256(&[Part::from("message")]) {
        Ok(signature) => {
            learnt.push("signature".to_owned());
            keep_answer(form(service, "/assertion", "assertion", hex(&signature)).send(), learnt);
        }
        Err(reason) => learnt.push(format!("no signature: {reason}")),
    }
}

fn form<'a>(host: &str, path: &str, name: &str, value: SecretValue<'a>) -> Request<'a> {
    Request::new(Method::Post, format!("{host}{path}")).form(Form::new().value(name, value))
}

fn hex(secret: &Secret) -> SecretValue<'_> {
    SecretValue::new(secret).encoding(Encoding::Hex)
}

/// Keeps what an answer says.
pub(crate) fn keep_answer(answer: Result<Response, NoResponse>, learnt: &mut Vec<String>) {
    match answer {
        Ok(response) => {
            keep(learnt, format!("body {}", String::from_utf8_lossy(&response.body)));
            keep(learnt, format!("header {}", response.header("x-repeated").unwrap_or("none")));
        }
        Err(error) => {
            let Failure { message, .. } = error.into();
            keep(learnt, format!("error {message}"));
        }
    }
}

/// Keeps what is new: notes are few.
fn keep(learnt: &mut Vec<String>, piece: String) {
    if !learnt.contains(&piece) {
        learnt.push(piece);
    }
}
