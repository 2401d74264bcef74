use std::sync::Arc;

use zeroize::Zeroizing;

use super::super::body::{Form, Json};
use super::super::encoding::Encoding;
use super::super::value::SecretValue;
use super::*;
use crate::grant::operation::Method;

const URL: &str = "https://api.example.com/v1/token?page=1";

fn secret(origin: Origin) -> EgressSecret {
    EgressSecret::new(Arc::new(Zeroizing::new(b"hunter2hunter2".to_vec())), Arc::new(origin))
}

fn source(field: &str, member: Option<&str>) -> Source {
    Source { field: field.to_owned(), member: member.map(str::to_owned) }
}

/// The secret of a field itself.
fn token(field: &str) -> EgressSecret {
    secret(Origin::Itself(source(field, None)))
}

fn after(before: &str, secret: EgressSecret) -> SecretValue {
    SecretValue { before: before.to_owned(), secret, encoding: Encoding::Raw }
}

fn parameter(name: &str, values: &[&str]) -> Parameter {
    Parameter { name: name.to_owned(), values: values.iter().map(|value| (*value).to_owned()).collect() }
}

fn placement(field: &str, form: SecretForm, place: Place) -> Placement {
    Placement { field: field.to_owned(), member: None, form, place }
}

fn bearer() -> Place {
    Place::Header { name: "authorization".to_owned(), prefix: "Bearer ".to_owned() }
}

fn operation(secrets: Vec<Placement>) -> Operation {
    Operation {
        name: "read".to_owned(),
        summary: String::new(),
        methods: vec![Method::Post],
        hosts: vec!["https://api.example.com".parse().unwrap()],
        endpoints: Vec::new(),
        paths: vec!["/v1/token".parse().unwrap()],
        query: vec![parameter("page", &[])],
        headers: vec![parameter("x-target", &["Read", "List"])],
        body: Vec::new(),
        secrets,
    }
}

fn request(headers: Vec<(&str, Value)>, body: Body) -> Request {
    let target = ("X-Target", Value::Text("List".to_owned()));
    let headers = std::iter::once(target).chain(headers).map(|(name, value)| (name.to_owned(), value)).collect();
    Request { method: Method::Post, url: URL.to_owned(), headers, body }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn checked(operation: &Operation, request: &Request) -> Result<(), String> {
    check(operation, request, &Target::parse(&request.url).unwrap()).map_err(Cow::into_owned)
}

#[track_caller]
fn assert_refused(operation: &Operation, request: &Request, words: &str) {
    let mismatch = checked(operation, request).unwrap_err();
    assert!(mismatch.contains(words), "{mismatch}");
}

#[test]
fn a_request_has_the_method_the_query_and_the_fixed_headers_of_its_operation() {
    let operation = operation(Vec::new());
    let plain = || request(vec![("x-other", text("1")), ("authorization", text("Bearer of-a-service"))], Body::Empty);
    assert_eq!(checked(&operation, &plain()), Ok(()));
    assert_refused(&operation, &Request { method: Method::Put, ..plain() }, "method PUT");
    for (query, words) in
        [("other=1", "`page`"), ("page=1&page=2", "twice"), ("page=1&%70age=2", "twice"), ("&x", "`page`")]
    {
        let url = format!("https://api.example.com/v1/token?{query}");
        assert_refused(&operation, &Request { url, ..plain() }, words);
    }
    for headers in [vec![], vec!["Write"], vec!["read"], vec!["Read", "List"]] {
        let headers = headers.iter().map(|value| ("x-target".to_owned(), text(value))).collect();
        assert_refused(&operation, &Request { headers, ..plain() }, "`x-target`");
    }
}

#[test]
fn a_secret_stands_at_its_place_and_nowhere_else() {
    let operation = operation(vec![placement("token", SecretForm::Itself, bearer())]);
    let header = |name: &'static str, before: &str, secret| {
        request(vec![(name, Value::Secret(after(before, secret)))], Body::Empty)
    };
    assert_eq!(checked(&operation, &header("Authorization", "Bearer ", token("token"))), Ok(()));
    for (name, before, secret) in [
        ("x-note", "Bearer ", token("token")),
        ("authorization", "", token("token")),
        ("authorization", "bearer ", token("token")),
        ("authorization", "Bearer x", token("token")),
        ("authorization", "Bearer ", token("other")),
        (
            "authorization",
            "Bearer ",
            secret(Origin::Derived { key: Some(source("token", None)), messages: Vec::new() }),
        ),
        ("authorization", "Bearer ", secret(Origin::Derived { key: None, messages: vec![source("token", None)] })),
    ] {
        assert_refused(&operation, &header(name, before, secret), "place");
    }
    let field = Form(vec![("note".to_owned(), Value::Secret(after("", token("token"))))]);
    assert_refused(&operation, &request(Vec::new(), Body::Form(field)), "place");
    let member = Json { object: "{}".to_owned(), secrets: vec![("note".to_owned(), after("", token("token")))] };
    assert_refused(&operation, &request(Vec::new(), Body::Json(member)), "place");
    let basic = request(vec![("authorization", Value::Basic("x".to_owned(), token("token")))], Body::Empty);
    assert_refused(&operation, &basic, "place");
}

#[test]
fn a_request_with_a_secret_carries_no_other_identity() {
    let operation = operation(vec![placement("token", SecretForm::Itself, bearer())]);
    let with = |name: &'static str, value: &str| {
        let secret = Value::Secret(after("Bearer ", token("token")));
        request(vec![("authorization", secret), (name, text(value))], Body::Empty)
    };
    assert_eq!(checked(&operation, &with("accept", "application/json")), Ok(()));
    assert_eq!(checked(&operation, &with("Content-Type", "text/plain; charset=UTF-8")), Ok(()));
    for name in ["cookie", "private-token", "x-amz-security-token", "AUTHORIZATION", "authorization", "x-anything"] {
        assert_refused(&operation, &with(name, "Bearer of-another"), "header");
    }
    for charset in ["utf-16le", "utf-7", "\"utf-16\"", "latin1", "utf-8; charset=utf-16"] {
        assert_refused(&operation, &with("content-type", &format!("text/plain; charset={charset}")), "UTF-8");
    }
    assert_refused(&operation, &with("content-encoding", "gzip"), "header");
}

#[test]
fn a_body_with_a_secret_has_declared_fields_alone() {
    let place = Place::FormField("client_secret".to_owned());
    let mut operation = operation(vec![placement("token", SecretForm::Itself, place)]);
    operation.body = vec![parameter("grant_type", &["client_credentials"]), parameter("scope", &[])];
    let form = |fields: &[(&str, &str)]| {
        let texts = fields.iter().map(|(name, value)| ((*name).to_owned(), text(value)));
        let secret = ("client_secret".to_owned(), Value::Secret(after("", token("token"))));
        request(Vec::new(), Body::Form(Form(texts.chain([secret]).collect())))
    };
    let grant = ("grant_type", "client_credentials");
    assert_eq!(checked(&operation, &form(&[grant, ("scope", "a")])), Ok(()));
    for fields in [
        &[][..],
        &[("grant_type", "password")],
        &[grant, grant],
        &[grant, ("note", "x")],
        &[grant, ("private_token", "another's")],
        &[grant, ("client_secret", "another's")],
        &[grant, ("scope", "a"), ("scope", "b")],
    ] {
        assert_refused(&operation, &form(fields), "of the body");
    }
    let before = Form(vec![
        ("grant_type".to_owned(), text("client_credentials")),
        ("client_secret".to_owned(), Value::Secret(after("x", token("token")))),
    ]);
    assert_refused(&operation, &request(Vec::new(), Body::Form(before)), "place");
}

#[test]
fn a_body_of_bytes_is_read_where_the_operation_fixes_a_field() {
    let mut operation = operation(Vec::new());
    operation.body = vec![parameter("Action", &["GetCallerIdentity"]), parameter("Version", &[])];
    let bytes = |content_type: &str, body: &str| {
        request(vec![("content-type", text(content_type))], Body::Bytes(body.as_bytes().to_vec()))
    };
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    assert_eq!(checked(&operation, &bytes(form, "Action=GetCallerIdentity&Version=1")), Ok(()));
    assert_eq!(checked(&operation, &bytes("application/json", r#"{"Action":"GetCallerIdentity"}"#)), Ok(()));
    for (content_type, body) in [
        (form, "Action=CreateUser&Version=1"),
        (form, "Action=GetCallerIdentity&Action=CreateUser"),
        (form, "%41ction=CreateUser&Action=GetCallerIdentity"),
        (form, "Action=GetCallerIdentity&Other=1"),
        ("text/plain", "Action=GetCallerIdentity"),
        ("application/json", r#"{"Action":"CreateUser"}"#),
        ("application/json", "[]"),
    ] {
        assert!(checked(&operation, &bytes(content_type, body)).is_err(), "{body}");
    }
    assert!(checked(&operation, &request(Vec::new(), Body::Empty)).is_err());
}

#[test]
fn a_signature_goes_where_all_that_it_is_over_may_go() {
    let scheme = Place::Header { name: "authorization".to_owned(), prefix: "AWS4-HMAC-SHA256 ".to_owned() };
    let session = Place::Header { name: "x-session".to_owned(), prefix: String::new() };
    let mut operation = operation(vec![
        placement("key", SecretForm::Signature, scheme),
        placement("session", SecretForm::Itself, session),
    ]);
    let signed = |over: Vec<Source>| Origin::Derived { key: Some(source("key", None)), messages: over };
    let with = |origin: Origin| {
        let before = "AWS4-HMAC-SHA256 Credential=AKID/20261120, Signature=";
        request(vec![("authorization", Value::Secret(after(before, secret(origin))))], Body::Empty)
    };
    assert_eq!(checked(&operation, &with(signed(Vec::new()))), Ok(()));
    assert_eq!(checked(&operation, &with(signed(vec![source("session", None)]))), Ok(()));
    assert_refused(&operation, &with(signed(vec![source("other", None)])), "over");
    // The key itself is never sent.
    assert_refused(&operation, &with(Origin::Itself(source("key", None))), "place");
    operation.secrets.truncate(1);
    assert_refused(&operation, &with(signed(vec![source("session", None)])), "over");
}

#[test]
fn a_member_goes_where_it_or_the_whole_may_go() {
    let of_member = |member: Option<&str>| {
        let placement = placement("file", SecretForm::Itself, bearer());
        operation(vec![Placement { member: member.map(str::to_owned), ..placement }])
    };
    let with = |member: Option<&str>| {
        let secret = secret(Origin::Itself(source("file", member)));
        request(vec![("authorization", Value::Secret(after("Bearer ", secret)))], Body::Empty)
    };
    assert_eq!(checked(&of_member(Some("token")), &with(Some("token"))), Ok(()));
    assert_eq!(checked(&of_member(None), &with(Some("token"))), Ok(()));
    assert_refused(&of_member(Some("token")), &with(Some("private_key")), "place");
    assert_refused(&of_member(Some("token")), &with(None), "place");
}

#[test]
fn a_secret_is_sent_once() {
    let places = vec![
        placement("token", SecretForm::Itself, bearer()),
        placement("token", SecretForm::Itself, Place::FormField("password".to_owned())),
    ];
    let body = Body::Form(Form(vec![("password".to_owned(), Value::Secret(after("", token("token"))))]));
    let twice = request(vec![("authorization", Value::Secret(after("Bearer ", token("token"))))], body);
    assert_refused(&operation(places), &twice, "one place");
}

#[test]
fn no_secret_goes_along_with_an_upload_to_a_registry() {
    let mut operation = operation(vec![placement("token", SecretForm::Itself, bearer())]);
    operation.paths = vec!["/v2/*".parse().unwrap()];
    let secret = Value::Secret(after("Bearer ", token("token")));
    let url = "https://api.example.com/v2/acme%2Fx%2Fblobs%2Fuploads%2F".to_owned();
    let upload = Request { url, ..request(vec![("authorization", secret)], Body::Empty) };
    assert_refused(&operation, &upload, "uploads");
}

#[test]
fn a_joined_value_stands_where_each_of_its_secrets_may() {
    let form = || Place::FormField("subject".to_owned());
    let signature = || Origin::Derived { key: Some(source("key", None)), messages: vec![source("token", None)] };
    let itself = || Origin::Itself(source("token", None));
    let joined = |pieces: Vec<Origin>| Value::Secret(after("", secret(Origin::Joined(pieces))));
    let in_form = |pieces| request(Vec::new(), Body::Form(Form(vec![("subject".to_owned(), joined(pieces))])));
    let both = operation(vec![
        placement("key", SecretForm::Signature, form()),
        placement("token", SecretForm::Itself, form()),
    ]);
    assert_eq!(checked(&both, &in_form(vec![signature(), itself()])), Ok(()));
    assert_refused(&both, &in_form(vec![itself(), itself()]), "one place");
    let one = operation(vec![placement("key", SecretForm::Signature, form())]);
    assert_refused(&one, &in_form(vec![signature(), itself()]), "another place");
    let key =
        operation(vec![placement("key", SecretForm::Itself, form()), placement("token", SecretForm::Itself, form())]);
    assert_refused(&key, &in_form(vec![signature(), itself()]), "another place");
}

#[test]
fn text_beside_a_signature_may_stand_in_a_header_and_text_beside_a_token_may_not() {
    let header = |prefix: &str| Place::Header { name: "authorization".to_owned(), prefix: prefix.to_owned() };
    let with = |before: &str, pieces| {
        let value = Value::Secret(after(before, secret(Origin::Joined(pieces))));
        request(vec![("authorization", value)], Body::Empty)
    };
    let signature = || vec![Origin::Derived { key: Some(source("key", None)), messages: Vec::new() }];
    let operation = operation(vec![
        placement("key", SecretForm::Signature, header("Signature ")),
        placement("token", SecretForm::Itself, header("Bearer ")),
    ]);
    assert_eq!(checked(&operation, &with("Signature keyId=\"1\",signature=\"", signature())), Ok(()));
    assert_refused(&operation, &with("Bearer ", signature()), "another place");
    assert_refused(&operation, &with("Bearer ", vec![Origin::Itself(source("token", None))]), "another place");
}
